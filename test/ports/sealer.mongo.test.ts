import { openMongo } from '../support/mongo-store.ts';
import { sealerSuite } from './sealer.suite.ts';

sealerSuite('MongoDB', openMongo);
