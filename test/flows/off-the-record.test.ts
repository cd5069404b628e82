import { expect, it } from 'vitest';
import { Command, type CommandType } from '../../contracts/commands.ts';
import type { CommandId, ConversationId, FileId, MessageId } from '../../contracts/ids.ts';
import { ROUTES, type RouteName } from '../../contracts/routes.ts';
import type { Site } from '../../contracts/sites.ts';
import type { ConversationView } from '../../contracts/view.ts';
import { newId } from '../../server/ids.ts';
import type { ProviderSettings } from '../../server/providers/settings.ts';
import { faultyStore, type FaultPlan } from '../support/faults.ts';
import { PIXEL } from '../support/pixel.ts';
import { newServer } from '../support/server.ts';
import { newIdentity, newSite, newSiteKey, newVisitorTab, SITE, visit } from '../support/site.ts';
import { DEMO, newAccount, signIn, Tab, type Account } from '../support/tab.ts';

// Every command and every covered route of the contract is tried: a new one without an example here does not compile, and one that was left out of the contract's list does not run.

const OWN: ProviderSettings = { id: 'local', kind: 'openai-compatible', name: 'Local', baseUrl: 'http://127.0.0.1:1/v1', key: undefined, ownKeys: true, headers: {}, models: [{ name: 'tiny' }], fetch: false, titleModel: undefined };
const refusal: FaultPlan = (changes) => (changes.some((change) => change.kind === 'record') ? 'refuse' : undefined);
const nothing: FaultPlan = () => undefined;
const REFUSED = { ok: false, refusal: { code: 'record-unavailable' } };

async function newWorld(demoWordsPerSecond = 5_000) {
  const plan = { current: nothing };
  const server = await newServer({ config: { providers: [OWN], hasDemo: true, demoWordsPerSecond, restoreMs: 600_000 }, wrap: (store) => faultyStore(store, (changes, fence) => plan.current(changes, fence)) });
  const account = await newAccount(server.url, 'mara@example.org');
  const tab = await new Tab(account).ready();
  const watching = await new Tab(account).ready();
  return { plan, server, account, tab, watching, [Symbol.asyncDispose]: async () => (await tab[Symbol.asyncDispose](), await watching[Symbol.asyncDispose](), server[Symbol.asyncDispose]()) };
}

/** Of reviewers, and what makes one: `holds.test.ts`, `review.test.ts`, `accesses.test.ts` and `exports.test.ts`; of somebody else than who asks: `removal.test.ts`, `security.test.ts`. */
const OF_REVIEWERS = ['setRole', 'removePerson', 'signOutPerson', 'openCase', 'closeCase', 'placeHold', 'releaseHold', 'names', 'find', 'readForCase', 'askAccess', 'grantAccess', 'refuseAccess', 'withdrawAccess', 'orderExport', 'approveExport', 'refuseExport', 'cancelExport', 'downloadExport'] as const satisfies readonly RouteName[];
type CoveredRoute = Exclude<{ [N in RouteName]: (typeof ROUTES)[N]['covered'] extends true ? N : never }[RouteName], (typeof OF_REVIEWERS)[number]>;
interface Request {
  readonly path?: string;
  readonly body?: object | Buffer;
  readonly token?: string;
  /** What has to be there before. */
  readonly first?: CoveredRoute;
}
const REQUESTS: Record<CoveredRoute, (other: string, site: SiteThere) => Request> = {
  register: () => ({ body: { email: 'jens@example.org', password: 'correct horse', name: 'Jens' } }),
  signIn: () => ({ body: { email: 'mara@example.org', password: 'correct horse' } }),
  signOut: () => ({}),
  signOutEverywhere: () => ({}),
  signOutOthers: () => ({}),
  changePassword: () => ({ body: { current: 'correct horse', password: 'another horse' } }),
  endSession: (other) => ({ path: `/api/sessions/${other}` }),
  settings: () => ({ body: { theme: 'dark' } }),
  rename: () => ({ body: { name: 'Mara the Second' } }),
  setKey: () => ({ path: '/api/keys/local', body: { key: 'sk-another-0123456789', expiresInDays: 1 } }),
  removeKey: () => ({ path: '/api/keys/local' }),
  removeKeys: () => ({}),
  upload: () => ({ path: `/api/conversations/${newId<ConversationId>()}/files?name=a.png&file=${newId<FileId>()}`, body: PIXEL }),
  inbox: () => ({}),
  blockVisitor: (_, { conversation }) => ({ path: `/api/inbox/${conversation}/blocked`, body: { isBlocked: true } }),
  makeSite: () => ({ body: { ...SITE, name: 'Another' } }),
  changeSite: (_, { id }) => ({ path: `/api/sites/${id}`, body: { settings: { title: 'Ask somebody else' }, isLive: false } }),
  removeSite: (_, { id }) => ({ path: `/api/sites/${id}` }),
  makeSiteKey: (_, { id }) => ({ path: `/api/sites/${id}/keys` }),
  removeSiteKey: (_, { id, keys }) => ({ path: `/api/sites/${id}/keys/${keys[0]!.id}` }),
  visit: (_, { id, keep, identity }) => ({ path: `/api/widget/${id}/visit`, body: { keep, identity } }),
  inboxFile: (_, { conversation, file }) => ({ path: `/api/inbox/${conversation}/files/${file}`, first: 'visitorUpload' }),
  unblockVisitor: (_, { id, visitor }) => ({ path: `/api/sites/${id}/blocked/${visitor}`, first: 'blockVisitor' }),
  notes: (_, { conversation }) => ({ path: `/api/inbox/${conversation}/notes` }),
  auditLog: () => ({ path: '/api/audit' }),
  auditExport: () => ({ path: '/api/audit/export?format=csv' }),
  auditFollow: () => ({ path: '/api/audit/follow?after=0' }),
  changeLogKey: () => ({}),
  visitorUpload: (_, { id, token, conversation, file }) => ({ path: `/api/widget/${id}/conversations/${conversation}/files?name=a.png&file=${file}`, body: PIXEL, token }),
};
type SiteThere = Site & { token: string; keep: string; visitor: string; identity: string; conversation: string; file: string };
const coveredRoutes = (Object.keys(ROUTES) as RouteName[]).filter((name): name is CoveredRoute => ROUTES[name].covered && !(OF_REVIEWERS as readonly RouteName[]).includes(name));

