import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CommandId, ConversationId, FileId, ModelId } from '../../contracts/ids.ts';
import { AUDIT_CHAIN, type MasterKeyState } from '../../contracts/records.ts';
import { textOf } from '../../contracts/view.ts';
import { readConfig, type Config } from '../../server/config.ts';
import { newId } from '../../server/ids.ts';
import { start } from '../../server/main.ts';
import { sqliteStore } from '../../server/store/sqlite.ts';
import type { Change, Store } from '../../server/store/store.ts';
import { all } from '../../server/store/walk.ts';
import { asEarlier } from '../support/earlier-account.ts';
import { newDeployment, newPlace } from '../support/deployment.ts';
import { newFakeProvider } from '../support/fake-provider.ts';
import { faultyStore, newRefusal } from '../support/faults.ts';
import { heldIn } from '../support/held.ts';
import { newKeptProvider } from '../support/kept-provider.ts';
import { refusedIn } from '../support/on-record.ts';
import { chosen, downloaded, order, shown, until as untilIs } from '../support/packages.ts';
import { PIXEL } from '../support/pixel.ts';
import { startInVain } from '../support/process.ts';
import { codeOf } from '../support/refusal.ts';
import { ask, give, openCase } from '../support/reviewer.ts';
import { newServer } from '../support/server.ts';
import { newAccount, signIn, Tab } from '../support/tab.ts';
import { talk, talkIn } from '../support/talking.ts';
import { until } from '../support/until.ts';

// What no route and no command asks for, and is on record all the same: the product does it of itself, at its start, or when it is at it anyway.

/** Types of which a record was refused here. */
const seen = new Set<string>();
const isPiece = (change: Change): boolean => change.kind === 'export-chunk' && change.do === 'put';

