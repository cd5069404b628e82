import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteStore } from '../../server/store/sqlite.ts';
import type { OpenStore } from '../ports/store.suite.ts';

/** A SQLite store in a folder of its own, for the suites that every store has to pass. */
export async function openSqlite(): Promise<OpenStore> {
  const folder = mkdtempSync(join(tmpdir(), 'store-'));
  let store = await sqliteStore({ folder });
  return {
    store,
    reopen: async () => {
      await store.close();
      store = await sqliteStore({ folder });
      return store;
    },
    close: async () => {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}
