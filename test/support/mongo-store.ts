import { mongoStore } from '../../server/store/mongo.ts';
import type { OpenStore } from '../ports/store.suite.ts';
import { newTestDatabase } from './mongo-database.ts';

/** A MongoDB store on a database of its own, for the suites that every store has to pass. What it reports is a mistake. */
export async function openMongo(): Promise<OpenStore> {
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
}