async function newWorld(config: Partial<Config> = {}) {
  const refusal = newRefusal(seen);
  const held: { store?: Store } = {};
  const also: { refuses: (changes: readonly Change[]) => boolean } = { refuses: () => false };
  const server = await newServer({ config: { hasDemo: true, demoWordsPerSecond: 2_000, restoreMs: 0, ...config }, wrap: (store) => faultyStore((held.store = store), (changes, fence) => (also.refuses(changes) ? 'refuse' : refusal.plan(changes, fence))) });
  const admin = await newAccount(server.url, 'admin@example.org');
  const typesIn = async (chain: string): Promise<string[]> => (await all(held.store as Store, { kind: 'record', index: 'byChain', where: [chain], limit: 1_000 })).map(({ body }) => body.type);
  return {
    server, refusal, also, admin,
    get store() {
      return held.store as Store;
    },
    /** Records of this type that are kept: of the deployment, or of a conversation. */
    count: async (type: string, chain: string = AUDIT_CHAIN): Promise<number> => (await typesIn(chain)).filter((one) => one === type).length,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
type World = Awaited<ReturnType<typeof newWorld>>;

/** What is refused is tried again, twice at least, and nothing is changed by it. */
async function expectNothingChanges({ server, refusal: { refused } }: Pick<World, 'server' | 'refusal'>, more: () => void = () => undefined): Promise<void> {
  await until(() => refused.length > 0, 'it is tried');
  const [before, tried] = [await server.held(), refused.length];
  await until(() => (more(), refused.length > tried + 1), 'it is tried again');
  expect(await server.held()).toEqual(before);
}

/** The clock of the product, set forward by as much as is asked for. */
function newClock(): { forward(ms: number): void } {
  const now = Date.now.bind(Date);
  let ahead = 0;
  vi.spyOn(Date, 'now').mockImplementation(() => now() + ahead);
  return { forward: (ms) => void (ahead += ms) };
}
afterEach(() => void vi.restoreAllMocks());

it('[RE1] [RE11] nothing of who was removed is destroyed while the record of that is refused, and all of it once it is taken', async () => {
  await using world = await newWorld();
  const { server, store, admin, refusal } = world;
  const mara = await newAccount(server.url, 'mara@example.org');
  const { tab } = await talk(mara, 'Hello');
  await using _ = tab;
  await ask(mara, 'settings', {}, { theme: 'dark' });
  const left = () => Promise.all([store.get('user', mara.person.id), store.get('key', `person:${mara.person.id}`), store.get('settings', mara.person.id)]);
  refusal.refuse('person-erased');
  await ask(admin, 'removePerson', { user: mara.person.id });
  await expectNothingChanges(world);
  expect((await left()).map((one) => one !== undefined)).toEqual([true, true, true]);
  refusal.take();
  await until(async () => (await left()).every((one) => one === undefined));
  expect([await world.count('person-removed'), await world.count('person-erased')]).toEqual([1, 1]);
});

async function newExport(config: Partial<Config> = {}) {
  const world = await newWorld(config);
  const reviewer = await newAccount(world.server.url, 'reviewer@example.org');
  await give(world.admin, reviewer, 'reviewer');
  const opened = await openCase(reviewer);
  const { tab, conversation } = await talk(world.admin, 'The canary sings');
  await tab[Symbol.asyncDispose]();
  const isKept = async (id: string): Promise<boolean[]> => [await world.store.get('key', `export:${id}`), await world.store.get('export-work', id)].map((one) => one !== undefined);
  return { world, reviewer, isKept, order: () => order(reviewer, opened, chosen(conversation)) };
}
/** Longer than an instance has to make a package, or to go on with it. */
const LEASE_MS = 20_000;

describe('[RE1] [RE13] a package', () => {
  it('that is made is given to nobody while the record of it is refused, however often that is tried, and is there once it is taken', async () => {
    const { world, reviewer, order: ordered } = await newExport();
    await using _ = world;
    const { refusal } = world;
    refusal.refuse('export-made', 'export-failed');
    const one = await ordered();
    const clock = newClock();
    for (let tries = 1; tries < 7; tries += 1) { // more often than one that cannot be made is tried
      await until(() => refusal.refused.length >= tries);
      clock.forward(LEASE_MS);
    }
    await expectNothingChanges(world, () => clock.forward(LEASE_MS));
    expect(refusal.refused.flat()).toContain('export-failed');
    expect([(await shown(reviewer, one)).state, await codeOf(downloaded(reviewer, one))]).toEqual(['making', 'moved-on']);
    refusal.take();
    clock.forward(LEASE_MS);
    const ready = await untilIs(reviewer, one, 'ready');
    expect([(await downloaded(reviewer, ready)).status, await world.count('export-made'), await world.count('export-failed')]).toEqual([200, 1, 0]);
  });

  it('whose time is over is not destroyed while the record of that is refused, and is once it is taken', async () => {
    const { world, reviewer, order: ordered, isKept } = await newExport();
    await using _ = world;
    const { refusal } = world;
    const ready = await untilIs(reviewer, await ordered(), 'ready');
    refusal.refuse('export-expired');
    newClock().forward(7 * 24 * 3_600_000);
    await expectNothingChanges(world);
    expect([(await shown(reviewer, ready)).state, await isKept(ready.id)]).toEqual(['ready', [true, true]]);
    refusal.take();
    await untilIs(reviewer, ready, 'expired');
    await until(async () => (await isKept(ready.id)).every((is) => !is));
    expect(await world.count('export-expired')).toBe(1);
  });

  it('that cannot be made stays as it is while the record of that is refused, and has failed once it is taken', async () => {
    const { world, reviewer, order: ordered, isKept } = await newExport();
    await using _ = world;
    const { refusal, also } = world;
    also.refuses = (changes) => changes.some(isPiece);
    refusal.refuse('export-failed');
    const one = await ordered();
    const clock = newClock();
    await until(() => (clock.forward(LEASE_MS), refusal.refused.length > 0));
    await expectNothingChanges(world, () => clock.forward(LEASE_MS));
    expect([(await shown(reviewer, one)).state, await isKept(one.id)]).toEqual(['making', [true, true]]);
    refusal.take();
    await until(async () => (clock.forward(LEASE_MS), (await shown(reviewer, one)).state === 'failed'));
    await until(async () => (await isKept(one.id)).every((is) => !is));
    expect(await world.count('export-failed')).toBe(1);
  });
});

describe('[RE1] [RE26] another master key', () => {
  const next = randomBytes(32).toString('hex');
  const old = randomBytes(32).toString('hex');
  const both = { masterKey: next, masterKeyBefore: old };
  const state = ({ admin }: World): Promise<MasterKeyState> => ask<MasterKeyState>(admin, 'masterKey');
  const counts = async ({ count }: World): Promise<number[]> => [await count('master-key-changing'), await count('master-key-changed')];
  const expectDone = async (world: World): Promise<void> => {
    await until(async () => (await state(world)).state === 'done', 'every key is wrapped anew', 250);
    expect(await counts(world)).toEqual([1, 1]);
    await world.server.restart({ masterKey: next, masterKeyBefore: undefined });
    expect((await talk(world.admin, 'Hello')).tab.thread[0]).toBe('person: Hello');
  };

  it('wraps no key while the record that it begins to is refused', async () => {
    await using world = await newWorld({ masterKey: old });
    world.refusal.refuse('master-key-changing');
    await world.server.restart(both);
    await expectNothingChanges(world);
    expect([await state(world), await counts(world)]).toEqual([{ state: 'waits', moved: 0, of: 0, hasBefore: true }, [0, 0]]);
    world.refusal.take();
    await expectDone(world);
  });

  it('has not taken the place of the one before while the record of that is refused, though every key is wrapped', async () => {
    await using world = await newWorld({ masterKey: old });
    world.refusal.refuse('master-key-changed');
    await world.server.restart(both);
    await expectNothingChanges(world);
    expect([await state(world), await counts(world)]).toEqual([{ state: 'moves', moved: expect.any(Number), of: expect.any(Number), hasBefore: true }, [1, 0]]);
    world.refusal.take();
    await expectDone(world);
  });
});

/** As a data folder that takes no key that the log is signed with. */
async function refuseKeys(folder: string): Promise<void> {
  await (await sqliteStore({ folder })).close();
  const db = new DatabaseSync(join(folder, 'gorunchat.db'));
  db.exec("CREATE TRIGGER refused BEFORE INSERT ON record WHEN json_extract(new.body, '$.type') = 'signing-key-made' BEGIN SELECT raise(ABORT, 'refused'); END");
  db.close();
}

describe('[RE1] the product does not start', () => {
  it('while the record of the first key that the log is signed with is refused; it makes none, and makes one when it is started again', async () => {
    await using deployment = await newDeployment();
    await using place = await newPlace();
    const config: Config = { ...readConfig({ ...deployment.environmentOf(place), LOG_LEVEL: 'silent' }, place.folder), handOverMs: 0 };
    const refusal = newRefusal(seen);
    const starting = () => start(config, (store) => faultyStore(store, refusal.plan));
    refusal.refuse('signing-key-made');
    for (let tries = 0; tries < 2; tries += 1) {
      await expect(starting()).rejects.toThrow(/^The key that the log is signed with could not be put on record, and none is made without that: commit unavailable: planned$/u);
      expect((await heldIn(place)).filter((one) => /^record |signer:1/u.test(one))).toEqual([]);
    }
    refusal.take();
    await (await starting()).close();
    await (await starting()).close();
    expect((await heldIn(place)).filter((one) => one.startsWith('record ') && one.includes('signing-key-made'))).toHaveLength(1);
  });

  it('and says so in words to whoever starts it', async () => {
    await using deployment = await newDeployment();
    await using place = await newPlace();
    if (place.database !== undefined) await place.database.db.createCollection('record', { validator: { json: { $not: /"type":"signing-key-made"/u } } });
    else await refuseKeys(place.folder);
    expect(await startInVain(deployment.environmentOf(place))).toEqual({ code: 1, said: expect.stringMatching(/^GoRunChat cannot start: The key that the log is signed with could not be put on record, and none is made without that: commit unavailable: [^\n]+\n$/u) });
  });

  it('while the record is refused that an address of an earlier version is under its key; nothing is changed, and it is when it is started again', async () => {
    await using world = await newWorld();
    const { server, refusal, admin } = world;
    await asEarlier(world.store, server.folder, admin.person.id);
    const before = await server.held();
    refusal.refuse('address-sealed');
    for (let tries = 0; tries < 2; tries += 1) {
      await expect(server.restart()).rejects.toThrow(/^E-mail addresses that an earlier version kept in the open could not be put under their keys, since that could not be put on record\. Start it again/u);
      expect(await server.held()).toEqual(before);
    }
    refusal.take();
    await server.restart();
    expect((await signIn(server.url, 'admin@example.org', 'correct horse')).person).toEqual(admin.person);
    expect(await world.count('address-sealed')).toBe(1);
  });

  it('as a witness while the record of its key is refused; it makes none, and makes one when it is started again', async () => {
    await using world = await newWorld();
    const { server, refusal, admin } = world;
    const witness = { name: 'witness.example.org/w1', logs: [] };
    const before = await server.held();
    refusal.refuse('witness-key-made');
    for (let tries = 0; tries < 2; tries += 1) {
      await expect(server.restart({ witness })).rejects.toThrow(/^The key of this witness could not be put on record, and none is made without that: commit unavailable: planned$/u);
      expect(await server.held()).toEqual(before);
    }
    refusal.take();
    await server.restart();
    const own = async () => (await ask<{ own: { key: string } | null }>(admin, 'logWitnesses')).own;
    const first = await own();
    await server.restart();
    expect([first?.key, await own(), await world.count('witness-key-made')]).toEqual([expect.stringContaining(witness.name), first, 1]);
  });
});

it('[RE1] a sign-in that was wrong is not told so before it is on record', async () => {
  await using world = await newWorld();
  const { server, refusal } = world;
  const before = await server.held();
  refusal.refuse('sign-in-refused');
  for (const email of ['admin@example.org', 'nobody@example.org']) await expect(signIn(server.url, email, 'wrong horse')).rejects.toThrow('record-unavailable');
  expect(await server.held()).toEqual(before);
  refusal.take();
  await expect(signIn(server.url, 'admin@example.org', 'wrong horse')).rejects.toThrow('sign-in-refused');
  expect(await world.count('sign-in-refused')).toBe(1);
});

it('[RE1] a conversation that could not be begun on record is nobody’s, asks no model, and begins when its message is sent again', async () => {
  await using provider = await newFakeProvider(() => ({ text: 'It is at sea.' }));
  const local = { id: 'local', kind: 'openai-compatible' as const, name: 'Local', baseUrl: `${provider.url}/v1`, key: undefined, ownKeys: false, headers: {}, models: [{ name: 'tiny', vision: false }], fetch: false, titleModel: undefined };
  await using world = await newWorld({ providers: [local] });
  const { server, refusal, admin } = world;
  await using tab = await new Tab(admin).ready();
  await using other = await new Tab(admin).ready();
  const conversation = newId<ConversationId>();
  const sent = { commandId: newId<CommandId>(), conversation, model: 'local/tiny' as ModelId };
  const [before, told] = [await server.held(), other.notices.length];
  refusal.refuse('conversation-begun');
  expect(await tab.send('Where is the quinquereme?', sent)).toEqual({ ok: false, refusal: { code: 'record-unavailable' } });
  expect([await server.held(), other.notices.length, provider.asked]).toEqual([before, told, []]);
  expect(await ask(admin, 'conversations')).toMatchObject({ rows: [] });
  refusal.take();
  expect(await tab.send('Where is the quinquereme?', sent)).toMatchObject({ ok: true, did: 'started' });
  await until(async () => (await world.count('turn-ended', conversation)) > 0);
  expect(await world.count('conversation-begun', conversation)).toBe(1);
});

it('[RE1] what waits in the queue stays there and is asked of no model while its record is refused, and is asked once it is taken', async () => {
  await using world = await newWorld({ demoWordsPerSecond: 20 });
  const { refusal, admin } = world;
  await using tab = await new Tab(admin).ready();
  const conversation = await tab.begin('Write something long');
  await tab.until(() => tab.shown.length > 0);
  expect(await tab.send('And then?', { mode: 'queue' })).toMatchObject({ ok: true, did: 'queued' });
  refusal.refuse('message-added');
  await tab.ask({ type: 'turn.stop', commandId: newId<CommandId>(), conversation, turn: tab.turn });
  await tab.until(() => tab.view?.conversation.titledBy === 'model'); // which is going on beside it
  await expectNothingChanges(world);
  expect([await world.count('message-added', conversation), await world.count('turn-begun', conversation), tab.view!.conversation.queue.map(({ text }) => text)]).toEqual([1, 2, ['And then?']]); // the reply and its title
  refusal.take();
  await tab.until(() => tab.thread.includes('person: And then?'));
  expect([await world.count('message-added', conversation), tab.view!.conversation.queue]).toEqual([2, []]);
});

it('[RE1] a stop whose record is refused lets no more be said, and is answered once it is on record', async () => {
  await using world = await newWorld({ demoWordsPerSecond: 20 });
  const { refusal, admin } = world;
  await using tab = await new Tab(admin).ready();
  const conversation = await tab.begin('Write something long');
  await tab.until(() => tab.shown.length > 0);
  const commandId = newId<CommandId>();
  const stop = { type: 'turn.stop' as const, commandId, conversation, turn: tab.turn };
  refusal.refuse('turn-stopped');
  const answered = tab.ask(stop);
  await tab.until(() => tab.view?.turn?.phase === 'closing');
  const { shown: said } = tab;
  expect([await world.count('turn-ended', conversation), await world.store.get('command', `${admin.person.id}:${commandId}`)]).toEqual([0, undefined]);
  refusal.take();
  expect(await answered).toMatchObject({ ok: true, did: 'stopped' });
  await tab.until(() => tab.view?.turn === null);
  expect([tab.shown, textOf(tab.view!.messages[1]!), tab.thread[1]]).toEqual([said, said, expect.stringMatching(/\[stopped\]$/u)]);
  expect([await tab.ask(stop), await world.count('turn-stopped', conversation)]).toEqual([await answered, 1]);
});

it('[RE1] [RE10] an image that nobody sent is kept while the record of its removal is refused, and goes once it is taken', async () => {
  await using world = await newWorld();
  const { server, store, refusal, admin } = world;
  await using tab = await new Tab(admin).ready();
  const conversation = await talkIn(tab, 'Hello');
  const file = newId<FileId>();
  await fetch(`${server.url}/api/conversations/${conversation}/files?name=a.png&file=${file}`, { method: 'POST', headers: { origin: server.url, cookie: admin.cookie, 'content-type': 'image/png' }, body: new Uint8Array(PIXEL) });
  refusal.refuse('content-removed');
  newClock().forward(25 * 3_600_000);
  await expectNothingChanges(world);
  expect(await store.get('file', file)).toBeDefined();
  refusal.take();
  await until(async () => (await store.get('file', file)) === undefined);
  expect(await world.count('content-removed', conversation)).toBe(1);
});

describe('[RE1] [RP1] a response that its provider keeps', () => {
  const GPT = 'openai/gpt-5' as ModelId;
  const CREATED = 'POST create, store true';

  /** As a crash leaves it: nothing of how the turn ended is on record. */
  async function newGrowing(type: string) {
    const provider = await newKeptProvider();
    const { providers } = readConfig({ ...provider.environment, GORUNCHAT_DATA: '/nowhere' }, '/nowhere');
    const world = await newWorld({ providers });
    const tab = await new Tab(world.admin).ready();
    world.refusal.refuse(type);
    const conversation = await tab.begin('Count', { model: GPT });
    await expect.poll(() => provider.asked).toHaveLength(1);
    provider.say('one, ');
    await tab.until(() => tab.shown === 'one, ');
    // The record that says where the response is comes before this one.
    expect(await tab.ask({ type: 'conversation.change', commandId: newId<CommandId>(), conversation, title: 'Counting' })).toMatchObject({ ok: true });
    const isInterrupted = (): boolean => tab.view?.turn === null && tab.view.messages[1]?.outcome?.kind === 'interrupted';
    return { provider, world, tab, conversation, isInterrupted, [Symbol.asyncDispose]: async () => (await tab[Symbol.asyncDispose](), await world[Symbol.asyncDispose](), provider[Symbol.asyncDispose]()) };
  }

  it('is not taken up again when where it is could not be put on record: the reply is interrupted, and no model is asked anew', async () => {
    await using growing = await newGrowing('turn-accepted');
    const { provider, world, tab, conversation, isInterrupted } = growing;
    expect(await world.count('turn-accepted', conversation)).toBe(0);
    await world.server.restart();
    await tab.until(isInterrupted);
    expect([textOf(tab.view!.messages[1]!), provider.asked, await world.count('turn-ended', conversation)]).toEqual(['one, ', [CREATED], 1]);
  });

  it('is not listened to again while the record of that is refused: the reply is interrupted', async () => {
    await using growing = await newGrowing('turn-resumed');
    const { provider, world, tab, conversation, isInterrupted } = growing;
    await world.server.restart();
    await tab.until(isInterrupted);
    expect([textOf(tab.view!.messages[1]!), await world.count('turn-resumed', conversation), await world.count('turn-ended', conversation)]).toEqual(['one, ', 0, 1]);
    expect(provider.asked.filter((one) => one.startsWith('GET') || one === CREATED)).toEqual([CREATED]);
  });
});

it('[RE1] every record that is to be refused here was', () => {
  expect(refusedIn('unrecorded').filter((type) => !seen.has(type))).toEqual([]);
});
