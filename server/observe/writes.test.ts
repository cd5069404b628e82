import { beforeEach, describe, expect, it } from 'vitest';
import { CommitRefused, type RefusalReason } from '../store/refused.ts';
import { UNFENCED, type Change, type Store } from '../store/store.ts';
import { watchWrites, type Writes } from './writes.ts';

const MARK: Change = { do: 'put', kind: 'read-marker', id: 'a', body: { owner: 'a', at: 1 } };
const DRAFT: Change = { do: 'remove', kind: 'draft', id: 'a' };

describe('whether a store takes writes', () => {
  let commits: (readonly Change[])[];
  let refusal: RefusalReason | undefined;
  let writes: Writes;
  beforeEach(() => {
    commits = [];
    refusal = undefined;
    const commit = (changes: readonly Change[]): Promise<void> => {
      commits.push(changes);
      return refusal === undefined ? Promise.resolve() : Promise.reject(new CommitRefused(refusal));
    };
    writes = watchWrites({ commit } as unknown as Store);
  });
  const commitOf = (change: Change): Promise<void> => writes.store.commit([change], UNFENCED).catch(() => undefined);

  it('is tried out once before anything was written, with what is gone afterwards; then whoever writes has said it', async () => {
    expect(await Promise.all([writes.work(), writes.work()])).toEqual([true, true]);
    expect(commits.map(([change]) => change?.do)).toEqual(['put', 'remove']);
    expect(await writes.work()).toBe(true);
    expect(commits).toHaveLength(2);
  });

  it('needs no trying out where somebody writes', async () => {
    await commitOf(MARK);
    expect(await writes.work()).toBe(true);
    expect(commits).toEqual([[MARK]]);
  });

  it.each(['unavailable', 'unknown'] as const)('is tried out again after a commit that was %s, until it does', async (reason) => {
    await commitOf(MARK);
    refusal = reason;
    await commitOf(MARK);
    expect(await writes.work()).toBe(false);
    expect(await writes.work()).toBe(false);
    refusal = undefined;
    expect(await writes.work()).toBe(true);
  });

  it('is not asked again for what was refused for a reason of its own, nor told by growing replies', async () => {
    await commitOf(MARK);
    for (const reason of ['stale', 'conflict', 'too-large'] as const) {
      refusal = reason;
      await commitOf(MARK);
    }
    refusal = 'unavailable';
    await commitOf(DRAFT);
    refusal = undefined;
    commits.length = 0;
    expect(await writes.work()).toBe(true);
    expect(commits).toEqual([]);
    refusal = 'unavailable';
    await commitOf(MARK);
    refusal = undefined;
    await commitOf(DRAFT);
    refusal = 'unavailable';
    expect(await writes.work()).toBe(false);
  });

  it('is not told by what was asked for before another commit was refused, and answered after it', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const slow = watchWrites({ commit: (changes: readonly Change[]) => (changes[0] === MARK ? promise : Promise.reject(new CommitRefused('unavailable'))) } as unknown as Store);
    const answered = slow.store.commit([MARK], UNFENCED);
    await slow.store.commit([{ ...MARK, id: 'b' }], UNFENCED).catch(() => undefined);
    resolve(undefined);
    await answered;
    expect(await slow.work()).toBe(false);
  });
});
