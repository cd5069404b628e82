import { expect, it, vi } from 'vitest';
import type { HoldScope } from '../../contracts/cases.ts';
import type { DisposedConversation } from '../../contracts/retention.ts';
import type { CommandId, UserId } from '../../contracts/ids.ts';
import type { Person } from '../../contracts/routes.ts';
import { newId } from '../../server/ids.ts';
import { around } from '../../server/store/around.ts';
import type { Store } from '../../server/store/store.ts';
import { faultyStore, type FaultPlan } from '../support/faults.ts';
import { verified } from '../support/packages.ts';
import { records } from '../support/recording.ts';
import { ask, asked, give, hold, openCase, release } from '../support/reviewer.ts';
import { newServer } from '../support/server.ts';
import { newAccount, signIn, Tab, type Account } from '../support/tab.ts';
import { talkIn } from '../support/talking.ts';
import { until } from '../support/until.ts';

const nothing: FaultPlan = () => undefined;
const refusal: FaultPlan = (changes) => (changes.some((change) => change.kind === 'record') ? 'refuse' : undefined);

/** `find` is called before the store is asked for a person's sign-ins. */
async function newWorld(find: () => Promise<unknown> = () => Promise.resolve()) {
  const plan = { current: nothing };
  const held: { store?: Store } = {};
  const watched = (store: Store): Store => around(store, { find: async (query) => (query.kind === 'session' && (await find()), store.find(query)) });
  const wrap = (store: Store): Store => (held.store = faultyStore(watched(store), (changes, fence) => plan.current(changes, fence)));
  const server = await newServer({ config: { hasDemo: true, demoWordsPerSecond: 2_000, restoreMs: 0 }, wrap });
  const admin = await newAccount(server.url, 'admin@example.org');
  const mara = await newAccount(server.url, 'mara@example.org');
  return { server, plan, get store() { return held.store as Store; }, admin, mara, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const remove = (by: Account, who: Account) => ask(by, 'removePerson', { user: who.person.id });
const isGone = async (store: Store, who: Account): Promise<boolean> => (await store.get('user', who.person.id)) === undefined;
const people = async (admin: Account): Promise<string[]> => (await ask<{ people: Person[] }>(admin, 'people')).people.map(({ email }) => email);

it('[RE11] who is removed is signed out everywhere at once, and everything of theirs is erased, each conversation with its certificate', async () => {
  await using world = await newWorld();
  const { server, store, admin, mara } = world;
  await using tab = await new Tab(mara).ready();
  await using elsewhere = await new Tab(await signIn(server.url, 'mara@example.org')).ready();
  await using other = await new Tab(admin).ready();
  const conversation = await talkIn(tab, 'canary of Mara');
  const stays = await talkIn(other, 'of the admin');
  await ask(mara, 'settings', {}, { theme: 'dark' });
  await expect(signIn(server.url, 'mara@example.org', 'wrong horse')).rejects.toThrow('sign-in-refused');
  await remove(admin, mara);
  for (const one of [tab, elsewhere]) await vi.waitUntil(() => !one.socket.connected, { timeout: 30_000 });
  expect([(await asked(mara, 'conversations')).status, await people(admin)]).toEqual([401, ['admin@example.org']]);
  await expect(signIn(server.url, 'mara@example.org')).rejects.toThrow('sign-in-refused');
  await until(() => isGone(store, mara));
  expect(await Promise.all([store.get('key', conversation), store.get('key', `person:${mara.person.id}`), store.get('settings', mara.person.id)])).toEqual([undefined, undefined, undefined]);
  expect((await store.get('conversation', stays))?.body.isErased).toBe(false);
  const { entries } = await ask<{ entries: { type: string; said: { email?: string } | null }[] }>(admin, 'auditLog');
  // Of what was tried after it nobody knows whose it was.
  expect(entries.filter(({ type }) => type === 'sign-in-refused').map(({ said }) => said?.email)).toEqual(['mara@example.org', undefined]);
  const { disposed } = await ask<{ disposed: DisposedConversation[] }>(admin, 'retention');
  expect(disposed).toMatchObject([{ conversation, certificate: { why: 'person-removed' } }]);
  expect((await newAccount(server.url, 'mara@example.org')).person.id).not.toBe(mara.person.id);
  expect(await verified(server.place)).toMatchObject({ code: 0 });
});

it.each([
  ['them', (id: UserId): HoldScope => ({ of: { type: 'person', id }, from: null, to: null })],
  ['everybody', (): HoldScope => ({ of: { type: 'everybody' }, from: 0, to: null })],
])('[RE7] [RE11] a hold on %s keeps what they wrote and who they were, to be found for its case; once it is released all of it goes', async (_, scopeOf) => {
  await using world = await newWorld();
  const { store, admin, mara } = world;
  const reviewer = await newAccount(world.server.url, 'reviewer@example.org');
  await give(admin, reviewer, 'reviewer');
  await using tab = await new Tab(mara).ready();
  const conversation = await talkIn(tab, 'canary of Mara');
  const opened = await openCase(reviewer);
  const { of, ...range } = scopeOf(mara.person.id);
  const placed = await hold(reviewer, opened, of, range);
  await remove(admin, mara);
  const because = { case: opened.id, reason: 'Letter of 3 November' };
  await until(async () => (await store.get('conversation', conversation))?.body.deletedAt !== null);
  const named = await ask<{ people: { email: string }[] }>(reviewer, 'names', {}, because);
  expect(named.people.map(({ email }) => email)).toContain('mara@example.org');
  expect((await store.get('conversation', conversation))?.body.isErased).toBe(false);
  expect([await people(admin), await isGone(store, mara)]).toEqual([['reviewer@example.org', 'admin@example.org'], false]);
  await release(reviewer, opened, placed.holds[0]!.id);
  await until(() => isGone(store, mara));
  expect((await store.get('conversation', conversation))?.body.isErased).toBe(true);
  expect((await ask<{ people: { email: string }[] }>(reviewer, 'names', {}, because)).people.map(({ email }) => email)).not.toContain('mara@example.org');
});

it.each([
  ['them', (id: UserId): HoldScope['of'] => ({ type: 'person', id })],
  ['everybody', (): HoldScope['of'] => ({ type: 'everybody' })],
])('[RE7] [RE11] a hold on %s of another time keeps who they were, and nothing that they wrote', async (_, whom) => {
  await using world = await newWorld();
  const { store, admin, mara } = world;
  const reviewer = await newAccount(world.server.url, 'reviewer@example.org');
  await give(admin, reviewer, 'reviewer');
  await using tab = await new Tab(mara).ready();
  await using another = await new Tab(admin).ready();
  const conversation = await talkIn(tab, 'canary of Mara');
  const other = await talkIn(another, 'of the admin');
  const opened = await openCase(reviewer);
  const placed = await hold(reviewer, opened, whom(mara.person.id), { to: 1_000 });
  await remove(admin, mara);
  await until(async () => (await store.get('conversation', conversation))?.body.isErased === true);
  await another.ask({ type: 'conversation.delete', commandId: newId<CommandId>(), conversation: other });
  await another.until(() => another.view?.isErased === true, 'all that is due was looked at again');
  expect(await isGone(store, mara)).toBe(false);
  await release(reviewer, opened, placed.holds[0]!.id);
  await until(() => isGone(store, mara));
});

it('[RE1] [RE11] somebody is removed on record or not at all, by an administrator alone, and one of those is always left', async () => {
  await using world = await newWorld();
  const { plan, store, admin, mara } = world;
  await using tab = await new Tab(mara).ready();
  plan.current = refusal;
  await expect(remove(admin, mara)).rejects.toThrow('record-unavailable');
  plan.current = nothing;
  expect([await people(admin), (await asked(mara, 'conversations')).status, tab.socket.connected]).toEqual([['mara@example.org', 'admin@example.org'], 200, true]);
  await expect(remove(mara, admin)).rejects.toThrow('not-permitted');
  await expect(remove(admin, admin)).rejects.toThrow('not-permitted');
  await expect(ask(admin, 'removePerson', { user: newId() })).rejects.toThrow('not-found');
  await give(admin, mara, 'admin');
  const both = await Promise.allSettled([remove(admin, mara), remove(mara, admin)]);
  const left = both.flatMap((one, index) => (one.status === 'fulfilled' ? [] : [[admin, mara][index]!]));
  expect(left.length).toBeLessThanOrEqual(1);
  const who = both[0].status === 'fulfilled' ? admin : mara;
  expect((await ask<{ people: Person[] }>(who, 'people')).people).toMatchObject([{ role: 'admin' }]);
  await until(() => isGone(store, who === admin ? mara : admin));
});

it('[RE11] a removal goes on where it was after a restart', async () => {
  await using world = await newWorld();
  const { plan, admin, mara } = world;
  await using tab = await new Tab(mara).ready();
  const conversation = await talkIn(tab, 'canary of Mara');
  const wasTried = Promise.withResolvers<void>();
  plan.current = (changes) => {
    if (!records('conversation-deleted')(changes)) return undefined;
    wasTried.resolve();
    return 'refuse';
  };
  await remove(admin, mara);
  await wasTried.promise;
  expect((await world.store.get('conversation', conversation))?.body.deletedAt).toBeNull();
  await world.server.restart();
  plan.current = nothing;
  await until(() => isGone(world.store, mara));
  expect((await world.store.get('conversation', conversation))?.body.isErased).toBe(true);
});

it('[RE11] sign-ins that could not be ended with the removal are by the sweep, and their sockets with them', async () => {
  await using world = await newWorld();
  const { plan, admin, mara } = world;
  await using tab = await new Tab(mara).ready();
  plan.current = (changes) => (records('signed-out')(changes) ? 'refuse' : undefined);
  await expect(remove(admin, mara)).rejects.toThrow('record-unavailable');
  expect([tab.socket.connected, await people(admin)]).toEqual([true, ['admin@example.org']]);
  const gone = new Promise((resolve) => tab.socket.once('session-ended', () => resolve('told why')));
  plan.current = nothing;
  expect(await gone).toBe('told why');
  await until(() => isGone(world.store, mara));
});

it('[RE11] who signs in at the moment in which they are removed is refused, and has no sign-in', async () => {
  const meanwhile: { current: (() => Promise<unknown>) | undefined } = { current: undefined };
  await using world = await newWorld(() => {
    const now = meanwhile.current;
    meanwhile.current = undefined;
    return now?.() ?? Promise.resolve();
  });
  const { admin, mara } = world;
  meanwhile.current = () => remove(admin, mara);
  await expect(signIn(world.server.url, 'mara@example.org')).rejects.toThrow('sign-in-refused');
  expect((await world.store.find({ kind: 'session', index: 'byUser', where: [mara.person.id], limit: 10 })).items).toEqual([]);
});

it('[RE11] a conversation that cannot be deleted keeps no other of the same person from being erased', async () => {
  await using world = await newWorld();
  const { plan, store, admin, mara } = world;
  await using tab = await new Tab(mara).ready();
  await using other = await new Tab(mara).ready();
  const conversations = [await talkIn(tab, 'canary of Mara'), await talkIn(other, 'canary of Mara')];
  // The one that is come to first.
  const stuck = (await store.find({ kind: 'conversation', index: 'byOwner', where: [mara.person.id, false], limit: 1 })).items[0]!.id;
  plan.current = (_changes, fence) => (fence !== 'unfenced' && fence.chain === stuck ? 'refuse' : undefined);
  await remove(admin, mara);
  const free = conversations.find((id) => id !== stuck)!;
  await until(async () => (await store.get('conversation', free))?.body.isErased === true);
  expect(await isGone(store, mara)).toBe(false);
  plan.current = nothing;
  await until(() => isGone(store, mara));
});
