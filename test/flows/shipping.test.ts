import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteStore } from '../../server/store/sqlite.ts';
import { shippingSuite } from './shipping.suite.ts';

shippingSuite('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'shipping-'));
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
});
