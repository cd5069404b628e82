import { openSqlite } from '../support/sqlite-store.ts';
import { sealerSuite } from './sealer.suite.ts';

sealerSuite('SQLite', openSqlite);
