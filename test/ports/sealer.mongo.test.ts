import { mongoStore } from '../../server/store/mongo.ts';
import { newTestDatabase } from '../support/mongo-database.ts';
import { sealerSuite } from './sealer.suite.ts';

sealerSuite('MongoDB', async () => {
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
