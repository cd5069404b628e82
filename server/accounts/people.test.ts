import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { UserId } from '../../contracts/ids.ts';
import { openAudit } from '../journal/audit.ts';
import { openAuditReader } from '../journal/audit-reader.ts';
import { personGate } from '../journal/holds.ts';
import { ITSELF } from '../journal/journal.ts';
import { openKeys, personKey } from '../journal/keys.ts';
import { newKey } from '../journal/seal.ts';
import { around } from '../store/around.ts';
import { sqliteStore } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';
import { openPeople, type People } from './people.ts';

const master = newKey();
let folder: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'people-'));
  store = await sqliteStore({ folder });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

/** Another instance on the same store; `read` is called once a user was read. */
function peopleOn(read: () => Promise<unknown> = () => Promise.resolve()): People {
  const watched = around(store, {
    async get(kind, id) {
      const found = await store.get(kind, id);
      if (kind === 'user') await read();
      return found;
    },
  });
  const keys = openKeys(watched, master);
  return openPeople(watched, keys, openAudit(watched, keys, { now: Date.now }), { now: Date.now }, { isOpen: true, domains: [], firstCode: undefined });
}

async function twoPeople(): Promise<{ mara: UserId; jens: UserId }> {
  const people = peopleOn();
  const [mara, jens] = [await people.register({ email: 'mara@example.org', password: 'correct horse', name: 'Mara' }, ITSELF), await people.register({ email: 'jens@example.org', password: 'correct horse', name: 'Jens' }, ITSELF)];
  return { mara: mara.id, jens: jens.id };
}

it('a rename at the same moment as a change of role takes back nothing of it', async () => {
  const { jens } = await twoPeople();
  await peopleOn().setRole(jens, 'admin', ITSELF);
  let isFirst = true;
  const slow = peopleOn(async () => {
    if (isFirst) [isFirst] = [false, await peopleOn().setRole(jens, 'member', ITSELF)];
  });
  await slow.rename(jens, 'Jens the Second', ITSELF);
  expect(await peopleOn().find(jens)).toMatchObject({ role: 'member', name: 'Jens the Second' });
});

it('who was removed is renamed by nobody', async () => {
  const { jens } = await twoPeople();
  const stored = (await store.get('user', jens))!;
  const keys = openKeys(store, master);
  await openAudit(store, keys, { now: Date.now }).commit([{ do: 'put', kind: 'user', id: jens, version: stored.version, body: { ...stored.body, removedAt: 1 } }], { type: 'person-removed', v: 1, user: jens }, ITSELF, { id: 'deployment' });
  await expect(peopleOn().rename(jens, 'Jens again', ITSELF)).rejects.toThrow('not-found');
  expect((await store.get('user', jens))?.body.removedAt).toBe(1);
});

it('what the audit log says of a person is read by no instance once another one has erased them', async () => {
  const { jens } = await twoPeople();
  const keys = openKeys(store, master);
  const reader = openAuditReader(store, keys);
  const said = async () => (await reader.since({}, 0)).entries.filter(({ type }) => type === 'account-made').map((entry) => entry.said !== null);
  expect(await said()).toEqual([true, true]);
  const { passed } = await personGate(store, jens);
  const elsewhere = openAudit(store, openKeys(store, master), { now: Date.now });
  await elsewhere.commit([...passed, { do: 'remove', kind: 'key', id: personKey(jens) }], { type: 'person-erased', v: 1, user: jens, removedAt: 1 }, ITSELF, { id: 'deployment' });
  expect(await said()).toEqual([true, false]);
});
