import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../server/store/mongo/connect.ts';
import { mongoStore } from '../../server/store/mongo.ts';
import { UNFENCED } from '../../server/store/store.ts';
import type { Change, Store } from '../../server/store/store.ts';
import { conversationBody, fence, gate, messageBody, record, sample, SAMPLES } from '../fixtures/store/documents.ts';
import { newTestDatabase, type TestDatabase } from '../support/mongo-database.ts';
import { storeSuite } from './store.suite.ts';

let database: TestDatabase;
/** Kept from test to test, as it would be in a process. */
let kept: Store | undefined;

// Before each, so that without a server every test fails and none is passed over.
beforeEach(async () => { database ??= await newTestDatabase(); });
afterAll(async () => {
  await kept?.close();
  await database?.[Symbol.asyncDispose]();
});

const open = (uri = database.uri, sentences?: string[]): Promise<Store> => mongoStore({ uri, report: (sentence) => {
  if (sentences === undefined) throw new Error(sentence);
  sentences.push(sentence);
} });

storeSuite('MongoDB', async () => {
  await database.clear();
  let store = (kept ??= await open());
  return {
    store,
    reopen: async () => {
      await store.close();
      store = kept = await open();
      return store;
    },
    close: () => Promise.resolve(),
  };
});

it('has as many connections as the address says, else a hundred', async () => {
  const sizes: unknown[] = [];
  for (const uri of [`${database.uri}${database.uri.includes('?') ? '&' : '?'}maxPoolSize=7`, database.uri]) {
    const { client } = await connect({ uri });
    sizes.push(client.options.maxPoolSize);
    await client.close();
  }
  expect(sizes).toEqual([7, 100]);
});

describe('a MongoDB database', () => {
  it('is made ready by whoever starts first, also when several do at once, and nothing is reported', async () => {
    await using fresh = await newTestDatabase();
    const stores = await Promise.all([open(fresh.uri), open(fresh.uri), open(fresh.uri)]);
    await stores[0]?.commit([sample('lease')], UNFENCED);
    expect((await stores[2]?.get('lease', sample('lease').id))?.body).toEqual(SAMPLES.lease);
    expect(await indexNames(fresh, 'conversation'))
      .toEqual(['_id_', 'gorunchat.byChange', 'gorunchat.byErasure', 'gorunchat.byOwner', 'gorunchat.byPin', 'gorunchat.bySite', 'gorunchat.byTemporary', 'gorunchat.byWaiting']);
    await Promise.all(stores.map((store) => store.close()));
    await (await open(fresh.uri)).close();
  });

  it('keeps an index that is not as declared, or declared no more, and says so', async () => {
    await using fresh = await newTestDatabase();
    await fresh.db.collection('message').createIndex({ 'by.place': 1 }, { name: 'gorunchat.byConversation' });
    await fresh.db.collection('lease').createIndex({ version: 1 }, { name: 'gorunchat.byVersion' });
    await fresh.db.collection('lease').createIndex({ json: 1 }, { name: 'of the administrator' });
    const sentences: string[] = [];
    const store = await open(fresh.uri, sentences);
    expect(sentences.toSorted()).toEqual([
      expect.stringMatching(/^The index gorunchat\.byConversation of message in MongoDB is not as declared: it is \{"by\.place":1\}, declared is \{"by\.conversation":1,"by\.place":1,"_id":1\}\./u),
      expect.stringMatching(/^The index gorunchat\.byVersion of lease in MongoDB is not declared any more\./u),
    ]);
    expect((await fresh.db.collection('message').indexes()).find(({ name }) => name === 'gorunchat.byConversation')?.key).toEqual({ 'by.place': 1 });
    expect(await indexNames(fresh, 'lease')).toEqual(['_id_', 'gorunchat.byVersion', 'of the administrator']);
    await store.close();
  });

  it('of a newer version is refused and left alone', async () => {
    await using fresh = await newTestDatabase();
    await fresh.db.collection<{ _id: string; version: number }>('_schema').insertOne({ _id: 'layout', version: 99 });
    await expect(open(fresh.uri)).rejects.toThrow(`The MongoDB database ${fresh.db.databaseName} was made by a newer version of GoRunChat (its layout is 99`);
    expect((await fresh.db.listCollections().toArray()).map(({ name }) => name)).toEqual(['_schema']);
  });

  it('serves every declared query by its index', async () => {
    const explained = await database.db.collection('turn').find({ $and: [{ 'by.conversation': { $eq: 'talk' } }, { 'by.state': { $eq: 'open' } }] }).sort({ 'by.startedAt': 1, _id: 1 }).explain();
    expect(JSON.stringify(explained)).toContain('IXSCAN');
  });

  it('holds the words of documents in one place, apart from their content', async () => {
    await database.clear();
    const store = (kept ??= await open());
    await store.commit([record('talk', 1), message('m', 'Xylophonkatze')], fence('talk', 1));
    const holders: string[] = [];
    for (const { name } of await database.db.listCollections({}, { nameOnly: true }).toArray()) {
      if (/xylophonkatze/iu.test(JSON.stringify(await database.db.collection(name).find().toArray()))) holders.push(name);
    }
    expect(holders).toEqual(['words']);
    await store.commit([record('talk', 2), { do: 'remove', kind: 'message', id: 'm' }, gate()], fence('talk', 2));
    expect(await database.db.collection<{ _id: string }>('words').countDocuments({ _id: 'message:m' })).toBe(0);
  });
});

