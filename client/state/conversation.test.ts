import { expect, it } from 'vitest';
import type { Answer, Command, CommandOf } from '../../contracts/commands.ts';
import type { Message } from '../../contracts/conversation.ts';
import type { ConversationEvent } from '../../contracts/events.ts';
import type { ConversationId, MessageId, ModelId, TabId, TurnId, UserId } from '../../contracts/ids.ts';
import type { Opened } from '../../contracts/socket.ts';
import type { ConversationView } from '../../contracts/view.ts';
import { newId } from '../link/ids.ts';
import { OutboxEntries } from '../link/outbox-entries.ts';
import { Outbox } from '../link/outbox.ts';
import { ConversationController } from './conversation.ts';
import type { Account } from './account.ts';

const model = 'demo/scripted' as ModelId;
const turn = newId<TurnId>();

function message(author: Message['author'], parent: MessageId | null, text: string, id = newId<MessageId>()): Message {
  return { id, parent, author, parts: text === '' ? [] : [{ type: 'text', text }], at: 1, ...(author === 'model' && { turn }) };
}

function viewOf(id: ConversationId, messages: readonly Message[], seq = 1): ConversationView {
  const conversation = { id, title: '', titledBy: 'nobody' as const, model, parameters: {}, createdAt: 1, updatedAt: 1, pinned: false, archived: false, deletedAt: null, choices: {}, queue: [] };
  return { conversation, messages, turn: null, isErased: false, position: { epoch: 1, seq }, lastMessage: { epoch: 1, seq } };
}

async function settled(settle: () => void): Promise<void> {
  settle();
  for (let turns = 0; turns < 8; turns++) await Promise.resolve();
}

/** One conversation, with the server's side in the hands of the test. */
function newTab() {
  const sent: { command: Command; answer: (answer: Answer) => Promise<void> }[] = [];
  const opened: ((answer: Opened) => Promise<void>)[] = [];
  const host = { addController: () => undefined, removeController: () => undefined, requestUpdate: () => undefined, updateComplete: Promise.resolve(true) };
  const conversation = new ConversationController(host);
  const entries = new OutboxEntries(newId<UserId>(), undefined);
  const tab = newId<TabId>();
  const outbox = new Outbox({
    entries, tab, locks: undefined, now: () => Date.now(), later: () => () => undefined,
    send: (command) => new Promise((resolve) => sent.push({ command, answer: (answer) => settled(() => resolve(answer)) })),
    changed: () => conversation.outboxChanged(),
    done: (command) => conversation.commandDone(command),
    refused: () => undefined,
  });
  const link = { state: 'live', leave: () => undefined, open: () => new Promise((resolve) => opened.push((answer: Opened) => settled(() => resolve(answer)))) };
  conversation.signedIn({ tab, entries, outbox, link } as unknown as Account);
  outbox.connected();
  let seq = 1;
  const happen = (event: ConversationEvent) => conversation.listener.e?.(4, 1, ++seq, event);
  const show = async (messages: readonly Message[]) => {
    const id = newId<ConversationId>();
    conversation.show(id);
    await opened.shift()?.({ ok: true, alias: 4, view: viewOf(id, messages) });
  };
  const sends = () => sent.map(({ command }) => command).filter((command): command is CommandOf<'turn.send'> => command.type === 'turn.send');
  return { conversation, sent, sends, opened, happen, show, outbox, entries };
}

const said = (text: string) => ({ text, files: [], model, mode: 'queue' as const });
const done: Answer = { ok: true, did: 'started', at: 1 };

it('a new chat has its id before the server knows it, and its message stays in sight until the events show it', async () => {
  const { conversation, sent, sends, opened, happen } = newTab();
  const { id } = conversation;
  expect(conversation.phase).toBe('new');
  conversation.send(said('hello'));
  expect([conversation.id, conversation.phase, conversation.unseen.map((one) => one.state)]).toEqual([id, 'ready', ['pending']]);
  expect(sends()[0]).toMatchObject({ conversation: id, parent: null });
  await sent[0]?.answer(done);
  expect(conversation.unseen).toHaveLength(1);
  await opened[0]?.({ ok: true, alias: 4, view: viewOf(id, []) });
  expect(conversation.unseen).toHaveLength(1);
  happen({ type: 'message-added', message: message('person', null, 'hello', sends()[0]?.message) });
  expect([conversation.unseen, conversation.phase]).toEqual([[], 'ready']);
});

