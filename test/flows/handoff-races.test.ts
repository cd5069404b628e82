import { SignJWT } from 'jose';
import { expect, it } from 'vitest';
import type { Command } from '../../contracts/commands.ts';
import type { Refusal } from '../../contracts/failures.ts';
import { AUDIT_CHAIN } from '../../contracts/records.ts';
import type { CommandId, ConversationId, MessageId } from '../../contracts/ids.ts';
import type { Site, SiteSettings } from '../../contracts/sites.ts';
import { textOf } from '../../contracts/view.ts';
import { newId } from '../../server/ids.ts';
import type { Store } from '../../server/store/store.ts';
import { newServer, type TestServer } from '../support/server.ts';
import { changeSite, newSite, newSiteKey, newVisitorTab, SHOP, visit } from '../support/site.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';

// What a visitor and whoever answers do to each other at the wrong moment.

interface World extends AsyncDisposable {
  readonly server: TestServer;
  readonly admin: Account;
  readonly site: Site;
  readonly visitor: Tab;
  readonly member: Tab;
  readonly store: Store;
}

async function newWorld(demoWordsPerSecond = 2_000, settings: Partial<SiteSettings> = {}): Promise<World> {
  const held: { store?: Store } = {};
  const server = await newServer({ config: { hasDemo: true, demoWordsPerSecond }, wrap: (store) => (held.store = store) });
  const admin = await newAccount(server.url);
  const site = await newSite(admin, settings);
  const visitor = await newVisitorTab(server.url, site.id, await visit(server.url, site.id, {}, SHOP)).ready();
  const member = await new Tab(admin).ready();
  const dispose = async (): Promise<void> => {
    for (const one of [visitor, member, server]) await one[Symbol.asyncDispose]();
  };
  return { server, admin, site, visitor, member, store: held.store as Store, [Symbol.asyncDispose]: dispose };
}

const ask = (tab: Tab, conversation: ConversationId, command: object) => tab.ask({ ...command, commandId: newId<CommandId>(), conversation } as Command);
const TAKEN = { ok: false, refusal: { code: 'invalid-command' } };
const SLOW = 10;

it('[SI7] no turn begins while a person answers: not by asking again, not by going on, not from the queue, which is given to the person', async () => {
  await using world = await newWorld(SLOW);
  const { visitor, member } = world;
  const conversation = await visitor.begin('First');
  await visitor.until(() => visitor.view?.turn?.phase === 'streaming');
  expect(await visitor.send('Second')).toMatchObject({ did: 'queued' });
  expect(await ask(member, conversation, { type: 'handoff.join' })).toMatchObject({ ok: true });
  await visitor.until(() => visitor.view?.conversation.queue.length === 0 && visitor.view.messages.some((message) => textOf(message) === 'Second'));
  await ask(visitor, conversation, { type: 'turn.stop', turn: visitor.view!.turn!.id });
  await visitor.until(() => visitor.view?.turn === null);
  const reply = visitor.view!.messages.find(({ author }) => author === 'model')!.id;
  for (const type of ['turn.regenerate', 'turn.continue']) expect(await ask(visitor, conversation, { type, message: reply })).toMatchObject({ ok: false, refusal: { code: 'moved-on' } });
  await ask(member, conversation, { type: 'handoff.say', message: newId<MessageId>(), text: 'Both read.' });
  await visitor.until(() => visitor.view!.messages.some(({ by }) => by !== undefined));
  expect(visitor.view!.turn).toBeNull();
});

