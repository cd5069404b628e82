import { expect, it, vi } from 'vitest';
import { NOTICES_KEPT, type SecurityNotice } from '../../contracts/security.ts';
import type { ProviderSettings } from '../../server/providers/settings.ts';
import { around } from '../../server/store/around.ts';
import type { Change, Store } from '../../server/store/store.ts';
import { faultyStore, once, type FaultPlan } from '../support/faults.ts';
import { chosen, order, until as untilState } from '../support/packages.ts';
import { records } from '../support/recording.ts';
import { ask, asked, give, hold, openCase } from '../support/reviewer.ts';
import { newServer } from '../support/server.ts';
import { newAccount, signIn, Tab, type Account } from '../support/tab.ts';
import { whereStands } from '../support/bytes-kept.ts';

const OWN: ProviderSettings = { id: 'local', kind: 'openai-compatible', name: 'Local', baseUrl: 'http://127.0.0.1:1/v1', key: undefined, ownKeys: true, headers: {}, models: [{ name: 'tiny' }], fetch: false, titleModel: undefined };
const nothing: FaultPlan = () => undefined;

/** `committed` are the commits that went through, in their order; `find` is called before the store is asked for a person's sign-ins. */
async function newWorld(find: () => Promise<unknown> = () => Promise.resolve()) {
  const plan = { current: nothing };
  const held: { store?: Store } = {};
  const committed: (readonly Change[])[] = [];
  const wrap = (store: Store): Store => {
    held.store = faultyStore(around(store, { find: async (query) => (query.kind === 'session' && (await find()), store.find(query)) }), (changes, fence) => {
      const fault = plan.current(changes, fence);
      if (fault === undefined) committed.push(changes);
      return fault;
    });
    return held.store;
  };
  const server = await newServer({ config: { providers: [OWN], hasDemo: true, demoWordsPerSecond: 5_000, restoreMs: 0 }, wrap });
  const admin = await newAccount(server.url, 'admin@example.org');
  const mara = await newAccount(server.url, 'mara@example.org');
  return { server, plan, committed, get store() { return held.store as Store; }, admin, mara, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const noticesOf = async (account: Account): Promise<SecurityNotice[]> => (await ask<{ notices: SecurityNotice[] }>(account, 'securityNotices')).notices;
const typesOf = async (account: Account): Promise<string[]> => (await noticesOf(account)).map(({ what }) => what.type).toReversed();
const toldTimes = (tab: Tab): number => tab.notices.filter(({ type }) => type === 'security').length;
const sessionsOf = async (account: Account) => (await ask<{ sessions: { id: string; isThis: boolean }[] }>(account, 'sessions')).sessions;
const changePassword = (account: Account, current: string, password: string) => ask(account, 'changePassword', {}, { current, password });
const setKey = (account: Account) => ask(account, 'setKey', { provider: 'local' }, { key: 'sk-of-mara-0123456789', expiresInDays: null });
const isOver = (account: Account) => vi.waitUntil(async () => (await asked(account, 'sessions')).status === 401, { timeout: 30_000 });

it('[PE11] a person is told what happens to their account in all their tabs, once for each, and finds it in order afterwards; nobody else is told', async () => {
  await using world = await newWorld();
  const { server, admin, mara } = world;
  await using tab = await new Tab(mara).ready();
  await using another = await new Tab(mara).ready();
  await using stranger = await new Tab(admin).ready();
  const elsewhere = await signIn(server.url, 'mara@example.org');
  await using there = await new Tab(elsewhere).ready();
  await setKey(mara);
  await setKey(mara);
  await ask(mara, 'removeKey', { provider: 'local' });
  await setKey(mara);
  await ask(mara, 'removeKeys');
  for (const one of [tab, another]) await one.until(() => toldTimes(one) === 6);
  await there.until(() => toldTimes(there) === 5); // of all but its own sign-in
  const { notices: number } = tab.hello!;
  await give(admin, mara, 'reviewer');
  await tab.until(() => toldTimes(tab) === 7 || tab.hello!.notices !== number); // whose role has changed is greeted anew, and then meets another number
  expect(toldTimes(stranger)).toBe(0);
  const expected = ['signed-in', 'signed-in', 'key-set', 'key-set', 'keys-removed', 'key-set', 'keys-removed', 'role-changed'];
  expect(await typesOf(mara)).toEqual(expected);
  const seen = await noticesOf(mara);
  expect(seen.map(({ number }) => number)).toEqual(seen.map(({ number }) => number).toSorted((a, b) => b - a));
  expect(seen.map(({ isThis }) => isThis).toReversed()).toEqual([true, false, true, true, true, true, true, false]);
  expect((await noticesOf(elsewhere)).map(({ isThis }) => isThis).toReversed()).toEqual([false, true, false, false, false, false, false, false]);
  // Where somebody else was is not told: only where they themselves were.
  expect(seen.map(({ from }) => from !== null)).toEqual([false, true, true, true, true, true, true, true]);
  expect(await typesOf(admin)).toEqual(['signed-in']);
});

/** The step with its record refused, of which nobody is told and nothing is kept; then as it is. */
async function refusedFirst({ plan, mara }: { plan: { current: FaultPlan }; mara: Account }, tab: Tab, type: string, step: () => Promise<unknown>): Promise<void> {
  const [kept, told] = [await noticesOf(mara), toldTimes(tab)];
  plan.current = once('refuse', records(type));
  await expect(step()).rejects.toThrow('record-unavailable');
  plan.current = nothing;
  expect(await noticesOf(mara)).toEqual(kept);
  expect(toldTimes(tab)).toBe(told);
  await step();
}

it('[PE11] a notice is in the commit of the change that it tells of: where that is refused nobody is told, and nothing has happened', async () => {
  await using world = await newWorld();
  const { server, committed, admin, mara } = world;
  await using tab = await new Tab(mara).ready();
  const before = committed.length;
  const steps: readonly (readonly [type: string, step: () => Promise<unknown>])[] = [
    ['signed-in', () => signIn(server.url, 'mara@example.org')],
    ['key-set', () => setKey(mara)],
    ['key-removed', () => ask(mara, 'removeKey', { provider: 'local' })],
    ['password-changed', () => changePassword(mara, 'correct horse', 'another horse')],
    ['signed-out', () => ask(admin, 'signOutPerson', { user: mara.person.id })],
  ];
  for (const [index, [type, step]] of steps.entries()) {
    expect(toldTimes(tab)).toBe(index);
    await refusedFirst(world, tab, type, step);
    if (index < steps.length - 1) await tab.until(() => toldTimes(tab) === index + 1);
  }
  const ofNotices = committed.slice(before).filter((changes) => changes.some((change) => change.kind === 'security-notice'));
  expect(ofNotices.map((changes) => steps.find(([type]) => records(type)(changes))?.[0])).toEqual(steps.map(([type]) => type));
});

it('[PE11] whose role has changed is told, or greeted anew with another number; where the change is refused neither', async () => {
  await using world = await newWorld();
  const { committed, admin, mara } = world;
  await using tab = await new Tab(mara).ready();
  const { notices: number } = tab.hello!;
  const before = committed.length;
  await refusedFirst(world, tab, 'role-changed', async () => {
    expect([toldTimes(tab), tab.hello!.notices]).toEqual([0, number]);
    await give(admin, mara, 'reviewer');
  });
  await tab.until(() => toldTimes(tab) === 1 || tab.hello!.notices !== number);
  expect(committed.slice(before).filter((changes) => changes.some((change) => change.kind === 'security-notice')).map((changes) => records('role-changed')(changes))).toEqual([true]);
});

it('[PE11] sign-ins that an administrator ends are over at once, and the person is told the next time; nobody else ends them', async () => {
  await using world = await newWorld();
  const { server, admin, mara } = world;
  await using tab = await new Tab(mara).ready();
  await expect(ask(mara, 'signOutPerson', { user: admin.person.id })).rejects.toThrow('not-permitted');
  await expect(ask(admin, 'signOutPerson', { user: admin.person.id })).rejects.toThrow('not-permitted');
  await expect(ask(admin, 'signOutPerson', { user: 'nobody'.padEnd(22, '0') })).rejects.toThrow('not-found');
  await ask(admin, 'signOutPerson', { user: mara.person.id });
  await vi.waitUntil(() => !tab.socket.connected, { timeout: 30_000 });
  await isOver(mara);
  const again = await signIn(server.url, 'mara@example.org');
  expect((await noticesOf(again)).map(({ what, from }) => [what.type, what.type === 'signed-out' && what.count, from === null])).toEqual([['signed-in', false, false], ['signed-out', 1, true], ['signed-in', false, false]]);
  // Whoever ends their own knows.
  await ask(again, 'signOutEverywhere');
  expect(await typesOf(await signIn(server.url, 'mara@example.org'))).toEqual(['signed-in', 'signed-out', 'signed-in', 'signed-in']);
});

it('[PE11] what was seen in one tab is seen in all, and what came since is not', async () => {
  await using world = await newWorld();
  const { mara } = world;
  await using tab = await new Tab(mara).ready();
  await setKey(mara);
  const [newest] = await noticesOf(mara);
  expect(newest?.isSeen).toBe(false);
  await tab.until(() => toldTimes(tab) === 1);
  await ask(mara, 'seeSecurity', {}, { upTo: newest!.number });
  await tab.until(() => toldTimes(tab) === 2);
  expect((await noticesOf(mara)).map(({ isSeen }) => isSeen)).toEqual([true, true]);
  await ask(mara, 'seeSecurity', {}, { upTo: 1 }); // an older tab takes nothing back
  await ask(mara, 'seeSecurity', {}, { upTo: Number.MAX_SAFE_INTEGER }); // nothing that has not come yet is seen
  await setKey(mara);
  expect((await noticesOf(mara)).map(({ isSeen }) => isSeen)).toEqual([false, true, true]);
});

it('[PE11] of each person the latest fifty notices are kept, however much happens', async () => {
  await using world = await newWorld();
  const { store, mara } = world;
  for (let round = 0; round < NOTICES_KEPT + 7; round++) await setKey(mara);
  const { items } = await store.find({ kind: 'security-notice', index: 'byUser', where: [mara.person.id], limit: 1_000 });
  expect(items).toHaveLength(NOTICES_KEPT);
  const kept = await noticesOf(mara);
  expect([kept.length, new Set(kept.map(({ what }) => what.type))]).toEqual([NOTICES_KEPT, new Set(['key-set'])]);
});

it('[PE11] [RE7] whom a case is about is told nothing of holds, of what is read and of what is exported; who ordered the export is', async () => {
  await using world = await newWorld();
  const { server, admin, mara } = world;
  const reviewer = await newAccount(server.url, 'reviewer@example.org');
  await give(admin, reviewer, 'reviewer');
  await using tab = await new Tab(mara).ready();
  const conversation = await tab.begin('Nobody knows');
  await tab.until(() => tab.view?.conversation.titledBy === 'model' && tab.view.turn === null);
  const before = await noticesOf(mara);
  const opened = await openCase(reviewer);
  await hold(reviewer, opened, { type: 'person', id: mara.person.id });
  await ask(reviewer, 'readForCase', {}, { case: opened.id, reason: 'Named in the letter', conversation, at: null });
  await untilState(reviewer, await order(reviewer, opened, chosen(conversation)), 'ready');
  const [told] = await noticesOf(reviewer);
  expect(told).toMatchObject({ what: { type: 'export-made', case: opened.id }, isThis: false });
  expect([await noticesOf(mara), toldTimes(tab)]).toEqual([before, 0]);
});

it('[PE11] [RE11] notices go with the person: nothing of them is kept, and what they said stands in no byte', async () => {
  await using world = await newWorld();
  const { server, store, admin, mara } = world;
  const canary = 'quinquerememagent';
  const reply = await fetch(`${server.url}/api/sign-in`, { method: 'POST', headers: { 'content-type': 'application/json', 'origin': server.url, 'user-agent': canary }, body: JSON.stringify({ email: 'mara@example.org', password: 'correct horse' }) });
  expect(reply.status).toBe(200);
  expect((await noticesOf(mara))[0]?.from?.agent).toBe(canary);
  const kept = async () => (await store.find({ kind: 'security-notice', index: 'byUser', where: [mara.person.id], limit: 100 })).items;
  const read = async () => whereStands([canary], (await kept()).map(({ id, body }) => [id, Buffer.from(JSON.stringify(body))]));
  expect([(await kept()).length, await read()]).toEqual([2, []]);
  await ask(mara, 'seeSecurity', {}, { upTo: (await noticesOf(mara))[0]!.number });
  await ask(admin, 'removePerson', { user: mara.person.id });
  await vi.waitUntil(async () => (await store.get('user', mara.person.id)) === undefined, { timeout: 30_000, interval: 50 });
  expect(await kept()).toEqual([]);
  expect((await store.find({ kind: 'read-marker', index: 'byOwner', where: [mara.person.id], limit: 100 })).items).toEqual([]);
});

it('[PE12] a password is changed only by whoever knows the one before, and every other sign-in is over with it', async () => {
  await using world = await newWorld();
  const { server, mara } = world;
  const elsewhere = await signIn(server.url, 'mara@example.org');
  await using there = await new Tab(elsewhere).ready();
  await using here = await new Tab(mara).ready();
  await expect(changePassword(mara, 'wrong horse', 'another horse')).rejects.toThrow('sign-in-refused');
  await expect(changePassword(mara, 'correct horse', 'short')).rejects.toThrow('invalid-command');
  expect(await typesOf(mara)).toEqual(['signed-in', 'signed-in']);
  await changePassword(mara, 'correct horse', 'another horse');
  await vi.waitUntil(() => !there.socket.connected, { timeout: 30_000 });
  await isOver(elsewhere);
  expect([here.socket.connected, (await sessionsOf(mara)).map(({ isThis }) => isThis)]).toEqual([true, [true]]);
  await expect(signIn(server.url, 'mara@example.org')).rejects.toThrow('sign-in-refused');
  await signIn(server.url, 'mara@example.org', 'another horse');
});

it('[PE12] of two who change a password at the same moment one does, and the other is told that it is another one now', async () => {
  await using world = await newWorld();
  const { server, mara } = world;
  const elsewhere = await signIn(server.url, 'mara@example.org');
  const outcomes = await Promise.allSettled([changePassword(mara, 'correct horse', 'another horse'), changePassword(elsewhere, 'correct horse', 'thieving horse')]);
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  const isMine = outcomes[0]?.status === 'fulfilled';
  await signIn(server.url, 'mara@example.org', isMine ? 'another horse' : 'thieving horse');
  await expect(signIn(server.url, 'mara@example.org', isMine ? 'thieving horse' : 'another horse')).rejects.toThrow('sign-in-refused');
});

it('[PE12] who signs in with the password before at the moment in which it is changed has no sign-in', async () => {
  const meanwhile: { current: (() => Promise<unknown>) | undefined } = { current: undefined };
  await using world = await newWorld(() => {
    const now = meanwhile.current;
    meanwhile.current = undefined;
    return now?.() ?? Promise.resolve();
  });
  const { server, store, mara } = world;
  meanwhile.current = () => changePassword(mara, 'correct horse', 'another horse');
  await expect(signIn(server.url, 'mara@example.org')).rejects.toThrow('sign-in-refused');
  const { items } = await store.find({ kind: 'session', index: 'byUser', where: [mara.person.id], limit: 100 });
  expect(items).toHaveLength(1);
});

it('[PE3] signing out everywhere else ends every sign-in but the one that asks', async () => {
  await using world = await newWorld();
  const { server, mara } = world;
  const others = [await signIn(server.url, 'mara@example.org'), await signIn(server.url, 'mara@example.org')];
  await using tab = await new Tab(others[0]!).ready();
  await using here = await new Tab(mara).ready();
  await ask(mara, 'signOutOthers');
  await vi.waitUntil(() => !tab.socket.connected, { timeout: 30_000 });
  for (const other of others) await isOver(other);
  expect([here.socket.connected, (await sessionsOf(mara)).length]).toEqual([true, 1]);
});

