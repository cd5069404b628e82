import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Case } from '../../contracts/cases.ts';
import type { CaseExport } from '../../contracts/exports.ts';
import type { CommandId, ConversationId, ExportId } from '../../contracts/ids.ts';
import { AUDIT_CHAIN } from '../../contracts/records.ts';
import type { Config } from '../../server/config.ts';
import { newId } from '../../server/ids.ts';
import { around } from '../../server/store/around.ts';
import { UNFENCED, type Change, type Store } from '../../server/store/store.ts';
import { all } from '../../server/store/walk.ts';
import { faultyStore, type FaultPlan } from '../support/faults.ts';
import { chosen, contentOf, downloaded, order, saved, shown, step, until, verified, wantedOf } from '../support/packages.ts';
import { codeOf } from '../support/refusal.ts';
import { ask, asked, give, hold, openCase } from '../support/reviewer.ts';
import { newServer, type TestServer } from '../support/server.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';

const nothing: FaultPlan = () => undefined;
const refusal: FaultPlan = (changes) => (changes.some((change) => change.kind === 'record') ? 'refuse' : undefined);
const isPiece = (change: Change): boolean => change.kind === 'export-chunk' && change.do === 'put';

/** Holds the commits of a store back that a test asks for, until it lets them go. */
class Barrier {
  #isHeld: (changes: readonly Change[]) => boolean = () => false;
  #open: () => void = () => undefined;
  #reached: () => void = () => undefined;
  #gate: Promise<void> = Promise.resolve();

