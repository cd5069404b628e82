import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UNFENCED } from '../../server/store/store.ts';
import type { Change, IndexQuery, Store, TextQuery } from '../../server/store/store.ts';
import { conversationBody, fence, gate, messageBody, record } from '../fixtures/store/documents.ts';

/** What every adapter promises of queries and search; part of `storeSuite`. */
export function findSuite(name: string, open: () => Promise<{ readonly store: Store; close(): Promise<void> }>): void {
  describe(`the ${name} store`, () => {
    let store: Store;
    let close: () => Promise<void>;
    beforeEach(async () => {
      const opened = await open();
      store = opened.store;
      close = () => opened.close();
    });
    afterEach(() => close());

    describe('finds by a declared index', () => {
      it('what equals all leading fields, in the order of the last one', async () => {
        await addConversations(store, [['a', { updatedAt: 3 }], ['b', { updatedAt: 1 }], ['c', { updatedAt: 2, archived: true }], ['d', { updatedAt: 9, owner: 'bob' }], ['e', { updatedAt: 2 }]]);
        const query = { kind: 'conversation', index: 'byOwner', where: ['ann', false], limit: 10 } as const;
        expect(await idsOf(store, query)).toEqual(['b', 'e', 'a']);
        expect(await idsOf(store, { ...query, order: 'down' })).toEqual(['a', 'e', 'b']);
        expect(await idsOf(store, { ...query, where: ['ann', true] })).toEqual(['c']);
        expect(await idsOf(store, { ...query, from: 2 })).toEqual(['e', 'a']);
        expect(await idsOf(store, { ...query, from: 2, to: 2 })).toEqual(['e']);
        expect(await idsOf(store, { ...query, to: 2, order: 'down' })).toEqual(['e', 'b']);
      });

      it('by its only field, and text by text', async () => {
        const users = ['bob@example.org', 'ann@example.org', 'Ann@example.org'].map((email, place): Change =>
          ({ do: 'add', kind: 'user', id: email, body: { email, role: 'member', createdAt: place, passwordHash: '', sealed: '' } }));
        await store.commit([...users, record('audit', 1)], UNFENCED);
        const keys = ['b', 'a', 'B'].map((provider): Change => ({ do: 'add', kind: 'provider-key', id: provider, body: { user: 'ann', provider, expiresAt: null, sealed: '' } }));
        await store.commit([...keys, record('audit', 2)], UNFENCED);
        expect(await idsOf(store, { kind: 'provider-key', index: 'byUser', where: ['ann'], limit: 10 })).toEqual(['B', 'a', 'b']);
        expect(await idsOf(store, { kind: 'provider-key', index: 'byUser', where: ['ann'], from: 'a', to: 'a', limit: 10 })).toEqual(['a']);
        expect(await idsOf(store, { kind: 'user', index: 'byAge', where: [], limit: 10 })).toEqual(['bob@example.org', 'ann@example.org', 'Ann@example.org']);
      });

      it('documents without a value before all others, and none of them within bounds', async () => {
        await addConversations(store, [['a', { eraseAt: 5 }], ['b', {}], ['c', { eraseAt: 2 }], ['d', {}]]);
        const query = { kind: 'conversation', index: 'byErasure', where: [false], limit: 10 } as const;
        expect(await idsOf(store, query)).toEqual(['b', 'd', 'c', 'a']);
        expect(await idsOf(store, { ...query, to: 9 })).toEqual(['c', 'a']);
        expect(await idsOf(store, { ...query, from: 0, order: 'down' })).toEqual(['a', 'c']);
      });

      it('as they are now, not as they were', async () => {
        await addConversations(store, [['a', { updatedAt: 1 }], ['b', { updatedAt: 2 }]]);
        await store.commit([record('a', 2), { do: 'put', kind: 'conversation', id: 'a', body: conversationBody('a', { updatedAt: 3 }) }], fence('a', 2));
        await store.commit([record('b', 2), { do: 'remove', kind: 'conversation', id: 'b' }], fence('b', 2));
        expect(await store.find({ kind: 'conversation', index: 'byOwner', where: ['ann', false], limit: 10 }))
          .toEqual({ items: [{ id: 'a', version: 2, body: conversationBody('a', { updatedAt: 3 }) }], cursor: null });
      });

      it('page by page exactly what stands in the whole list, whatever the values, bounds, order and page size', async () => {
        const value = fc.option(fc.integer({ min: 0, max: 4 }));
        let round = 0;
        await fc.assert(fc.asyncProperty(fc.array(value, { maxLength: 24 }), fc.integer({ min: 1, max: 7 }), fc.constantFrom('up', 'down'), value, value, async (values, limit, order, from, to) => {
          const owner = `owner ${++round}`;
          const keys = values.map((at, place): Change => ({ do: 'add', kind: 'read-marker', id: `${owner} ${place % 2}${place}`, body: { owner, at: at as number } }));
          await store.commit(keys, UNFENCED);
          const query: IndexQuery<'read-marker'> = { kind: 'read-marker', index: 'byOwner', where: [owner], limit, order, ...(from === null ? {} : { from }), ...(to === null ? {} : { to }) };
          const expected = values.map((at, place) => ({ at, id: `${owner} ${place % 2}${place}` }))
            .filter(({ at }) => (from === null && to === null) || (at !== null && at >= (from ?? at) && at <= (to ?? at)))
            .sort((one, other) => (one.at ?? -1) - (other.at ?? -1) || (one.id < other.id ? -1 : 1));
          expect(await everyPage(store, query)).toEqual((order === 'up' ? expected : expected.toReversed()).map(({ id }) => id));
        }), { numRuns: 60, seed: 20 });
      });

      it('pages that go on where they were, though documents are added and removed meanwhile', async () => {
        await store.commit(Array.from({ length: 6 }, (_, at): Change => marker(`m${at}`, at)), UNFENCED);
        const query: IndexQuery<'read-marker'> = { kind: 'read-marker', index: 'byOwner', where: ['ann'], limit: 3 };
        const first = await store.find(query);
        await store.commit([marker('early', 0), marker('late', 4), { do: 'remove', kind: 'read-marker', id: 'm2' }], UNFENCED);
        const second = await store.find({ ...query, after: first.cursor ?? '' });
        expect(second.items.map(({ id }) => id)).toEqual(['m3', 'late', 'm4']);
      });

      it('and says that the last page is the last, also when it is full', async () => {
        await store.commit([marker('a', 1), marker('b', 2)], UNFENCED);
        const query: IndexQuery<'read-marker'> = { kind: 'read-marker', index: 'byOwner', where: ['ann'], limit: 2 };
        expect((await store.find(query)).cursor).toBeNull();
        expect((await store.find({ ...query, limit: 1 })).cursor).not.toBeNull();
      });

      it('and refuses what is no cursor as the mistake of whoever sent it', async () => {
        for (const after of ['nothing', '', Buffer.from('{}').toString('base64url'), Buffer.from('[1,2]').toString('base64url'), Buffer.from('[{},"a"]').toString('base64url')]) {
          await expect(store.find({ kind: 'turn', index: 'byState', where: ['open'], limit: 1, after })).rejects.toMatchObject({ code: 'invalid-command' });
          await expect(store.search({ kinds: ['message'], owner: 'ann', words: 'x', limit: 1, after })).rejects.toMatchObject({ code: 'invalid-command' });
        }
      });

      it('and knows undeclared indexes, missing fields and boundless pages for the mistakes they are', async () => {
        const query = { kind: 'conversation', index: 'byOwner', where: ['ann', false], limit: 1 } as const;
        await expect(store.find({ ...query, index: 'byTitle' as 'byOwner' })).rejects.toThrow('declares no index');
        await expect(store.find({ ...query, where: ['ann'] })).rejects.toThrow('takes 2 values');
        for (const limit of [0, -1, 1.5, 1_001, Number.NaN]) await expect(store.find({ ...query, limit })).rejects.toThrow('1 to 1000');
      });
    });

    describe('finds words', () => {
      it('whatever their accents and case; all must be there, the last may be a beginning', async () => {
        await addMessages(store, { one: 'Crème brûlée for two', two: 'Crème anglaise', three: 'nothing of the kind' });
        expect(await found(store, 'creme')).toEqual(['one', 'two']);
        expect(await found(store, 'CREME brul')).toEqual(['one']);
        expect(await found(store, 'two crème')).toEqual(['one']);
        expect(await found(store, 'crem brulee')).toEqual([]);
        expect(await found(store, 'anglaise nothing')).toEqual([]);
      });

      it('of one owner and of the kinds asked for only', async () => {
        await addMessages(store, { one: 'blue whale' });
        await addMessages(store, { two: 'blue whale' }, { owner: 'bob', chain: 'theirs' });
        await addConversations(store, [['c', {}]], 'blue whale');
        expect(await found(store, 'whale')).toEqual(['one']);
        expect(await found(store, 'whale', { owner: 'bob' })).toEqual(['two']);
        expect(await found(store, 'whale', { kinds: ['conversation'] })).toEqual(['c']);
        expect(await found(store, 'whale', { kinds: ['conversation', 'message'] })).toEqual(['c', 'one']);
        expect(await found(store, 'whale', { owner: 'ann OR bob' })).toEqual([]);
        expect(await found(store, 'whale', { kinds: [] })).toEqual([]);
      });

      it('and marks them in the words around', async () => {
        await addMessages(store, { one: 'look, a blue whale \u0002 \u0003 swims' });
        const { items } = await store.search({ kinds: ['message'], owner: 'ann', words: 'whal', limit: 10 });
        expect(items[0]?.snippet).toContain('blue \u0002whale\u0003     swims');
      });

      it('typed in any way, never as a language of its own', async () => {
        await addMessages(store, { one: 'AND the words of owner NEAR it are "plain"' });
        for (const words of ['"', '*', 'plain"', 'NEAR(', 'owner:ann', 'words : plain', '-plain', '^and', 'and OR nothing', 'a*b', '(', '{words} : x', '\0', "'; DROP TABLE text; --", '+', '\ud800', 'x'.repeat(9_000), 'and '.repeat(2_000)]) {
          expect(await store.search({ kinds: ['message'], owner: 'ann', words, limit: 5 })).toHaveProperty('items');
        }
        expect(await found(store, '"near" AND')).toEqual(['one']);
        expect(await found(store, 'owner NOT plain')).toEqual([]);
        expect(await found(store, '... "" plain')).toEqual(['one']);
        expect(await found(store, '***')).toEqual([]);
      });

      it('that were given last, and none of what was removed', async () => {
        await addMessages(store, { one: 'first words', two: 'first words' });
        await store.commit([record('talk', 2), { do: 'put', kind: 'message', id: 'one', body: messageBody('talk'), text: { owner: 'ann', words: 'second words' } },
          { do: 'remove', kind: 'message', id: 'two' }, gate()], fence('talk', 2));
        expect(await found(store, 'first')).toEqual([]);
        expect(await found(store, 'second')).toEqual(['one']);
        await store.commit([record('talk', 3), { do: 'put', kind: 'message', id: 'one', body: messageBody('talk', { at: 5 }) }], fence('talk', 3));
        expect(await found(store, 'second')).toEqual(['one']);
      });

      it('of no commit that was refused', async () => {
        await addMessages(store, { one: 'here' });
        const again = store.commit([record('talk', 2), { do: 'add', kind: 'message', id: 'two', body: messageBody('talk'), text: { owner: 'ann', words: 'ghost' } }, { do: 'add', kind: 'message', id: 'one', body: messageBody('talk') }], fence('talk', 2));
        await expect(again).rejects.toMatchObject({ reason: 'conflict' });
        expect(await found(store, 'ghost')).toEqual([]);
        expect(await store.behind(1)).toEqual([]);
      });

      it('and misses none; words given again beside that change nothing, and need neither record nor fence', async () => {
        await addMessages(store, { one: 'whale' });
        await store.commit([{ do: 'words', kind: 'message', id: 'one', text: { owner: 'ann', words: 'shark' } }, { do: 'words', kind: 'message', id: 'gone', text: { owner: 'ann', words: 'shark' } }], UNFENCED);
        expect([await found(store, 'whale'), await found(store, 'shark'), await store.behind(1_000)]).toEqual([['one'], [], []]);
        expect((await store.get('message', 'one'))?.version).toBe(1);
        for (const limit of [0, 1_001, 0.5]) await expect(store.behind(limit)).rejects.toThrow('1 to 1000');
        await expect(store.commit([{ do: 'words', kind: 'turn', id: 'one', text: { owner: 'ann', words: 'x' } } as unknown as Change], UNFENCED)).rejects.toThrow('text');
      });

      it('page by page, each hit once', async () => {
        await addMessages(store, Object.fromEntries(Array.from({ length: 25 }, (_, place) => [`m${place}`, `whale ${'deep '.repeat(place)}`])));
        const ids: string[] = [];
        let after: string | undefined;
        do {
          const page = await store.search({ kinds: ['message'], owner: 'ann', words: 'whale', limit: 10, after });
          ids.push(...page.items.map(({ id }) => id));
          after = page.cursor ?? undefined;
        } while (after !== undefined);
        expect(new Set(ids).size).toBe(25);
        expect(ids).toHaveLength(25);
        expect(ids[0]).toBe('m0');
      });
    });
  });
}

