import { expect, it } from 'vitest';
import type { ConversationEvent } from '../../contracts/events.ts';
import type { ConversationId, MessageId, ModelId, TurnId } from '../../contracts/ids.ts';
import { NOWHERE } from '../../contracts/position.ts';
import type { Position } from '../../contracts/position.ts';
import type { Opened } from '../../contracts/socket.ts';
import { textOf } from '../../contracts/view.ts';
import type { ConversationView } from '../../contracts/view.ts';
import { Follow } from './resume.ts';

const conversation = 'c'.repeat(22) as ConversationId;
const turn = 't'.repeat(22) as TurnId;
const model = 'demo/scripted' as ModelId;

function viewAt(position: Position, text = ''): ConversationView {
  const reply = { id: 'r'.repeat(22) as MessageId, parent: null, author: 'model' as const, parts: text === '' ? [] : [{ type: 'text' as const, text }], at: 1, turn };
  const head = { id: conversation, title: '', titledBy: 'nobody' as const, model, parameters: {}, createdAt: 1, updatedAt: 1, pinned: false, archived: false, deletedAt: null, choices: {}, queue: [] };
  return { conversation: head, messages: [], turn: { id: turn, reply, phase: 'streaming' }, isErased: false, position, lastMessage: { epoch: 0, seq: 0 } };
}

/** A server whose answers are given by hand. */
function newPair() {
  const asked: { position: Position; answer: (opened: Opened) => Promise<void>; fail: () => Promise<void> }[] = [];
  const follow = new Follow(
    conversation,
    (_, position) =>
      new Promise((resolve, reject) => {
        const settled = async (settle: () => void) => {
          settle();
          await Promise.resolve();
          await Promise.resolve();
        };
        asked.push({ position, answer: (opened) => settled(() => resolve(opened)), fail: () => settled(() => reject(new Error('no answer'))) });
      }),
    () => undefined,
  );
  return { follow, asked };
}

async function newLivePair(position: Position = { epoch: 2, seq: 5 }, text = 'Hel') {
  const pair = newPair();
  pair.follow.connected();
  await pair.asked[0]?.answer({ ok: true, alias: 7, view: viewAt(position, text) });
  return pair;
}

const shown = (follow: Follow) => (follow.view?.turn ? textOf(follow.view.turn.reply) : '');

it('asks from nowhere at first, and then draws each delta once', async () => {
  const { follow, asked } = await newLivePair();
  expect(asked[0]?.position).toEqual(NOWHERE);
  follow.text(7, 6, 'lo');
  follow.text(7, 6, 'lo');
  follow.text(7, 5, 'zz');
  expect(shown(follow)).toBe('Hello');
  expect(asked).toHaveLength(1);
});

it('a gap is asked for, never skipped', async () => {
  const { follow, asked } = await newLivePair();
  follow.text(7, 8, 'late');
  expect(shown(follow)).toBe('Hel');
  expect(follow.state).toBe('asking');
  expect(asked[1]?.position).toEqual({ epoch: 2, seq: 5 });
  follow.text(7, 9, '!');
  await asked[1]?.answer({ ok: true, alias: 7, events: [[2, 6, { type: 'text-delta', text: 'lo' }], [2, 7, { type: 'text-delta', text: ' ' }], [2, 8, { type: 'text-delta', text: 'late' }]] });
  expect(shown(follow)).toBe('Hello late!');
  expect(follow.state).toBe('following');
});

it('a new epoch is asked for, and frames of the old one change nothing', async () => {
  const { follow, asked } = await newLivePair();
  follow.event(7, 3, 1, { type: 'turn-closing', turn });
  expect(asked[1]?.position).toEqual({ epoch: 2, seq: 5 });
  await asked[1]?.answer({ ok: true, alias: 8, view: viewAt({ epoch: 3, seq: 1 }, 'Hello') });
  follow.event(7, 2, 6, { type: 'text-delta', text: 'old alias' });
  follow.event(8, 2, 9, { type: 'text-delta', text: 'old epoch' });
  expect(shown(follow)).toBe('Hello');
  follow.text(8, 2, ' again');
  expect(shown(follow)).toBe('Hello again');
});

