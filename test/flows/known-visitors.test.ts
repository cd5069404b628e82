import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import type { CommandId, ConversationId, FileId, MessageId } from '../../contracts/ids.ts';
import type { ChatRecord } from '../../contracts/records.ts';
import { siteModel } from '../../contracts/site-model.ts';
import type { Site, Visit } from '../../contracts/sites.ts';
import { textOf } from '../../contracts/view.ts';
import type { Config } from '../../server/config.ts';
import { newId } from '../../server/ids.ts';
import { gatesBefore } from '../../server/journal/holds.ts';
import { contentOf } from '../../server/journal/journal.ts';
import { masterKey, openKeys } from '../../server/journal/keys.ts';
import { around } from '../../server/store/around.ts';
import type { Change, Store } from '../../server/store/store.ts';
import { faultyStore, once, type FaultPlan } from '../support/faults.ts';
import { PIXEL } from '../support/pixel.ts';
import { give, hold, openCase, release } from '../support/reviewer.ts';
import { newServer, type TestServer } from '../support/server.ts';
import { askVisit, newIdentity, newSite, newSiteKey, newVisitorTab, SHOP, visit } from '../support/site.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';

interface World extends AsyncDisposable {
  readonly server: TestServer;
  readonly admin: Account;
  readonly site: Site;
  readonly key: string;
  readonly store: Store;
  readonly plan: { current: FaultPlan };
  begin(asked?: { keep?: string; identity?: string; unsettled?: boolean }, origin?: string): Promise<Visit>;
}

