import { mongoStore } from '../../server/store/mongo.ts';
import { newTestDatabase } from '../support/mongo-database.ts';
import { shippingSuite } from './shipping.suite.ts';

shippingSuite('MongoDB', async () => {
  const database = await newTestDatabase();
  const open = () => mongoStore({ uri: database.uri, report: (sentence) => { throw new Error(sentence); } });
  let store = await open();
  return {
    store,
    reopen: async () => {
      await store.close();
      store = await open();
      return store;
    },
    close: async () => {
      await store.close();
      await database[Symbol.asyncDispose]();
    },
  };
});
