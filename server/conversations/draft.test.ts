import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { TurnId } from '../../contracts/ids.ts';
import { memoryBus } from '../bus/memory.ts';
import { newKey } from '../journal/seal.ts';
import { CommitRefused } from '../store/refused.ts';
import type { Store } from '../store/store.ts';
import { BUFFERED_CHARACTERS, Draft } from './draft.ts';
import { DraftTick, OVERDUE_MS } from './draft-tick.ts';
import type { LiveConversation } from './live.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** A draft whose store refuses every piece; nothing of it can ever be placed in the order. */
function newDraft() {
  const commit = vi.fn<Store['commit']>(() => Promise.reject(new CommitRefused('unavailable')));
  const settle = vi.fn<LiveConversation['settle']>();
  const live = { id: 'c', key: newKey(), isOver: false, view: { position: { epoch: 1, seq: 0 } }, tryTake: () => true, give: () => undefined, settle } as unknown as LiveConversation;
  const draft = new Draft(live, 't' as TurnId, new DraftTick({ commit } as unknown as Store, memoryBus()));
  return { draft, commit, settle };
}

it('[RP4] a store that is away is tried again and again, nothing is shown, and when it is away too long the draft fails', async () => {
  const { draft, commit, settle } = newDraft();
  draft.push('text', 'unsaved');
  const flushed = draft.flush().then(() => 'shown', (error: unknown) => error);
  await vi.advanceTimersByTimeAsync(OVERDUE_MS - 1_000);
  expect(commit.mock.calls.length).toBeGreaterThan(10);
  draft.push('text', ' and more');
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await flushed).toMatchObject({ code: 'record-unavailable' });
  expect(() => draft.push('text', 'x')).toThrow('record-unavailable');
  expect(settle).not.toHaveBeenCalled();
});

it('[RP4] a provider that goes on while nothing can be kept fills no more than a megabyte', () => {
  const { draft } = newDraft();
  draft.push('text', 'x'.repeat(BUFFERED_CHARACTERS));
  draft.push('text', 'x');
  expect(() => draft.push('text', 'x')).toThrow('record-unavailable');
});
