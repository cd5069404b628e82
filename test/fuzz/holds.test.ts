import { openSqlite } from '../support/sqlite-store.ts';
import { interleavedHolds } from './interleaved/holds.suite.ts';

interleavedHolds('SQLite', openSqlite, { meetings: 100, seeds: 60 });
