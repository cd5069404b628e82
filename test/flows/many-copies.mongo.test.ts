import { openMongo } from '../support/mongo-store.ts';
import { manyCopiesSuite } from './many-copies.suite.ts';

manyCopiesSuite('MongoDB', openMongo);
