import { describe, expect, it } from 'vitest';
import type { Case, HoldScope } from '../../contracts/cases.ts';
import type { CommandId, ConversationId, UserId } from '../../contracts/ids.ts';
import { AUDIT_CHAIN } from '../../contracts/records.ts';
import type { Person } from '../../contracts/routes.ts';
import type { Config } from '../../server/config.ts';
import { newId } from '../../server/ids.ts';
import { UNFENCED, type Change, type Store } from '../../server/store/store.ts';
import { record } from '../fixtures/store/documents.ts';
import { faultyStore, type FaultPlan } from '../support/faults.ts';
import { verified } from '../support/packages.ts';
import { newServer, type TestServer } from '../support/server.ts';
import { newSite, newVisitorTab, visit } from '../support/site.ts';
import { ask, give, hold, openCase, release } from '../support/reviewer.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';
import { askIn, talk } from '../support/talking.ts';
import { until } from '../support/until.ts';

interface World extends AsyncDisposable {
  readonly server: TestServer;
  readonly store: Store;
  readonly admin: Account;
  readonly reviewer: Account;
  readonly mara: Account;
  readonly plan: { current: FaultPlan };
}

const nothing: FaultPlan = () => undefined;
const refusal: FaultPlan = (changes) => (changes.some((change) => change.kind === 'record') ? 'refuse' : undefined);
/** Deleted is erased at once, unless something keeps it. */
const AT_ONCE = { hasDemo: true, demoWordsPerSecond: 2_000, restoreMs: 0 };