it('is not called missing while its first message is on the way', async () => {
  const { conversation, opened } = newTab();
  conversation.send(said('hello'));
  conversation.listener.greeted?.({} as never);
  await opened[0]?.({ ok: false, refusal: { code: 'not-found' } });
  expect(conversation.phase).toBe('ready');
});

it('what another tab begins is asked for once that tab was answered, wherever it was when this one was told of it', async () => {
  const { conversation, opened, outbox, entries } = newTab();
  const id = newId<ConversationId>();
  const command: Command = { type: 'turn.send', commandId: newId(), conversation: id, message: newId<MessageId>(), parent: null, text: 'hello', files: [], model, mode: 'queue' };
  entries.put({ command, tab: newId<TabId>(), at: 0, order: 0, state: 'pending' });
  conversation.show(id);
  expect(opened).toHaveLength(0);
  entries.remove(command.commandId);
  outbox.reread();
  expect(opened).toHaveLength(1);
});

it('what was chosen for a chat that has not begun is of that one alone, and counts until it has begun', async () => {
  const { conversation, sends, show, sent, opened, happen } = newTab();
  const other = 'demo/other' as ModelId;
  conversation.makeTemporary(true);
  conversation.change({ model: other });
  await show([message('person', null, 'one')]);
  expect([conversation.isTemporary, conversation.model]).toEqual([false, model]);
  conversation.show(undefined);
  expect([conversation.isTemporary, conversation.model]).toEqual([false, undefined]);
  conversation.makeTemporary(true);
  conversation.change({ model: other });
  conversation.show(undefined); // as where the settings are opened over it and closed
  conversation.send({ ...said('hello'), model: other });
  expect([conversation.isTemporary, sends()[0]?.temporary, sends()[0]?.model]).toEqual([true, true, other]);
  await sent[0]?.answer(done);
  await opened.at(-1)?.({ ok: true, alias: 4, view: { ...viewOf(conversation.id, []), conversation: { ...viewOf(conversation.id, []).conversation, model: other, temporary: true } } });
  happen({ type: 'conversation-changed', change: { model } });
  expect([conversation.isTemporary, conversation.model]).toEqual([true, model]);
});

it('is missing when it is not there, and failed when nobody answers', async () => {
  const { conversation, opened } = newTab();
  conversation.show(newId<ConversationId>());
  await opened.shift()?.({ ok: false, refusal: { code: 'not-found' } });
  expect(conversation.phase).toBe('missing');
  conversation.show(newId<ConversationId>());
  await opened.shift()?.({ ok: false, refusal: { code: 'internal' } });
  expect(conversation.phase).toBe('failed');
});

it.each([
  ['outcome-unknown', 'a conversation between two owners'], ['record-unavailable', 'one whose database is away'], ['bus-unavailable', 'one whose Redis is away'],
] as const)('what will pass is asked again by itself: with %s %s is neither missing nor failed', async (code, _what) => {
  const { conversation, opened } = newTab();
  conversation.show(newId<ConversationId>());
  await opened.shift()?.({ ok: false, refusal: { code, retryAfterMs: 10 } });
  expect(conversation.phase).toBe('loading');
  await expect.poll(() => opened.length).toBe(1);
  await opened.shift()?.({ ok: true, alias: 4, view: viewOf(conversation.id, []) });
  expect(conversation.phase).toBe('ready');
});

it('says on which thread it was decided, unless it simply comes next', async () => {
  const question = message('person', null, 'one');
  const reply = message('model', question.id, 'two');
  const { conversation, sends, show } = newTab();
  await show([question, reply]);
  conversation.send(said('three'));
  conversation.send(said('four'));
  expect(sends()[0]).toMatchObject({ parent: reply.id, expected: { epoch: 1, seq: 1 } });
  const waiting = conversation.unseen[0]?.id;
  expect(conversation.unseen).toHaveLength(2);
  expect(waiting).toBe(sends()[0]?.message);
});

it('a message behind an unsent one names no position: the server puts it below whatever is shown then', async () => {
  const { conversation, sends, sent, show } = newTab();
  await show([message('person', null, 'one')]);
  conversation.send(said('two'));
  conversation.send(said('three'));
  await sent[0]?.answer(done);
  expect(sends()[1]).toMatchObject({ text: 'three' });
  expect(sends()[1]?.expected).toBeUndefined();
});

it('an edit while a reply runs is one command that ends the reply and stands beside the message it replaces', async () => {
  const question = message('person', null, 'one');
  const { conversation, sent, sends, show, happen } = newTab();
  await show([question]);
  happen({ type: 'turn-start', turn, reply: message('model', question.id, '') });
  conversation.edit(question.id, 'other words', model);
  expect(sent.map(({ command }) => command.type)).toEqual(['turn.send']);
  expect(sends()[0]).toMatchObject({ text: 'other words', parent: null, edits: true, mode: 'stop-and-send' });
});