describe('a MongoDB database that was restored without its words', () => {
  let store: Store;
  beforeEach(async () => {
    await database.clear();
    store = (kept ??= await open());
    await store.commit([record('talk', 1), { do: 'add', kind: 'conversation', id: 'talk', body: conversationBody('talk'), text: { owner: 'ann', words: 'whales' } },
      message('a', 'whale'), message('b', 'shark'), message('c')], fence('talk', 1));
    await store.close();
    await database.db.collection('words').drop();
    store = kept = await open();
  });

  it('names what has words and no entry, and is whole once they were given again', async () => {
    expect(await found(store, 'whale')).toEqual([]);
    expect(await store.behind(2)).toHaveLength(2);
    expect((await store.behind(10)).map(({ kind, id }) => `${kind} ${id}`).toSorted()).toEqual(['conversation talk', 'message a', 'message b']);
    await store.commit([again('a', 'whale'), { ...again('talk', 'whales'), kind: 'conversation' }], UNFENCED);
    expect(await store.behind(10)).toEqual([{ kind: 'message', id: 'b' }]);
    await store.commit([again('b', 'shark')], UNFENCED);
    expect(await store.behind(10)).toEqual([]);
    expect(await found(store, 'whale')).toEqual(['a', 'talk']);
    expect((await store.get('message', 'a'))?.version).toBe(1);
  });

  it('never overwrites what is newer, and gives nothing to what is gone', async () => {
    await store.commit([record('talk', 2), { do: 'put', kind: 'message', id: 'a', body: messageBody('talk'), text: { owner: 'ann', words: 'newer' } }, { do: 'remove', kind: 'message', id: 'b' }, gate()], fence('talk', 2));
    await store.commit([again('a', 'older'), again('b', 'older'), again('c', 'older'), again('nothing', 'older')], UNFENCED);
    expect([await found(store, 'older'), await found(store, 'newer')]).toEqual([[], ['a']]);
    expect(await store.behind(10)).toEqual([{ kind: 'conversation', id: 'talk' }]);
  });

  it('leaves no words of a document that is removed while they are given again', async () => {
    await Promise.all([store.commit([again('a', 'older')], UNFENCED), store.commit([record('talk', 2), { do: 'remove', kind: 'message', id: 'a' }, gate()], fence('talk', 2))]);
    expect(await found(store, 'older')).toEqual([]);
  });
});

function message(id: string, words?: string): Change {
  return { do: 'add', kind: 'message', id, body: messageBody('talk'), ...(words !== undefined && { text: { owner: 'ann', words } }) };
}

function again(id: string, words: string): Change & { do: 'words' } {
  return { do: 'words', kind: 'message', id, text: { owner: 'ann', words } };
}

async function indexNames({ db }: TestDatabase, collection: string): Promise<string[]> {
  return (await db.collection(collection).indexes()).map(({ name }) => String(name)).toSorted();
}

async function found(store: Store, words: string): Promise<string[]> {
  const { items } = await store.search({ kinds: ['message', 'conversation'], owner: 'ann', words, limit: 10 });
  return items.map(({ id }) => id).toSorted();
}