  /** Resolves when the first such commit is held back. */
  hold(isHeld: (changes: readonly Change[]) => boolean): Promise<void> {
    this.#isHeld = isHeld;
    this.#gate = new Promise((resolve) => (this.#open = resolve));
    return new Promise((resolve) => (this.#reached = resolve));
  }

  letGo(): void {
    this.#isHeld = () => false;
    this.#open();
  }

  around(store: Store): Store {
    return around(store, { commit: async (changes, fence) => {
      if (this.#isHeld(changes)) {
        this.#reached();
        await this.#gate;
      }
      return store.commit(changes, fence);
    } });
  }
}

interface World extends AsyncDisposable {
  readonly server: TestServer;
  readonly store: Store;
  readonly admin: Account;
  readonly reviewer: Account;
  readonly other: Account;
  readonly mara: Account;
  readonly opened: Case;
  readonly conversations: ConversationId[];
  readonly tabs: Tab[];
  readonly plan: { current: FaultPlan };
  readonly barrier: Barrier;
}

async function newWorld(config: Partial<Pick<Config, 'secondApprover'>> = {}, count = 2): Promise<World> {
  const plan = { current: nothing };
  const barrier = new Barrier();
  const held: { store?: Store } = {};
  const server = await newServer({ config: { hasDemo: true, demoWordsPerSecond: 2_000, restoreMs: 0, ...config }, wrap: (store) => (held.store = faultyStore(barrier.around(store), (changes, fence) => plan.current(changes, fence))) });
  const admin = await newAccount(server.url, 'admin@example.org');
  const [reviewer, other, mara] = [await newAccount(server.url, 'reviewer@example.org'), await newAccount(server.url, 'other@example.org'), await newAccount(server.url, 'mara@example.org')];
  await give(admin, reviewer, 'reviewer');
  await give(admin, other, 'reviewer');
  const opened = await openCase(reviewer);
  const tabs: Tab[] = [];
  const conversations: ConversationId[] = [];
  for (let index = 0; index < count; index += 1) {
    const tab = await new Tab(mara).ready();
    tabs.push(tab);
    conversations.push(await tab.begin(`The canary sings ${index}`));
    await tab.until(() => tab.view?.conversation.titledBy === 'model' && tab.view.turn === null);
  }
  return {
    server, admin, reviewer, other, mara, opened, tabs, conversations, plan, barrier,
    get store() {
      return held.store as Store;
    },
    async [Symbol.asyncDispose]() {
      barrier.letGo();
      for (const tab of tabs) await tab[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const auditTypes = async ({ store }: World): Promise<string[]> => (await all(store, { kind: 'record', index: 'byChain', where: [AUDIT_CHAIN], limit: 1_000 })).map(({ body }) => body.type);
const exportTypes = async (world: World): Promise<string[]> => (await auditTypes(world)).filter((type) => type.startsWith('export-'));
const piecesOf = (store: Store, { id }: Pick<CaseExport, 'id'>) => all(store, { kind: 'export-chunk', index: 'byExport', where: [id], limit: 100 });

/** No piece, no key and nothing to be done. */
async function expectNothingLeft(store: Store, one: Pick<CaseExport, 'id'>): Promise<void> {
  await vi.waitFor(async () => expect([await piecesOf(store, one), await store.get('export-work', one.id)]).toEqual([[], undefined]), { timeout: 30_000, interval: 100 });
  expect(await store.get('key', `export:${one.id}`)).toBeUndefined();
}

const remove = (tab: Tab, conversation: ConversationId) => tab.ask({ type: 'conversation.delete', commandId: newId<CommandId>(), conversation });

afterEach(() => void vi.restoreAllMocks());

describe('[RE13] an order', () => {
  it('has its case and reason on record before anything is made, and each disclosure before anything is sent', async () => {
    await using world = await newWorld();
    const { reviewer, opened, conversations, plan } = world;
    plan.current = refusal;
    await expect(order(reviewer, opened, chosen(...conversations))).rejects.toThrow('record-unavailable');
    plan.current = nothing;
    expect([await exportTypes(world), await all(world.store, { kind: 'export', index: 'byCase', where: [opened.id], limit: 10 })]).toEqual([[], []]);
    const ready = await until(reviewer, await order(reviewer, opened, chosen(...conversations)), 'ready');
    expect(ready).toMatchObject({ by: reviewer.person.id, reason: 'Named in the letter', progress: null, made: { conversations: 2 }, recipient: null });
    plan.current = refusal;
    expect(await codeOf(downloaded(reviewer, ready))).toBe('record-unavailable');
    await expect(step(reviewer, 'cancelExport', ready.id)).rejects.toThrow('record-unavailable');
    plan.current = nothing;
    expect([await exportTypes(world), (await shown(reviewer, ready)).state]).toEqual([['export-ordered', 'export-made'], 'ready']);
    expect((await downloaded(reviewer, ready)).headers.get('content-disposition')).toBe(`attachment; filename="${ready.id}.zip"`);
    expect(await exportTypes(world)).toEqual(['export-ordered', 'export-made', 'export-downloaded']);
  });

  it('is for reviewers alone, for an open case, and for what is there', async () => {
    await using world = await newWorld();
    const { reviewer, admin, mara, opened, conversations } = world;
    const ready = await until(reviewer, await order(reviewer, opened, chosen(conversations[0]!)), 'ready');
    for (const account of [admin, mara]) {
      await expect(order(account, opened, chosen(conversations[0]!))).rejects.toThrow('not-permitted');
      await expect(ask(account, 'exports', { case: opened.id })).rejects.toThrow('not-permitted');
      for (const name of ['approveExport', 'refuseExport', 'cancelExport'] as const) await expect(step(account, name, ready.id)).rejects.toThrow('not-permitted');
      expect(await codeOf(downloaded(account, ready))).toBe('not-permitted');
    }
    await expect(order(reviewer, opened, chosen(newId()))).rejects.toThrow('not-found');
    await expect(order(reviewer, { id: newId() }, chosen(conversations[0]!))).rejects.toThrow('not-found');
    expect(await codeOf(downloaded(reviewer, { id: newId<ExportId>() }))).toBe('not-found');
    for (const wrong of [{ scope: { type: 'chosen', conversations: [] } }, { scope: { type: 'whole', of: [], from: null, to: null } }, { scope: { type: 'whole', of: [{ type: 'person', id: mara.person.id }], from: 2, to: 1 } }, { forms: ['pdf'] }, { reason: ' ' }, { more: true }]) {
      expect(await codeOf(asked(reviewer, 'orderExport', {}, { ...wantedOf(opened, chosen(conversations[0]!)), ...wrong }))).toBe('invalid-command');
    }
    await ask(reviewer, 'closeCase', { case: opened.id }, { reason: 'Settled' });
    await expect(order(reviewer, opened, chosen(conversations[0]!))).rejects.toThrow('moved-on');
  });
});

describe('[RE13] what is being made', () => {
  it('tells how far it is, and when it is cancelled in the middle nothing of it stays', async () => {
    await using world = await newWorld();
    const { reviewer, opened, conversations, store, barrier } = world;
    let pieces = 0;
    const reached = barrier.hold((changes) => changes.some(isPiece) && ++pieces === 3);
    const one = await order(reviewer, opened, chosen(...conversations));
    await reached;
    expect(await shown(reviewer, one)).toMatchObject({ state: 'making', progress: { done: 1, of: 2 } });
    expect((await piecesOf(store, one)).length).toBeGreaterThan(0);
    expect(await step(reviewer, 'cancelExport', one.id)).toMatchObject({ state: 'cancelled', made: null });
    barrier.letGo();
    await expectNothingLeft(store, one);
    expect(await exportTypes(world)).toEqual(['export-ordered', 'export-cancelled']);
    expect(await codeOf(downloaded(reviewer, one))).toBe('moved-on');
    await expect(step(reviewer, 'cancelExport', one.id)).rejects.toThrow('moved-on');
  });

  it('goes on after a restart with the step that is next, and is the package that it would have been', async () => {
    await using world = await newWorld({}, 3);
    const { reviewer, opened, conversations, barrier, server } = world;
    let pieces = 0;
    const reached = barrier.hold((changes) => changes.some(isPiece) && ++pieces === 4);
    const one = await order(reviewer, opened, chosen(...conversations));
    await reached;
    const before = await piecesOf(world.store, one);
    // As an attempt that had come further, and did not end its step, would have left it.
    await world.store.commit([{ do: 'put', kind: 'export-chunk', id: `${one.id}:99`, body: { ...before[0]!.body, place: 99 } }], UNFENCED);
    const restarting = server.restart();
    barrier.letGo();
    await restarting;
    const ready = await until(reviewer, one, 'ready');
    const after = await piecesOf(world.store, one);
    expect([before.length, after.slice(0, before.length)]).toEqual([expect.any(Number), before]);
    const zip = saved('package.zip', new Uint8Array(await (await downloaded(reviewer, ready)).arrayBuffer()));
    expect(await verified(zip)).toMatchObject({ code: 0, said: expect.stringContaining('in 3 chains') });
    expect(await exportTypes(world)).toEqual(['export-ordered', 'export-made', 'export-downloaded']);
  });

  it('is tried again when the store refuses a piece, and says on record when it cannot be made', async () => {
    await using world = await newWorld();
    const { reviewer, opened, conversations, plan, store } = world;
    plan.current = (changes) => (changes.some(isPiece) ? 'refuse' : undefined);
    const one = await order(reviewer, opened, chosen(...conversations));
    await vi.waitUntil(async () => ((await store.get('export-work', one.id))?.body.attempts ?? 0) > 0, { timeout: 30_000 });
    const now = Date.now.bind(Date);
    let ahead = 0;
    vi.spyOn(Date, 'now').mockImplementation(() => now() + ahead);
    for (let attempt = 1; attempt < 5; attempt += 1) {
      ahead += 20_000; // the lease of the attempt before has ended
      await vi.waitUntil(async () => ((await store.get('export-work', one.id))?.body.attempts ?? 9) > attempt, { timeout: 30_000 });
    }
    await until(reviewer, one, 'failed');
    plan.current = nothing;
    await expectNothingLeft(store, one);
    expect(await exportTypes(world)).toEqual(['export-ordered', 'export-failed']);
  });
});

describe('[RE13] a package that is there', () => {
  it('expires after seven days: its key is destroyed, on record, and nothing of it stays', async () => {
    await using world = await newWorld();
    const { reviewer, opened, conversations, store } = world;
    const ready = await until(reviewer, await order(reviewer, opened, chosen(...conversations)), 'ready');
    expect(ready.expiresAt! - Date.now()).toBeGreaterThan(6.9 * 24 * 3_600_000);
    expect(await store.get('key', `export:${ready.id}`)).toBeDefined();
    const now = Date.now.bind(Date);
    vi.spyOn(Date, 'now').mockImplementation(() => now() + 7 * 24 * 3_600_000);
    await until(reviewer, ready, 'expired');
    await expectNothingLeft(store, ready);
    expect(await exportTypes(world)).toEqual(['export-ordered', 'export-made', 'export-expired']);
    expect(await codeOf(downloaded(reviewer, ready))).toBe('moved-on');
  });

  it('of which something was erased since is given to nobody, and what it says of that can be read by nobody', async () => {
    await using world = await newWorld();
    const { reviewer, opened, conversations, tabs, store } = world;
    const ready = await until(reviewer, await order(reviewer, opened, chosen(...conversations), { forms: ['csv', 'html'] }), 'ready');
    const kept = await until(reviewer, await order(reviewer, opened, chosen(conversations[1]!)), 'ready');
    await remove(tabs[0]!, conversations[0]!);
    await tabs[0]!.until(() => tabs[0]!.view?.isErased === true);
    expect(await codeOf(downloaded(reviewer, ready))).toBe('erased');
    expect((await downloaded(reviewer, kept)).status).toBe(200);
    expect(await store.get('key', conversations[0]!)).toBeUndefined();
    expect((await exportTypes(world)).filter((type) => type === 'export-downloaded')).toHaveLength(1);
  });

  it('of which a piece is lost is never sent as if it were whole, and the server goes on', async () => {
    await using world = await newWorld();
    const { reviewer, opened, conversations, store } = world;
    for (const recipient of [null, await identityToRecipient(await generateX25519Identity())]) {
      const ready = await until(reviewer, await order(reviewer, opened, chosen(...conversations), { forms: ['html'], recipient }), 'ready');
      const pieces = await piecesOf(store, ready);
      await store.commit([{ do: 'remove', kind: 'export-chunk', id: pieces[2]!.id }], UNFENCED);
      const broken = downloaded(reviewer, ready).then((reply) => (reply.ok ? reply.arrayBuffer() : Promise.reject(new Error('refused'))));
      await expect(broken).rejects.toThrow(/terminated|refused|fetch failed/u);
      expect((await shown(reviewer, ready)).state).toBe('ready');
    }
  });

  it('of what is held is whole though its owner has deleted it', async () => {
    await using world = await newWorld();
    const { reviewer, opened, conversations, tabs } = world;
    await hold(reviewer, opened, { type: 'conversation', id: conversations[0]! });
    await remove(tabs[0]!, conversations[0]!);
    await tabs[0]!.until(() => tabs[0]!.view?.conversation.deletedAt !== null);
    const ready = await until(reviewer, await order(reviewer, opened, chosen(conversations[0]!), { forms: ['csv'] }), 'ready');
    const zip = saved('package.zip', new Uint8Array(await (await downloaded(reviewer, ready)).arrayBuffer()));
    expect((await contentOf(zip, 'messages.csv')).toString()).toContain('The canary sings 0');
  });

  it('ends with its case, and so does what is being made', async () => {
    await using world = await newWorld();
    const { reviewer, opened, conversations, store, barrier } = world;
    const ready = await until(reviewer, await order(reviewer, opened, chosen(...conversations)), 'ready');
    const reached = barrier.hold((changes) => changes.some(isPiece));
    const making = await order(reviewer, opened, chosen(...conversations));
    await reached;
    await ask(reviewer, 'closeCase', { case: opened.id }, { reason: 'Settled' });
    barrier.letGo();
    for (const one of [ready, making]) {
      expect((await shown(reviewer, one)).state).toBe('cancelled');
      await expectNothingLeft(store, one);
    }
    expect(await codeOf(downloaded(reviewer, ready))).toBe('moved-on');
  });
});

it('[RE13] an order and a close of its case at the same moment: nothing is made for a case that is closed', async () => {
  await using world = await newWorld({}, 1);
  const { reviewer, other, opened, conversations, store, barrier } = world;
  const isOrder = (changes: readonly Change[]): boolean => changes.some((change) => change.kind === 'record' && change.do === 'add' && change.body.type === 'export-ordered');
  const reached = barrier.hold(isOrder);
  const ordering = order(reviewer, opened, chosen(...conversations));
  await reached;
  const closing = ask(other, 'closeCase', { case: opened.id }, { reason: 'Settled' });
  await ask(other, 'sessions'); // asked after the close, which has read the case by then
  barrier.letGo();
  const one = await ordering.catch(() => undefined);
  await closing;
  const { exports } = await ask<{ exports: CaseExport[] }>(reviewer, 'exports', { case: opened.id });
  expect(exports.map(({ id, state }) => [id, state])).toEqual(one === undefined ? [] : [[one.id, 'cancelled']]);
  for (const left of exports) await expectNothingLeft(store, left);
});

describe('[RE14] where another reviewer has to approve', () => {
  it('nothing is made before that, nobody approves their own, and what is refused is over', async () => {
    await using world = await newWorld({ secondApprover: 'exports' });
    const { reviewer, other, opened, conversations, store, plan } = world;
    const one = await order(reviewer, opened, chosen(...conversations));
    expect([one.state, await store.get('export-work', one.id)]).toEqual(['waiting', undefined]);
    expect(await ask(reviewer, 'exports', { case: opened.id })).toMatchObject({ needsApproval: true });
    await expect(step(reviewer, 'approveExport', one.id)).rejects.toThrow('not-permitted');
    await expect(step(reviewer, 'refuseExport', one.id)).rejects.toThrow('not-permitted');
    expect(await codeOf(downloaded(other, one))).toBe('moved-on');
    plan.current = refusal;
    await expect(step(other, 'approveExport', one.id)).rejects.toThrow('record-unavailable');
    await expect(step(other, 'refuseExport', one.id)).rejects.toThrow('record-unavailable');
    plan.current = nothing;
    expect([(await shown(reviewer, one)).state, await exportTypes(world)]).toEqual(['waiting', ['export-ordered']]);
    expect((await step(other, 'approveExport', one.id)).decided).toMatchObject({ by: other.person.id, reason: 'As agreed' });
    await until(reviewer, one, 'ready');
    await expect(step(other, 'refuseExport', one.id)).rejects.toThrow('moved-on');
    const second = await order(other, opened, chosen(...conversations));
    expect(await step(reviewer, 'refuseExport', second.id)).toMatchObject({ state: 'refused', decided: { by: reviewer.person.id } });
    await expect(step(reviewer, 'approveExport', second.id)).rejects.toThrow('moved-on');
    await expectNothingLeft(store, second);
    expect(await exportTypes(world)).toEqual(['export-ordered', 'export-approved', 'export-made', 'export-ordered', 'export-refused']);
  });

  it('an approval and a close of the case at the same moment do not both win, whichever is first', async () => {
    await using world = await newWorld({ secondApprover: 'exports' }, 1);
    const { reviewer, other, conversations, store, barrier } = world;
    const isApproval = (changes: readonly Change[]): boolean => changes.some((change) => change.kind === 'record' && change.do === 'add' && change.body.type === 'export-approved');
    for (let round = 0; round < 4; round += 1) {
      const opened = await openCase(reviewer);
      const one = await order(reviewer, opened, chosen(...conversations));
      const close = (): Promise<unknown> => ask(reviewer, 'closeCase', { case: opened.id }, { reason: 'Settled' });
      if (round === 0) {
        const reached = barrier.hold(isApproval);
        const approving = step(other, 'approveExport', one.id).catch((error: Error) => error.message);
        await reached;
        const closing = close();
        barrier.letGo();
        await Promise.all([approving, closing]);
      } else await Promise.all([step(other, 'approveExport', one.id).catch(() => undefined), close()]);
      expect((await shown(reviewer, one)).state).toBe('cancelled');
      await expectNothingLeft(store, one);
    }
    expect((await exportTypes(world)).filter((type) => type === 'export-made')).toEqual([]);
  });
});
