import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openAuditReader } from '../../server/journal/audit-reader.ts';
import { openAudit } from '../../server/journal/audit.ts';
import { sharedInstances } from '../../server/journal/instances.ts';
import { ITSELF } from '../../server/journal/journal.ts';
import { openKeys } from '../../server/journal/keys.ts';
import { masterKeys } from '../../server/journal/master-keys.ts';
import { checkMasters } from '../../server/journal/masters-in-use.ts';
import { startRotation } from '../../server/journal/rotation.ts';
import { newKey, sealBytes, type Key } from '../../server/journal/seal.ts';
import { around } from '../../server/store/around.ts';
import { UNFENCED, type Change, type Store } from '../../server/store/store.ts';
import { all } from '../../server/store/walk.ts';
import { gate } from '../fixtures/store/documents.ts';
import type { OpenStore } from './store.suite.ts';

const PATIENT = { timeout: 30_000, interval: 20 };
const begins = (changes: readonly Change[]): boolean => changes.some((change) => change.kind === 'record' && change.do === 'add' && change.body.type === 'master-key-changing');
const moves = (changes: readonly Change[]): boolean => changes.some((change) => change.do === 'rewrap');

/** An instance of several that was given these master keys. Rejects with the sentence that keeps it from starting. */
async function newInstance(store: Store, name: string, current: Key, before?: Key) {
  const masters = masterKeys(current, before);
  const world = { store, instance: name, masters, now: Date.now };
  const instances = sharedInstances(world);
  await instances.enter((kept) => checkMasters(store, masters, kept));
  const keys = openKeys(store, masters);
  const audit = openAudit(store, keys, { now: Date.now });
  const failed: unknown[] = [];
  const rotation = startRotation({ ...world, instances, audit, warn: (error) => failed.push(error), leftBehind: () => failed.push('left behind') });
  const make = async (id: string): Promise<Key> => {
    const made = keys.make(id, id);
    await store.commit([made.change], UNFENCED);
    return made.key;
  };
  return { store, masters, keys, audit, rotation, make, failed };
}

type Instance = Awaited<ReturnType<typeof newInstance>>;

const isDone = (one: Instance): Promise<unknown> => vi.waitUntil(async () => (await one.rotation.state()).state === 'done', PATIENT);
const underOf = async (store: Store): Promise<(string | undefined)[]> => [...new Set((await all(store, { kind: 'key', index: 'byMaster', where: [], limit: 1_000 })).map(({ body }) => body.under))];

async function said(one: Instance) {
  const { entries } = await openAuditReader(one.store, one.keys).page({}, undefined, 100);
  return entries.flatMap(({ said: what }) => (what?.type === 'master-key-changing' || what?.type === 'master-key-changed' ? [`${what.type} ${what.keys}`] : [])).toReversed();
}

