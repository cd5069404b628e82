import { expect, it } from 'vitest';
import type { Command } from '../../contracts/commands.ts';
import type { CommandId, ConversationId, MessageId } from '../../contracts/ids.ts';
import type { Note, Site } from '../../contracts/sites.ts';
import { textOf } from '../../contracts/view.ts';
import { newId } from '../../server/ids.ts';
import { faultyStore, type FaultPlan } from '../support/faults.ts';
import { newServer, type TestServer } from '../support/server.ts';
import { changeSite, newSite, newVisitorTab, SHOP, visit } from '../support/site.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';

interface World extends AsyncDisposable {
  readonly server: TestServer;
  readonly admin: Account;
  readonly site: Site;
  readonly plan: { current: FaultPlan };
}

const nothing: FaultPlan = () => undefined;
const refusal: FaultPlan = (changes) => (changes.some((change) => change.kind === 'record') ? 'refuse' : undefined);

async function newWorld(): Promise<World> {
  const plan = { current: nothing };
  const server = await newServer({ config: { hasDemo: true, demoWordsPerSecond: 2_000 }, wrap: (store) => faultyStore(store, (changes, fence) => plan.current(changes, fence)) });
  const admin = await newAccount(server.url);
  return { server, admin, plan, site: await newSite(admin), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

type Handoff = { type: 'handoff.ask' } | { type: 'handoff.join' } | { type: 'handoff.end' } | { type: 'handoff.say'; message: MessageId; text: string } | { type: 'handoff.note'; text: string };

const ask = (tab: Tab, conversation: ConversationId, command: Handoff) => tab.ask({ ...command, commandId: newId<CommandId>(), conversation } as Command);
const say = (tab: Tab, conversation: ConversationId, text: string) => ask(tab, conversation, { type: 'handoff.say', message: newId<MessageId>(), text });

const readNotes = (account: Account, conversation: ConversationId) => fetch(`${account.url}/api/inbox/${conversation}/notes`, { headers: { cookie: account.cookie } });
const notesOf = async (account: Account, conversation: ConversationId): Promise<Note[]> => ((await (await readNotes(account, conversation)).json()) as { notes: Note[] }).notes;
const codeOfNotes = async (account: Account, conversation: ConversationId): Promise<string> => ((await (await readNotes(account, conversation)).json()) as { refusal: { code: string } }).refusal.code;

async function newVisitor({ server, site }: World): Promise<Tab> {
  return newVisitorTab(server.url, site.id, await visit(server.url, site.id, {}, SHOP)).ready();
}

it('[SI7] a person takes a visitor’s conversation over, both see one thread, no model is asked meanwhile, and it goes back to the model', async () => {
  await using world = await newWorld();
  await using visitor = await newVisitor(world);
  await using member = await new Tab(world.admin).ready();
  expect(await member.socket.emitWithAck('inbox', true)).toBe(true);
  const conversation = await visitor.begin('Where is my order?');
  await visitor.until(() => visitor.view?.turn === null && visitor.view.messages.length === 2);
  expect(await ask(visitor, conversation, { type: 'handoff.ask' })).toMatchObject({ ok: true, did: 'changed' });
  await member.until(() => member.notices.some((notice) => notice.type === 'inbox' && notice.row.id === conversation && notice.row.handoff?.state === 'asked'));
  await member.open(conversation);
  expect(await ask(member, conversation, { type: 'handoff.join' })).toMatchObject({ ok: true });
  await visitor.until(() => visitor.view?.conversation.handoff?.by?.name === 'Mara Lindqvist');
  expect(await visitor.send('Are you a person?')).toMatchObject({ ok: true, did: 'changed' });
  expect(await say(member, conversation, 'Yes. Your parcel is in Aarhus.')).toMatchObject({ ok: true });
  await visitor.until(() => visitor.view?.messages.length === 4);
  await member.until(() => member.view?.messages.length === 4);
  expect(visitor.view!.messages.map(({ author, by }) => [author, by?.name])).toEqual([['person', undefined], ['model', undefined], ['person', undefined], ['model', 'Mara Lindqvist']]);
  expect(member.view!.messages).toEqual(visitor.view!.messages);
  expect([visitor.view!.turn, textOf(visitor.view!.messages[3]!)]).toEqual([null, 'Yes. Your parcel is in Aarhus.']);
  expect(await ask(member, conversation, { type: 'handoff.end' })).toMatchObject({ ok: true });
  await visitor.until(() => visitor.view?.conversation.handoff === null);
  expect(await visitor.send('And now?')).toMatchObject({ ok: true, did: 'started' });
  await visitor.until(() => visitor.view?.turn === null && visitor.view.messages.length === 6);
  expect(await say(member, conversation, 'Too late')).toMatchObject({ ok: false, refusal: { code: 'moved-on' } });
  expect(await visitor.ask({ type: 'conversation.delete', commandId: newId<CommandId>(), conversation })).toMatchObject({ ok: true });
  await member.until(() => member.notices.some((notice) => notice.type === 'inbox-removed' && notice.conversation === conversation), 'it leaves the inbox of whoever looks at it');
});

it('[SI7] what those who answer note for each other is told to them at once, to no visitor, and only with its record', async () => {
  await using world = await newWorld();
  await using visitor = await newVisitor(world);
  await using first = await new Tab(world.admin).ready();
  await using second = await new Tab(await newAccount(world.server.url)).ready();
  for (const tab of [first, second]) expect(await tab.socket.emitWithAck('inbox', true)).toBe(true);
  const conversation = await visitor.begin('Help');
  await visitor.until(() => visitor.view?.turn === null && visitor.view.messages.length === 2);
  await first.until(() => first.notices.some(({ type }) => type === 'inbox'));
  await second.until(() => second.notices.some(({ type }) => type === 'inbox'));
  const before = visitor.view;
  const note = (tab: Tab, text: string) => ask(tab, conversation, { type: 'handoff.note', text });
  expect(await note(visitor, 'I am a friend')).toMatchObject({ ok: false, refusal: { code: 'not-permitted' } });
  expect(await note(first, '   ')).toMatchObject({ ok: false, refusal: { code: 'invalid-command' } });
  world.plan.current = refusal;
  expect(await note(first, 'Lost')).toMatchObject({ ok: false, refusal: { code: 'record-unavailable' } });
  world.plan.current = nothing;
  expect([await notesOf(world.admin, conversation), second.notices.some(({ type }) => type === 'noted')]).toEqual([[], false]);

  expect(await note(first, 'Calls again on Monday')).toMatchObject({ ok: true, did: 'changed' });
  await second.until(() => second.notices.some((notice) => notice.type === 'noted' && notice.conversation === conversation));
  expect(await notesOf(second.account, conversation)).toMatchObject([{ text: 'Calls again on Monday', by: { name: 'Mara Lindqvist' } }]);
  await visitor.open(conversation);
  expect(visitor.view).toEqual(before);
  expect(visitor.notices.filter(({ type }) => type === 'noted')).toEqual([]);
  await visitor.ask({ type: 'conversation.delete', commandId: newId<CommandId>(), conversation });
  expect(await codeOfNotes(world.admin, conversation)).toBe('not-found');
});

it('[SI7] a second person is refused while one answers, and who answers nothing of theirs is nobody', async () => {
  await using world = await newWorld();
  await using visitor = await newVisitor(world);
  await using first = await new Tab(world.admin).ready();
  await using second = await new Tab(await newAccount(world.server.url)).ready();
  const conversation = await visitor.begin('Help');
  expect(await ask(first, conversation, { type: 'handoff.join' })).toMatchObject({ ok: true });
  expect(await ask(second, conversation, { type: 'handoff.join' })).toMatchObject({ ok: false, refusal: { code: 'moved-on', text: 'Mara Lindqvist answers already.' } });
  expect(await say(second, conversation, 'Hello')).toMatchObject({ ok: false, refusal: { code: 'moved-on' } });
  expect(await say(visitor, conversation, 'I am the shop')).toMatchObject({ ok: false, refusal: { code: 'not-permitted' } });
  expect(await ask(visitor, conversation, { type: 'handoff.join' })).toMatchObject({ ok: false, refusal: { code: 'not-permitted' } });
  expect(await first.ask({ type: 'conversation.delete', commandId: newId<CommandId>(), conversation })).toMatchObject({ ok: false, refusal: { code: 'not-found' } });
  const own = await first.begin('My own');
  expect(await ask(first, own, { type: 'handoff.join' })).toMatchObject({ ok: false, refusal: { code: 'not-found' } });
  await expect(second.open(own)).rejects.toThrow('not-found');
  await using other = await newVisitor(world);
  await expect(other.open(conversation)).rejects.toThrow('not-found');
});

it('[RE1] nothing of a handoff happens, and nothing of a visitor is shown, when its record is refused', async () => {
  await using world = await newWorld();
  const { plan, server, admin } = world;
  await using visitor = await newVisitor(world);
  await using member = await new Tab(admin).ready();
  const conversation = await visitor.begin('Help');
  await visitor.until(() => visitor.view?.turn === null && visitor.view.messages.length === 2);
  const refused = { ok: false, refusal: { code: 'record-unavailable' } };
  plan.current = refusal;
  expect(await ask(visitor, conversation, { type: 'handoff.ask' })).toEqual(refused);
  expect(await ask(member, conversation, { type: 'handoff.join' })).toEqual(refused);
  await expect(member.open(conversation)).rejects.toThrow('record-unavailable');
  expect((await fetch(`${server.url}/api/inbox`, { headers: { cookie: admin.cookie } })).status).toBe(503);
  plan.current = nothing;
  expect(await ask(member, conversation, { type: 'handoff.join' })).toMatchObject({ ok: true });
  plan.current = refusal;
  expect(await say(member, conversation, 'Hello')).toEqual(refused);
  expect(await visitor.send('Hello?')).toEqual(refused);
  expect(await ask(member, conversation, { type: 'handoff.end' })).toEqual(refused);
  plan.current = nothing;
  await using later = await new Tab(admin).ready();
  await later.open(conversation);
  expect([later.view!.messages.length, later.view!.conversation.handoff?.state]).toEqual([2, 'joined']);
});

it('[SI7] a person is asked for only where the site offers it; the inbox is for those who answer, and survives a restart', async () => {
  await using world = await newWorld();
  const { server, admin, site } = world;
  await using visitor = await newVisitor(world);
  const conversation = await visitor.begin('Where is my order?');
  await visitor.until(() => visitor.view?.turn === null && visitor.view.messages.length === 2);
  await changeSite(admin, site.id, { settings: { handoff: false } });
  await visitor.until(() => visitor.socket.connected);
  expect(await ask(visitor, conversation, { type: 'handoff.ask' })).toMatchObject({ ok: false, refusal: { code: 'not-permitted' } });
  await using member = await new Tab(admin).ready();
  await ask(member, conversation, { type: 'handoff.join' });
  await server.restart();
  const { rows } = (await (await fetch(`${server.url}/api/inbox`, { headers: { cookie: admin.cookie } })).json()) as { rows: unknown[] };
  expect(rows).toMatchObject([{ id: conversation, site: site.id, siteName: 'Kite & Kiln shop', title: 'Where is my order?', running: false, handoff: { state: 'joined', by: { name: 'Mara Lindqvist' } } }]);
  expect((await fetch(`${server.url}/api/inbox`)).status).toBe(401);
});

it('the numbers of a site count what came of it on each day, and nothing of other sites', async () => {
  await using world = await newWorld();
  const { server, admin, site } = world;
  await using visitor = await newVisitor(world);
  await using member = await new Tab(admin).ready();
  const conversation = await visitor.begin('Where is my order?');
  await visitor.until(() => visitor.view?.turn === null && visitor.view.messages.length === 2);
  await visitor.ask({ type: 'message.rate', commandId: newId<CommandId>(), conversation, message: visitor.view!.messages[1]!.id, rating: 'bad' });
  const numbersOf = async (id: string): Promise<{ days: Record<string, unknown>[]; isWhole: boolean }> => (await (await fetch(`${server.url}/api/sites/${id}/numbers?days=7`, { headers: { cookie: admin.cookie } })).json()) as never;
  expect((await numbersOf(site.id)).days.at(-1)).toMatchObject({ conversations: 1, handedOver: 0, settled: 1 });
  await ask(visitor, conversation, { type: 'handoff.ask' });
  expect((await numbersOf(site.id)).days.at(-1)).toMatchObject({ conversations: 1, handedOver: 0, settled: 0 });
  await ask(member, conversation, { type: 'handoff.join' });
  await say(member, conversation, 'I look for it.');
  const other = await newSite(admin);
  const { days, isWhole } = await numbersOf(site.id);
  expect([days.length, isWhole, days.at(-1)!['day']]).toEqual([7, true, new Date().toISOString().slice(0, 10)]);
  expect(days.at(-1)).toMatchObject({ conversations: 1, handedOver: 1, settled: 0, asked: 1, answered: 1, unfinished: 0, byPeople: 1, good: 0, bad: 1, firstMs: expect.any(Number), tookMs: expect.any(Number) });
  expect(days.at(-1)!['firstMs']).toBeLessThanOrEqual(days.at(-1)!['tookMs'] as number);
  expect(days.at(-1)!['outputTokens']).toBeGreaterThan(10);
  expect(days[0]).toMatchObject({ conversations: 0, asked: 0, firstMs: null, tookMs: null });
  expect((await numbersOf(other.id)).days.at(-1)).toMatchObject({ conversations: 0 });
});

it('[SI4] a visitor who is blocked is cut off at once and cannot come back; others go on, and so do they once they are let in again', async () => {
  await using world = await newWorld();
  const { server, admin, site } = world;
  const given = await visit(server.url, site.id, {}, SHOP);
  await using visitor = await newVisitorTab(server.url, site.id, given).ready();
  await using other = await newVisitor(world);
  const conversation = await visitor.begin('Spam');
  const gone = new Promise((resolve) => visitor.socket.once('session-ended', () => resolve('told')));
  const block = (isBlocked: boolean) => fetch(`${server.url}/api/inbox/${conversation}/blocked`, { method: 'PUT', headers: { origin: server.url, cookie: admin.cookie, 'content-type': 'application/json' }, body: JSON.stringify({ isBlocked }) });
  expect([(await block(true)).status, await gone]).toEqual([200, 'told']);
  await expect(visit(server.url, site.id, { keep: given.keep }, SHOP)).rejects.toThrow('site-closed');
  await using again = newVisitorTab(server.url, site.id, given);
  expect(await new Promise((resolve) => again.socket.once('connect_error', (error) => resolve(error.message)))).toBe('session-ended');
  expect(await other.send('Hello')).toMatchObject({ ok: true });
  expect((await block(false)).status).toBe(200);
  expect((await visit(server.url, site.id, { keep: given.keep }, SHOP)).conversation).toBe(conversation);
});
