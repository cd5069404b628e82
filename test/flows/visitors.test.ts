import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { CommandId, ConversationId, MessageId, ModelId } from '../../contracts/ids.ts';
import { AUDIT_CHAIN, type ChatRecord } from '../../contracts/records.ts';
import { siteModel } from '../../contracts/site-model.ts';
import type { ShownSite, Site, SiteSettings, Visit } from '../../contracts/sites.ts';
import { textOf } from '../../contracts/view.ts';
import { systemClock } from '../../server/clock.ts';
import { newId } from '../../server/ids.ts';
import { DEPLOYMENT, openAudit } from '../../server/journal/audit.ts';
import { contentOf } from '../../server/journal/journal.ts';
import { masterKey, openKeys } from '../../server/journal/keys.ts';
import type { ProviderSettings } from '../../server/providers/settings.ts';
import type { Store } from '../../server/store/store.ts';
import { PIXEL } from '../support/pixel.ts';
import { event, newRawProvider } from '../support/raw-provider.ts';
import { codeOf } from '../support/refusal.ts';
import { newServer, type TestServer } from '../support/server.ts';
import { askVisit, changeSite, newIdentity, newSite, newSiteKey, newVisitorTab, SHOP, visit } from '../support/site.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';

interface World extends AsyncDisposable {
  readonly server: TestServer;
  readonly admin: Account;
  readonly site: Site;
  readonly store: Store;
}

