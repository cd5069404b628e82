import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Answer, Command } from '../../contracts/commands.ts';
import type { Refusal } from '../../contracts/failures.ts';
import type { CommandId, ConversationId, MessageId, ModelId, TabId, TurnId, UserId } from '../../contracts/ids.ts';
import { newId } from './ids.ts';
import { OutboxEntries } from './outbox-entries.ts';
import { Outbox } from './outbox.ts';

const account = newId<UserId>();
const conversation = newId<ConversationId>();
const done: Answer = { ok: true, did: 'started', at: 1 };
const open: Outbox[] = [];
let clock = 1_000;

beforeEach(() => localStorage.clear());
afterEach(() => {
  for (const outbox of open.splice(0)) outbox.close();
});

function send(text: string, where = conversation): Command {
  return { type: 'turn.send', commandId: newId<CommandId>(), conversation: where, message: newId<MessageId>(), parent: null, text, files: [], model: 'demo/scripted' as ModelId, mode: 'queue' };
}

/** Locks whose holders let go when the test says so, as the browser does when a tab is closed. */
function newLocks() {
  const queues = new Map<string, { run: () => unknown; signal: AbortSignal | undefined }[]>();
  const next = (name: string): void => {
    const first = queues.get(name)?.[0];
    if (first === undefined) return;
    const release = () => {
      queues.get(name)?.shift();
      next(name);
    };
    void Promise.resolve(first.run()).then(release, release);
  };
  const request = (name: string, options: LockOptions, run: () => unknown) => {
    const queue = queues.get(name) ?? [];
    queues.set(name, queue);
    queue.push({ run, signal: options.signal });
    if (queue.length === 1) next(name);
    return Promise.resolve();
  };
  return { request } as unknown as Pick<LockManager, 'request'>;
}

/** One tab and the server it talks to; every answer is given by hand. */
function newTab(options: { account?: UserId; storage?: Storage | undefined; locks?: Pick<LockManager, 'request'> | undefined } = {}) {
  const sent: { command: Command; answer: (answer: Answer) => Promise<void>; lose: () => Promise<void> }[] = [];
  const refused: Refusal[] = [];
  const later: (() => void)[] = [];
  const settled = async (settle: () => void) => {
    settle();
    for (let turn = 0; turn < 4; turn++) await Promise.resolve();
  };
  const entries = new OutboxEntries(options.account ?? account, 'storage' in options ? options.storage : localStorage);
  const outbox = new Outbox({
    entries,
    tab: newId<TabId>(),
    send: (command) => new Promise((resolve, reject) => sent.push({ command, answer: (answer) => settled(() => resolve(answer)), lose: () => settled(() => reject(new Error('lost'))) })),
    locks: options.locks,
    now: () => clock++,
    later: (_, run) => {
      later.push(run);
      return () => later.splice(later.indexOf(run), 1);
    },
    changed: () => undefined,
    done: () => undefined,
    refused: (_, refusal) => refused.push(refusal),
  });
  open.push(outbox);
  return { outbox, entries, sent, refused, later };
}

const texts = (sent: { command: Command }[]) => sent.map(({ command }) => (command.type === 'turn.send' ? command.text : command.type));

it('what was written offline survives a reload and goes out in order, under the names it had', async () => {
  const before = newTab();
  before.outbox.put(send('one'));
  before.outbox.put(send('two'));
  const names = before.outbox.entries.map((entry) => entry.command.commandId);
  before.outbox.close();

  const after = newTab();
  after.outbox.connected();
  expect(texts(after.sent)).toEqual(['one']);
  await after.sent[0]?.answer(done);
  expect(texts(after.sent)).toEqual(['one', 'two']);
  await after.sent[1]?.answer(done);
  expect(after.sent.map(({ command }) => command.commandId)).toEqual(names);
  expect(after.outbox.entries).toEqual([]);
  expect(localStorage.length).toBe(0);
});

it('a conversation does not wait for another one, and a stop passes what waits', async () => {
  const { outbox, sent } = newTab();
  outbox.connected();
  outbox.put(send('slow'));
  outbox.put(send('behind it'));
  outbox.put(send('elsewhere', newId<ConversationId>()));
  outbox.put({ type: 'turn.stop', commandId: newId<CommandId>(), conversation, turn: newId<TurnId>() });
  expect(texts(sent)).toEqual(['slow', 'elsewhere', 'turn.stop']);
});

it('a refused message is kept with its reason and never sent by itself', async () => {
  const { outbox, sent, refused, later } = newTab();
  outbox.connected();
  outbox.put(send('one'));
  outbox.put(send('two'));
  await sent[0]?.answer({ ok: false, refusal: { code: 'record-unavailable' } });
  expect(refused).toEqual([{ code: 'record-unavailable' }]);
  expect(texts(sent)).toEqual(['one', 'two']);
  outbox.disconnected();
  outbox.connected();
  expect(later).toEqual([]);
  expect(texts(sent).filter((text) => text === 'one')).toHaveLength(1);
  expect(newTab().outbox.entries.find((entry) => entry.state === 'refused')?.refusal?.code).toBe('record-unavailable');
});

it('what the server would cut the connection for is refused here and never sent, and what comes after it goes out', () => {
  const { outbox, sent, refused } = newTab();
  outbox.connected();
  outbox.put(send('x'.repeat(2_000_000)));
  outbox.put(send('after'));
  expect(refused).toEqual([{ code: 'too-large' }]);
  expect(texts(sent)).toEqual(['after']);
});

