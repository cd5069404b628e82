import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteStore } from '../../server/store/sqlite.ts';
import { sealerSuite } from './sealer.suite.ts';

sealerSuite('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sealer-'));
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