/** What a change of the master key promises on every store. */
export function rotationSuite(name: string, open: () => Promise<OpenStore>): void {
  describe(`[RE26] another master key on the ${name} store`, () => {
    let opened: OpenStore;
    let store: Store;
    beforeEach(async () => {
      opened = await open();
      ({ store } = opened);
    });
    afterEach(() => opened.close());

    it('wraps every key anew, begin and end on record; what is destroyed meanwhile stays destroyed, and a key from before they had names comes along', async () => {
      const [old, next] = [newKey(), newKey()];
      const first = await newInstance(store, 'first', old);
      await first.audit.commit([], { type: 'case-opened', v: 1, case: 'case000000000000000000' as never, name: 'Kiln', reason: 'Letter' }, ITSELF, { id: 'deployment' });
      const made = Array.from({ length: 250 }, (_, index) => ({ id: `k${index}`, ...first.keys.make(`k${index}`, 'ann') }));
      await store.commit(made.map(({ change }) => change), UNFENCED);
      const unnamed = newKey();
      await store.commit([{ do: 'add', kind: 'key', id: 'unnamed', body: { owner: 'ann', wrapped: sealBytes(unnamed, old, 'key:unnamed') } }], UNFENCED);
      await first.rotation.close();
      let isDestroyed = false;
      let tells = 0;
      const toldBefore: number[] = [];
      const destroying = around(store, { commit: async (changes, fence) => {
        tells += Number(changes.some(({ kind }) => kind === 'instance'));
        if (moves(changes)) toldBefore.push(tells);
        if (moves(changes) && !isDestroyed) {
          isDestroyed = true;
          await second.audit.commit([gate(), { do: 'remove', kind: 'key', id: 'k7' }], { type: 'case-closed', v: 1, case: 'case000000000000000000' as never, released: [], reason: 'Settled' }, ITSELF, { id: 'deployment' });
        }
        return store.commit(changes, fence);
      } });
      const second = await newInstance(destroying, 'second', next, old);
      await isDone(second);
      expect(new Set(toldBefore).size).toBe(toldBefore.length); // between two steps it has said again that it runs
      expect(toldBefore.length).toBeGreaterThan(2);
      expect([await underOf(store), await store.get('key', 'k7'), second.failed, await said(second)]).toEqual([[masterKeys(next).current.id], undefined, [], ['master-key-changing 252', 'master-key-changed 251']]);
      await second.rotation.close();
      const third = await newInstance(store, 'third', next);
      for (const { id, key } of made) expect((await third.keys.of(id))?.toString('hex')).toBe(id === 'k7' ? undefined : key.toString('hex'));
      expect((await third.keys.of('unnamed'))?.equals(unnamed)).toBe(true);
      await third.rotation.close();
    });

    it('is used once no instance runs that was not given it: until then each opens what the others make', async () => {
      const [old, next] = [newKey(), newKey()];
      const [a, b] = [await newInstance(store, 'a', old), await newInstance(store, 'b', old)];
      await a.make('by a');
      await b.rotation.close();
      const c = await newInstance(store, 'c', next, old);
      await c.make('by c');
      await vi.waitUntil(async () => (await c.rotation.state()).state === 'waits', PATIENT);
      expect([await a.keys.of('by c'), await c.keys.of('by a')]).not.toContain(undefined);
      const again = await newInstance(store, 'b again', old); // it crashed, and is not yet started with the new one
      expect(await again.keys.of('by c')).toBeDefined();
      await Promise.all([a, again].map(({ rotation }) => rotation.close()));
      await isDone(c);
      expect(await underOf(store)).toEqual([c.masters.current.id]);
      const before = await store.get('rotation', 'master');
      await expect(newInstance(store, 'late', old)).rejects.toThrow('The master key is not the one that the data was written with, or not the only one');
      await expect(newInstance(store, 'wrong', next, newKey())).rejects.toThrow('GORUNCHAT_MASTER_KEY_BEFORE is not a master key that this data was written with');
      await expect(newInstance(store, 'strange', newKey(), old)).rejects.toThrow('neither GORUNCHAT_MASTER_KEY nor GORUNCHAT_MASTER_KEY_BEFORE');
      expect([await store.get('rotation', 'master'), await store.get('instance', 'late'), await store.get('instance', 'wrong')]).toEqual([before, undefined, undefined]);
      const d = await newInstance(store, 'd', next);
      expect([await d.keys.of('by a'), await d.keys.of('by c'), (await d.rotation.state()).state]).toEqual([expect.anything(), expect.anything(), 'done']);
      await Promise.all([c, d].map(({ rotation }) => rotation.close()));
    });

    it('does not pass an instance that comes without it at the moment it begins: one of the two sees the other', async () => {
      const [old, next] = [newKey(), newKey()];
      const a = await newInstance(store, 'a', old);
      await a.make('by a');
      await a.rotation.close();
      const [isBeginning, mayBegin] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const held = around(store, { commit: async (changes, fence) => {
        if (begins(changes)) {
          isBeginning.resolve();
          await mayBegin.promise;
        }
        return store.commit(changes, fence);
      } });
      const b = await newInstance(held, 'b', next, old);
      await isBeginning.promise;
      const late = await newInstance(store, 'late', old);
      mayBegin.resolve();
      await vi.waitUntil(async () => (await b.rotation.state()).state === 'waits', PATIENT);
      await b.make('by b');
      expect([await late.keys.of('by b'), await underOf(store), await said(b)]).toEqual([expect.anything(), [masterKeys(old).current.id], []]);
      await late.rotation.close();
      await isDone(b);
      expect([await underOf(store), await said(b), b.failed]).toEqual([[masterKeys(next).current.id], ['master-key-changing 2', 'master-key-changed 3'], []]); // the record of its begin made the key that it is under
      await b.rotation.close();
    });

    it('of two that were given them the other way round neither moves anything', async () => {
      const [old, next] = [newKey(), newKey()];
      const a = await newInstance(store, 'a', old);
      await a.make('by a');
      await a.rotation.close();
      const b = await newInstance(store, 'b', next, old);
      await isDone(b);
      const back = await newInstance(store, 'back', old, next);
      await vi.waitUntil(async () => (await back.rotation.state()).state === 'waits', PATIENT);
      await back.make('by back');
      expect([await b.keys.of('by back'), await underOf(store)]).toEqual([expect.anything(), [masterKeys(next).current.id]]);
      await b.rotation.close();
      await isDone(back);
      expect([await underOf(store), await said(back)]).toEqual([[masterKeys(old).current.id], ['master-key-changing 1', 'master-key-changed 2', 'master-key-changing 3', 'master-key-changed 3']]);
      await back.rotation.close();
    });
  });
}