async function newWorld(pace = 2_000, around = (store: Store) => store, config: Partial<Config> = {}): Promise<World> {
  const held: { store?: Store } = {};
  const plan: World['plan'] = { current: () => undefined };
  const server = await newServer({ config: { hasDemo: true, demoWordsPerSecond: pace, ...config }, wrap: (store) => around(faultyStore((held.store = store), (changes, fence) => plan.current(changes, fence))) });
  const admin = await newAccount(server.url);
  const site = await newSite(admin, { uploads: true });
  const { key } = await newSiteKey(admin, site.id);
  return { server, admin, site, key, store: held.store as Store, plan, begin: (asked = {}, origin = SHOP) => visit(server.url, site.id, asked, origin), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const tabOf = ({ server, site }: World, given: Visit): Promise<Tab> => newVisitorTab(server.url, site.id, given).ready();

/** Somebody anonymous who has asked something and was answered. */
async function newAsker(world: World): Promise<{ given: Visit; tab: Tab; conversation: ConversationId }> {
  const given = await world.begin();
  const tab = await tabOf(world, given);
  const conversation = await tab.begin('Where is my order?');
  await tab.until(() => tab.view?.turn === null && tab.view.messages.length === 2);
  return { given, tab, conversation };
}

async function said({ store, server }: World, chain: string): Promise<{ said: ChatRecord; actor: object }[]> {
  const keys = openKeys(store, masterKey(join(server.folder, 'master.key'), undefined));
  const { items } = await store.find({ kind: 'record', index: 'byChain', where: [chain], limit: 200 });
  return Promise.all(items.map(async ({ body }) => contentOf(body, (await keys.of(body.key))!) as { said: ChatRecord; actor: object }));
}

const changesOfOwner = async (world: World, conversation: string) => (await said(world, conversation)).filter((one) => one.said.type === 'owner-changed');

it('[SI8] what an anonymous visitor began goes on when the site says who it is, also a reply that grows, and is nobody else’s any more', async () => {
  await using world = await newWorld(100);
  const given = await world.begin();
  await using before = await tabOf(world, given);
  const conversation = await before.begin('Write something long');
  await before.until(() => before.shown.length > 20);
  const ended = new Promise((resolve) => before.socket.once('session-ended', () => resolve('told')));
  const known = await world.begin({ keep: given.keep, identity: await newIdentity(world.key) });
  expect([known.name, known.conversation]).toEqual(['Elin Berg', conversation]);
  expect(known.visitor).not.toBe(given.visitor);
  expect(await ended).toBe('told');
  await using tab = await tabOf(world, known);
  await tab.open(conversation);
  expect(tab.view?.turn).not.toBeNull();
  await tab.until(() => tab.view?.turn === null);
  expect(tab.view!.messages.at(-1)!.outcome).toEqual({ kind: 'completed' });
  expect(await tab.send('And now?')).toMatchObject({ ok: true });
  await using again = newVisitorTab(world.server.url, world.site.id, given);
  expect(await new Promise((resolve) => again.socket.once('connect_error', (error) => resolve(error.message)))).toBe('session-ended');
  const kept = await world.begin({ keep: given.keep });
  expect([kept.visitor === given.visitor, kept.conversation]).toEqual([false, null]);
  const elsewhere = await world.begin({ identity: await newIdentity(world.key) });
  expect([elsewhere.visitor, elsewhere.conversation]).toEqual([known.visitor, conversation]);
  expect(await changesOfOwner(world, conversation)).toMatchObject([{ said: { from: given.visitor, to: known.visitor }, actor: { user: known.visitor, site: world.site.id, subject: 'customer-7' } }]);
  expect((await said(world, 'audit')).filter((one) => (one.said.type as string) === 'visitor-known')).toMatchObject([{ said: { site: world.site.id, visitor: given.visitor, user: known.visitor } }]);
});

it('[SI8] [CO1] what was sent before the site said who it is gets the answer that it had, under the name of the user, too, and is done once', async () => {
  await using world = await newWorld();
  const given = await world.begin();
  await using before = await tabOf(world, given);
  const command = { type: 'turn.send' as const, commandId: newId<CommandId>(), conversation: newId<ConversationId>(), message: newId<MessageId>(), parent: null, text: 'Hello', files: [], model: siteModel(world.site.id), mode: 'queue' as const };
  const answer = await before.ask(command);
  expect(answer).toMatchObject({ ok: true, did: 'started' });
  const known = await world.begin({ keep: given.keep, identity: await newIdentity(world.key) });
  await using tab = await tabOf(world, known);
  expect(await tab.ask(command)).toEqual(answer);
  await using other = await tabOf(world, await world.begin({ identity: await newIdentity(world.key, { sub: 'customer-8' }) }));
  expect(await other.ask(command)).toMatchObject({ ok: false, refusal: { code: 'not-found' } });
  await tab.open(command.conversation);
  await tab.until(() => tab.view?.turn === null);
  expect(tab.thread.filter((line) => line === 'person: Hello')).toHaveLength(1);
});

it('[SI8] the conversation is the user’s also after a restart, and images in it are read by them alone', async () => {
  await using world = await newWorld();
  const { server, site } = world;
  const given = await world.begin();
  const conversation = newId<ConversationId>();
  const file = newId<FileId>();
  await fetch(`${server.url}/api/widget/${site.id}/conversations/${conversation}/files?name=a.png&file=${file}`, { method: 'POST', headers: { origin: SHOP, authorization: `Bearer ${given.token}`, 'content-type': 'image/png' }, body: PIXEL });
  await using before = await tabOf(world, given);
  await before.send('Look', { conversation, files: [file], message: newId<MessageId>() } as never);
  const known = await world.begin({ keep: given.keep, identity: await newIdentity(world.key) });
  await server.restart();
  const read = async ({ token }: Visit): Promise<number> => (await fetch(`${server.url}/api/widget/${site.id}/files/${file}`, { headers: { origin: SHOP, authorization: `Bearer ${token}` } })).status;
  expect([await read(known), await read(given), await read(await world.begin())]).toEqual([200, 401, 404]);
  await using tab = await tabOf(world, known);
  await tab.open(conversation);
  expect(textOf(tab.view!.messages[0]!)).toBe('Look');
});

it('[SI8] nothing goes over with what is no proof: forged, of another site or origin, of a user, of somebody blocked, or used before', async () => {
  await using world = await newWorld();
  const { server, admin, site, key } = world;
  const { given, tab, conversation } = await newAsker(world);
  await using _ = tab;
  const identity = await newIdentity(key);
  const other = await newSite(admin);
  const { key: otherKey } = await newSiteKey(admin, other.id);
  const nothing = async (asked: Promise<Visit>): Promise<void> => expect((await asked).conversation).toBeNull();
  await nothing(world.begin({ keep: `${given.keep.slice(0, -2)}${given.keep.endsWith('AA') ? 'BA' : 'AA'}`, identity }));
  await nothing(world.begin({ keep: given.token, identity }));
  await nothing(world.begin({ keep: await newIdentity(key, { sub: given.visitor }), identity }));
  await nothing(world.begin({ keep: given.keep, identity }, server.url));
  await nothing(visit(server.url, other.id, { keep: given.keep, identity: await newIdentity(otherKey) }, SHOP));
  expect(await (await askVisit(server.url, site.id, { keep: given.keep, identity: await newIdentity(otherKey) }, SHOP)).json()).toMatchObject({ refusal: { code: 'identity-refused' } });
  expect((await world.begin({ keep: given.keep })).conversation).toBe(conversation);
  const block = async (isBlocked: boolean): Promise<void> => {
    const answer = await fetch(`${server.url}/api/inbox/${conversation}/blocked`, { method: 'PUT', headers: { origin: server.url, cookie: admin.cookie, 'content-type': 'application/json' }, body: JSON.stringify({ isBlocked }) });
    expect([answer.status, await answer.text()]).toEqual([200, expect.any(String)]);
  };
  await block(true);
  await nothing(world.begin({ keep: given.keep, identity }));
  await block(false);
  const known = await world.begin({ keep: given.keep, identity });
  expect(known.conversation).toBe(conversation);
  const somebody = await newIdentity(key, { sub: 'customer-8' });
  await nothing(world.begin({ keep: given.keep, identity: somebody }));
  await nothing(world.begin({ keep: known.keep, identity: somebody }));
  expect((await world.begin({ keep: given.keep, identity })).conversation).toBe(conversation);
  expect(await changesOfOwner(world, conversation)).toHaveLength(1);
});

it('[SI8] two tabs that say it at once give it once, and of two users one has it', async () => {
  await using world = await newWorld();
  const same = await newAsker(world);
  const identity = await newIdentity(world.key);
  const both = await Promise.all([1, 2].map(() => world.begin({ keep: same.given.keep, identity })));
  expect(both.map(({ conversation }) => conversation)).toEqual([same.conversation, same.conversation]);
  expect(await changesOfOwner(world, same.conversation)).toHaveLength(1);
  const { given, conversation, tab } = await newAsker(world);
  const rivals = await Promise.all(['customer-8', 'customer-9'].map(async (sub) => world.begin({ keep: given.keep, identity: await newIdentity(world.key, { sub }) })));
  expect(new Set(rivals.map((one) => one.conversation))).toEqual(new Set([conversation, null]));
  expect(await changesOfOwner(world, conversation)).toHaveLength(1);
  await Promise.all([tab, same.tab].map((one) => one[Symbol.asyncDispose]()));
});

const says = (type: string) => (changes: readonly Change[]) => changes.some((change) => change.kind === 'record' && change.do === 'add' && change.body.type === type);

it.each(['visitor-known', 'owner-changed'])('[SI8] when the record %s is refused the conversation is as it was, and goes over when it is asked again', async (type) => {
  await using world = await newWorld();
  const { given, tab, conversation } = await newAsker(world);
  await using _ = tab;
  const asked = { keep: given.keep, identity: await newIdentity(world.key) };
  world.plan.current = (changes) => (says(type)(changes) ? 'refuse' : undefined); // not once: a sweep would give it a moment later
  const refused = await askVisit(world.server.url, world.site.id, asked, SHOP);
  expect([refused.status, await refused.json()]).toEqual([503, { refusal: { code: 'record-unavailable' } }]);
  expect(await changesOfOwner(world, conversation)).toEqual([]);
  expect((await world.store.get('conversation', conversation))!.body.owner).toBe(given.visitor);
  world.plan.current = () => undefined;
  expect((await world.begin(asked)).conversation).toBe(conversation);
  expect(await changesOfOwner(world, conversation)).toHaveLength(1);
});

it('[SI8] what the request did not give any more, a sweep gives in the name of the user whom the site said', async () => {
  await using world = await newWorld();
  const { given, tab, conversation } = await newAsker(world);
  await using _ = tab;
  world.plan.current = once('refuse', says('owner-changed'));
  const refused = await askVisit(world.server.url, world.site.id, { keep: given.keep, identity: await newIdentity(world.key) }, SHOP);
  expect(refused.status).toBe(503);
  await vi.waitUntil(async () => (await changesOfOwner(world, conversation)).length > 0, { timeout: 30_000, interval: 50 });
  const user = (await world.store.get('conversation', conversation))!.body.owner;
  expect(await changesOfOwner(world, conversation)).toMatchObject([{ said: { from: given.visitor, to: user }, actor: { user, site: world.site.id, subject: 'customer-7', vouched: { name: 'Elin Berg' } } }]);
});

it('[SI8] a visitor who could not be put on record as a user stays who they are', async () => {
  await using world = await newWorld();
  const { given, tab, conversation } = await newAsker(world);
  await using _ = tab;
  world.plan.current = once('refuse', says('visitor-known'));
  await askVisit(world.server.url, world.site.id, { keep: given.keep, identity: await newIdentity(world.key) }, SHOP);
  expect((await world.begin({ keep: given.keep })).conversation).toBe(conversation);
  expect(await tab.ask({ type: 'handoff.ask', commandId: newId<CommandId>(), conversation })).toMatchObject({ ok: true });
});

/** Commits with which a conversation begins wait, once asked to, until they are let go. */
function newHold() {
  const gate = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const hold = { holds: false, held: held.promise, letGo: () => gate.resolve(), around: heldUp };
  function heldUp(store: Store): Store {
    return around(store, {
      commit: async (changes, fence) => {
        if (hold.holds && says('conversation-begun')(changes)) await (held.resolve(), gate.promise);
        return store.commit(changes, fence);
      },
    });
  }
  return hold;
}

it.each(['after others', 'first of all'])('[SI8] what was begun in the moment before it was known goes over, too: %s', async (when) => {
  const hold = newHold();
  await using world = await newWorld(2_000, hold.around);
  const { given, tab } = when === 'first of all' ? { given: await world.begin(), tab: undefined } : await newAsker(world);
  await using _ = tab;
  await using second = await tabOf(world, given);
  hold.holds = true;
  const late = newId<ConversationId>();
  void second.send('One more thing', { conversation: late });
  await hold.held;
  const known = await world.begin({ keep: given.keep, identity: await newIdentity(world.key), unsettled: true });
  expect(known.was).toBe(given.visitor);
  hold.letGo();
  await expect.poll(async () => (await world.store.get('conversation', late))?.body.owner).toBe(known.visitor);
});

it('[SI8] of who has begun nothing nothing is put on record; who they were is told to whom the site says they are, and to nobody else', async () => {
  await using world = await newWorld();
  const given = await world.begin();
  const known = await world.begin({ keep: given.keep, identity: await newIdentity(world.key) });
  expect([given.was, known.was]).toEqual([undefined, given.visitor]);
  expect(await world.store.get('known-as', given.visitor)).toBeUndefined();
  expect((await world.begin({ keep: given.keep })).visitor).toBe(given.visitor);
  await world.begin({ keep: given.keep, identity: await newIdentity(world.key), unsettled: true });
  expect((await world.begin({ keep: given.keep, identity: await newIdentity(world.key, { sub: 'customer-8' }), unsettled: true })).was).toBeUndefined();
});

it('[SI7][SI8] who answers goes on in the same conversation, and sees that it is on', async () => {
  await using world = await newWorld();
  const { given, tab, conversation } = await newAsker(world);
  await using _ = tab;
  await using mara = await new Tab(world.admin).ready();
  const ask = (more: object) => mara.ask({ commandId: newId<CommandId>(), conversation, ...more } as never);
  await mara.open(conversation);
  expect(await ask({ type: 'handoff.join' })).toMatchObject({ ok: true });
  const known = await world.begin({ keep: given.keep, identity: await newIdentity(world.key) });
  await using after = await tabOf(world, known);
  await after.open(conversation);
  expect(await ask({ type: 'handoff.say', message: newId<MessageId>(), text: 'I look for it.' })).toMatchObject({ ok: true });
  await after.until(() => after.view?.messages.length === 3);
  expect(await after.send('Thanks')).toMatchObject({ ok: true });
  await mara.until(() => mara.view?.messages.length === 4);
});

it('[RE7] what was held of an anonymous visitor stays held when they turn out to be somebody', async () => {
  await using world = await newWorld(2_000, undefined, { restoreMs: 0 });
  const reviewer = await newAccount(world.server.url, 'reviewer@example.org');
  await give(world.admin, reviewer, 'reviewer');
  const opened = await openCase(reviewer);
  const { given, tab: anonymous, conversation } = await newAsker(world);
  const [placed] = (await hold(reviewer, opened, { type: 'person', id: given.visitor })).holds;
  const known = await world.begin({ keep: given.keep, identity: await newIdentity(world.key) });
  await using tab = await tabOf(world, known);
  await tab.open(conversation);
  await tab.ask({ type: 'conversation.delete', commandId: newId<CommandId>(), conversation });
  const { tab: other, conversation: marker } = await newAsker(world);
  await other.ask({ type: 'conversation.delete', commandId: newId<CommandId>(), conversation: marker });
  const isErased = async (id: string): Promise<boolean> => (await world.store.get('conversation', id))?.body.isErased === true;
  await vi.waitUntil(() => isErased(marker), { timeout: 30_000, interval: 50 }); // a sweep has passed
  expect(await isErased(conversation)).toBe(false);
  await release(reviewer, opened, placed!.id);
  await vi.waitUntil(() => isErased(conversation), { timeout: 30_000, interval: 50 }); // nothing holds it any more
  await Promise.all([anonymous, other].map((one) => one[Symbol.asyncDispose]()));
});

it('[RE7] [RE5] what somebody has written is erased past as many gates, however many anonymous visitors they were before; a hold on any of these keeps it', async () => {
  await using world = await newWorld();
  const reviewer = await newAccount(world.server.url, 'reviewer@example.org');
  await give(world.admin, reviewer, 'reviewer');
  const opened = await openCase(reviewer);
  const { given, tab, conversation } = await newAsker(world);
  await using _ = tab;
  const identity = await newIdentity(world.key);
  const { visitor: owner } = await world.begin({ keep: given.keep, identity });
  const gates = () => gatesBefore(world.store, { conversation, owner, site: world.site.id, from: 0, to: Date.now() });
  const { passed } = await gates();
  const others: string[] = [];
  for (let visits = 0; visits < 3; visits++) {
    const { given: other, tab: theirs } = await newAsker(world);
    await using __ = theirs;
    await world.begin({ keep: other.keep, identity });
    others.push(other.visitor);
  }
  expect(await gates()).toEqual({ isHeld: false, passed });
  const [placed] = (await hold(reviewer, opened, { type: 'person', id: others[1]! })).holds;
  expect((await gates()).isHeld).toBe(true);
  await release(reviewer, opened, placed!.id);
  expect((await gates()).isHeld).toBe(false);
});
