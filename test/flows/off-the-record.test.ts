import { afterEach, expect, it } from 'vitest';
import { Command, type CommandType } from '../../contracts/commands.ts';
import type { CommandId, ConversationId, FileId, MessageId } from '../../contracts/ids.ts';
import { ROUTES, type RouteName } from '../../contracts/routes.ts';
import type { FromTab } from '../../contracts/socket.ts';
import type { ConversationView } from '../../contracts/view.ts';
import type { Config } from '../../server/config.ts';
import { newId } from '../../server/ids.ts';
import type { ProviderSettings } from '../../server/providers/settings.ts';
import { COVERED, OPEN, request, SETTINGS, type CoveredRoute, type OpenRoute, type There } from '../support/every-route.ts';
import { faultyStore, newRefusal } from '../support/faults.ts';
import { refusedIn } from '../support/on-record.ts';
import { ask } from '../support/reviewer.ts';
import { newServer } from '../support/server.ts';
import { newIdentity, newSite, newSiteKey, newVisitorTab, visit } from '../support/site.ts';
import { DEMO, newAccount, signIn, Tab, type Account } from '../support/tab.ts';
import { calm, talkIn } from '../support/talking.ts';
import { until } from '../support/until.ts';

// Every route, every command and every other word of a tab that the contract has is tried: a new one without an example does not compile, and one that the server has beside the contract's is found.

const OWN: ProviderSettings = { id: 'local', kind: 'openai-compatible', name: 'Local', baseUrl: 'http://127.0.0.1:1/v1', key: undefined, ownKeys: true, headers: {}, models: [{ name: 'tiny' }], fetch: false, titleModel: undefined };
const REFUSED = { ok: false, refusal: { code: 'record-unavailable' } };
/** Types of which a record was refused here. */
const seen = new Set<string>();

async function newWorld(config: Partial<Config> = {}) {
  const refusal = newRefusal(seen);
  const server = await newServer({ config: { providers: [OWN], hasDemo: true, demoWordsPerSecond: 5_000, restoreMs: 600_000, ...config }, wrap: (store) => faultyStore(store, refusal.plan) });
  const account = await newAccount(server.url, 'admin@example.org');
  const tab = await new Tab(account).ready();
  const watching = await new Tab(account).ready();
  return { refusal, server, account, tab, watching, [Symbol.asyncDispose]: async () => (await tab[Symbol.asyncDispose](), await watching[Symbol.asyncDispose](), server[Symbol.asyncDispose]()) };
}
type World = Awaited<ReturnType<typeof newWorld>>;

const tabs: Tab[] = [];
afterEach(async () => void (await Promise.all(tabs.splice(0).map((tab) => tab[Symbol.asyncDispose]()))));

async function newVisited({ account, server }: World) {
  const site = await newSite(account, { uploads: true });
  const given = await visit(account.url, site.id);
  const visitors = async (): Promise<Tab> => {
    const tab = await newVisitorTab(server.url, site.id, given, account.url).ready();
    tabs.push(tab);
    return tab;
  };
  const visitor = await visitors();
  const conversation = await visitor.begin('Hello');
  await visitor.until(() => visitor.view?.turn === null && visitor.view.messages.length === 2);
  return { site, given, visitors, visitor, conversation };
}

async function newThere(world: World): Promise<There> {
  const { account, tab, watching } = world;
  await ask(account, 'setKey', { provider: 'local' }, { key: 'sk-of-mara-0123456789', expiresInDays: null });
  await signIn(account.url, 'admin@example.org');
  const conversation = await talkIn(tab, 'Hello');
  const { site, given, conversation: visited } = await newVisited(world);
  const identity = await newIdentity((await newSiteKey(account, site.id)).key);
  const { id: siteKey } = await newSiteKey(account, site.id);
  const { sessions } = await ask<{ sessions: { id: string; isThis: boolean }[] }>(account, 'sessions');
  // Of the key and of the sign-in, and that the models have changed.
  await watching.until(() => watching.notices.filter((notice) => notice.type === 'models' || notice.type === 'security').length === 3);
  const { visitor, token, keep } = given;
  return { account, conversation, session: sessions.find(({ isThis }) => !isThis)!.id, site: site.id, siteKey, visitor, token, keep, identity, visited, file: newId<FileId>() };
}

/** What a person can find out about what is theirs. */
async function seenBy(account: Account): Promise<unknown> {
  const read = async (path: string): Promise<unknown> => (await fetch(account.url + path, { headers: { cookie: account.cookie } })).json();
  return Promise.all(['/api/welcome', '/api/sessions', '/api/security', '/api/keys', '/api/conversations', '/api/sites'].map(read));
}

