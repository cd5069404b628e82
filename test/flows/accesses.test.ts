import { expect, it } from 'vitest';
import type { CaseAccess } from '../../contracts/access.ts';
import type { Case, Found } from '../../contracts/cases.ts';
import type { ConversationId } from '../../contracts/ids.ts';
import type { Message } from '../../contracts/conversation.ts';
import { AUDIT_CHAIN } from '../../contracts/records.ts';
import { textOf } from '../../contracts/view.ts';
import type { Config } from '../../server/config.ts';
import { around } from '../../server/store/around.ts';
import type { Kind } from '../../server/store/kinds.ts';
import type { Store } from '../../server/store/store.ts';
import { faultyStore, type FaultPlan } from '../support/faults.ts';
import { chosen, order } from '../support/packages.ts';
import { ask, give, openCase } from '../support/reviewer.ts';
import { newServer } from '../support/server.ts';
import { newAccount, signIn, Tab, type Account } from '../support/tab.ts';

const nothing: FaultPlan = () => undefined;
const refusal: FaultPlan = (changes) => (changes.some((change) => change.kind === 'record') ? 'refuse' : undefined);

/** Mara has written something, and two reviewers have a case. `meanwhile` is done once: after documents of that kind were found, and before whoever asked for them goes on. */
async function newWorld(secondApprover: Config['secondApprover'] = 'reading') {
  const plan = { current: nothing };
  const held: { store?: Store } = {};
  const meanwhile: { kind?: Kind; run?: () => Promise<unknown> } = {};
  const wrap = (store: Store): Store => {
    const watched = around(store, {
      find: async (query) => {
        const page = await store.find(query);
        const { kind, run } = meanwhile;
        if (query.kind !== kind || run === undefined) return page;
        delete meanwhile.run;
        await run();
        return page;
      },
    });
    return (held.store = faultyStore(watched, (changes, fence) => plan.current(changes, fence)));
  };
  const server = await newServer({ config: { hasDemo: true, demoWordsPerSecond: 5_000, restoreMs: 0, secondApprover }, wrap });
  const admin = await newAccount(server.url, 'admin@example.org');
  const [reviewer, other, mara] = [await newAccount(server.url, 'reviewer@example.org'), await newAccount(server.url, 'other@example.org'), await newAccount(server.url, 'mara@example.org')];
  await give(admin, reviewer, 'reviewer');
  await give(admin, other, 'reviewer');
  const opened = await openCase(reviewer);
  await using tab = await new Tab(mara).ready();
  const conversation = await tab.begin('The canary sings');
  await tab.until(() => tab.view?.conversation.titledBy === 'model' && tab.view.turn === null);
  return { server, plan, meanwhile, admin, reviewer, other, mara, opened, conversation, get store() { return held.store as Store; }, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

type World = Awaited<ReturnType<typeof newWorld>>;

const because = ({ id }: Case) => ({ case: id, reason: 'Named in the letter' });
const askFor = (by: Account, of: Case, hours = 8) => ask<CaseAccess>(by, 'askAccess', {}, { ...because(of), hours });
const take = (by: Account, name: 'grantAccess' | 'refuseAccess' | 'withdrawAccess', { id }: CaseAccess) => ask<CaseAccess>(by, name, { access: id }, { reason: 'As agreed' });
const find = (by: Account, { opened, mara }: World) => ask<{ found: Found[] }>(by, 'find', {}, { ...because(opened), of: [{ type: 'person', id: mara.person.id }], from: null, to: null, models: [], words: '' });
const read = (by: Account, { opened }: World, conversation: ConversationId) => ask<{ messages: Message[] }>(by, 'readForCase', {}, { ...because(opened), conversation, at: null });
const list = async (by: Account, of: Case) => (await ask<{ accesses: CaseAccess[] }>(by, 'accesses', { case: of.id })).accesses;
const typesIn = async ({ store }: World): Promise<string[]> => (await store.find({ kind: 'record', index: 'byChain', where: [AUDIT_CHAIN], limit: 1_000 })).items.map(({ body }) => body.type).filter((type) => /^(?:access|review)-/u.test(type));

it('[RE31] nothing is found or read for a case before another reviewer has granted it, on record; nobody grants their own', async () => {
  await using world = await newWorld();
  const { reviewer, other, mara, admin, opened, conversation, plan } = world;
  await expect(find(reviewer, world)).rejects.toThrow('not-permitted');
  await expect(read(reviewer, world, conversation)).rejects.toThrow('not-permitted');
  expect(await typesIn(world)).toEqual([]);
  plan.current = refusal;
  await expect(askFor(reviewer, opened)).rejects.toThrow('record-unavailable');
  plan.current = nothing;
  const asked = await askFor(reviewer, opened, 2);
  expect(asked).toMatchObject({ by: reviewer.person.id, state: 'waiting', hours: 2, until: null, decided: null });
  await expect(askFor(reviewer, opened)).rejects.toThrow('moved-on');
  await expect(take(reviewer, 'grantAccess', asked)).rejects.toThrow('not-permitted');
  await expect(take(reviewer, 'refuseAccess', asked)).rejects.toThrow('not-permitted');
  for (const account of [mara, admin]) for (const name of ['grantAccess', 'refuseAccess', 'withdrawAccess'] as const) await expect(take(account, name, asked)).rejects.toThrow('not-permitted');
  await expect(read(reviewer, world, conversation)).rejects.toThrow('not-permitted');
  plan.current = refusal;
  for (const name of ['grantAccess', 'refuseAccess', 'withdrawAccess'] as const) await expect(take(other, name, asked)).rejects.toThrow('record-unavailable');
  plan.current = nothing;
  expect(await list(other, opened)).toEqual([asked]);
  const granted = await take(other, 'grantAccess', asked);
  expect(granted).toMatchObject({ state: 'granted', decided: { by: other.person.id, reason: 'As agreed' }, until: granted.decided!.at + 2 * 3_600_000 });
  expect((await find(reviewer, world)).found.map(({ id }) => id)).toEqual([conversation]);
  expect((await read(reviewer, world, conversation)).messages.map(textOf)).toContain('The canary sings');
  // It is theirs alone, and for this case.
  await expect(read(other, world, conversation)).rejects.toThrow('not-permitted');
  await expect(ask(reviewer, 'readForCase', {}, { ...because(await openCase(reviewer)), conversation, at: null })).rejects.toThrow('not-permitted');
  plan.current = refusal;
  await expect(read(reviewer, world, conversation)).rejects.toThrow('record-unavailable');
  plan.current = nothing;
  expect(await typesIn(world)).toEqual(['access-asked', 'access-granted', 'review-searched', 'review-read']);
});

it('[RE31] what was refused or withdrawn opens nothing, and can be asked for again; whoever asked is told in their tabs', async () => {
  await using world = await newWorld();
  const { reviewer, other, opened, conversation } = world;
  await using tab = await new Tab(reviewer).ready();
  const told = (): number => tab.notices.filter((notice) => notice.type === 'access' && notice.case === opened.id).length;
  await take(other, 'refuseAccess', await askFor(reviewer, opened));
  await expect(read(reviewer, world, conversation)).rejects.toThrow('not-permitted');
  await take(reviewer, 'withdrawAccess', await askFor(reviewer, opened));
  const granted = await take(other, 'grantAccess', await askFor(reviewer, opened));
  await read(reviewer, world, conversation);
  await expect(take(other, 'grantAccess', granted)).rejects.toThrow('moved-on');
  await expect(askFor(reviewer, opened)).rejects.toThrow('moved-on');
  await take(other, 'withdrawAccess', granted);
  await expect(read(reviewer, world, conversation)).rejects.toThrow('not-permitted');
  await expect(find(reviewer, world)).rejects.toThrow('not-permitted');
  await expect(take(other, 'withdrawAccess', granted)).rejects.toThrow('moved-on');
  await tab.until(() => told() === 4);
  expect((await list(reviewer, opened)).map(({ state }) => state).toSorted()).toEqual(['refused', 'withdrawn', 'withdrawn']);
});

it('[RE31] a grant ends by itself after its hours, eight at most', async () => {
  await using world = await newWorld();
  const { reviewer, other, opened, conversation, store } = world;
  for (const hours of [0, 9, 1.5]) await expect(askFor(reviewer, opened, hours)).rejects.toThrow('invalid-command');
  const granted = await take(other, 'grantAccess', await askFor(reviewer, opened, 1));
  await read(reviewer, world, conversation);
  // As it stands an hour later.
  const kept = (await store.get('access', granted.id))!;
  const record = (await store.find({ kind: 'record', index: 'byChain', where: [AUDIT_CHAIN], order: 'down', limit: 1 })).items[0]!;
  await store.commit([{ do: 'put', kind: 'access', id: granted.id, body: { ...kept.body, until: Date.now() - 1 } }, { do: 'add', kind: 'record', id: 'old:1', body: { ...record.body, chain: 'old' as never, number: 1 } }], 'unfenced');
  await expect(read(reviewer, world, conversation)).rejects.toThrow('not-permitted');
  await take(other, 'grantAccess', await askFor(reviewer, opened, 1));
  await read(reviewer, world, conversation);
});

it('[RE31] a withdrawal ends reading at once: between the look at the grant and the record nothing is put on record or shown, and what was being read is not shown', async () => {
  await using world = await newWorld();
  const { reviewer, other, opened, conversation, meanwhile } = world;
  for (const [kind, recorded] of [['access', 0], ['message', 1]] as const) {
    const granted = await take(other, 'grantAccess', await askFor(reviewer, opened));
    const before = (await typesIn(world)).filter((type) => type === 'review-read').length;
    Object.assign(meanwhile, { kind, run: () => take(other, 'withdrawAccess', granted) });
    await expect(read(reviewer, world, conversation)).rejects.toThrow('not-permitted');
    expect((await typesIn(world)).filter((type) => type === 'review-read').length - before).toBe(recorded);
  }
});

it('[RE8] [RE31] the end of a case ends reading at once, whether it has to be granted or not', async () => {
  for (const secondApprover of ['reading', null] as const) {
    await using world = await newWorld(secondApprover);
    const { reviewer, other, conversation, meanwhile } = world;
    for (const [kind, recorded] of [...(secondApprover === null ? [] : [['access', 0] as const]), ['message', 1] as const]) {
      const opened = await openCase(reviewer);
      if (secondApprover !== null) await take(other, 'grantAccess', await askFor(reviewer, opened));
      const before = (await typesIn(world)).filter((type) => type === 'review-read').length;
      Object.assign(meanwhile, { kind, run: () => ask(other, 'closeCase', { case: opened.id }, { reason: 'Settled' }) });
      await expect(ask(reviewer, 'readForCase', {}, { ...because(opened), conversation, at: null })).rejects.toThrow('moved-on');
      expect((await typesIn(world)).filter((type) => type === 'review-read').length - before).toBe(recorded);
    }
  }
});

it('[RE31] of two decisions at the same moment one counts, and so of a decision and a close of the case', async () => {
  await using world = await newWorld();
  const { server, admin, reviewer, other, store, conversation } = world;
  const third = await newAccount(server.url, 'third@example.org');
  await give(admin, third, 'reviewer');
  const again = await signIn(server.url, 'third@example.org');
  for (let round = 0; round < 6; round += 1) {
    const opened = await openCase(reviewer);
    const asked = await askFor(reviewer, opened);
    const outcomes = await Promise.allSettled([take(other, 'grantAccess', asked), take(again, round % 2 === 0 ? 'grantAccess' : 'refuseAccess', asked)]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const [decided] = await list(reviewer, opened);
    expect(decided?.decided?.by).toBe(outcomes[0]!.status === 'fulfilled' ? other.person.id : again.person.id);
    const [, closed] = await Promise.allSettled([askFor(other, opened), ask(reviewer, 'closeCase', { case: opened.id }, { reason: 'Settled' })]);
    expect(closed.status).toBe('fulfilled');
    await expect(ask(reviewer, 'readForCase', {}, { ...because(opened), conversation, at: null })).rejects.toThrow('moved-on');
    await expect(askFor(third, opened)).rejects.toThrow('moved-on');
  }
  const { items } = await store.find({ kind: 'record', index: 'byChain', where: [AUDIT_CHAIN], limit: 1_000 });
  expect(items.filter(({ body }) => body.type === 'access-granted' || body.type === 'access-refused')).toHaveLength(6);
});

it('[RE31] [RE14] where reading is to be granted an export is to be approved as well; where only exports are, or nothing, reading goes on as it did', async () => {
  {
    await using world = await newWorld();
    const { reviewer, opened, conversation } = world;
    expect(await ask(reviewer, 'accesses', { case: opened.id })).toEqual({ accesses: [], isNeeded: true });
    expect((await order(reviewer, opened, chosen(conversation))).state).toBe('waiting');
  }
  for (const secondApprover of ['exports', null] as const) {
    await using world = await newWorld(secondApprover);
    const { reviewer, opened, conversation } = world;
    expect(await ask(reviewer, 'accesses', { case: opened.id })).toEqual({ accesses: [], isNeeded: false });
    await read(reviewer, world, conversation);
    await find(reviewer, world);
    expect([(await order(reviewer, opened, chosen(conversation))).state, await typesIn(world)]).toEqual([secondApprover === null ? 'making' : 'waiting', ['review-read', 'review-searched']]);
  }
});

it('[RE31] who is a reviewer no more reads nothing by what was granted before', async () => {
  await using world = await newWorld();
  const { admin, reviewer, other, opened, conversation } = world;
  await take(other, 'grantAccess', await askFor(reviewer, opened));
  await give(admin, reviewer, 'member');
  await expect(read(reviewer, world, conversation)).rejects.toThrow('not-permitted');
});