function marker(id: string, at: number): Change {
  return { do: 'add', kind: 'read-marker', id, body: { owner: 'ann', at } };
}

async function addConversations(store: Store, rows: readonly (readonly [string, Parameters<typeof conversationBody>[1]])[], words = 'title'): Promise<void> {
  for (const [id, parts] of rows) {
    await store.commit([record(id, 1), { do: 'add', kind: 'conversation', id, body: conversationBody(id, parts), text: { owner: 'ann', words } }], fence(id, 1));
  }
}

async function addMessages(store: Store, texts: Readonly<Record<string, string>>, { owner = 'ann', chain = 'talk' } = {}): Promise<void> {
  const messages = Object.entries(texts).map(([id, words]): Change => ({ do: 'add', kind: 'message', id, body: messageBody(chain), text: { owner, words } }));
  await store.commit([record(chain, 1), ...messages], fence(chain, 1));
}

async function idsOf(store: Store, query: IndexQuery<'conversation'> | IndexQuery<'user'> | IndexQuery<'provider-key'>): Promise<string[]> {
  const page = await store.find(query as IndexQuery<'conversation'>);
  return page.items.map(({ id }) => id);
}

async function everyPage(store: Store, query: IndexQuery<'read-marker'>): Promise<string[]> {
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const page = await store.find({ ...query, after });
    ids.push(...page.items.map(({ id }) => id));
    after = page.cursor ?? undefined;
  } while (after !== undefined);
  return ids;
}

async function found(store: Store, words: string, { owner = 'ann', kinds = ['message'] as TextQuery['kinds'] } = {}): Promise<string[]> {
  const { items } = await store.search({ kinds, owner, words, limit: 50 });
  return items.map(({ id }) => id).sort();
}
