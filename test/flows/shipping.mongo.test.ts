import { openMongo } from '../support/mongo-store.ts';
import { shippingSuite } from './shipping.suite.ts';

shippingSuite('MongoDB', openMongo);