it('[CO3] a message with the id of the reply that grows, or of one that waits, is refused; the turn ends all the same', async () => {
  await using world = await newWorld(SLOW);
  const { visitor, member, admin } = world;
  const conversation = await visitor.begin('First');
  await visitor.until(() => visitor.view?.turn?.phase === 'streaming');
  const { id: turn, reply } = visitor.view!.turn!;
  await ask(member, conversation, { type: 'handoff.join' });
  expect(await visitor.send('x', { message: reply.id })).toMatchObject(TAKEN);
  expect(await ask(member, conversation, { type: 'handoff.say', message: reply.id, text: 'x' })).toMatchObject(TAKEN);
  expect(await ask(member, conversation, { type: 'handoff.say', message: visitor.view!.messages[0]!.id, text: 'x' })).toMatchObject(TAKEN);
  expect(await ask(visitor, conversation, { type: 'turn.stop', turn })).toMatchObject({ ok: true, did: 'stopped' });
  await using later = await new Tab(admin).ready();
  await later.open(conversation);
  expect([later.view!.turn, later.view!.messages.length]).toEqual([null, 2]);
});

it('[SI6] whoever has used up their replies still reaches the person who answers', async () => {
  await using world = await newWorld(2_000, { limits: { visitor: 1, address: 100, site: 100 } });
  const { visitor, member } = world;
  const conversation = await visitor.begin('First');
  await visitor.until(() => visitor.view?.turn === null && visitor.view.messages.length === 2);
  expect(await visitor.send('Too much')).toMatchObject({ ok: false, refusal: { code: 'day-used-up' } });
  await ask(member, conversation, { type: 'handoff.join' });
  expect(await visitor.send('To a person')).toMatchObject({ ok: true });
});

it('[SI6][SI7] whose site has used up its replies can still begin with a person: what they say stands there, a person is asked for, and no model; not more often than a visitor may', async () => {
  await using world = await newWorld(2_000, { limits: { visitor: 3, address: 100, site: 1 } });
  const { server, site, visitor, member, admin } = world;
  await visitor.begin('First');
  await using other = await newVisitorTab(server.url, site.id, await visit(server.url, site.id, {}, SHOP)).ready();
  expect(await other.send('Hello?')).toMatchObject({ ok: false, refusal: { code: 'budget-used-up' } });
  // What was counted as one to a person and refused is no free reply.
  const again = { conversation: newId<ConversationId>(), commandId: newId<CommandId>() };
  expect(await other.send('', { ...again, toPerson: true })).toMatchObject({ ok: false, refusal: { code: 'invalid-command' } });
  expect(await other.send('Hello?', again)).toMatchObject({ ok: false, refusal: { code: 'budget-used-up' } });
  const conversation = newId<ConversationId>();
  const given = { conversation, toPerson: true, commandId: newId<CommandId>(), message: newId<MessageId>() } as const;
  expect(await other.send('I would like to talk to a person.', given)).toMatchObject({ ok: true, did: 'changed' });
  expect(await other.send('I would like to talk to a person.', given)).toMatchObject({ ok: true, did: 'changed' });
  await other.open(conversation);
  const { messages, turn, conversation: { handoff, title } } = other.view!;
  expect([messages.map(textOf), turn, handoff?.state, title]).toEqual([['I would like to talk to a person.'], null, 'asked', 'I would like to talk to a person.']);
  expect(await ask(member, conversation, { type: 'handoff.join' })).toMatchObject({ ok: true });
  expect(await ask(member, conversation, { type: 'handoff.say', message: newId<MessageId>(), text: 'Here I am.' })).toMatchObject({ ok: true });
  await ask(other, conversation, { type: 'handoff.end' });
  expect(await other.send('Once more', { toPerson: true })).toMatchObject({ ok: true });
  await ask(other, conversation, { type: 'handoff.end' });
  expect(await other.send('Too often', { toPerson: true })).toMatchObject({ ok: false, refusal: { code: 'day-used-up' } });
  await changeSite(admin, site.id, { settings: { handoff: false } });
  expect(await other.send('Nobody there', { toPerson: true })).toMatchObject({ ok: false, refusal: { code: 'not-permitted' } });
  await using person = await new Tab(admin).ready();
  expect(await person.send('For a person', { toPerson: true })).toMatchObject({ ok: false, refusal: { code: 'not-permitted' } });
});