async function newWorld(config: Partial<Config> = {}): Promise<World> {
  const plan = { current: nothing };
  const held: { store?: Store } = {};
  const server = await newServer({ config: { ...AT_ONCE, ...config }, wrap: (store) => (held.store = faultyStore(store, (changes, fence) => plan.current(changes, fence))) });
  const admin = await newAccount(server.url, 'admin@example.org');
  const reviewer = await newAccount(server.url, 'reviewer@example.org');
  const mara = await newAccount(server.url, 'mara@example.org');
  await give(admin, reviewer, 'reviewer');
  return { server, store: held.store as Store, admin, reviewer, mara, plan, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const remove = (tab: Tab, conversation: ConversationId) => tab.ask({ type: 'conversation.delete', commandId: newId<CommandId>(), conversation });
const isErased = async (store: Store, conversation: string): Promise<boolean> => (await store.get('conversation', conversation))?.body.isErased === true;
/** Tabs are shown the same whether it is erased or kept, so they cannot tell. */
const messagesOf = async (store: Store, conversation: string): Promise<number> => (await store.find({ kind: 'message', index: 'byConversation', where: [conversation], limit: 10 })).items.length;
const typesIn = async (store: Store, chain: string): Promise<string[]> => (await store.find({ kind: 'record', index: 'byChain', where: [chain], limit: 1_000 })).items.map(({ body }) => body.type);

/** What its owner is answered, whatever they ask of a conversation. */
async function answersOn(account: Account, conversation: ConversationId): Promise<unknown> {
  await using tab = await new Tab(account).ready();
  const common = () => ({ commandId: newId<CommandId>(), conversation });
  const commands = [{ type: 'conversation.restore' as const, ...common() }, { type: 'conversation.delete' as const, ...common() }, { type: 'conversation.change' as const, ...common(), title: 'Mine' }];
  const found = await fetch(`${account.url}/api/search?words=canary`, { headers: { cookie: account.cookie } });
  return [await tab.open(conversation).catch(String), await Promise.all(commands.map((command) => tab.ask(command))), found.status, await found.json()];
}

describe('[RE7] a hold', () => {
  it('keeps what is deleted, which looks deleted to its owner, and what was deleted is erased once it is released', async () => {
    await using world = await newWorld();
    const { reviewer, store } = world;
    const opened = await openCase(reviewer);
    const { tab, conversation } = await talk(world.mara, 'canary of Mara');
    const { tab: otherTab, conversation: other } = await talk(world.mara, 'canary of Mara');
    const [placed] = (await hold(reviewer, opened, { type: 'conversation', id: conversation })).holds;
    expect(await remove(tab, conversation)).toMatchObject({ ok: true });
    expect(await remove(otherTab, other)).toMatchObject({ ok: true });
    for (const one of [otherTab, tab]) await one.until(() => one.view?.isErased === true, 'both look erased');
    await until(async () => isErased(store, other), 'what nobody holds is erased');
    expect(await answersOn(world.mara, conversation)).toEqual(await answersOn(world.mara, other));
    expect([await isErased(store, conversation), await messagesOf(store, conversation), (await store.get('key', conversation)) !== undefined]).toEqual([false, 2, true]);
    const listed = (await (await fetch(`${world.server.url}/api/conversations`, { headers: { cookie: world.mara.cookie } })).json()) as { rows: unknown[] };
    expect(listed.rows).toEqual([]);

    await release(reviewer, opened, placed!.id);
    await until(() => isErased(store, conversation), 'what is held no longer is erased');
    expect([await messagesOf(store, conversation), await store.get('key', conversation)]).toEqual([0, undefined]);
    expect(await typesIn(store, AUDIT_CHAIN)).toEqual(expect.arrayContaining(['role-changed', 'case-opened', 'hold-placed', 'hold-released']));
    await Promise.all([tab, otherTab].map((one) => one[Symbol.asyncDispose]()));
    expect(await verified(world.server.place)).toMatchObject({ code: 0 });
  });

  it('of a person keeps what they begin later, within its time alone, and every hold has to be gone before anything is erased', async () => {
    await using world = await newWorld();
    const { reviewer, store } = world;
    const opened = await openCase(reviewer);
    const person = { type: 'person', id: world.mara.person.id as UserId } as const;
    await hold(reviewer, opened, person, { to: 1_000 });
    const { tab, conversation } = await talk(world.mara, 'canary of Mara');
    await remove(tab, conversation);
    await until(() => isErased(store, conversation), 'it is later than what is held');

    const withTwo = await hold(reviewer, await hold(reviewer, opened, person), person);
    const { tab: second, conversation: kept } = await talk(world.mara, 'canary of Mara');
    const { tab: strangers, conversation: foreign } = await talk(world.admin, 'canary of Mara');
    await remove(second, kept);
    await remove(strangers, foreign);
    await until(() => isErased(store, foreign), 'another person is not held');
    expect([await isErased(store, kept), await messagesOf(store, kept)]).toEqual([false, 2]);
    await release(reviewer, opened, withTwo.holds[1]!.id);
    const { tab: third, conversation: marker } = await talk(world.admin, 'canary of Mara');
    await remove(third, marker);
    await until(() => isErased(store, marker), 'a sweep has passed');
    expect(await messagesOf(store, kept)).toBe(2);
    await ask(reviewer, 'closeCase', { case: opened.id }, { reason: 'Settled' });
    await until(() => isErased(store, kept), 'nothing holds it any more');
    await Promise.all([tab, second, third, strangers].map((one) => one[Symbol.asyncDispose]()));
  });

  it('on everybody keeps what anybody and any visitor deletes that is within its time, and is refused without a date', async () => {
    await using world = await newWorld();
    const { reviewer, store, admin, server } = world;
    const opened = await openCase(reviewer);
    const everybody = { type: 'everybody' } as const;
    await expect(hold(reviewer, opened, everybody)).rejects.toThrow('invalid-command');
    await hold(reviewer, opened, everybody, { to: 1_000 });
    const { tab: later, conversation: late } = await talk(world.mara, 'canary of Mara');
    await remove(later, late);
    await until(() => isErased(store, late), 'it is later than what is held');

    const scope = { of: everybody, from: Date.now() - 60_000, to: null };
    const placed = await hold(reviewer, opened, everybody, { from: scope.from });
    expect(placed.holds.map((one) => one.scope)).toEqual([{ of: everybody, from: null, to: 1_000 }, scope]);
    const site = await newSite(admin);
    const visitor = await newVisitorTab(server.url, site.id, await visit(server.url, site.id), server.url).ready();
    const visited = await askIn(visitor, 'Where is my order?');
    const [maras, admins] = await Promise.all([talk(world.mara, 'canary of Mara'), talk(admin, 'canary of the admin')]);
    const tabs = [maras.tab, admins.tab, visitor];
    const ids = [maras.conversation, admins.conversation, visited];
    for (const [place, tab] of tabs.entries()) await remove(tab, ids[place]!);
    for (const tab of tabs) await tab.until(() => tab.view?.isErased === true, 'a sweep has passed, and all look erased');
    expect(await Promise.all(ids.map((id) => isErased(store, id)))).toEqual([false, false, false]);
    expect(await Promise.all(ids.map((id) => messagesOf(store, id)))).toEqual([2, 2, 2]);

    await release(reviewer, opened, placed.holds[1]!.id);
    for (const id of ids) await until(() => isErased(store, id), 'what is held no longer is erased');
    await Promise.all([later, ...tabs].map((one) => one[Symbol.asyncDispose]()));
  });

  it('on everybody is placed while much is erased, and keeps all that it finds', async () => {
    await using world = await newWorld();
    const { reviewer, store } = world;
    const opened = await openCase(reviewer);
    const { tab: first, conversation: one } = await talk(world.mara, 'canary of Mara');
    const ids: ConversationId[] = [one];
    for (let count = 1; count < 12; count++) {
      await using tab = await new Tab(world.mara).ready();
      ids.push(await askIn(tab, 'canary of Mara'));
    }
    const whole = async (): Promise<ConversationId[]> => (await Promise.all(ids.map(async (id) => ((await messagesOf(store, id)) === 2 && (await store.get('key', id)) !== undefined ? [id] : [])))).flat();
    const removals = ids.map((id) => remove(first, id));
    await until(async () => (await whole()).length < ids.length, 'erasing has begun');
    await hold(reviewer, opened, { type: 'everybody' }, { from: 0 });
    const kept = await whole();
    await Promise.all(removals);
    for (const id of kept) await until(async () => (await store.get('conversation', id))?.body.deletedAt !== null, 'it is deleted');
    const { tab: marker, conversation: last } = await talk(world.admin, 'a sweep has to pass');
    await remove(marker, last);
    await marker.until(() => marker.view?.isErased === true, 'a sweep has passed');
    expect(await whole()).toEqual(kept);
    await Promise.all([first, marker].map((tab) => tab[Symbol.asyncDispose]()));
  });

  it('keeps what is deleted with messages that wait, and nobody is kept busy with it', async () => {
    await using world = await newWorld({ demoWordsPerSecond: 20 }); // so slow that the reply is still growing when messages are sent to wait for it
    const { reviewer, store } = world;
    await using tab = await new Tab(world.mara).ready();
    const conversation = await tab.begin('Write something long');
    await hold(reviewer, await openCase(reviewer), { type: 'conversation', id: conversation });
    await tab.until(() => tab.view?.turn !== null);
    for (const text of ['one', 'two']) await tab.send(text);
    await remove(tab, conversation);
    await until(async () => (await store.get('conversation', conversation))?.body.deletedAt !== null, 'it is deleted');
    expect((await store.find({ kind: 'conversation', index: 'byWaiting', where: [true], limit: 10 })).items).toEqual([]);
    expect(await isErased(store, conversation)).toBe(false);
  });

  it('and a delete at the same moment: whichever is first wins, and nothing is lost after a hold was placed', async () => {
    await using world = await newWorld();
    const { reviewer, store } = world;
    const opened = await openCase(reviewer);
    const outcomes = new Set<string>();
    for (let round = 0; round < 6; round++) {
      const { tab, conversation } = await talk(world.mara, 'canary of Mara');
      await remove(tab, conversation);
      if (round % 3 === 1) await tab.until(() => tab.view?.conversation.deletedAt !== null);
      if (round % 3 === 2) await tab.until(() => tab.view?.isErased === true);
      const before = await messagesOf(store, conversation);
      const placed = await hold(reviewer, opened, { type: 'conversation', id: conversation });
      const after = [await messagesOf(store, conversation), (await store.get('key', conversation)) !== undefined];
      const { tab: next, conversation: marker } = await talk(world.admin, 'canary of Mara');
      await remove(next, marker);
      await next.until(() => next.view?.isErased === true, 'a sweep has passed');
      expect([await messagesOf(store, conversation), (await store.get('key', conversation)) !== undefined]).toEqual(after);
      outcomes.add(before === 2 && after[0] === 2 ? 'held' : 'erased');
      await release(reviewer, opened, placed.holds.at(-1)!.id);
      await Promise.all([tab, next].map((one) => one[Symbol.asyncDispose]()));
    }
    expect(outcomes).toEqual(new Set(['held', 'erased']));
  });

  it('is placed, and released, with its record or not at all', async () => {
    await using world = await newWorld();
    const { reviewer, store, plan } = world;
    const opened = await openCase(reviewer);
    const { tab, conversation } = await talk(world.mara, 'canary of Mara');
    const of = { type: 'conversation', id: conversation } as const;
    plan.current = refusal;
    const refused = [openCase(reviewer), hold(reviewer, opened, of), ask(reviewer, 'closeCase', { case: opened.id }, { reason: 'x' }), give(world.admin, world.mara, 'admin')];
    for (const one of await Promise.allSettled(refused)) expect(one).toMatchObject({ status: 'rejected', reason: { message: 'record-unavailable' } });
    plan.current = nothing;
    expect(await ask<{ cases: Case[] }>(reviewer, 'cases')).toEqual({ cases: [opened] });
    expect(await store.get('gate', `conversation:${conversation}`)).toBeUndefined();
    const placed = await hold(reviewer, opened, of);
    plan.current = refusal;
    await expect(release(reviewer, opened, placed.holds[0]!.id)).rejects.toThrow('record-unavailable');
    plan.current = nothing;
    expect((await store.get('gate', `conversation:${conversation}`))?.body.holds).toHaveLength(1);
    expect((await ask<{ people: Person[] }>(world.admin, 'people')).people.map(({ role }) => role).toSorted()).toEqual(['admin', 'member', 'reviewer']);
    await tab[Symbol.asyncDispose]();
  });

  it('is a reviewer’s alone: no admin is one, and there is always an admin', async () => {
    await using world = await newWorld();
    const opened = await openCase(world.reviewer);
    for (const account of [world.admin, world.mara]) {
      await expect(openCase(account)).rejects.toThrow('not-permitted');
      await expect(ask(account, 'cases')).rejects.toThrow('not-permitted');
      await expect(hold(account, opened, { type: 'person', id: world.mara.person.id as UserId })).rejects.toThrow('not-permitted');
    }
    for (const account of [world.reviewer, world.mara]) await expect(give(account, account, 'admin')).rejects.toThrow('not-permitted');
    await expect(give(world.admin, world.admin, 'reviewer')).rejects.toThrow('not-permitted');
    await give(world.admin, world.mara, 'admin');
    const both = await Promise.allSettled([give(world.admin, world.mara, 'member'), give(world.mara, world.admin, 'member')]);
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const [of, range] of [[{ type: 'person', id: 'nobody' }, {}], [{ type: 'site', id: 'x' }, {}], [{ type: 'person', id: newId<UserId>() }, { from: 2, to: 1 }]] as const) await expect(hold(world.reviewer, opened, of as HoldScope['of'], range)).rejects.toThrow('invalid-command');
    await expect(release(world.reviewer, opened, 'nothing')).rejects.toThrow('not-found');
  });

  it('by a reviewer can be made however many accounts there are', async () => {
    await using world = await newWorld();
    const body = { email: '', role: 'member', createdAt: 1, passwordHash: '', sealed: '' } as const;
    for (const round of [1, 2]) await world.store.commit([record('earlier', round), ...Array.from({ length: 600 }, (): Change => ({ do: 'add', kind: 'user', id: newId(), body }))], UNFENCED);
    expect(await give(world.admin, world.mara, 'admin')).toMatchObject({ role: 'admin' });
    expect(await give(world.admin, world.admin, 'member')).toMatchObject({ role: 'member' });
    await expect(give(world.mara, world.mara, 'reviewer')).rejects.toThrow('not-permitted');
  });
});
