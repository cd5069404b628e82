import { newServerProcess } from '../support/process.ts';
import { coreSuite } from './core.suite.ts';

coreSuite('on SQLite, in one process', (environment) => newServerProcess(undefined, environment));