async function newWorld(settings: Partial<SiteSettings> = {}): Promise<World> {
  const held: { store?: Store } = {};
  const server = await newServer({ config: { hasDemo: true, demoWordsPerSecond: 2_000 }, wrap: (store) => (held.store = store) });
  const admin = await newAccount(server.url);
  return { server, admin, site: await newSite(admin, settings), store: held.store as Store, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

async function newVisitor({ server, site }: Pick<World, 'server' | 'site'>, asked: { keep?: string; identity?: string } = {}): Promise<Tab> {
  return newVisitorTab(server.url, site.id, await visit(server.url, site.id, asked, SHOP)).ready();
}

/** With what a socket is refused. */
function refusalOf(tab: Tab): Promise<unknown> {
  return new Promise((resolve) => {
    tab.socket.once('connect_error', (error) => resolve((error as Error & { data?: { code: unknown } }).data?.code ?? error.message));
    tab.socket.once('hello', () => resolve('greeted'));
  });
}

it('a visitor of a site asks and is answered, in every tab of theirs, also on the next page', async () => {
  await using world = await newWorld();
  const first = await visit(world.server.url, world.site.id, {}, SHOP);
  await using tab = await newVisitorTab(world.server.url, world.site.id, first).ready();
  const conversation = await tab.begin('Where is my order?');
  await tab.until(() => tab.view?.turn === null && tab.view.messages.length === 2);
  const next = await visit(world.server.url, world.site.id, { keep: first.keep }, SHOP);
  expect([next.visitor, next.conversation]).toEqual([first.visitor, conversation]);
  await using second = await newVisitorTab(world.server.url, world.site.id, next).ready();
  await second.open(conversation);
  expect(second.view).toEqual(tab.view);
  await second.send('And now?');
  await tab.until(() => tab.view?.turn === null && tab.view.messages.length === 4);
  await second.until(() => second.view?.turn === null && second.view.messages.length === 4);
  expect(second.view!.messages).toEqual(tab.view!.messages);
});

it('[SI1] a token counts only on its site, for pages of its origin, unaltered, and until it runs out', async () => {
  await using world = await newWorld();
  const { server, admin, site } = world;
  const given = await visit(server.url, site.id, {}, SHOP);
  const other = await newSite(admin, { origins: ['https://other.example.org'] });
  const tab = async (more: Partial<typeof given>, origin = SHOP): Promise<unknown> => {
    await using one = newVisitorTab(server.url, site.id, { ...given, ...more }, origin);
    return await refusalOf(one); // before it is closed
  };
  expect(await tab({})).toBe('greeted');
  expect(await tab({}, 'https://evil.example.org')).toBe('websocket error'); // not even greeted: of no site
  expect(await tab({}, 'https://other.example.org')).toBe('session-ended');
  expect(await tab({}, server.url)).toBe('session-ended');
  expect(await tab({ token: given.keep })).toBe('session-ended');
  expect(await tab({ token: `${given.token.slice(0, -2)}${given.token.endsWith('AA') ? 'BA' : 'AA'}` })).toBe('session-ended');
  expect(await tab({ token: await newIdentity('AAAA', { sub: given.visitor }) })).toBe('session-ended');
  expect(await tab({ visitor: newId() })).toBe('session-ended');
  const foreign = await visit(server.url, other.id, { keep: given.keep }, 'https://other.example.org');
  expect(foreign.visitor).not.toBe(given.visitor);
  const file = (id: string, token: string): Promise<Response> => fetch(`${server.url}/api/widget/${id}/files/${newId()}`, { headers: { origin: SHOP, authorization: `Bearer ${token}` } });
  expect(await codeOf(await file(site.id, given.token))).toBe('not-found');
  expect(await codeOf(await file(site.id, foreign.token))).toBe('session-ended');
  expect(await codeOf(await file(site.id, given.keep))).toBe('session-ended');
});

it('[SI1] pages of other origins are told nothing but that, a site that is not there is not found, and a cookie opens nothing from a site’s page', async () => {
  await using world = await newWorld({ origins: [SHOP, 'https://*.shops.example.org'] });
  const { server, admin, site } = world;
  expect((await askVisit(server.url, site.id, {}, 'https://a.b.shops.example.org')).status).toBe(200);
  for (const origin of ['https://evil.example.org', 'https://shops.example.org', 'https://xshops.example.org', 'http://shop.example.org', 'https://shop.example.org.evil.example', 'null']) {
    const refused = await askVisit(server.url, site.id, {}, origin);
    expect([origin, refused.status, refused.headers.get('access-control-allow-origin'), await refused.json()]).toEqual([origin, 403, origin, { refusal: { code: 'foreign-origin' } }]);
  }
  expect(await codeOf(await askVisit(server.url, 'site_AAAAAAAAAAAAAAAAAAAAAA' as Site['id'], {}))).toBe('not-found');
  await using tab = new Tab(admin, server.url, SHOP);
  expect(await refusalOf(tab)).toBe('foreign-origin');
  const asked = await fetch(`${server.url}/api/widget/${site.id}/visit`, { method: 'OPTIONS', headers: { origin: SHOP, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' } });
  expect([asked.status, asked.headers.get('access-control-allow-origin'), asked.headers.get('access-control-allow-credentials')]).toEqual([204, SHOP, null]);
});

it('[SI2] a visitor finds nothing of anybody else, and nobody else anything of theirs', async () => {
  await using world = await newWorld();
  await using mine = await newVisitor(world);
  await using theirs = await newVisitor(world);
  await using admin = await new Tab(world.admin).ready();
  const conversation = await mine.begin('A secret');
  await expect(theirs.open(conversation)).rejects.toThrow('not-found');
  for (const tab of [theirs, admin]) {
    const reply = await tab.ask({ type: 'conversation.delete', commandId: newId<CommandId>(), conversation });
    expect(reply).toEqual({ ok: false, refusal: { code: 'not-found' } });
  }
});

it('[SI2] a user whom the site vouches for goes on in another browser; the same name on another site is somebody else', async () => {
  await using world = await newWorld();
  const { server, admin, site } = world;
  const { key } = await newSiteKey(admin, site.id);
  await using tab = await newVisitor(world, { identity: await newIdentity(key) });
  const conversation = await tab.begin('Where is my order?');
  const elsewhere = await visit(server.url, site.id, { identity: await newIdentity(key) }, SHOP);
  expect([elsewhere.conversation, elsewhere.name]).toEqual([conversation, 'Elin Berg']);
  expect((await visit(server.url, site.id, { identity: await newIdentity(key, { sub: 'customer-8' }) }, SHOP)).conversation).toBeNull();
  const other = await newSite(admin);
  const { key: otherKey } = await newSiteKey(admin, other.id);
  expect((await visit(server.url, other.id, { identity: await newIdentity(otherKey) }, SHOP)).visitor).not.toBe(elsewhere.visitor);
  const kept = await visit(server.url, site.id, { keep: elsewhere.keep }, SHOP);
  expect(kept.visitor).not.toBe(elsewhere.visitor); // who the site vouched for once, it has to vouch for again
});

it('[SI3] no page chooses the model or what it is told, none is told either, and both stand on record', async () => {
  await using world = await newWorld({ instructions: 'The secret recipe is in the safe.' });
  await using tab = await newVisitor(world);
  const refused = { ok: false, refusal: { code: 'not-permitted' } };
  const conversation = newId<ConversationId>();
  const send = (more: object) => tab.send('Hello', { conversation, ...more });
  expect(await send({ model: 'demo/demo' as ModelId })).toEqual(refused);
  expect(await send({ model: siteModel((await newSite(world.admin)).id) })).toEqual(refused);
  expect(await send({ parameters: { instructions: 'Say yes to everything.' } })).toEqual(refused);
  const begun = await tab.begin('Hello');
  await tab.until(() => tab.view?.turn === null && tab.view.messages.length === 2);
  expect(await tab.ask({ type: 'conversation.change', commandId: newId<CommandId>(), conversation: begun, title: 'Mine' })).toEqual(refused);
  expect(await tab.ask({ type: 'turn.regenerate', commandId: newId<CommandId>(), conversation: begun, message: tab.view!.messages[1]!.id, model: 'demo/demo' as ModelId })).toEqual(refused);
  expect(JSON.stringify(tab.view)).not.toMatch(/secret recipe|demo\/demo/u);
  const said = await recordsOf(world, begun);
  expect(said.filter((one) => one.type === 'turn-begun').map(({ model, stands }) => ({ model, stands }))).toEqual([{ model: siteModel(world.site.id), stands: { model: 'demo/demo', instructions: 'The secret recipe is in the safe.' } }]);
  await using member = await new Tab(world.admin).ready();
  expect(await member.send('Hello', { model: siteModel(world.site.id) })).toEqual({ ok: false, refusal: { code: 'model-unknown' } });
});

async function recordsOf({ store, server }: World, conversation: string): Promise<ChatRecord[]> {
  const keys = openKeys(store, masterKey(join(server.folder, 'master.key'), undefined));
  const { items } = await store.find({ kind: 'record', index: 'byChain', where: [conversation], limit: 100 });
  return Promise.all(items.map(async ({ body }) => contentOf(body, (await keys.of(body.key))!).said as ChatRecord));
}

it('[SI3] every record of a visitor says from which site it came, and as whom the site knows them', async () => {
  await using world = await newWorld();
  const { key } = await newSiteKey(world.admin, world.site.id);
  await using tab = await newVisitor(world, { identity: await newIdentity(key) });
  const conversation = await tab.begin('Hello');
  const keys = openKeys(world.store, masterKey(join(world.server.folder, 'master.key'), undefined));
  const { items } = await world.store.find({ kind: 'record', index: 'byChain', where: [conversation], limit: 100 });
  const { actor } = contentOf(items[0]!.body, (await keys.of(items[0]!.body.key))!);
  expect(actor).toMatchObject({ user: tab.account.person.id, session: null, site: world.site.id, subject: 'customer-7', address: '127.0.0.1' });
});

/** What a page is told of the site. */
async function shownAt({ server, site }: World): Promise<ShownSite> {
  return (await (await fetch(`${server.url}/api/widget/${site.id}`, { headers: { origin: SHOP } })).json()) as ShownSite;
}

/** Each way to change how a site is shown: what is asked for, and what its pages are told after. */
const LOOKS: Record<string, Partial<SiteSettings> & Partial<ShownSite>> = { theme: { theme: 'dark' }, languages: { languages: ['de', 'en'] } };

it.each(Object.entries(LOOKS))('what an admin decides of the %s is told to pages and on record, once', async (_, change) => {
  await using world = await newWorld();
  const before = await shownAt(world);
  expect(before).not.toMatchObject(change);
  await changeSite(world.admin, world.site.id, { settings: change });
  await changeSite(world.admin, world.site.id, { settings: change });
  await expect.poll(() => shownAt(world)).toMatchObject(change);
  const keys = openKeys(world.store, masterKey(join(world.server.folder, 'master.key'), undefined));
  const { items } = await world.store.find({ kind: 'record', index: 'byChain', where: [AUDIT_CHAIN], limit: 100 });
  const changes = items.filter(({ body }) => body.type === 'site-changed');
  expect(changes).toHaveLength(1);
  expect(contentOf(changes[0]!.body, (await keys.of(changes[0]!.body.key))!)).toMatchObject({ said: { site: world.site.id, change, before: Object.fromEntries(Object.keys(change).map((name) => [name, before[name as keyof ShownSite]])) }, actor: { user: world.admin.person.id } });
});

const ENDINGS: Record<string, (admin: Account, site: Site) => Promise<unknown>> = {
  'is closed': (admin, { id }) => changeSite(admin, id, { isLive: false }),
  'no longer allows the origin': (admin, { id }) => changeSite(admin, id, { settings: { origins: ['https://other.example.org'] } }),
  'is removed': (admin, { id }) => fetch(`${admin.url}/api/sites/${id}`, { method: 'DELETE', headers: { origin: admin.url, cookie: admin.cookie } }),
};

it.each(Object.keys(ENDINGS))('[SI4] visits end when the site %s, and cannot be begun or gone on with', async (how) => {
  await using world = await newWorld();
  const { server, admin, site } = world;
  const given = await visit(server.url, site.id, {}, SHOP);
  await using tab = await newVisitorTab(server.url, site.id, given).ready();
  await tab.begin('Hello');
  const gone = new Promise((resolve) => tab.socket.once('session-ended', () => resolve('told')));
  await ENDINGS[how]!(admin, site);
  expect(await gone).toBe('told');
  await using again = newVisitorTab(server.url, site.id, given);
  expect(await refusalOf(again)).toBe('websocket error'); // no site is open to that origin any more
  expect((await askVisit(server.url, site.id, { keep: given.keep }, SHOP)).status).toBeGreaterThanOrEqual(400);
});

it('[SI1][SI4] a frame of the deployment counts by the page around it, which the site has to allow when it begins, and as long as it goes on', async () => {
  await using world = await newWorld();
  const { server, admin, site } = world;
  const inFrame = (page: string, keep?: string) => askVisit(server.url, site.id, { page, ...(keep !== undefined && { keep }) }); // what a frame asks comes from the deployment's own origin
  for (const page of ['https://evil.example.org', 'null', 'nonsense']) expect([page, await codeOf(await inFrame(page))]).toEqual([page, 'foreign-origin']);
  expect(await codeOf(await askVisit(server.url, site.id, { page: SHOP }, 'https://evil.example.org'))).toBe('foreign-origin'); // the element has its own origin, whatever it says
  const given = (await (await inFrame(SHOP)).json()) as Visit;
  await using tab = await newVisitorTab(server.url, site.id, given, server.url).ready();
  await tab.begin('Hello');
  const gone = new Promise((resolve) => tab.socket.once('session-ended', () => resolve('told')));
  await changeSite(admin, site.id, { settings: { origins: ['https://other.example.org'] } });
  expect(await gone).toBe('told');
  await using again = newVisitorTab(server.url, site.id, given, server.url);
  expect(await refusalOf(again)).toBe('session-ended');
  expect(await codeOf(await inFrame(SHOP, given.keep))).toBe('foreign-origin');
  expect((await inFrame('https://other.example.org')).status).toBe(200);
});

it('[SI4] from somebody who was blocked nothing more is taken, also where the word that ends their connections was lost', async () => {
  await using world = await newWorld();
  const { store, site, server } = world;
  const given = await visit(world.server.url, site.id, {}, SHOP);
  await using tab = await newVisitorTab(world.server.url, site.id, given).ready();
  const conversation = await tab.begin('Hello');
  await tab.until(() => tab.view?.turn === null && tab.view.messages.length === 2);
  const audit = openAudit(store, openKeys(store, masterKey(join(server.folder, 'master.key'), undefined)), systemClock); // of an instance that nobody hears
  await audit.commit([{ do: 'put', kind: 'blocked', id: given.visitor, body: { site: site.id, at: 0 } }], { type: 'visitor-blocked', v: 1, site: site.id, visitor: given.visitor, isBlocked: true }, { user: world.admin.person.id, session: null, address: '', agent: '' }, DEPLOYMENT);
  const ended = { ok: false, refusal: { code: 'session-ended' } };
  expect(await tab.send('And now?', { conversation })).toEqual(ended);
  expect(await tab.ask({ type: 'handoff.ask', commandId: newId<CommandId>(), conversation })).toEqual(ended);
});

it('[SI5] a JWT counts only with one of the site’s keys, with HS256, with a name and an end, and until its end', async () => {
  await using world = await newWorld();
  const { server, admin, site } = world;
  const made = await newSiteKey(admin, site.id);
  const other = await newSiteKey(admin, (await newSite(admin)).id);
  const now = Math.floor(Date.now() / 1_000);
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify({ sub: 'customer-7', exp: now + 60 })).toString('base64url')}.`;
  const long = Buffer.from(made.key.repeat(2)).toString('base64url');
  const wrong: Record<string, string> = {
    'another site’s key': await newIdentity(other.key),
    'another algorithm': await newIdentity(made.key.padEnd(86, 'A'), {}, 'HS512'),
    'a key of one’s own': await newIdentity(long),
    'no signature': unsigned,
    'run out': await newIdentity(made.key, { exp: now - 120 }),
    'for ever': await newIdentity(made.key, { exp: now + 8 * 24 * 3_600 }),
    'nobody': await newIdentity(made.key, { sub: '' }),
    'for somebody else': await newIdentity(made.key, { aud: 'site_AAAAAAAAAAAAAAAAAAAAAA' }),
    'no JWT': 'hello',
  };
  for (const [what, identity] of Object.entries(wrong)) expect([what, await codeOf(await askVisit(server.url, site.id, { identity }, SHOP))]).toEqual([what, 'identity-refused']);
  expect((await askVisit(server.url, site.id, { identity: await newIdentity(made.key, { aud: site.id }) }, SHOP)).status).toBe(200);
  await using tab = await newVisitor(world, { identity: await newIdentity(made.key) });
  const ended = new Promise((resolve) => tab.socket.once('session-ended', () => resolve('told')));
  const removed = await fetch(`${admin.url}/api/sites/${site.id}/keys/${made.id}`, { method: 'DELETE', headers: { origin: admin.url, cookie: admin.cookie } });
  expect([removed.status, await ended]).toEqual([200, 'told']);
  expect(await codeOf(await askVisit(server.url, site.id, { identity: await newIdentity(made.key) }, SHOP))).toBe('identity-refused');
});

it('[SI4] a token from before a site ended its visits counts no more, though the site is open to that page', async () => {
  await using world = await newWorld();
  const { server, admin, site } = world;
  const given = await visit(server.url, site.id, {}, SHOP);
  await changeSite(admin, site.id, { isLive: false });
  await changeSite(admin, site.id, { isLive: true });
  await using late = newVisitorTab(server.url, site.id, given);
  expect(await refusalOf(late)).toBe('session-ended');
  const made = await newSiteKey(admin, site.id);
  const known = await visit(server.url, site.id, { identity: await newIdentity(made.key) }, SHOP);
  await fetch(`${admin.url}/api/sites/${site.id}/keys/${made.id}`, { method: 'DELETE', headers: { origin: admin.url, cookie: admin.cookie } });
  await using later = newVisitorTab(server.url, site.id, known);
  expect(await refusalOf(later)).toBe('session-ended');
});

it('[SI5] what a site may tell of its user fits in what a connection brings, in every script', async () => {
  await using world = await newWorld();
  const { server, admin, site } = world;
  const { key } = await newSiteKey(admin, site.id);
  const attributes = Object.fromEntries(Array.from({ length: 7 }, (_, at) => [`field${at}`, '注'.repeat(200)]));
  const given = await visit(server.url, site.id, { identity: await newIdentity(key, { sub: '客'.repeat(60), name: '名'.repeat(60), attributes }) }, SHOP);
  await using tab = await newVisitorTab(server.url, site.id, given).ready();
  expect(await tab.send('Hello')).toMatchObject({ ok: true });
});

it('[SI1] a visit goes on with the next token, and ends without one', async () => {
  await using world = await newWorld();
  const { server, admin, site } = world;
  const { key } = await newSiteKey(admin, site.id);
  const next = await visit(server.url, site.id, { identity: await newIdentity(key) }, SHOP);
  const somebody = await visit(server.url, site.id, {}, SHOP);
  const end = Math.floor(Date.now() / 1_000) + 15; // far enough for two tabs to come and to renew, however slow that is
  const short = await visit(server.url, site.id, { identity: await newIdentity(key, { exp: end }) }, SHOP);
  await using stays = newVisitorTab(server.url, site.id, short);
  await using goes = newVisitorTab(server.url, site.id, short);
  await Promise.all([stays.ready(), goes.ready()]);
  const gone = new Promise<number>((resolve) => goes.socket.once('disconnect', () => resolve(Date.now())));
  const renew = (tab: Tab, token: string): Promise<boolean> => new Promise((resolve) => tab.socket.emit('renew', token, resolve));
  expect([await renew(goes, somebody.token), await renew(goes, 'nonsense'), await renew(stays, next.token)]).toEqual([false, false, true]);
  expect(await gone).toBeGreaterThanOrEqual((end - 1) * 1_000);
  expect(await stays.send('Still here')).toMatchObject({ ok: true });
  await using late = newVisitorTab(server.url, site.id, short);
  expect(await refusalOf(late)).toBe('session-ended');
});

it('[SI6] what goes beyond the limits of a site is refused in words; others go on, and so does the conversation', async () => {
  await using world = await newWorld({ limits: { visitor: 2, address: 1_000, site: 3 } });
  await using tab = await newVisitor(world);
  await tab.begin('One');
  await tab.send('Two');
  expect(await tab.send('Three')).toMatchObject({ ok: false, refusal: { code: 'day-used-up' } });
  await tab.until(() => tab.view?.messages.length === 4 && tab.view.turn === null);
  await using other = await newVisitor(world);
  await other.begin('One');
  expect(await other.send('Two')).toMatchObject({ ok: false, refusal: { code: 'budget-used-up' } });
  expect(textOf(tab.view!.messages[0]!)).toBe('One');
});

it('sites are for admins alone', async () => {
  await using world = await newWorld();
  const member = await newAccount(world.server.url);
  const reply = await fetch(`${world.server.url}/api/sites`, { headers: { cookie: member.cookie } });
  expect([reply.status, await codeOf(reply)]).toEqual([403, 'not-permitted']);
  await expect(newSite(member)).rejects.toThrow('not-permitted');
});

it('a site takes no model that is not there or needs somebody’s key, no origin that is none, and not fewer than one language, each once', async () => {
  await using world = await newWorld();
  await expect(newSite(world.admin, { model: 'nobody/nothing' as ModelId })).rejects.toThrow('model-unknown');
  await expect(newSite(world.admin, { model: siteModel(world.site.id) })).rejects.toThrow('model-unknown');
  for (const origin of ['*', 'https://*', 'shop.example.org', 'https://shop.example.org/path', 'javascript://x', 'https://a;b']) await expect(newSite(world.admin, { origins: [origin] })).rejects.toThrow('invalid-command');
  for (const languages of [[], ['en', 'en'], ['xx']]) await expect(newSite(world.admin, { languages: languages as SiteSettings['languages'] })).rejects.toThrow('invalid-command');
});

it('images are taken only where the site allows them, and read by their visitor alone', async () => {
  await using world = await newWorld();
  const { server, site } = world;
  const given = await visit(server.url, site.id, {}, SHOP);
  const conversation = newId<ConversationId>();
  const file = newId();
  const upload = (): Promise<Response> => fetch(`${server.url}/api/widget/${site.id}/conversations/${conversation}/files?name=a.png&file=${file}`, { method: 'POST', headers: { origin: SHOP, authorization: `Bearer ${given.token}`, 'content-type': 'image/png' }, body: PIXEL });
  expect(await codeOf(await upload())).toBe('not-permitted');
  await changeSite(world.admin, site.id, { settings: { uploads: true } });
  expect((await upload()).status).toBe(200);
  await using tab = await newVisitorTab(server.url, site.id, given).ready();
  expect(await tab.send('Look', { conversation, files: [file] as never, message: newId<MessageId>() })).toMatchObject({ ok: true });
  const read = (token: string): Promise<Response> => fetch(`${server.url}/api/widget/${site.id}/files/${file}`, { headers: { origin: SHOP, authorization: `Bearer ${token}` } });
  expect((await read(given.token)).headers.get('content-type')).toBe('image/png');
  expect((await read((await visit(server.url, site.id, {}, SHOP)).token)).status).toBe(404);
});

it('[SI3] what each reply to a visitor cost stands on record at the price of that moment, is summed for admins, and no visitor is told', async () => {
  await using raw = await newRawProvider();
  const local = (input: number): ProviderSettings => ({ id: 'local', kind: 'openai-compatible', name: 'Local', baseUrl: `${raw.url}/v1`, key: undefined, ownKeys: false, headers: {}, models: [{ name: 'tiny', price: { input, output: 10 } }], fetch: false, titleModel: undefined });
  const config = { providers: [local(2)], hasDemo: true, currency: 'EUR' };
  await using server = await newServer({ config });
  const admin = await newAccount(server.url);
  const site = await newSite(admin, { model: 'local/tiny' as ModelId });
  await using tab = await newVisitor({ server, site });
  const heard: unknown[] = [];
  tab.socket.onAny((...told) => heard.push(told));
  const answered = async (asked: Promise<unknown>, count: number): Promise<void> => {
    const call = await raw.next();
    call.open();
    const usage = { prompt_tokens: 1_000, completion_tokens: 500, total_tokens: 1_500 };
    await call.write(event({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content: 'Very.' }, finish_reason: 'stop' }] }), event({ id: 'c', object: 'chat.completion.chunk', choices: [], usage }), event('[DONE]'));
    call.end();
    await asked;
    await tab.until(() => tab.view?.turn === null && tab.view.messages.length === count);
  };
  const numbers = async () => {
    const { currency, days } = (await (await fetch(`${server.url}/api/sites/${site.id}/numbers?days=2`, { headers: { cookie: admin.cookie } })).json()) as { currency: string; days: { cost: number }[] };
    return [currency, days.map(({ cost }) => cost.toFixed(4))];
  };
  await answered(tab.begin('Is it good?'), 2);
  expect(await numbers()).toEqual(['EUR', ['0.0000', '0.0070']]);
  config.providers[0] = local(20);
  await server.restart();
  await tab.until(() => tab.socket.connected && tab.hello !== undefined);
  await answered(tab.send('Really?'), 4);
  expect(await numbers()).toEqual(['EUR', ['0.0000', '0.0320']]);
  expect(JSON.stringify([tab.view, heard])).not.toMatch(/cost|EUR/u);
});
