import { openMongo } from '../support/mongo-store.ts';
import { interleavedHolds } from './interleaved/holds.suite.ts';

interleavedHolds('MongoDB', openMongo, { meetings: 5, seeds: 20 });
