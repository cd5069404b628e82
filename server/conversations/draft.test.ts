import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Part } from '../../contracts/conversation.ts';
import type { TurnId } from '../../contracts/ids.ts';
import { appendText, type ConversationView } from '../../contracts/view.ts';
import { memoryBus } from '../bus/memory.ts';
import { newKey } from '../journal/seal.ts';
import type { Kinds } from '../store/kinds.ts';
import { CommitRefused } from '../store/refused.ts';
import type { Change, Store, Stored } from '../store/store.ts';
import { Draft, runsOfDraft, REPLY_BYTES, type Checkpoint } from './draft.ts';
import { DraftTick, OVERDUE_MS } from './draft-tick.ts';
import type { LiveConversation } from './live.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** A draft whose store refuses every piece; nothing of it can ever be placed in the order. */
function newDraft() {
  const commit = vi.fn<Store['commit']>(() => Promise.reject(new CommitRefused('unavailable')));
  const settle = vi.fn<LiveConversation['settle']>();
  const live = { id: 'c', key: newKey(), isOver: false, view: { position: { epoch: 1, seq: 0 } }, tryTake: () => true, give: () => undefined, settle } as unknown as LiveConversation;
  const tick = new DraftTick({ commit } as unknown as Store, memoryBus());
  return { draft: new Draft(live, 't' as TurnId, tick), tick, commit, settle };
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

it('[RP4] a reply that cannot be shown for too long ends, also while others on the same instance go on being shown', async () => {
  const tick = new DraftTick({ commit: () => Promise.resolve() } as unknown as Store, memoryBus(), undefined, () => 0);
  const settle = vi.fn<LiveConversation['settle']>();
  const begin = (isBroken: boolean): Draft => {
    const live = { id: String(isBroken), key: newKey(), isOver: false, isBroken, view: at(1, 0), tryTake: () => !isBroken, give: () => undefined, settle, entryOf: () => ({}) } as unknown as LiveConversation;
    return new Draft(live, 't' as TurnId, tick);
  };
  const [lost, shown] = [begin(true), begin(false)];
  lost.push('text', 'to a node that is gone');
  const flushed = lost.flush().then(() => 'shown', (error: unknown) => error);
  for (let spent = 0; spent < OVERDUE_MS + 2_000; spent += 500) {
    shown.push('text', 'more ');
    await vi.advanceTimersByTimeAsync(500);
  }
  expect(settle.mock.calls.length).toBeGreaterThan(20);
  expect(await Promise.race([flushed, Promise.resolve('still waiting')])).toMatchObject({ code: 'bus-unavailable' });
});

it.each([
  ['one huge piece', (draft: Draft) => draft.push('text', 'x'.repeat(3 * REPLY_BYTES))],
  ['many pieces', (draft: Draft) => { for (let piece = 0; piece < 2_000 && !draft.isFull; piece++) draft.push('text', 'x'.repeat(999)); }],
  ['characters of four bytes', (draft: Draft) => draft.push('text', '😀'.repeat(REPLY_BYTES))],
  ['characters that JSON writes as six', (draft: Draft) => draft.push('text', '\u0001'.repeat(REPLY_BYTES))],
  ['thoughts and words by turns', (draft: Draft) => { for (let piece = 0; !draft.isFull; piece++) draft.push(piece % 2 === 0 ? 'text' : 'reasoning', 'x'); }],
])('[RP5] [RP4] of a reply without end only a million bytes are kept, whole characters all of them: %s', (_what, fill) => {
  const { draft } = newDraft();
  fill(draft);
  expect(draft.isFull).toBe(true);
  draft.push('text', 'and more');
  expect(draft.take()).toBe(true);
  const { id, body } = pieceOf(draft);
  const parts = runsOfDraft([{ id, version: 1, body }], draft.live.key).reduce<Part[]>((grown, [type, text]) => appendText(grown, type, text), []);
  expect(Buffer.byteLength(JSON.stringify(parts))).toBeLessThanOrEqual(REPLY_BYTES + 2);
  expect(Buffer.byteLength(JSON.stringify(parts)) + parts.length * 500).toBeGreaterThan(REPLY_BYTES - 1_100);
  expect(parts.every((part) => part.type === 'file' || (part.text.isWellFormed() && !part.text.includes('and more')))).toBe(true);
});

it('[RP1] a checkpoint whose fate is not known is tried again as it was, so that the first try, arriving late, takes nothing away', () => {
  const { draft } = newDraft();
  const textIn = (change: Change): unknown => change.do !== 'remove' && change.kind === 'draft' && runsOfDraft([{ id: change.id, version: 1, body: change.body as Kinds['draft'] }], draft.live.key);
  show(draft, 'first, ');
  const first = draft.checkpoint() as Checkpoint;
  show(draft, 'second');
  const again = draft.checkpoint() as Checkpoint;
  expect([again.change.id, textIn(again.change), again.position, again.change.do]).toEqual([first.change.id, textIn(first.change), first.position, 'put']);
  draft.saved(again);
  expect(textIn((draft.checkpoint() as Checkpoint).change)).toEqual([['text', 'second']]);
});

it('[RP1] what is saved at once is all that was shown, also behind a checkpoint whose fate is not known', async () => {
  const { draft, commit, tick } = newDraft();
  show(draft, 'first, ');
  await expect(tick.save(draft)).rejects.toThrow('unavailable');
  show(draft, 'second');
  commit.mockResolvedValue();
  await tick.save(draft);
  expect([draft.isUnsaved, draft.ids.length, draft.checkpoint()]).toEqual([false, 2, undefined]);
});

it('[RP1] what a replaced owner writes too late does not count beside what its successor has taken over', () => {
  const { draft: before } = newDraft();
  show(before, 'one, ');
  const first = pieceIn(before.checkpoint());
  before.saved(before.checkpoint() as Checkpoint);
  before.live.view = at(1, 5);
  show(before, 'two, ');
  const late = pieceIn(before.checkpoint());
  const { draft: { live } } = newDraft();
  Object.assign(live, { key: before.live.key, view: at(2, 0) });
  const after = new Draft(live, before.turn, { want: () => undefined } as unknown as DraftTick, { ids: [first.id], runs: [['text', 'one, '], ['text', 'two, ']] });
  const taken = pieceIn(after.checkpoint());
  after.saved(after.checkpoint() as Checkpoint);
  expect(after.ids).toEqual([first.id, taken.id]);
  live.view = at(2, 5);
  show(after, 'three');
  const next = pieceIn(after.checkpoint());
  const said = runsOfDraft([next, late, first, taken], live.key).map(([, text]) => text).join('');
  expect(said).toBe('one, two, three');
});

it('[RP1] of a turn whose outcome is on record nothing more is saved, and it is known which documents hold any of it', async () => {
  const { draft, commit, tick } = newDraft();
  const held = Promise.withResolvers<void>();
  commit.mockImplementationOnce(() => {
    draft.live.view = at(1, 5);
    show(draft, 'second');
    return held.promise;
  });
  show(draft, 'first, ');
  const saved = tick.save(draft);
  const forgotten = tick.forget(draft);
  held.resolve();
  commit.mockResolvedValue();
  await saved;
  expect(await forgotten).toEqual(draft.ids);
  expect(draft.ids).toHaveLength(2);
});

function show(draft: Draft, text: string): void {
  draft.push('text', text);
  draft.take();
  draft.shown(undefined);
}

function at(epoch: number, seq: number): ConversationView {
  return { position: { epoch, seq } } as ConversationView;
}

function pieceIn(checkpoint: Checkpoint | undefined): Stored<'draft'> {
  const change = checkpoint?.change;
  if (change === undefined || change.do === 'remove' || change.kind !== 'draft') throw new Error('no piece was saved');
  return { id: change.id, version: 1, body: change.body as Kinds['draft'] };
}

function pieceOf(draft: Draft): { id: string; body: Kinds['draft'] } {
  const change = draft.change();
  if (change.do !== 'add' || change.kind !== 'draft') throw new Error('no piece was added');
  return change;
}
