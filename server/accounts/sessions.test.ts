import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { SessionId, UserId } from '../../contracts/ids.ts';
import { openAudit } from '../journal/audit.ts';
import { openKeys } from '../journal/keys.ts';
import { newKey, seal } from '../journal/seal.ts';
import { newId } from '../ids.ts';
import { around } from '../store/around.ts';
import { CommitRefused } from '../store/refused.ts';
import { sqliteStore } from '../store/sqlite.ts';
import { UNFENCED, type Change, type Store } from '../store/store.ts';
import { openSessions, SESSION_MS } from './sessions.ts';

const mara = 'mara' as UserId;
const actor = { user: mara, session: null, address: '', agent: '' };

let folder: string;
let store: Store;
let now: number;
/** Stands between the sessions and their store. */
let gate: { commit?: () => Promise<void>; read?: () => Promise<void> };
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sessions-'));
  store = await sqliteStore({ folder });
  now = 1_000_000_000_000;
  gate = {};
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const key = newKey();
function newSessions() {
  const gated = around(store, {
    get: async (kind, id) => {
      const found = await store.get(kind, id);
      if (kind === 'session') await gate.read?.();
      return found;
    },
    commit: async (changes, fence) => {
      await gate.commit?.();
      await store.commit(changes, fence);
    },
  });
  const clock = { now: () => now };
  return openSessions(gated, openAudit(gated, openKeys(gated, newKey()), clock), clock);
}

/** Sessions older than those that begin later, as a script that signs in with every call leaves behind. */
async function addOld(count: number, age = 1_000_000): Promise<SessionId[]> {
  const ids = Array.from({ length: count }, () => newId<SessionId>());
  const record: Change = { do: 'add', kind: 'record', id: `old:${newId()}`, body: { chain: 'old' as never, number: 1, epoch: 1, at: 1, type: 'signed-in', key: 'k', sealed: '', previous: '', hash: '' } };
  for (let at = 0; at < count; at += 900) {
    const changes = ids.slice(at, at + 900).map((id, index): Change => {
      const body = { user: mara, createdAt: now - age - at - index, expiresAt: now - age - at - index + SESSION_MS, publicId: id, sealed: seal({ agent: '', address: '' }, key, `session:${id}`) };
      return { do: 'add', kind: 'session', id, body };
    });
    await store.commit([...changes, { ...record, id: `${record.id}${at}` } as Change], UNFENCED);
  }
  return ids;
}

const left = async () => (await store.find({ kind: 'session', index: 'byUser', where: [mara], limit: 1_000 })).items.length;

it('[PE3] signing out everywhere ends every session, however many there are, and tells of each', async () => {
  const sessions = newSessions();
  const old = await addOld(2_100);
  const { token, session } = await sessions.begin(mara, key, actor);
  const ended: SessionId[] = [];
  await sessions.endAll(mara, actor, (ids) => ended.push(...ids));
  expect(await left()).toBe(0);
  expect(ended.toSorted()).toEqual([...old, session.id].toSorted());
  expect(await sessions.find(token)).toBeUndefined();
});

it('[PE3] [RE1] when the record of a part of them is refused, exactly the part before has ended', async () => {
  const sessions = newSessions();
  await addOld(1_200);
  const ended: SessionId[] = [];
  let commits = 0;
  gate.commit = () => (++commits === 2 ? Promise.reject(new CommitRefused('unavailable')) : Promise.resolve());
  await expect(sessions.endAll(mara, actor, (ids) => ended.push(...ids))).rejects.toThrow('record-unavailable');
  expect([ended.length, await left()]).toEqual([500, 700]);
});

it('[PE3] the oldest of more than a thousand sessions can be ended, and one that is not there is not said to have ended', async () => {
  const sessions = newSessions();
  const old = await addOld(1_001);
  const oldest = old.at(-1)!;
  expect(await sessions.end(mara, oldest, actor)).toBe(true);
  expect(await store.get('session', oldest)).toBeUndefined();
  expect(await sessions.end(mara, oldest, actor)).toBe(false);
  expect(await sessions.end('jens' as UserId, old[0]!, actor)).toBe(false);
});

it('sessions that ran out are gone after the next sign-in of their person', async () => {
  const sessions = newSessions();
  await addOld(700, SESSION_MS);
  await sessions.begin(mara, key, actor);
  await sessions.begin(mara, key, actor);
  expect(await left()).toBe(2);
});

it('[PE3] a session that ends while it is being read is not trusted afterwards', async () => {
  const sessions = newSessions();
  const { token, session } = await sessions.begin(mara, key, actor);
  const reading = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  gate.read = () => (reading.resolve(), release.promise);
  const found = sessions.find(token);
  await reading.promise;
  expect(await sessions.end(mara, session.id, actor)).toBe(true);
  release.resolve();
  expect(await found).toBeUndefined();
  expect(await sessions.find(token)).toBeUndefined();
});
