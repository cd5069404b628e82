import { openSqlite } from '../support/sqlite-store.ts';
import { rotationSuite } from './rotation.suite.ts';
import { sealerSuite } from './sealer.suite.ts';
import { signersSuite } from './signers.suite.ts';

sealerSuite('SQLite', openSqlite);
signersSuite('SQLite', openSqlite);
rotationSuite('SQLite', openSqlite);
