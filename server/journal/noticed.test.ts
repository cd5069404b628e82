import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { UserId } from '../../contracts/ids.ts';
import { NOTICES_KEPT } from '../../contracts/security.ts';
import { around } from '../store/around.ts';
import { sqliteStore } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';
import { DEPLOYMENT, openAudit } from './audit.ts';
import { personGate } from './holds.ts';
import { ITSELF } from './journal.ts';
import { openKeys, personKey } from './keys.ts';
import { newKey } from './seal.ts';

const MARA = 'mara' as UserId;
const master = newKey();
const clock = { now: Date.now };
let folder: string;
let store: Store;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'noticed-'));
  store = await sqliteStore({ folder });
  const keys = openKeys(store, master);
  const { key, change } = keys.make(personKey(MARA), MARA);
  const body = { email: 'mara@example.org', role: 'member', createdAt: 1, passwordHash: '', sealed: '' } as const;
  await openAudit(store, keys, clock).commit([change, { do: 'add', kind: 'user', id: MARA, body }], { type: 'account-made', v: 1, user: MARA, email: body.email, role: body.role }, ITSELF, { id: personKey(MARA), fresh: key });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

/** Another instance on the same store; `looked` is done once, after the account was looked at and before anything is committed. */
function instance(looked: () => Promise<unknown> = () => Promise.resolve()) {
  let now: (() => Promise<unknown>) | undefined = looked;
  const watched = around(store, {
    async get(kind, id) {
      const found = await store.get(kind, id);
      const run = kind === 'user' ? now : undefined;
      if (run !== undefined) now = undefined;
      await run?.();
      return found;
    },
  });
  const told: number[] = [];
  const audit = openAudit(watched, openKeys(watched, master), clock, (notice) => told.push(notice.changes(1, 1).length));
  return { told, changePassword: () => audit.commit([], { type: 'password-changed', v: 1, user: MARA, sessions: [] }, { ...ITSELF, user: MARA }, { id: personKey(MARA) }) };
}

const kept = async () => (await store.find({ kind: 'security-notice', index: 'byUser', where: [MARA], limit: 1_000 })).items;

it('[PE11] [RE11] of somebody who is removed at the same moment on another instance no notice is left behind', async () => {
  const elsewhere = openAudit(store, openKeys(store, master), clock);
  const { told, changePassword } = instance(async () => {
    const { passed } = await personGate(store, MARA);
    await elsewhere.commit([...passed, { do: 'remove', kind: 'user', id: MARA }, { do: 'remove', kind: 'key', id: personKey(MARA) }], { type: 'person-erased', v: 1, user: MARA, removedAt: 1 }, ITSELF, DEPLOYMENT);
  });
  await changePassword();
  expect([await kept(), told]).toEqual([[], []]);
});

it('[PE11] instances that tell somebody something at the same moments keep fifty together, each under a number of its own', async () => {
  const instances = [instance(), instance(), instance()];
  for (let round = 0; round < 20; round += 1) await Promise.all(instances.map((one) => one.changePassword()));
  const numbers = (await kept()).map(({ body }) => body.number);
  expect([numbers.length, new Set(numbers).size]).toEqual([NOTICES_KEPT, NOTICES_KEPT]);
  expect(instances.map(({ told }) => told.length)).toEqual([20, 20, 20]);
});