it('sending a refused message again is a new intention with a new name', async () => {
  const { outbox, sent } = newTab();
  outbox.connected();
  outbox.put(send('one'));
  const first = sent[0]?.command.commandId as CommandId;
  await sent[0]?.answer({ ok: false, refusal: { code: 'moved-on' } });
  outbox.sendAgain(first);
  expect(texts(sent)).toEqual(['one', 'one']);
  expect(sent[1]?.command.commandId).not.toBe(first);
  expect(outbox.entries).toHaveLength(1);
});

it('while the outcome is unknown the message stays pending and the same question is asked again', async () => {
  const { outbox, sent, later, refused } = newTab();
  outbox.connected();
  outbox.put(send('one'));
  outbox.put(send('two'));
  await sent[0]?.answer({ ok: false, refusal: { code: 'outcome-unknown' } });
  expect(outbox.entries.map((entry) => entry.state)).toEqual(['pending', 'pending']);
  expect(refused).toEqual([]);
  expect(sent).toHaveLength(1);
  later[0]?.();
  expect(sent[1]?.command).toEqual(sent[0]?.command);
  await sent[1]?.answer(done);
  expect(texts(sent)).toEqual(['one', 'one', 'two']);
});

it('a lost connection sends the unanswered ones again, with the same name', async () => {
  const { outbox, sent } = newTab();
  outbox.connected();
  outbox.put(send('one'));
  outbox.disconnected();
  await sent[0]?.lose();
  expect(sent).toHaveLength(1);
  outbox.connected();
  expect(sent[1]?.command).toEqual(sent[0]?.command);
});

it('one tab sends what it was told; another takes over only when that tab has gone', async () => {
  const locks = newLocks();
  const first = newTab({ locks });
  first.outbox.put(send('mine'));
  const second = newTab({ locks });
  second.outbox.connected();
  second.outbox.reread();
  expect(second.sent).toEqual([]);
  first.outbox.close();
  for (let turn = 0; turn < 8; turn++) await Promise.resolve();
  expect(texts(second.sent)).toEqual(['mine']);
});

it('without storage it works for as long as the page lives, and says that nothing is kept', async () => {
  for (const storage of [undefined, fullStorage()]) {
    const { outbox, entries, sent } = newTab({ storage });
    outbox.put(send('one'));
    expect(entries.isKept).toBe(false);
    outbox.reread();
    expect(outbox.entries).toHaveLength(1);
    outbox.connected();
    await sent[0]?.answer(done);
    expect(outbox.entries).toEqual([]);
    expect(entries.isKept).toBe(true);
  }
});

it('rubbish in storage does not stop the page', () => {
  localStorage.setItem(`gorunchat.outbox.${account}.x`, '{"command":');
  localStorage.setItem(`gorunchat.outbox.${account}.y`, '{"command":{"commandId":"z"}}');
  expect(newTab().outbox.entries).toEqual([]);
});

it('signing out leaves nothing of the account, and nothing of another one is touched', () => {
  const { outbox } = newTab();
  outbox.put(send('one'));
  localStorage.setItem('gorunchat.outbox.someone-else.k', '{}');
  outbox.clear();
  expect(Object.keys(localStorage)).toEqual(['gorunchat.outbox.someone-else.k']);
});

function fullStorage(): Storage {
  const full = () => {
    throw new DOMException('full', 'QuotaExceededError');
  };
  return { length: 0, key: () => null, getItem: () => null, setItem: full, removeItem: () => undefined, clear: () => undefined };
}

it('[CO2] what was sent and not answered is not given up when the server cannot take it now: it may have been done, also after a reload', async () => {
  const before = newTab();
  before.outbox.put(send('one'));
  before.outbox.connected();
  await before.sent[0]?.lose();
  before.outbox.close();

  const after = newTab();
  after.outbox.connected();
  for (const code of ['bus-unavailable', 'record-unavailable', 'server-busy', 'rate-limited'] as const) {
    await after.sent.at(-1)?.answer({ ok: false, refusal: { code } });
    expect([after.refused, after.outbox.entries[0]?.state]).toEqual([[], 'pending']);
    after.later.at(-1)?.();
  }
  expect(after.sent).toHaveLength(5);
  await after.sent.at(-1)?.answer(done);
  expect(after.outbox.entries).toEqual([]);
});

it('what was never sent before is refused when the server cannot take it now', async () => {
  const { outbox, sent, refused } = newTab();
  outbox.put(send('one'));
  outbox.connected();
  await sent[0]?.answer({ ok: false, refusal: { code: 'bus-unavailable' } });
  expect(refused).toEqual([{ code: 'bus-unavailable' }]);
});

it('what was brought from the name that somebody had goes out here in order; not theirs yet is asked again, what was done before has the answer that it had, and what a tab that has ended left goes along', async () => {
  const before = newTab();
  before.outbox.put(send('one'));
  before.outbox.connected();
  before.outbox.put(send('two'));
  const tab = before.entries.all()[0]!.tab;
  const [own, elsewhere] = [newId<UserId>(), newId<TabId>()];
  before.entries.put({ command: send('three', newId<ConversationId>()), tab: elsewhere, at: 9_999, order: 0, state: 'pending' });
  before.outbox.close();
  const after = newTab({ account: own, locks: newLocks() });
  after.outbox.connected();
  expect(after.outbox.bring(before.entries, tab)).toHaveLength(3);
  expect(texts(after.sent)).toEqual(['one', 'three']);
  await after.sent[0]?.answer({ ok: false, refusal: { code: 'not-found' } });
  expect([texts(after.sent), after.refused]).toEqual([['one', 'three'], []]);
  after.later.shift()?.();
  await after.sent[2]?.answer(done);
  expect([texts(after.sent), after.refused]).toEqual([['one', 'three', 'one', 'two'], []]);
  expect(Object.keys(localStorage).filter((name) => !name.includes(own))).toEqual([]);
});