function request(account: Account, name: CoveredRoute, { path, body, token }: Request): Promise<Response> {
  const { method, path: declared } = ROUTES[name];
  const type: Record<string, string> = body === undefined ? {} : { 'content-type': Buffer.isBuffer(body) ? 'image/png' : 'application/json' };
  const sent = body === undefined ? {} : { body: Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body) };
  return fetch(account.url + (path ?? declared), { method, headers: { origin: account.url, cookie: account.cookie, ...type, ...(token !== undefined && { authorization: `Bearer ${token}` }) }, ...sent });
}

/** What a person can find out about what is theirs. */
async function seenBy(account: Account): Promise<unknown> {
  const read = async (path: string): Promise<unknown> => (await fetch(account.url + path, { headers: { cookie: account.cookie } })).json();
  return Promise.all(['/api/welcome', '/api/sessions', '/api/security', '/api/keys', '/api/conversations', '/api/sites'].map(read));
}

it.each(coveredRoutes)('[RE1] the route %s does nothing and tells nobody when its record is refused, and works when it is not', async (name) => {
  await using world = await newWorld();
  const { account, plan, watching } = world;
  await request(account, 'setKey', { path: '/api/keys/local', body: { key: 'sk-of-mara-0123456789', expiresInDays: null } });
  await signIn(account.url, 'mara@example.org');
  const site = await newSite(account, { uploads: true });
  const identity = await newIdentity((await newSiteKey(account, site.id)).key);
  const given = await visit(account.url, site.id);
  await using visitor = await newVisitorTab(account.url, site.id, given, account.url).ready();
  const conversation = await visitor.begin('Hello');
  await visitor.until(() => visitor.view?.turn === null && visitor.view.messages.length === 2);
  const before = await seenBy(account);
  const other = (before as [unknown, { sessions: { id: string; isThis: boolean }[] }])[1].sessions.find((session) => !session.isThis)!.id;
  // Of the key and of the sign-in, and that the models have changed.
  await watching.until(() => watching.notices.filter((notice) => notice.type === 'models' || notice.type === 'security').length === 3);
  const told = watching.notices.length;
  const [there] = (before as { sites: Site[] }[]).at(-1)!.sites;
  const siteThere: SiteThere = { ...there!, token: given.token, keep: given.keep, visitor: given.visitor, identity, conversation, file: newId<FileId>() };
  const asked = REQUESTS[name](other, siteThere);
  const first = asked.first === undefined ? 200 : (await request(account, asked.first, REQUESTS[asked.first](other, siteThere))).status;
  expect(first).toBe(200);
  plan.current = refusal;
  const refused = await request(account, name, asked);
  expect([refused.status, await refused.json(), refused.headers.getSetCookie()]).toEqual([503, { refusal: REFUSED.refusal }, []]);
  plan.current = nothing;
  expect(await seenBy(account)).toEqual(before);
  expect([watching.notices.length, watching.socket.connected]).toEqual([told, true]);
  const done = await request(account, name, asked);
  const reader = done.body!.getReader();
  const { value } = await reader.read(); // not to its end: one of them has none
  expect([done.status, value!.byteLength > 0]).toEqual([200, true]);
  await reader.cancel();
});