it.each(Object.keys(COVERED) as CoveredRoute[])('[RE1] the route %s does nothing and tells nobody when its record is refused, and works when it is not', async (name) => {
  await using world = await newWorld(SETTINGS[name]);
  const { account, refusal, watching, server } = world;
  const there = await newThere(world);
  const asked = await COVERED[name](there);
  const [before, shown, told] = [await server.held(), await seenBy(account), watching.notices.length];
  refusal.refuse();
  for (let tries = 0; tries < 2; tries += 1) {
    const refused = await request(there, name, asked);
    expect([refused.status, await refused.json(), refused.headers.getSetCookie()]).toEqual([503, { refusal: REFUSED.refusal }, []]);
  }
  expect(await server.held()).toEqual(before);
  refusal.take();
  expect(await seenBy(account)).toEqual(shown);
  expect([watching.notices.length, watching.socket.connected]).toEqual([told, true]);
  const done = await request(there, name, asked);
  const reader = done.body!.getReader();
  const { value } = await reader.read(); // not to its end: one of them has none
  expect([done.status, value!.byteLength > 0]).toEqual([200, true]);
  await reader.cancel();
});

it('[RE1] every route of the running server is one that is refused without a record, or one that shows nothing for which there has to be one, and such a one writes nothing', async () => {
  await using world = await newWorld();
  const { refusal, server, account } = world;
  const api = (await (await fetch(`${server.url}/api/openapi.json`)).json()) as { paths: Record<string, Record<string, { operationId: RouteName }>> };
  const mounted = Object.values(api.paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId));
  expect(new Set(mounted)).toEqual(new Set([...Object.keys(COVERED), ...Object.keys(OPEN)]));
  expect(mounted.filter((name) => ROUTES[name].covered).toSorted()).toEqual(Object.keys(COVERED).toSorted());
  const there = await newThere(world);
  for (const name of Object.keys(OPEN) as OpenRoute[]) {
    const asked = await OPEN[name][1](there);
    await until(async () => (await request({ account }, name, asked)).status === 200, name); // the log is signed a moment after the records
    const before = await server.held();
    refusal.refuse();
    expect({ name, status: (await request(there, name, asked)).status }).toEqual({ name, status: 200 });
    refusal.take();
    expect({ name, refused: refusal.refused, held: await server.held() }).toEqual({ name, refused: [], held: before });
  }
});

/** Of what a tab says besides commands what has to be on record, and why the rest has not. */
const WORDS = {
  command: 'each is tried', open: 'on record where it is a visitor’s', inbox: 'on record',
  leave: 'shows nothing', hidden: 'shows what is open', renew: 'shows nothing', typing: 'shown to the tabs of the same person', writing: 'says that somebody writes, and nothing of what',
} as const satisfies Record<keyof FromTab, string>;

it('[RE1] nothing that visitors write is shown to a tab before it is on record, and what a tab says besides writes nothing', async () => {
  await using world = await newWorld();
  const { refusal, server, tab, watching } = world;
  const { visitor, given, conversation } = await newVisited(world);
  const before = await server.held();
  refusal.refuse();
  expect(await tab.socket.emitWithAck('inbox', true)).toBe(false);
  await expect(watching.open(conversation)).rejects.toThrow('record-unavailable');
  expect([refusal.refused.flat(), watching.view, await server.held()]).toEqual([['inbox-read', 'visitor-read'], undefined, before]);
  const others = (Object.keys(WORDS) as (keyof FromTab)[]).filter((word) => !/^(?:each|on record)/u.test(WORDS[word]));
  expect(others.toSorted()).toEqual(['hidden', 'leave', 'renew', 'typing', 'writing']);
  visitor.socket.emit('writing', { conversation });
  visitor.socket.emit('typing', { conversation, text: 'Hel' });
  visitor.socket.emit('hidden', true);
  visitor.socket.emit('hidden', false);
  visitor.socket.emit('leave', { conversation });
  expect(await visitor.socket.emitWithAck('renew', given.token)).toBe(true); // comes after the others
  expect([refusal.refused.length, await server.held()]).toEqual([2, before]);
  refusal.take();
  expect(tab.notices.filter(({ type }) => type === 'inbox' || type === 'writing')).toEqual([]);
  expect(await tab.socket.emitWithAck('inbox', true)).toBe(true);
  await watching.open(conversation);
  expect(watching.view?.messages).toHaveLength(2);
});

