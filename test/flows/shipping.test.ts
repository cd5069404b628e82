import { openSqlite } from '../support/sqlite-store.ts';
import { shippingSuite } from './shipping.suite.ts';

shippingSuite('SQLite', openSqlite);
