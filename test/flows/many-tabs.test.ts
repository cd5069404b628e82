import { expect, it } from 'vitest';
import type { CommandId, ConversationId, MessageId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import { faultyStore } from '../support/faults.ts';
import { records } from '../support/recording.ts';
import { newServer } from '../support/server.ts';
import { DEMO, newAccount, signIn, Tab } from '../support/tab.ts';

it('[OR1] two tabs that send at once see one thread: one message is answered, the other waits its turn', async () => {
  await using server = await newServer();
  const account = await newAccount(server.url);
  await using first = await new Tab(account).ready();
  await using second = await new Tab(account).ready();
  await second.open(await first.begin('Begin'));
  await first.until(() => first.view?.turn === null);
  await second.until(() => second.view?.turn === null);
  const answers = await Promise.all([first.send('From the first'), second.send('From the second')]);
  expect(answers.map((answer) => answer.ok && answer.did).toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual(['queued', 'started']);
  await first.until(() => first.thread.length === 6 && first.view?.turn === null);
  await second.until(() => second.thread.length === 6 && second.view?.turn === null);
  expect(second.thread).toEqual(first.thread);
  expect(second.view?.position).toEqual(first.view?.position);
});

it('[CO5] a queued message is in every tab, can be edited, moved and removed until it is taken, and is still there after a restart', async () => {
  await using server = await newServer();
  const account = await newAccount(server.url);
  await using first = await new Tab(account).ready();
  await using second = await new Tab(account).ready();
  const conversation = await first.begin('Write something long');
  await second.open(conversation);
  for (const text of ['one', 'two', 'three']) expect(await first.send(text)).toMatchObject({ ok: true, did: 'queued' });
  await second.until(() => second.view?.conversation.queue.length === 3);
  const [one, two, three] = second.view!.conversation.queue.map((queued) => queued.command);
  const common = () => ({ commandId: newId<CommandId>(), conversation });
  await second.ask({ type: 'queue.edit', ...common(), queued: two!, text: 'two, edited' });
  await second.ask({ type: 'queue.remove', ...common(), queued: one! });
  await second.ask({ type: 'queue.move', ...common(), queued: three!, before: two! });
  await first.until(() => first.view?.conversation.queue.map((queued) => queued.text).join() === 'three,two, edited');
  expect(await first.ask({ type: 'queue.edit', ...common(), queued: one!, text: 'late' })).toMatchObject({ ok: false, refusal: { code: 'moved-on' } });
  await server.restart();
  await first.until(() => first.thread.length === 6 && first.view?.turn === null);
  expect(first.thread.filter((line) => line.startsWith('person'))).toEqual(['person: Write something long', 'person: three', 'person: two, edited']);
  expect(first.thread[1]).toMatch(/\[interrupted\]$/);
});

it('[CO8] a queue of too many characters takes no more, neither a message nor a longer text', async () => {
  await using server = await newServer({ config: { demoWordsPerSecond: 1 } });
  await using tab = await new Tab(await newAccount(server.url)).ready();
  const conversation = await tab.begin('Write something long');
  for (const length of [200_000, 199_990]) expect(await tab.send('x'.repeat(length))).toMatchObject({ ok: true, did: 'queued' });
  expect(await tab.send('x'.repeat(11))).toEqual({ ok: false, refusal: { code: 'queue-full' } });
  await tab.until(() => tab.view?.conversation.queue.length === 2);
  const edit = (text: string) => tab.ask({ type: 'queue.edit', commandId: newId<CommandId>(), conversation, queued: tab.view!.conversation.queue[1]!.command, text });
  expect(await edit('x'.repeat(200_000))).toMatchObject({ ok: true, did: 'changed' });
  expect(await tab.send('x')).toEqual({ ok: false, refusal: { code: 'queue-full' } });
  expect(await edit('x')).toMatchObject({ ok: true, did: 'changed' });
  expect(await tab.send('x')).toMatchObject({ ok: true, did: 'queued' });
});

it('[CO6] a stop ends the reply in every tab with exactly the text that was shown', async () => {
  await using server = await newServer();
  const account = await newAccount(server.url);
  await using first = await new Tab(account).ready();
  await using second = await new Tab(account).ready();
  const conversation = await first.begin('Write something long');
  await second.open(conversation);
  await first.until(() => first.shown.length > 40);
  const stop = { type: 'turn.stop' as const, commandId: newId<CommandId>(), conversation, turn: first.turn };
  expect(await second.ask(stop)).toMatchObject({ ok: true, did: 'stopped' });
  expect(await second.ask(stop)).toMatchObject({ ok: true, did: 'stopped' });
  await first.until(() => first.view?.turn === null);
  await second.until(() => second.view?.turn === null);
  expect(first.thread[1]).toBe(`model: ${first.shown} [stopped]`);
  expect(second.thread).toEqual(first.thread);
});

it('[CO6] stop and send takes the place of the running turn, before what waits already', async () => {
  await using server = await newServer();
  await using tab = await new Tab(await newAccount(server.url)).ready();
  await tab.begin('Write something long');
  await tab.until(() => tab.shown.length > 0);
  await tab.send('waits');
  expect(await tab.send('Hello instead', { mode: 'stop-and-send' })).toMatchObject({ ok: true, did: 'queued' });
  await tab.until(() => tab.thread.length === 6 && tab.view?.turn === null);
  expect(tab.thread.filter((line) => line.startsWith('person'))).toEqual(['person: Write something long', 'person: Hello instead', 'person: waits']);
  expect(tab.thread[1]).toMatch(/\[stopped\]$/);
});

it('[RS4] when every tab has left, the turn runs on and the reply is there later', async () => {
  await using server = await newServer();
  const account = await newAccount(server.url);
  const first = await new Tab(account).ready();
  const conversation = await first.begin('Show me code');
  await first.until(() => first.shown.length > 0);
  await first[Symbol.asyncDispose]();
  await using later = await new Tab(account).ready();
  await later.until(() => later.notices.some((notice) => notice.type === 'row' && !notice.row.running && notice.row.unread));
  await using beside = await new Tab(account).ready();
  await later.open(conversation);
  expect(later.thread[1]).toMatch(/scripted demo._ \[completed\]$/);
  await beside.until(() => beside.notices.some((notice) => notice.type === 'row' && !notice.row.unread), 'the mark of what is new goes in the tab beside');
});

it('a tab that hides and shows itself without end is put off, comes back, and misses nothing', async () => {
  await using server = await newServer();
  await using tab = await new Tab(await newAccount(server.url)).ready();
  await tab.begin('Hello');
  const putOff = new Promise((resolve) => tab.socket.once('disconnect', resolve));
  for (let times = 0; times < 400; times++) tab.socket.emit('hidden', times % 2 === 0);
  expect(await putOff).toBe('transport close');
  await tab.until(() => tab.socket.connected && tab.view?.turn === null && tab.thread.length === 2);
});

it('[PE1] what one tab does reaches the others: list, rename, pin, branch choice, delete and restore, half-typed text, settings', async () => {
  await using server = await newServer();
  const account = await newAccount(server.url);
  await using first = await new Tab(account).ready();
  await using second = await new Tab(account).ready();
  const conversation = await first.begin('Hello');
  await second.until(() => second.notices.some((notice) => notice.type === 'row' && notice.row.id === conversation));
  await second.open(conversation);
  await first.until(() => first.view?.turn === null);
  const [question, reply] = first.view!.messages.map((message) => message.id) as [MessageId, MessageId];
  const common = () => ({ commandId: newId<CommandId>(), conversation });
  await first.ask({ type: 'turn.regenerate', ...common(), message: reply });
  await second.until(() => second.view?.messages.length === 3);
  await second.ask({ type: 'branch.choose', ...common(), message: reply });
  await first.until(() => first.view?.conversation.choices[question] === reply);
  await first.ask({ type: 'conversation.change', ...common(), title: 'A name', pinned: true });
  await second.until(() => second.view?.conversation.title === 'A name' && second.view.conversation.pinned);
  await first.ask({ type: 'conversation.delete', ...common() });
  await second.until(() => second.notices.some((notice) => notice.type === 'row-removed'));
  expect(await second.ask({ type: 'turn.regenerate', ...common(), message: reply })).toMatchObject({ ok: false, refusal: { code: 'erased' } });
  await second.ask({ type: 'conversation.restore', ...common() });
  await first.until(() => first.notices.at(-1)?.type === 'row');
  first.socket.emit('typing', { conversation, text: 'half ty' });
  await second.until(() => second.notices.some((notice) => notice.type === 'typing' && notice.text === 'half ty'));
  expect(first.notices.some((notice) => notice.type === 'typing')).toBe(false);
  await fetch(`${server.url}/api/settings`, { method: 'PUT', headers: { 'content-type': 'application/json', origin: server.url, cookie: account.cookie }, body: '{"theme":"dark"}' });
  await second.until(() => second.notices.some((notice) => notice.type === 'settings' && notice.settings.theme === 'dark'));
});

it('[PE3] signing out everywhere closes every socket of the person at once, and nobody else’s', async () => {
  await using server = await newServer();
  const account = await newAccount(server.url, 'mara@example.org');
  const elsewhere = await signIn(server.url, 'mara@example.org');
  await using first = await new Tab(account).ready();
  await using second = await new Tab(elsewhere).ready();
  await using other = await new Tab(await newAccount(server.url)).ready();
  let ended = 0;
  for (const tab of [first, second, other]) tab.socket.on('session-ended', () => (ended += 1));
  const closed = Promise.all([first, second].map((tab) => new Promise((resolve) => tab.socket.once('disconnect', resolve))));
  const reply = await fetch(`${server.url}/api/sign-out-everywhere`, { method: 'POST', headers: { origin: server.url, cookie: account.cookie } });
  expect(reply.status).toBe(200);
  await closed;
  expect(ended).toBe(2);
  expect(other.socket.connected).toBe(true);
  expect((await fetch(`${server.url}/api/conversations`, { headers: { cookie: elsewhere.cookie } })).status).toBe(401);
});

it('[PE5] a visitor has ten guesses at one password, and all visitors together a hundred; nobody alone keeps its owner out', async () => {
  await using server = await newServer({ config: { trustProxy: true } });
  await newAccount(server.url, 'mara@example.org');
  await newAccount(server.url, 'jens@example.org');
  const guess = async (email: string, from: string) => {
    const headers = { 'content-type': 'application/json', 'x-forwarded-for': from, 'x-forwarded-host': new URL(server.url).host, origin: server.url };
    return (await fetch(`${server.url}/api/sign-in`, { method: 'POST', headers, body: JSON.stringify({ email, password: 'correct horse?' }) })).status;
  };
  const guesses = async (email: string, count: number, from: (guess: number) => string) => {
    const statuses = await Promise.all(Array.from({ length: count }, (_, place) => guess(email, from(place))));
    return [401, 429].map((status) => statuses.filter((one) => one === status).length);
  };
  expect(await guesses('mara@example.org', 15, (place) => `2001:db8::${place}`)).toEqual([10, 5]);
  expect(await guesses('mara@example.org', 95, (place) => `192.0.2.${place}`)).toEqual([90, 5]);
  expect(await guess('mara@example.org', '198.51.100.1')).toBe(429);
  expect(await guess('jens@example.org', '198.51.100.1')).toBe(401);
  await signIn(server.url, 'jens@example.org');
});

it('[CO1] the same command from two tabs at once has one effect and one answer', async () => {
  await using server = await newServer();
  const account = await newAccount(server.url);
  await using first = await new Tab(account).ready();
  await using second = await new Tab(account).ready();
  const command = { type: 'turn.send' as const, commandId: newId<CommandId>(), conversation: newId<ConversationId>(), message: newId<MessageId>(), parent: null, text: 'Once', files: [], model: DEMO, mode: 'queue' as const };
  const [one, two] = await Promise.all([first.ask(command), second.ask(command)]);
  expect(one).toEqual(two);
  await server.restart();
  await first.until(() => first.socket.connected).catch(() => undefined);
  await using third = await new Tab(account, server.url).ready();
  expect(await third.ask(command)).toEqual(one);
  await third.open(command.conversation);
  expect(third.thread.filter((line) => line.startsWith('person'))).toHaveLength(1);
});

it('[CO7] a message decided on an older thread is refused as moved on, and changes nothing', async () => {
  await using server = await newServer();
  await using tab = await new Tab(await newAccount(server.url)).ready();
  await tab.begin('Hello');
  const expected = { epoch: 1, seq: 0 };
  await tab.until(() => tab.view?.turn === null);
  expect(await tab.send('Too late', { expected })).toEqual({ ok: false, refusal: { code: 'moved-on' } });
  expect(await tab.send('In time', { expected: tab.view!.position })).toMatchObject({ ok: true });
});

it('[CO7] one that was decided before a turn its sender had not seen waits behind it, where every tab sees it', async () => {
  await using server = await newServer();
  await using tab = await new Tab(await newAccount(server.url)).ready();
  await tab.begin('Hello');
  await tab.until(() => tab.view?.conversation.titledBy === 'model');
  const expected = tab.view!.position;
  await tab.send('Write something long');
  await tab.until(() => tab.shown.length > 0 && tab.view?.messages.length === 3);
  expect(await tab.send('At the same time', { expected })).toMatchObject({ ok: true, did: 'queued' });
  await tab.until(() => tab.view?.conversation.queue.map(({ text }) => text).join() === 'At the same time');
});

it('[CO3] a message whose id is taken is refused at once, and not only when its turn comes', async () => {
  await using server = await newServer();
  const account = await newAccount(server.url);
  await using tab = await new Tab(account).ready();
  await using other = await new Tab(account).ready();
  await other.begin('Hello');
  const elsewhere = other.view!.messages[0]!.id;
  await tab.begin('Write something long');
  const queued = newId<MessageId>();
  expect(await tab.send('waits', { message: queued })).toMatchObject({ ok: true, did: 'queued' });
  const asked = tab.view!.messages[0]!.id;
  for (const message of [elsewhere, asked, tab.view!.turn!.reply.id, queued]) {
    expect(await tab.send('again', { message })).toMatchObject({ ok: false, refusal: { code: 'invalid-command' } });
  }
  await tab.ask({ type: 'turn.stop', commandId: newId<CommandId>(), conversation: tab.view!.conversation.id, turn: tab.turn });
  await tab.until(() => tab.thread[2] === 'person: waits');
});

it('[CO6] a stop whose id was used for something else ends the turn all the same', async () => {
  const plan: { before?: () => Promise<void> } = {};
  await using server = await newServer({
    wrap: (store) => ({
      ...faultyStore(store, () => undefined),
      async commit(changes, fence) {
        if (records('turn-stopped')(changes)) await plan.before?.();
        return store.commit(changes, fence);
      },
    }),
  });
  const account = await newAccount(server.url);
  await using tab = await new Tab(account).ready();
  await using other = await new Tab(account).ready();
  const elsewhere = await other.begin('Hello');
  await other.until(() => other.view?.conversation.titledBy === 'model');
  const conversation = await tab.begin('Write something long');
  await tab.until(() => tab.shown.length > 0);
  const commandId = newId<CommandId>();
  plan.before = async () => {
    delete plan.before;
    expect(await other.ask({ type: 'conversation.change', commandId, conversation: elsewhere, title: 'Taken' })).toMatchObject({ ok: true });
  };
  await tab.ask({ type: 'turn.stop', commandId, conversation, turn: tab.turn });
  await tab.until(() => tab.view?.turn === null);
  expect(tab.thread[1]).toMatch(/\[stopped\]$/);
});

it('an edit of an earlier message stands beside it, also when it has to end a running reply first', async () => {
  await using server = await newServer();
  await using tab = await new Tab(await newAccount(server.url)).ready();
  await tab.begin('Write something long');
  await tab.until(() => tab.shown.length > 0);
  const first = tab.view!.messages[0]!;
  expect(await tab.send('Hello instead', { parent: null, edits: true, mode: 'stop-and-send' })).toMatchObject({ ok: true, did: 'queued' });
  await tab.until(() => tab.thread[0] === 'person: Hello instead' && tab.view?.turn === null);
  expect(tab.thread).toHaveLength(2);
  expect(tab.view?.messages.filter((message) => message.parent === null)).toHaveLength(2);
  expect(tab.view?.messages[0]).toEqual(first);
});

it('a change that changes nothing is answered so and leaves no record', async () => {
  await using server = await newServer();
  await using tab = await new Tab(await newAccount(server.url)).ready();
  const conversation = await tab.begin('Hello');
  await tab.until(() => tab.view?.conversation.titledBy === 'model');
  const { position } = tab.view!;
  expect(await tab.ask({ type: 'conversation.change', commandId: newId<CommandId>(), conversation, pinned: false })).toMatchObject({ ok: true, did: 'nothing' });
  expect(await tab.ask({ type: 'conversation.restore', commandId: newId<CommandId>(), conversation })).toMatchObject({ ok: true, did: 'nothing' });
  expect(tab.view!.position).toEqual(position);
});

it('[OR1] what a person thinks of a reply stands in every tab, can be taken back, and is there after a restart; a message of their own cannot be rated', async () => {
  await using server = await newServer();
  const account = await newAccount(server.url);
  await using first = await new Tab(account).ready();
  await using second = await new Tab(account).ready();
  const conversation = await first.begin('Hello');
  await second.open(conversation);
  await first.until(() => first.view?.turn === null && first.view.messages.length === 2);
  const [own, reply] = first.view!.messages.map(({ id }) => id) as [MessageId, MessageId];
  const rate = (message: MessageId, rating: 'good' | 'bad' | null) => first.ask({ type: 'message.rate', commandId: newId<CommandId>(), conversation, message, rating });
  expect(await rate(own, 'good')).toMatchObject({ ok: false, refusal: { code: 'not-found' } });
  expect(await rate(reply, 'good')).toMatchObject({ ok: true, did: 'changed' });
  expect(await rate(reply, 'good')).toMatchObject({ ok: true, did: 'nothing' });
  expect(await rate(reply, 'bad')).toMatchObject({ ok: true, did: 'changed' });
  await second.until(() => second.view?.conversation.ratings?.[reply] === 'bad');
  await server.restart();
  await first.until(() => first.socket.connected && first.view?.conversation.ratings?.[reply] === 'bad');
  expect(await rate(reply, null)).toMatchObject({ ok: true, did: 'changed' });
  await second.until(() => second.view?.conversation.ratings?.[reply] === undefined);
});