type Place = 'idle' | 'running' | 'deleted';
interface Example {
  readonly places: readonly Place[];
  of(view: ConversationView): object;
}
const COMMANDS: Record<CommandType, Example> = {
  'turn.send': { places: ['idle', 'running'], of: () => ({ message: newId<MessageId>(), parent: null, text: 'And now?', files: [], model: DEMO, mode: 'queue' }) },
  'turn.regenerate': { places: ['idle'], of: (view) => ({ message: view.messages[1]!.id }) },
  'turn.continue': { places: ['idle'], of: (view) => ({ message: view.messages[1]!.id }) },
  'turn.stop': { places: [], of: () => ({}) }, // its record is that of the outcome, which is tried until it is there: `fail-closed.test.ts`
  'queue.edit': { places: ['running'], of: (view) => ({ queued: view.conversation.queue[0]!.command, text: 'edited' }) },
  'queue.remove': { places: ['running'], of: (view) => ({ queued: view.conversation.queue[0]!.command }) },
  'queue.move': { places: ['running'], of: (view) => ({ queued: view.conversation.queue[0]!.command, before: null }) },
  'branch.choose': { places: ['idle'], of: (view) => ({ message: view.messages[1]!.id }) },
  'handoff.ask': { places: [], of: () => ({}) }, // a visitor's: `handoff.test.ts`
  'handoff.join': { places: [], of: () => ({}) },
  'handoff.say': { places: [], of: () => ({}) },
  'handoff.note': { places: [], of: () => ({}) },
  'handoff.end': { places: [], of: () => ({}) },
  'message.rate': { places: ['idle'], of: (view) => ({ message: view.messages[1]!.id, rating: 'good' }) },
  'conversation.change': { places: ['idle', 'running'], of: () => ({ title: 'Another', pinned: true, archived: true, parameters: { temperature: 1 } }) },
  'conversation.delete': { places: ['idle', 'running'], of: () => ({}) },
  'conversation.restore': { places: ['deleted'], of: () => ({}) },
};
const commandTypes = Command.options.map((option) => option.shape.type.value);

async function prepare(tab: Tab, place: Place): Promise<ConversationId> {
  const conversation = await tab.begin('Hello');
  const ask = (fields: object) => tab.ask({ commandId: newId<CommandId>(), conversation, ...fields } as Command);
  if (place === 'running') {
    for (const text of ['one', 'two']) await tab.send(text);
    await tab.until(() => tab.view?.conversation.queue.length === 2);
    return conversation;
  }
  await tab.until(() => tab.view?.conversation.titledBy === 'model');
  await ask({ type: 'turn.regenerate', message: tab.view!.messages[1]!.id });
  await tab.until(() => tab.view?.turn === null && tab.view.messages.length === 3);
  if (place === 'deleted') await ask({ type: 'conversation.delete' });
  if (place === 'deleted') await tab.until(() => tab.view?.conversation.deletedAt !== null);
  return conversation;
}

it.each(commandTypes.flatMap((type) => COMMANDS[type].places.map((place) => [type, place] as const)))('[RE1] the command %s (%s) does nothing and tells nobody when its record is refused, and works when it is not', async (type, place) => {
  await using world = await newWorld(place === 'running' ? 1 : undefined);
  const { plan, tab, watching } = world;
  const conversation = await prepare(tab, place);
  await watching.open(conversation);
  const { view } = watching;
  const asked = { type, conversation, ...COMMANDS[type].of(view!) };
  const commandId = newId<CommandId>();
  plan.current = refusal;
  expect(await tab.ask({ ...asked, commandId } as Command)).toEqual(REFUSED);
  plan.current = nothing;
  const known = ({ conversation: fields, messages, turn, lastMessage }: ConversationView) => ({ fields, messages, turn: turn?.id, lastMessage });
  expect(known(watching.view!)).toEqual(known(view!));
  await using later = await new Tab(world.account).ready();
  await later.open(conversation);
  expect(known(later.view!)).toEqual(known(view!));
  expect(await tab.ask({ ...asked, commandId } as Command)).toMatchObject({ ok: true });
});
