import { openSqlite } from '../support/sqlite-store.ts';
import { manyCopiesSuite } from './many-copies.suite.ts';

manyCopiesSuite('SQLite', openSqlite);
