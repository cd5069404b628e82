import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { CommitRefused } from '../store/refused.ts';
import type { Change, Store } from '../store/store.ts';
import { Checkpoints } from './checkpoints.ts';
import type { Draft } from './draft.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** A draft that has shown something which is in no document. */
function newDraft(unsaved = 10, isOver = false) {
  const draft = {
    unsaved, live: { isOver },
    get isUnsaved() {
      return draft.unsaved > 0;
    },
    checkpoint: () => ({ draft, change: { do: 'add', kind: 'draft' } }),
    saved: () => void (draft.unsaved = 0),
  };
  return draft as unknown as Draft & { unsaved: number };
}

function newCheckpoints() {
  const commit = vi.fn<(changes: readonly Change[]) => Promise<void>>(() => Promise.resolve());
  return { commit, checkpoints: new Checkpoints({ commit } as unknown as Store) };
}

it('[RP1] however many replies grow, all of what they have shown is saved within the second', async () => {
  const { commit, checkpoints } = newCheckpoints();
  const drafts = Array.from({ length: 2_000 }, () => newDraft());
  for (const draft of drafts) checkpoints.want(draft);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(drafts.filter(({ isUnsaved }) => isUnsaved)).toEqual([]);
  expect(Math.max(...commit.mock.calls.map(([changes]) => changes.length))).toBeLessThanOrEqual(1_000);
});

it('[RP1] replies that grow on and on keep no other waiting', async () => {
  const { checkpoints } = newCheckpoints();
  const growing = Array.from({ length: 900 }, () => newDraft());
  for (const draft of growing) Object.defineProperty(draft, 'isUnsaved', { value: true });
  const last = newDraft();
  for (const draft of [...growing, last]) checkpoints.want(draft);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(last.isUnsaved).toBe(false);
  expect(checkpoints.isLate).toBe(false);
});

it('[RP1] what was shown is saved in commits that a store takes', async () => {
  const { commit, checkpoints } = newCheckpoints();
  for (let count = 0; count < 20; count++) checkpoints.want(newDraft(200_000));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(commit.mock.calls.map(([changes]) => changes.length)).toEqual([3, 3, 3, 3, 3, 3, 2]);
});

it('[RP4] is late as soon as one has waited too long', async () => {
  const { commit, checkpoints } = newCheckpoints();
  commit.mockRejectedValue(new CommitRefused('unavailable'));
  checkpoints.want(newDraft());
  await vi.advanceTimersByTimeAsync(1_900);
  expect(checkpoints.isLate).toBe(false);
  await vi.advanceTimersByTimeAsync(200);
  expect(checkpoints.isLate).toBe(true);
});

it('[OR3] of a conversation that has another owner nothing is saved any more', async () => {
  const { commit, checkpoints } = newCheckpoints();
  const draft = newDraft(10, true);
  checkpoints.want(draft);
  await vi.advanceTimersByTimeAsync(3_000);
  await expect(checkpoints.save(draft)).rejects.toThrow('outcome-unknown');
  expect([commit.mock.calls.length, checkpoints.isLate]).toEqual([0, false]);
});

it('[RP1] of a reply that is on record nothing is saved any more', async () => {
  const { commit, checkpoints } = newCheckpoints();
  const draft = newDraft();
  checkpoints.want(draft);
  await checkpoints.forget(draft);
  await vi.advanceTimersByTimeAsync(3_000);
  expect([commit.mock.calls.length, checkpoints.isLate]).toEqual([0, false]);
});