/** By a person in their own conversation: of which a reply is there, or grows while two messages wait, or that is deleted. By a visitor in theirs, by who may answer there, and by who does. */
type Place = 'idle' | 'running' | 'deleted' | 'visitor' | 'unanswered' | 'answered';
interface Example {
  readonly places: readonly Place[];
  of(view: ConversationView): object;
}
const message = (): object => ({ message: newId<MessageId>(), parent: null, text: 'And now?', files: [], model: DEMO, mode: 'queue' });
const COMMANDS: Record<CommandType, Example> = {
  'turn.send': { places: ['idle', 'running'], of: message }, // one that begins a conversation: `unrecorded.test.ts`
  'turn.regenerate': { places: ['idle'], of: (view) => ({ message: view.messages[1]!.id }) },
  'turn.continue': { places: ['idle'], of: (view) => ({ message: view.messages[1]!.id }) },
  'turn.stop': { places: [], of: () => ({}) }, // its record is that of the outcome, which is tried until it is there: `unrecorded.test.ts`
  'queue.edit': { places: ['running'], of: (view) => ({ queued: view.conversation.queue[0]!.command, text: 'edited' }) },
  'queue.remove': { places: ['running'], of: (view) => ({ queued: view.conversation.queue[0]!.command }) },
  'queue.move': { places: ['running'], of: (view) => ({ queued: view.conversation.queue[0]!.command, before: null }) },
  'branch.choose': { places: ['idle'], of: (view) => ({ message: view.messages[1]!.id }) },
  'handoff.ask': { places: ['visitor'], of: () => ({}) },
  'handoff.join': { places: ['unanswered'], of: () => ({}) },
  'handoff.say': { places: ['answered'], of: () => ({ message: newId<MessageId>(), text: 'I look for it.' }) },
  'handoff.note': { places: ['unanswered', 'answered'], of: () => ({ text: 'Calls again on Monday' }) },
  'handoff.end': { places: ['answered'], of: () => ({}) },
  'message.rate': { places: ['idle', 'visitor'], of: (view) => ({ message: view.messages[1]!.id, rating: 'good' }) },
  'conversation.change': { places: ['idle', 'running'], of: () => ({ title: 'Another', pinned: true, archived: true, parameters: { temperature: 1 } }) },
  'conversation.delete': { places: ['idle', 'running', 'visitor'], of: () => ({}) },
  'conversation.restore': { places: ['deleted'], of: () => ({}) },
};
const commandTypes = Command.options.map((option) => option.shape.type.value);

/** Who asks, who looks on, and another tab of whoever looks on. */
interface Prepared {
  readonly asks: Tab;
  readonly watches: Tab;
  readonly conversation: ConversationId;
  again(): Promise<Tab>;
}

async function prepareVisited(world: World, place: Place): Promise<Prepared> {
  const { visitor, visitors, conversation } = await newVisited(world);
  const joins: Command = { type: 'handoff.join', commandId: newId<CommandId>(), conversation };
  if (place === 'answered') expect(await world.tab.ask(joins)).toMatchObject({ ok: true });
  return { asks: place === 'visitor' ? visitor : world.tab, watches: await visitors(), conversation, again: visitors };
}

async function prepare(world: World, place: Place): Promise<Prepared> {
  if (place === 'visitor' || place === 'unanswered' || place === 'answered') return prepareVisited(world, place);
  const { tab, watching } = world;
  const conversation = await tab.begin('Hello');
  const say = (fields: object) => tab.ask({ commandId: newId<CommandId>(), conversation, ...fields } as Command);
  const again = async (): Promise<Tab> => (tabs.push(await new Tab(world.account).ready()), tabs.at(-1)!);
  if (place === 'running') {
    for (const text of ['one', 'two']) await tab.send(text);
    await tab.until(() => tab.view?.conversation.queue.length === 2);
    return { asks: tab, watches: watching, conversation, again };
  }
  await tab.until(calm(tab));
  await say({ type: 'turn.regenerate', message: tab.view!.messages[1]!.id });
  await tab.until(() => tab.view?.turn === null && tab.view.messages.length === 3);
  if (place === 'deleted') await say({ type: 'conversation.delete' });
  if (place === 'deleted') await tab.until(() => tab.view?.conversation.deletedAt !== null);
  return { asks: tab, watches: watching, conversation, again };
}

it.each(commandTypes.flatMap((type) => COMMANDS[type].places.map((place) => [type, place] as const)))('[RE1] the command %s (%s) does nothing and tells nobody when its record is refused, and works when it is not', async (type, place) => {
  await using world = await newWorld(place === 'running' ? { demoWordsPerSecond: 1 } : {});
  const { refusal, server } = world;
  const { asks, watches, conversation, again } = await prepare(world, place);
  await watches.open(conversation);
  const { view } = watches;
  const asked = { type, conversation, ...COMMANDS[type].of(view!) };
  const commandId = newId<CommandId>();
  const before = await server.held();
  refusal.refuse();
  for (let tries = 0; tries < 2; tries += 1) expect(await asks.ask({ ...asked, commandId } as Command)).toEqual(REFUSED);
  expect(await server.held()).toEqual(before);
  refusal.take();
  const known = ({ conversation: fields, messages, turn, lastMessage }: ConversationView) => ({ fields, messages, turn: turn?.id, lastMessage });
  expect(known(watches.view!)).toEqual(known(view!));
  const later = await again();
  await later.open(conversation);
  expect(known(later.view!)).toEqual(known(view!));
  const answer = await asks.ask({ ...asked, commandId } as Command);
  expect(answer).toMatchObject({ ok: true });
  expect(await asks.ask({ ...asked, commandId } as Command)).toEqual(answer); // done once
});

it('[RE1] every record that is to be refused here was', () => {
  expect(refusedIn('off-the-record').filter((type) => !seen.has(type))).toEqual([]);
});
