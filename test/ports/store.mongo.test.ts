import { afterAll, beforeAll } from 'vitest';
import { mongoStore } from '../../server/store/mongo.ts';
import type { Store } from '../../server/store/store.ts';
import { newTestDatabase, type TestDatabase } from '../support/mongo-database.ts';
import { storeSuite } from './store.suite.ts';

let database: TestDatabase;
/** Kept from test to test, as it would be in a process. */
let kept: Store | undefined;

beforeAll(async () => { database = await newTestDatabase(); });
afterAll(async () => {
  await kept?.close();
  await database?.[Symbol.asyncDispose]();
});

const open = (): Promise<Store> => mongoStore({ uri: database.uri, report: (sentence) => { throw new Error(sentence); } });

storeSuite('MongoDB', async () => {
  await database.clear();
  let store = (kept ??= await open());
  return {
    store,
    reopen: async () => {
      await store.close();
      store = kept = await open();
      return store;
    },
    close: () => Promise.resolve(),
  };
});
