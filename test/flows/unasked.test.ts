import { expect, it } from 'vitest';
import type { ConversationId, ModelId } from '../../contracts/ids.ts';
import type { Config } from '../../server/config.ts';
import { KEPT } from '../../server/conversations/retention.ts';
import { newId } from '../../server/ids.ts';
import { ITSELF, nextRecord } from '../../server/journal/journal.ts';
import { newKey } from '../../server/journal/seal.ts';
import type { Change, Store } from '../../server/store/store.ts';
import { all } from '../../server/store/walk.ts';
import { newFakeProvider } from '../support/fake-provider.ts';
import { faultyStore } from '../support/faults.ts';
import { withStore } from '../support/kept-store.ts';
import { records } from '../support/recording.ts';
import { newServer, type TestServer } from '../support/server.ts';
import { newAccount, Tab } from '../support/tab.ts';
import { askIn, erase, talkIn } from '../support/talking.ts';
import { until } from '../support/until.ts';

// What the product does of itself: nobody is there who could be told that its record was refused.

/** Commits that `meant` names are refused for as long as it is there. */
async function newWorld(config: Partial<Config>) {
  const refused: { meant?: ((changes: readonly Change[]) => boolean) | undefined; times: number } = { times: 0 };
  const held: { store?: Store } = {};
  const server = await newServer({ config: { hasDemo: true, demoWordsPerSecond: 2_000, restoreMs: 0, ...config }, wrap: (store) => faultyStore((held.store = store), (changes) => {
    if (refused.meant?.(changes) !== true) return undefined;
    refused.times += 1;
    return 'refuse';
  }) });
  const contentOf = async (conversation: string, store = held.store as Store) => [await store.get('conversation', conversation), await store.get('key', conversation), await all(store, { kind: 'message', index: 'byConversation', where: [conversation], limit: 100 })];
  const typesIn = async (chain: string) => (await all(held.store as Store, { kind: 'record', index: 'byChain', where: [chain], limit: 100 })).map(({ body }) => body.type);
  return {
    server, refused, contentOf, typesIn,
    get store() {
      return held.store as Store; // another one after a restart
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

it('[RE1] [RE10] what is too old is not deleted while its record is refused, and is once it is taken', async () => {
  await using world = await newWorld({ retention: { ...KEPT, ordinary: { keepDays: 0, deleteAfterDays: 1 / 86_400 } } });
  const { refused } = world;
  refused.meant = records('conversation-deleted');
  await using tab = await new Tab(await newAccount(world.server.url)).ready();
  const conversation = await talkIn(tab, 'Hello');
  const [before, shown] = [await world.contentOf(conversation), tab.view];
  await until(() => refused.times > 1);
  expect([await world.contentOf(conversation), tab.view]).toEqual([before, shown]);
  refused.meant = undefined;
  await tab.until(() => tab.view?.isErased === true);
});

it.each(['content-removed', 'conversation-erased'])('[RE1] [RE18] what was deleted is not erased while its record %s is refused, and is once it is taken', async (type) => {
  await using world = await newWorld({});
  const { refused } = world;
  await using tab = await new Tab(await newAccount(world.server.url)).ready();
  const conversation = await talkIn(tab, 'Hello');
  const [, key, messages] = await world.contentOf(conversation);
  refused.meant = records(type);
  await erase(tab); // it looks so to everybody from now on
  await until(() => refused.times > 1);
  expect((await world.contentOf(conversation)).slice(1)).toEqual([key, messages]);
  refused.meant = undefined;
  await until(async () => (await world.store.get('key', conversation)) === undefined);
  expect((await world.contentOf(conversation)).slice(1)).toEqual([undefined, []]);
  expect((await world.typesIn(conversation)).filter((one) => one === 'conversation-erased')).toHaveLength(1);
});

/** As much of one kind as one commit of an erasure removes. */
const MANY = 400;

/** Makes a conversation too large to be erased in one commit: as if so much more had been asked in it. */
async function grow(server: TestServer, conversation: string): Promise<void> {
  const key = newKey();
  await withStore(server, async (store) => {
    for (let made = 0; made < MANY; made += MANY / 2) {
      const from = (await store.get('head', conversation))!.body;
      const next = nextRecord(from, { chain: conversation as ConversationId, epoch: from.epoch, at: 1_000, keyId: conversation, key }, { actor: ITSELF, said: { type: 'conversation-restored', v: 1 } });
      const turns = Array.from({ length: MANY / 2 }, (_, place): Change => ({ do: 'put', kind: 'turn', id: newId(), body: { conversation, state: 'concluded', startedAt: made + place, sealed: 'sealed' } }));
      await store.commit([...turns, ...next.changes], { chain: conversation, from, to: { ...from, ...next.head } });
    }
  });
}

it('[RE1] [RE18] nothing is removed of what is too large to be erased in one commit while the record of its first part is refused, and all of it once that is taken', async () => {
  await using world = await newWorld({});
  const { refused, server } = world;
  const tab = await new Tab(await newAccount(server.url)).ready();
  const conversation = await talkIn(tab, 'Hello');
  await server.restart({}, () => grow(server, conversation));
  await tab.until(() => tab.socket.connected && tab.resumes > 1);
  const { store } = world;
  const turns = async () => (await all(store, { kind: 'turn', index: 'byConversation', where: [conversation, 'concluded'], limit: 2 * MANY })).length;
  const [, key, messages] = await world.contentOf(conversation);
  const [removes, erases] = [records('content-removed'), records('conversation-erased')];
  refused.meant = (changes) => removes(changes) && !erases(changes);
  await erase(tab);
  await until(() => refused.times > 1);
  expect([...(await world.contentOf(conversation)).slice(1), await turns()]).toEqual([key, messages, MANY + 1]);
  refused.meant = undefined;
  await until(async () => (await store.get('key', conversation)) === undefined);
  expect([...(await world.contentOf(conversation)).slice(1), await turns()]).toEqual([undefined, [], 0]);
  expect((await world.typesIn(conversation)).filter((type) => type === 'content-removed')).toHaveLength(3); // the messages, and the turns in two parts
  await tab[Symbol.asyncDispose]();
});

const model = 'local/tiny' as ModelId;
const localAt = (url: string) => ({ id: 'local', kind: 'openai-compatible' as const, name: 'Local', baseUrl: `${url}/v1`, key: undefined, ownKeys: false, headers: {}, models: [{ name: 'tiny', vision: false }], fetch: false, titleModel: undefined });

it('[RE1] no model is asked for a title while that is not on record; the conversation goes on without one', async () => {
  await using provider = await newFakeProvider(() => ({ text: 'It is at sea.' }));
  await using world = await newWorld({ providers: [localAt(provider.url)] });
  const { refused } = world;
  const asks = records('turn-begun');
  let turns = 0;
  refused.meant = (changes) => asks(changes) && ++turns === 2; // the first one is that of the reply
  await using tab = await new Tab(await newAccount(world.server.url)).ready();
  await askIn(tab, 'Where is the quinquereme?', { model });
  await until(() => refused.times === 1);
  expect([provider.asked.length, tab.view?.conversation.titledBy]).toEqual([1, 'nobody']);
  expect(await tab.send('And now?', { model })).toMatchObject({ ok: true });
  await tab.until(() => tab.view?.conversation.titledBy === 'model');
  expect(provider.asked).toHaveLength(3);
});

it('[RE1] nobody is shown a title that is not on record, with how it was made; the next reply has another one made', async () => {
  await using provider = await newFakeProvider(() => ({ text: 'It is at sea.' }));
  await using world = await newWorld({ providers: [localAt(provider.url)] });
  const { refused, server } = world;
  const [ends, changes] = [records('turn-ended'), records('conversation-changed')];
  refused.meant = (commit) => ends(commit) && changes(commit);
  const account = await newAccount(server.url);
  await using tab = await new Tab(account).ready();
  const conversation = await askIn(tab, 'Where is the quinquereme?', { model });
  await until(() => refused.times === 1);
  const untitled = { title: 'Where is the quinquereme?', titledBy: 'nobody' };
  await using later = await new Tab(account).ready();
  await later.open(conversation);
  expect([tab.view?.conversation, later.view?.conversation]).toMatchObject([untitled, untitled]);
  expect((await world.typesIn(conversation)).filter((type) => type === 'conversation-changed')).toEqual([]);
  refused.meant = undefined;
  await tab.send('And now?', { model });
  await tab.until(() => tab.view?.conversation.titledBy === 'model');
  expect((await world.typesIn(conversation)).filter((type) => type === 'conversation-changed')).toHaveLength(1);
});