it('[SI6] what is said to a person uses up no replies', async () => {
  await using world = await newWorld(2_000, { limits: { visitor: 2, address: 100, site: 100 } });
  const { visitor, member } = world;
  const conversation = await visitor.begin('First');
  await visitor.until(() => visitor.view?.turn === null && visitor.view.messages.length === 2);
  await ask(member, conversation, { type: 'handoff.join' });
  for (const text of ['one', 'two', 'three']) expect(await visitor.send(text)).toMatchObject({ ok: true });
  await ask(member, conversation, { type: 'handoff.end' });
  expect(await visitor.send('To the model')).toMatchObject({ ok: true });
});

it('[SI6] whoever begins as somebody else from the same address goes on counting', async () => {
  await using world = await newWorld(2_000, { limits: { visitor: 1_000, address: 2, site: 1_000 } });
  const { server, site, visitor } = world;
  const somebodyElse = async () => newVisitorTab(server.url, site.id, await visit(server.url, site.id, {}, SHOP)).ready();
  await visitor.begin('One');
  await using other = await somebodyElse();
  await other.begin('Two');
  await using another = await somebodyElse();
  expect(await another.send('Three')).toMatchObject({ ok: false, refusal: { code: 'day-used-up' } });
});

it('[SI7] following the inbox is on record before anything of it comes, and stops when it is left', async () => {
  await using world = await newWorld();
  const { visitor, member, store } = world;
  const audited = async (): Promise<string[]> => (await store.find({ kind: 'record', index: 'byChain', where: [AUDIT_CHAIN], limit: 100 })).items.map(({ body }) => body.type);
  expect(await member.socket.emitWithAck('inbox', true)).toBe(true);
  await visitor.begin('My illness');
  await member.until(() => member.notices.some((notice) => notice.type === 'inbox'));
  expect(await audited()).toContain('inbox-read');
  expect(await member.socket.emitWithAck('inbox', false)).toBe(false);
  await visitor.until(() => visitor.view?.turn === null && visitor.view.messages.length === 2);
  const told = member.notices.length;
  await visitor.send('More of it');
  await visitor.until(() => visitor.view?.turn === null && visitor.view.messages.length === 4);
  expect(member.notices.length - told).toBeLessThanOrEqual(1); // one may have been on its way
});

it('[CO4] what a visitor has deleted is not there any more for those who answer', async () => {
  await using world = await newWorld();
  const { visitor, member, server } = world;
  const conversation = await visitor.begin('First');
  await visitor.until(() => visitor.view?.turn === null && visitor.view.messages.length === 2);
  await ask(member, conversation, { type: 'handoff.join' });
  await ask(visitor, conversation, { type: 'conversation.delete' });
  expect(await ask(member, conversation, { type: 'handoff.say', message: newId<MessageId>(), text: 'Hello?' })).toMatchObject({ ok: false, refusal: { code: 'not-found' } });
  await using other = await new Tab(await newAccount(server.url)).ready();
  await expect(other.open(conversation)).rejects.toThrow('not-found');
});

it('[SI5] a JWT that has run out by less than clocks may differ gives a visit that lasts', async () => {
  await using world = await newWorld();
  const { server, admin, site } = world;
  const { key } = await newSiteKey(admin, site.id);
  const identity = await new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setSubject('a').setExpirationTime(Math.floor(Date.now() / 1_000) - 30).sign(Buffer.from(key, 'base64url'));
  expect((await visit(server.url, site.id, { identity }, SHOP)).lastsMs).toBeGreaterThan(30_000);
});

it('[PE2] pages of no site that make up names of sites are refused as often as everybody, and can read why', async () => {
  await using world = await newWorld();
  const told = new Set<string>();
  for (let round = 0; round < 14; round++) {
    const replies = await Promise.all(Array.from({ length: 50 }, () => fetch(`${world.server.url}/api/widget/site_${newId()}`, { headers: { origin: 'https://evil.example' } })));
    for (const reply of replies) told.add(`${reply.status} ${((await reply.json()) as { refusal: Refusal }).refusal.code}, for ${reply.headers.get('access-control-allow-origin')}`);
  }
  expect([...told].toSorted()).toEqual(['403 foreign-origin, for https://evil.example', '429 rate-limited, for https://evil.example']);
});