it('a refused message keeps its text and reason; sent again it is new, below what is shown, on nobody\'s old decision', async () => {
  const question = message('person', null, 'one');
  const { conversation, sent, sends, show, happen } = newTab();
  await show([question]);
  conversation.send(said('two'));
  await sent[0]?.answer({ ok: false, refusal: { code: 'moved-on' } });
  expect(conversation.unseen).toMatchObject([{ text: 'two', state: 'refused', refusal: { code: 'moved-on' } }]);
  const other = message('person', question.id, 'from another tab');
  happen({ type: 'message-added', message: other });
  const first = sends()[0];
  conversation.sendAgain(first?.message as MessageId, 'two, changed');
  expect(sends()[1]).toMatchObject({ text: 'two, changed', parent: other.id, message: first?.message });
  expect(sends()[1]?.commandId).not.toBe(first?.commandId);
  expect(sends()[1]?.expected).toBeUndefined();
});

it('taking a refused message back leaves nothing of it', async () => {
  const { conversation, sent, sends, show, outbox } = newTab();
  await show([]);
  conversation.send(said('two'));
  await sent[0]?.answer({ ok: false, refusal: { code: 'record-unavailable' } });
  conversation.takeBack(sends()[0]?.message as MessageId);
  expect([conversation.unseen, outbox.entries]).toEqual([[], []]);
});

it('a queued message is shown by the queue, not twice', async () => {
  const { conversation, sends, show, happen } = newTab();
  await show([]);
  conversation.send(said('two'));
  const { commandId, message: id } = sends()[0] as CommandOf<'turn.send'>;
  happen({ type: 'conversation-changed', change: { queue: [{ command: commandId, message: id, text: 'two', files: [], model, at: 1 }] } });
  expect(conversation.unseen).toEqual([]);
});

it('going back to a conversation shows what is known of it at once', async () => {
  const { conversation, show, opened } = newTab();
  await show([message('person', null, 'one')]);
  const { id } = conversation;
  conversation.show(undefined);
  expect(conversation.phase).toBe('new');
  conversation.show(id);
  expect([conversation.phase, conversation.view.messages.length, opened.length]).toEqual(['ready', 1, 1]);
});

it('what is chosen for a new chat goes with its first message', () => {
  const { conversation, sends } = newTab();
  conversation.change({ parameters: { temperature: 0.2 } });
  conversation.send(said('hello'));
  expect(sends()[0]?.parameters).toEqual({ temperature: 0.2 });
});

it('a message that is looked for is shown by choosing every branch above it, once, as soon as the conversation is there', async () => {
  const { conversation, sent, opened } = newTab();
  const [shown, hidden] = [message('person', null, 'plums'), message('person', null, 'quinces')];
  const answered = message('model', hidden.id, 'They are fruit.');
  const [wanted, other] = [message('person', answered.id, 'medlars'), message('person', answered.id, 'pears')];
  const id = newId<ConversationId>();
  conversation.show(id);
  conversation.find(wanted.id);
  expect(sent).toEqual([]);
  await opened.shift()?.({ ok: true, alias: 4, view: viewOf(id, [hidden, answered, wanted, other, shown]) });
  const choices = () => sent.flatMap(({ command }) => (command.type === 'branch.choose' ? [command.message] : []));
  expect(choices()).toEqual([hidden.id]);
  await sent[0]?.answer({ ok: true, did: 'changed', at: 1 });
  await sent[1]?.answer({ ok: true, did: 'changed', at: 1 });
  await sent[2]?.answer({ ok: true, did: 'changed', at: 1 });
  expect(choices()).toEqual([hidden.id, answered.id, wanted.id]);
  expect(conversation.found?.message).toBe(wanted.id);
  conversation.show(undefined);
  expect(conversation.found).toBeUndefined();
});

it('a conversation that is too long is asked its last question again from its beginning', async () => {
  const first = message('person', null, 'one');
  const reply = message('model', first.id, 'two');
  const last = message('person', reply.id, 'three');
  const failed = message('model', last.id, '');
  const { conversation, sends, show } = newTab();
  await show([first, reply, last, failed]);
  expect(conversation.shorten(reply.id, model)).toBe(false);
  expect(conversation.shorten(failed.id, model)).toBe(true);
  expect(sends()).toMatchObject([{ text: 'three', parent: null, edits: true, mode: 'queue' }]);
});
