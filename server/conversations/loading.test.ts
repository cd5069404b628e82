import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ConversationId, UserId } from '../../contracts/ids.ts';
import type { Bus } from '../bus/bus.ts';
import type { Keys } from '../journal/keys.ts';
import { newKey } from '../journal/seal.ts';
import type { Store } from '../store/store.ts';
import { load } from './loading.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

/** A conversation that was found to have no owner, and whose head the store takes so long to give; somebody has claimed it meanwhile. */
function newSources(tookMs: number) {
  const commit = vi.fn<Store['commit']>(() => Promise.reject(new Error('it goes no further here')));
  const store = {
    get: (kind: string) => {
      if (kind !== 'head') return Promise.resolve({ id: 'talk', version: 1, body: { owner: 'mara', isErased: false } });
      vi.advanceTimersByTime(tookMs);
      return Promise.resolve({ id: 'talk', version: 1, body: { epoch: 3, seq: 7, number: 9 } });
    },
    commit,
  } as unknown as Store;
  const bus = { isShared: true, owners: () => Promise.resolve(['other']) } as unknown as Bus;
  const keys = { of: () => Promise.resolve(newKey()) } as unknown as Keys;
  return { commit, load: () => load({ store, bus, keys, epochsAfter: 0 }, 'talk' as ConversationId, 'mara' as UserId, undefined) };
}

it('[OR3] what was found out of an owner before the store was slow does not count when it is claimed', async () => {
  const slow = newSources(5_000);
  await expect(slow.load()).rejects.toMatchObject({ code: 'outcome-unknown' });
  expect(slow.commit).not.toHaveBeenCalled();
  const quick = newSources(5);
  await expect(quick.load()).rejects.toThrow('it goes no further here');
  expect(quick.commit).toHaveBeenCalledOnce();
});
