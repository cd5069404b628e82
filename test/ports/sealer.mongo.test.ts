import { openMongo } from '../support/mongo-store.ts';
import { rotationSuite } from './rotation.suite.ts';
import { sealerSuite } from './sealer.suite.ts';
import { signersSuite } from './signers.suite.ts';

sealerSuite('MongoDB', openMongo);
signersSuite('MongoDB', openMongo);
rotationSuite('MongoDB', openMongo);
