import { expect, it } from 'vitest';
import type { CommandId, ConversationId, FileId, ModelId } from '../../contracts/ids.ts';
import type { DisposedConversation } from '../../contracts/retention.ts';
import { KEPT, type Retention } from '../../server/conversations/retention.ts';
import { newId } from '../../server/ids.ts';
import { around } from '../../server/store/around.ts';
import type { Kind } from '../../server/store/kinds.ts';
import type { Store } from '../../server/store/store.ts';
import { verified } from '../support/packages.ts';
import { PIXEL } from '../support/pixel.ts';
import { finish, newRawProvider } from '../support/raw-provider.ts';
import { give, hold, openCase, release } from '../support/reviewer.ts';
import { newServer } from '../support/server.ts';
import { newSite, newVisitorTab, SHOP, visit } from '../support/site.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';
import { askIn } from '../support/talking.ts';
import { until } from '../support/until.ts';

/** In days, as schedules have them. */
const SECOND = 1 / 86_400;

async function newWorld(retention: Partial<Retention>) {
  const held: { store?: Store } = {};
  const server = await newServer({ config: { hasDemo: true, demoWordsPerSecond: 2_000, restoreMs: 0, retention: { ...KEPT, ...retention } }, wrap: (store) => (held.store = store) });
  const admin = await newAccount(server.url, 'admin@example.org');
  const store = held.store as Store;
  const isErased = async (id: string): Promise<boolean> => (await store.get('conversation', id))?.body.isErased === true;
  const deletedAt = async (id: string): Promise<number | null> => (await store.get('conversation', id))?.body.deletedAt ?? null;
  const disposed = async (): Promise<DisposedConversation[]> => ((await (await fetch(`${server.url}/api/retention`, { headers: { cookie: admin.cookie } })).json()) as { disposed: DisposedConversation[] }).disposed;
  return { server, store, admin, isErased, deletedAt, disposed, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const remove = (tab: Tab, conversation: ConversationId) => tab.ask({ type: 'conversation.delete', commandId: newId<CommandId>(), conversation });
const codeOf = (tab: Promise<Tab>, conversation: ConversationId) => tab.then((one) => one.open(conversation)).then(() => 'open', (error: Error) => error.message);

it('[RE10] what has to be kept for a time is gone at once for whoever deleted it, erased when that time is over, and then has a certificate that says why', async () => {
  await using world = await newWorld({ ordinary: { keepDays: 4 * SECOND, deleteAfterDays: null } });
  const mara = await newAccount(world.server.url, 'mara@example.org');
  await using tab = await new Tab(mara).ready();
  const conversation = await askIn(tab, 'canary');
  const kept = (await world.store.get('conversation', conversation))!.body;
  expect(await remove(tab, conversation)).toMatchObject({ ok: true });
  await tab.until(() => tab.view?.isErased === true, 'it looks erased');
  await using later = await new Tab(mara).ready();
  expect([await codeOf(Promise.resolve(later), conversation), await world.isErased(conversation), await world.disposed()]).toEqual(['erased', false, []]);
  const { eraseAt } = (await world.store.get('conversation', conversation))!.body;
  expect(eraseAt).toBe(kept.updatedAt + 4_000);
  await until(() => world.isErased(conversation));
  const [disposition, ...others] = await world.disposed();
  expect(others).toEqual([]);
  expect(disposition).toMatchObject({ conversation, certificate: { class: 'ordinary', why: 'deleted', begunAt: kept.createdAt, lastAt: kept.updatedAt, records: disposition!.record } });
  expect(disposition!.at).toBeGreaterThanOrEqual(eraseAt!);
  expect(JSON.stringify(disposition)).not.toContain('canary');
  expect(await verified(world.server.place)).toMatchObject({ code: 0 });
});

it('[RE10] what nobody has touched for longer than its schedule keeps it is deleted by the deployment, on record; other classes and what is younger stay', async () => {
  await using world = await newWorld({ visitor: { keepDays: 0, deleteAfterDays: 6 * SECOND } });
  const site = await newSite(world.admin);
  await using ordinary = await new Tab(world.admin).ready();
  const stays = await askIn(ordinary, 'canary');
  await using visitor = await newVisitorTab(world.server.url, site.id, await visit(world.server.url, site.id, {}, SHOP)).ready();
  const goes = await askIn(visitor, 'canary');
  await until(() => world.isErased(goes));
  await visitor.until(() => visitor.view?.isErased === true);
  expect([await world.deletedAt(stays), (await world.disposed()).map(({ conversation, certificate }) => [conversation, certificate?.class, certificate?.why])]).toEqual([null, [[goes, 'visitor', 'expired']]]);
  const records = (await world.store.find({ kind: 'record', index: 'byChain', where: [goes], limit: 100 })).items.map(({ body }) => [body.type, body.key]);
  expect(records.slice(-1)).toEqual([['conversation-erased', 'deployment']]);
});

/** A store whose walk through all conversations finds some once, when `first` is set, and is told them only after `write`. Reads of one kind can be made to wait. */
function foundWhile(held: { store?: Store }) {
  const walk: { first?: ConversationId | undefined; write(): Promise<void>; wait: { kind: Kind; reached: PromiseWithResolvers<void>; over: PromiseWithResolvers<void> } | undefined } = { write: () => Promise.resolve(), wait: undefined };
  const wrap = (store: Store): Store => {
    held.store = store;
    return around(store, {
      get: async (kind, id) => {
        if (kind === walk.wait?.kind) await (walk.wait.reached.resolve(), walk.wait.over.promise);
        return store.get(kind, id);
      },
      find: async (query) => {
        const page = await store.find(query);
        if (query.kind !== 'conversation' || query.index !== 'byChange') return page;
        if (!page.items.some(({ id }) => id === walk.first)) return { items: [], cursor: null };
        walk.first = undefined;
        await walk.write();
        return page;
      },
    });
  };
  return { walk, wrap };
}

/** When it is written in: before its owner has heard that it is to be deleted, or while that is being put on record. What is read then waits until the other one is deleted. */
const MOMENTS = { 'and answered before': undefined, 'before, but not on record yet': 'file', 'while the delete is looked at': 'gate' } as const;

it.each(Object.entries(MOMENTS))('[RE10] what was found to be too old and is written in at that moment, %s, stays, and its turn goes on to its end', async (_, kind) => {
  await using raw = await newRawProvider();
  const local = { id: 'local', kind: 'openai-compatible' as const, name: 'Local', baseUrl: `${raw.url}/v1`, key: undefined, ownKeys: false, headers: {}, models: [{ name: 'tiny', vision: true }], fetch: false, titleModel: undefined };
  const held: { store?: Store } = {};
  const { walk, wrap } = foundWhile(held);
  const retention = { ...KEPT, ordinary: { keepDays: 0, deleteAfterDays: SECOND / 1_000 } };
  await using server = await newServer({ config: { hasDemo: true, demoWordsPerSecond: 2_000, showsHolds: true, providers: [local], retention }, wrap });
  const mara = await newAccount(server.url);
  await using tab = await new Tab(mara).ready();
  await using beside = await new Tab(mara).ready();
  const [stays, goes] = [await askIn(tab, 'canary'), await askIn(beside, 'canary')];
  await tab.until(() => tab.view?.conversation.titledBy === 'model'); // so that the provider is asked for nothing else
  const file = newId<FileId>();
  const added = await fetch(`${server.url}/api/conversations/${stays}/files?name=a.png&file=${file}`, { method: 'POST', headers: { origin: server.url, cookie: mara.cookie, 'content-type': 'image/png' }, body: PIXEL });
  expect(added.status).toBe(200);
  const send = () => tab.send('And now?', { model: 'local/tiny' as ModelId, files: [file] });
  const answered = async (): Promise<void> => {
    const call = await raw.next();
    call.open();
    await finish(call);
    await tab.until(() => tab.view?.messages.length === 4);
  };
  const [reached, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  walk.write = async () => {
    if (kind !== undefined) walk.wait = { kind, reached, over };
    if (kind === 'gate') return void reached.promise.then(send).then(() => over.resolve());
    void send();
    await (kind === 'file' ? reached.promise : answered());
  };
  walk.first = stays;
  const deletedAt = async (id: string): Promise<number | null> => (await held.store?.get('conversation', id))?.body.deletedAt ?? null;
  await until(async () => (await deletedAt(goes)) !== null); // the walk has gone past the first
  expect(await deletedAt(stays)).toBeNull();
  over.resolve();
  if (kind !== undefined) await answered();
  expect(tab.view?.messages.at(-1)?.outcome).toEqual({ kind: 'completed' });
  Object.assign(walk, { first: stays, write: () => Promise.resolve() });
  await until(async () => (await deletedAt(stays)) !== null); // once nothing happens in it any more
});

it('[RE7] [RE10] a hold keeps what its schedule would delete, and what it keeps is erased once it is released', async () => {
  await using world = await newWorld({ ordinary: { keepDays: 0, deleteAfterDays: 6 * SECOND } });
  const reviewer = await newAccount(world.server.url, 'reviewer@example.org');
  await give(world.admin, reviewer, 'reviewer');
  const mara: Account = await newAccount(world.server.url, 'mara@example.org');
  const opened = await openCase(reviewer);
  const placed = await hold(reviewer, opened, { type: 'person', id: mara.person.id });
  await using tab = await new Tab(mara).ready();
  await using beside = await new Tab(world.admin).ready();
  const kept = await askIn(tab, 'canary');
  const goes = await askIn(beside, 'canary');
  await until(() => world.isErased(goes));
  await tab.until(() => tab.view?.isErased === true, 'it looks erased to its owner');
  expect([await world.isErased(kept), (await world.store.find({ kind: 'message', index: 'byConversation', where: [kept], limit: 10 })).items.length]).toEqual([false, 2]);
  await release(reviewer, opened, placed.holds[0]!.id);
  await until(() => world.isErased(kept));
  expect((await world.disposed())[0]).toMatchObject({ conversation: kept, certificate: { why: 'expired' } });
});