it('what cannot have happened is not shown: everything is loaded again', async () => {
  const { follow, asked } = await newLivePair();
  const end: ConversationEvent = { type: 'turn-end', turn, outcome: { kind: 'completed' }, tookMs: 1, length: 99 };
  follow.event(7, 2, 6, end);
  expect(asked[1]?.position).toEqual(NOWHERE);
  expect(shown(follow)).toBe('Hel');
  await asked[1]?.answer({ ok: true, alias: 7, view: viewAt({ epoch: 2, seq: 6 }, 'Hello') });
  expect(shown(follow)).toBe('Hello');
});

it('frames that overtake the answer are applied after it', async () => {
  const { follow, asked } = newPair();
  follow.connected();
  follow.text(7, 6, 'lo');
  follow.text(7, 7, ' there');
  await asked[0]?.answer({ ok: true, alias: 7, view: viewAt({ epoch: 2, seq: 6 }, 'Hello') });
  expect(shown(follow)).toBe('Hello there');
});

it('text of an old epoch that overtakes the answer of a new one is not taken for new text', async () => {
  const { follow, asked } = await newLivePair({ epoch: 2, seq: 5 });
  follow.text(7, 9, 'gap');
  follow.text(7, 2, 'old');
  await asked[1]?.answer({ ok: true, alias: 7, view: viewAt({ epoch: 3, seq: 1 }, 'New') });
  expect(shown(follow)).toBe('New');
});

it('an answer from before the connection broke is not believed', async () => {
  const { follow, asked } = newPair();
  follow.connected();
  follow.disconnected();
  follow.connected();
  await asked[0]?.answer({ ok: true, alias: 1, view: viewAt({ epoch: 9, seq: 9 }, 'old') });
  expect(follow.view).toBeUndefined();
  await asked[1]?.answer({ ok: true, alias: 1, view: viewAt({ epoch: 2, seq: 1 }, 'now') });
  expect(shown(follow)).toBe('now');
});

it('resumes from where it was after a lost connection', async () => {
  const { follow, asked } = await newLivePair();
  follow.text(7, 6, 'lo');
  follow.disconnected();
  follow.text(7, 7, 'ghost');
  follow.connected();
  expect(asked[1]?.position).toEqual({ epoch: 2, seq: 6 });
  await asked[1]?.answer({ ok: true, alias: 3, events: [] });
  follow.text(3, 7, '.');
  expect(shown(follow)).toBe('Hello.');
});

it('goes on where the server broke off, and takes a whole view when it is sent one', async () => {
  const { follow, asked } = await newLivePair();
  follow.brokenOff(7);
  expect(asked).toHaveLength(2);
  await asked[1]?.answer({ ok: true, alias: 7, events: [] });
  follow.whole(7, viewAt({ epoch: 2, seq: 40 }, 'Everything'));
  follow.whole(7, viewAt({ epoch: 2, seq: 9 }, 'older'));
  expect(shown(follow)).toBe('Everything');
});

it('says so when there is no answer or a refusal, and can be told to ask again', async () => {
  const { follow, asked } = newPair();
  follow.connected();
  await asked[0]?.fail();
  expect(follow.state).toBe('unanswered');
  follow.again();
  await asked[1]?.answer({ ok: false, refusal: { code: 'not-found' } });
  expect(follow.state).toBe('refused');
  expect(follow.refusal?.code).toBe('not-found');
});

it('a server that answers nonsense from nowhere is not asked for ever', async () => {
  const { follow, asked } = newPair();
  follow.connected();
  await asked[0]?.answer({ ok: true, alias: 1, events: [[1, 4, { type: 'text-delta', text: 'x' }]] });
  expect(follow.state).toBe('unanswered');
  expect(asked).toHaveLength(1);
});
