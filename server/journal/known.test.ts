import { expect, it } from 'vitest';
import type { Head } from '../store/kinds.ts';
import { CommitRefused, type RefusalReason } from '../store/refused.ts';
import type { Store } from '../store/store.ts';
import { START } from './journal.ts';
import { commitKnown } from './known.ts';

const from: Head = { ...START, epoch: 1 };
const to: Head = { epoch: 1, seq: 3, number: 1, hash: 'of the first record' };
const fence = { chain: 'talk', from, to };

/** A store that says these things about a commit, one after the other, while its head stands as told. */
function storeThat(says: readonly (RefusalReason | 'done')[], heads: readonly Head[]): { store: Store; asked: () => number } {
  let asked = 0;
  let read = 0;
  const commit = (): Promise<void> => {
    const said = says[asked++] ?? 'done';
    return said === 'done' ? Promise.resolve() : Promise.reject(new CommitRefused(said));
  };
  const get = () => Promise.resolve({ id: 'talk', version: 1, body: heads[read++] as Head });
  return { store: { commit, get } as unknown as Store, asked: () => asked };
}

it('[RE3] a commit whose answer was lost is done when the head stands where it would have moved it', async () => {
  const { store, asked } = storeThat(['unknown'], [to]);
  await commitKnown(store, [], fence);
  expect(asked()).toBe(1);
});

it('[RE3] one that arrives only after it was looked for, and so refuses its own repetition, is done and not refused', async () => {
  const { store, asked } = storeThat(['unknown', 'stale'], [from, to]);
  await commitKnown(store, [], fence);
  expect(asked()).toBe(2);
});

it('[RE3] one that somebody else has overtaken is stale, repeated or not', async () => {
  const elsewhere = { ...from, epoch: 2 };
  await expect(commitKnown(storeThat(['stale'], [elsewhere]).store, [], fence)).rejects.toMatchObject({ reason: 'stale' });
  await expect(commitKnown(storeThat(['unknown', 'stale'], [from, elsewhere]).store, [], fence)).rejects.toMatchObject({ reason: 'stale' });
});

it('[RE3] that a repetition was refused because the store was away says nothing of the first try, which is looked for until it is known', async () => {
  const { store, asked } = storeThat(['unknown', 'unavailable', 'unavailable'], [from, from, to]);
  await commitKnown(store, [], fence);
  expect(asked()).toBe(3);
});

it('[RE3] a repetition that is refused for what it is did not happen, unless the head says that the first try did', async () => {
  await expect(commitKnown(storeThat(['unknown', 'conflict'], [from, from]).store, [], fence)).rejects.toMatchObject({ reason: 'conflict' });
  await commitKnown(storeThat(['unknown', 'conflict'], [from, to]).store, [], fence);
});
