import { expect, it } from 'vitest';
import type { Command } from '../../contracts/commands.ts';
import type { CommandId, ConversationId, FileId } from '../../contracts/ids.ts';
import type { BlockedVisitor, InboxRow, Site } from '../../contracts/sites.ts';
import { newId } from '../../server/ids.ts';
import { PIXEL } from '../support/pixel.ts';
import { give as giveRole } from '../support/reviewer.ts';
import { newServer, type TestServer } from '../support/server.ts';
import { newIdentity, newSite, newSiteKey, newVisitorTab, SHOP, visit } from '../support/site.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';

interface World extends AsyncDisposable {
  readonly server: TestServer;
  readonly admin: Account;
  readonly site: Site;
}

async function newWorld(): Promise<World> {
  const server = await newServer({ config: { hasDemo: true, demoWordsPerSecond: 5_000 } });
  const admin = await newAccount(server.url);
  return { server, admin, site: await newSite(admin, { uploads: true }), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

interface Inbox {
  readonly rows: InboxRow[];
  readonly before: number | null;
  readonly sites: { id: string; name: string }[];
}

async function ask<T>({ url, cookie }: Account, path: string, method = 'GET'): Promise<T> {
  const reply = await fetch(url + path, { method, headers: { origin: url, cookie } });
  if (!reply.ok) throw new Error(`${reply.status} ${await reply.text()}`);
  return (await reply.json()) as T;
}
const readInbox = (account: Account, query = ''): Promise<Inbox> => ask(account, `/api/inbox${query}`);

async function newVisitor({ server, site }: World, identity?: string): Promise<Tab> {
  return newVisitorTab(server.url, site.id, await visit(server.url, site.id, { ...(identity !== undefined && { identity }) }, SHOP)).ready();
}

async function begin(tab: Tab, text: string): Promise<ConversationId> {
  const conversation = await tab.begin(text);
  await tab.until(() => tab.view?.turn === null && tab.view.messages.length === 2);
  return conversation;
}

const give = (tab: Tab, conversation: ConversationId, type: 'handoff.ask' | 'handoff.join' | 'handoff.end') => tab.ask({ type, commandId: newId<CommandId>(), conversation } as Command);

it('[SI5] whom a site vouches for, and what else it tells, stands in the inbox and on record, and follows when it changes; of somebody anonymous nothing does', async () => {
  await using world = await newWorld();
  const { admin, site } = world;
  const { key } = await newSiteKey(admin, site.id);
  await using nobody = await newVisitor(world);
  const unnamed = await begin(nobody, 'Hello');
  await using known = await newVisitor(world, await newIdentity(key, { attributes: { plan: 'gold', orders: 3, isVip: true } }));
  const conversation = await begin(known, 'Where is my order?');
  const of = async (id: ConversationId) => (await readInbox(admin)).rows.find((row) => row.id === id)?.visitor;
  expect([await of(conversation), await of(unnamed)]).toEqual([{ subject: 'customer-7', name: 'Elin Berg', attributes: { plan: 'gold', orders: '3', isVip: 'true' } }, null]);
  await using member = await new Tab(admin).ready();
  expect(await member.socket.emitWithAck('inbox', true)).toBe(true);
  await using again = await newVisitor(world, await newIdentity(key, { attributes: { plan: 'silver' } }));
  await again.open(conversation);
  expect(await give(again, conversation, 'handoff.ask')).toMatchObject({ ok: true });
  const told = { subject: 'customer-7', name: 'Elin Berg', attributes: { plan: 'silver' } };
  await member.until(() => member.notices.some((notice) => notice.type === 'inbox' && JSON.stringify(notice.row.visitor) === JSON.stringify(told)));
  expect(await of(conversation)).toEqual(told);
});

it('[SI5] what a site says anew of its user counts on the connection that is open', async () => {
  await using world = await newWorld();
  const { server, admin, site } = world;
  const { key } = await newSiteKey(admin, site.id);
  const told = (plan: string) => newIdentity(key, { attributes: { plan } });
  await using tab = await newVisitor(world, await told('silver'));
  const conversation = await begin(tab, 'Where is my order?');
  const { token } = await visit(server.url, site.id, { identity: await told('gold') }, SHOP);
  expect(await tab.socket.emitWithAck('renew', token)).toBe(true);
  expect(await give(tab, conversation, 'handoff.ask')).toMatchObject({ ok: true });
  expect((await readInbox(admin)).rows[0]?.visitor?.attributes).toEqual({ plan: 'gold' });
});

it('[SI7] of a site that is made later nothing comes before it is on record that it is shown', async () => {
  await using world = await newWorld();
  const { admin } = world;
  await using member = await new Tab(admin).ready();
  expect(await member.socket.emitWithAck('inbox', true)).toBe(true);
  const site = await newSite(admin, { name: 'Roastery', handoff: true });
  await member.until(() => member.notices.some(({ type }) => type === 'sites'));
  await using visitor = await newVisitor({ ...world, site });
  const heard = (id: ConversationId) => member.notices.some((notice) => notice.type === 'inbox' && notice.row.id === id);
  const conversation = await begin(visitor, 'Hello');
  expect(await member.socket.emitWithAck('inbox', true)).toBe(true);
  expect(heard(conversation)).toBe(false);
  expect(await give(visitor, conversation, 'handoff.ask')).toMatchObject({ ok: true });
  await member.until(() => heard(conversation));
});

it('[SI7] who becomes a reviewer hears nothing more of visitors', async () => {
  await using world = await newWorld();
  const { server, admin } = world;
  const person = await newAccount(server.url);
  await using tab = await new Tab(person).ready();
  expect(await tab.socket.emitWithAck('inbox', true)).toBe(true);
  const gone = new Promise((resolve) => tab.socket.once('disconnect', resolve));
  await giveRole(admin, person, 'reviewer');
  expect(await gone).toBe('transport close');
  await tab.until(() => tab.socket.connected);
  expect(await tab.socket.emitWithAck('inbox', true)).toBe(false);
});

it.each([['too many', Object.fromEntries(Array.from({ length: 21 }, (_, place) => [`a${place}`, 'x']))], ['too long', { note: 'x'.repeat(201) }], ['too much', Object.fromEntries(Array.from({ length: 10 }, (_, place) => [`a${place}`, 'x'.repeat(190)]))], ['nested', { of: { of: 1 } }], ['a list', ['gold']], ['a word', 'gold']])('[SI5] what a site tells of its user is refused when it is %s', async (_, attributes) => {
  await using world = await newWorld();
  const { key } = await newSiteKey(world.admin, world.site.id);
  await expect(newVisitor(world, await newIdentity(key, { attributes }))).rejects.toThrow(/identity-refused.*at most 20 short texts/su);
});

it('[SI7] the inbox is read page by page, of one site or all, and of those that ask for a person or are answered by one', async () => {
  await using world = await newWorld();
  const { admin, site } = world;
  const other = await newSite(admin, { name: 'Roastery' });
  const given = await visit(world.server.url, site.id, {}, SHOP);
  await using visitor = await newVisitorTab(world.server.url, site.id, given).ready();
  const all: ConversationId[] = [];
  for (let count = 0; count < 60; count++) {
    await using tab = await newVisitorTab(world.server.url, site.id, given).ready();
    all.push(await begin(tab, `Question ${count}`));
  }
  await using elsewhere = await newVisitor({ ...world, site: other });
  const there = await begin(elsewhere, 'And here?');
  const first = await readInbox(admin);
  expect(first.sites).toEqual(expect.arrayContaining([{ id: site.id, name: site.settings.name }, { id: other.id, name: 'Roastery' }]));
  const second = await readInbox(admin, `?before=${first.before}`);
  expect(second.before).toBe(null);
  expect(first.rows[0]?.id).toBe(there);
  expect(new Set([...first.rows, ...second.rows].map(({ id }) => id))).toEqual(new Set([...all, there]));
  expect((await readInbox(admin, `?site=${other.id}`)).rows.map(({ id }) => id)).toEqual([there]);
  await using member = await new Tab(admin).ready();
  for (const tab of [visitor, elsewhere]) await give(tab, tab === visitor ? all[0]! : there, 'handoff.ask');
  await give(member, there, 'handoff.join');
  const idsOf = async (query: string): Promise<string[]> => (await readInbox(admin, query)).rows.map(({ id }) => id);
  expect([await idsOf('?handoff=asked'), await idsOf('?handoff=joined'), await idsOf(`?handoff=asked&site=${other.id}`)]).toEqual([[all[0]], [there], []]);
});

it('[SI7] those who answer see a visitor’s pictures, and only those of that conversation; a reviewer and another visitor do not', async () => {
  await using world = await newWorld();
  const { server, admin, site } = world;
  const given = await visit(server.url, site.id, {}, SHOP);
  await using visitor = await newVisitorTab(server.url, site.id, given).ready();
  const conversation = await begin(visitor, 'Hello');
  const file = newId<FileId>();
  const sent = await fetch(`${server.url}/api/widget/${site.id}/conversations/${conversation}/files?name=a.png&file=${file}`, { method: 'POST', body: PIXEL, headers: { origin: SHOP, authorization: `Bearer ${given.token}`, 'content-type': 'image/png' } });
  expect(sent.status).toBe(200);
  const read = (account: Account, of: string) => fetch(`${server.url}/api/inbox/${of}/files/${file}`, { headers: { cookie: account.cookie } });
  const shown = await read(admin, conversation);
  expect([shown.status, shown.headers.get('content-type'), Buffer.from(await shown.arrayBuffer()).equals(PIXEL)]).toEqual([200, 'image/png', true]);
  await using tab = await newVisitorTab(server.url, site.id, given).ready();
  const second = await begin(tab, 'Another');
  expect((await read(admin, second)).status).toBe(404);
  const reviewer = await newAccount(server.url);
  await fetch(`${server.url}/api/people/${reviewer.person.id}/role`, { method: 'PUT', body: JSON.stringify({ role: 'reviewer' }), headers: { origin: server.url, cookie: admin.cookie, 'content-type': 'application/json' } });
  expect((await read(reviewer, conversation)).status).toBe(403);
});

it('[SI4] who is kept out of a site stands in a list until they are let in again, and those who look at the inbox are told', async () => {
  await using world = await newWorld();
  const { server, admin, site } = world;
  const given = await visit(server.url, site.id, {}, SHOP);
  await using visitor = await newVisitorTab(server.url, site.id, given).ready();
  const conversation = await begin(visitor, 'Hello');
  const other = await newSite(admin, { name: 'Roastery' });
  const listed = (): Promise<{ blocked: BlockedVisitor[] }> => ask(admin, `/api/sites/${site.id}/blocked`);
  const isBlocked = async (): Promise<boolean> => (await ask<{ isBlocked: boolean }>(admin, `/api/inbox/${conversation}/notes`)).isBlocked;
  expect([await listed(), await isBlocked()]).toEqual([{ blocked: [] }, false]);
  await using member = await new Tab(admin).ready();
  expect(await member.socket.emitWithAck('inbox', true)).toBe(true);
  await fetch(`${server.url}/api/inbox/${conversation}/blocked`, { method: 'PUT', body: JSON.stringify({ isBlocked: true }), headers: { origin: server.url, cookie: admin.cookie, 'content-type': 'application/json' } });
  await visitor.until(() => !visitor.socket.connected, 'it is cut off');
  expect([await listed(), await isBlocked()]).toEqual([{ blocked: [{ visitor: given.visitor, at: expect.any(Number) }] }, true]);
  const told = () => member.notices.filter((notice) => notice.type === 'noted' && notice.conversation === conversation).length;
  await member.until(() => told() === 1);
  await expect(ask(admin, `/api/sites/${other.id}/blocked/${given.visitor}`, 'DELETE')).rejects.toThrow(/not-found/u);
  await ask(admin, `/api/sites/${site.id}/blocked/${given.visitor}`, 'DELETE');
  await member.until(() => told() === 2);
  expect([await listed(), await isBlocked()]).toEqual([{ blocked: [] }, false]);
  await using back = await newVisitorTab(server.url, site.id, await visit(server.url, site.id, { keep: given.keep }, SHOP)).ready();
  await back.open(conversation);
  expect(back.thread).toHaveLength(2);
});

it('[SI7] a member gives a conversation back to the model that another one left open', async () => {
  await using world = await newWorld();
  await using visitor = await newVisitor(world);
  const conversation = await begin(visitor, 'Hello');
  await using first = await new Tab(world.admin).ready();
  await using second = await new Tab(await newAccount(world.server.url)).ready();
  await give(first, conversation, 'handoff.join');
  await visitor.until(() => visitor.view?.conversation.handoff?.state === 'joined');
  expect(await give(second, conversation, 'handoff.join')).toMatchObject({ ok: false, refusal: { code: 'moved-on' } });
  expect(await give(second, conversation, 'handoff.end')).toMatchObject({ ok: true });
  await visitor.until(() => visitor.view?.conversation.handoff === null);
});
