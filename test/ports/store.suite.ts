import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isCovered, KINDS } from '../../server/store/kinds.ts';
import type { Kind } from '../../server/store/kinds.ts';
import type { RefusalReason } from '../../server/store/refused.ts';
import { UNFENCED } from '../../server/store/store.ts';
import type { Change, Fence, Store } from '../../server/store/store.ts';
import { conversationBody, draft, fence, gate, head, messageBody, record, recordBody, sample, SAMPLES } from '../fixtures/store/documents.ts';
import { findSuite } from './store-find.suite.ts';

/** One store under test. `reopen` closes it and opens what it left behind. */
export interface OpenStore {
  readonly store: Store;
  reopen(): Promise<Store>;
  close(): Promise<void>;
}

const KIND_NAMES = (Object.keys(KINDS) as Kind[]).filter((kind): kind is Exclude<Kind, 'head'> => kind !== 'head');
const OF_CONVERSATIONS = KIND_NAMES.filter((kind) => KINDS[kind].isOfConversation);
const COVERED = KIND_NAMES.filter(isCovered);

/** What every adapter of the store promises. */
export function storeSuite(name: string, open: () => Promise<OpenStore>): void {
  describe(`the ${name} store`, () => {
    let opened: OpenStore;
    let store: Store;
    beforeEach(async () => {
      opened = await open();
      ({ store } = opened);
    });
    afterEach(() => opened.close());

    describe('keeps documents', () => {
      it('of every kind, also over a restart', async () => {
        await store.commit(KIND_NAMES.filter((kind) => kind !== 'draft').map((kind) => sample(kind)), fence('talk', 1));
        await store.commit([sample('draft')], UNFENCED);
        const expected = [...KIND_NAMES.map((kind) => ({ id: sample(kind).id, version: 1, body: SAMPLES[kind] })), { id: 'talk', version: 1, body: SAMPLES.head }];
        const all = (): Promise<unknown> => Promise.all([...KIND_NAMES.map((kind) => store.get(kind, sample(kind).id)), store.get('head', 'talk')]);
        expect(await all()).toEqual(expected);
        store = await opened.reopen();
        expect(await all()).toEqual(expected);
      });

      it('and says that one is not there', async () => {
        expect(await store.get('lease', 'nowhere')).toBeUndefined();
        expect(await store.get('key', 'nowhere')).toBeUndefined();
        expect(await store.get('draft', 'nowhere')).toBeUndefined();
      });

      it('whatever characters they hold', async () => {
        const body = { instance: 'ü \u0000 \u2028 \u{1f600} "quoted" \\ \u0007 \ud800' };
        await store.commit([{ do: 'add', kind: 'lease', id: "it's \"odd\" / ü", body }], UNFENCED);
        expect((await store.get('lease', "it's \"odd\" / ü"))?.body).toEqual(body);
      });
    });

    describe('commits all changes or none', () => {
      it('refuses an id that is taken, and nothing of that commit stays', async () => {
        await store.commit([lease('b', 'first')], UNFENCED);
        await refused('conflict', store.commit([lease('a', 'second'), lease('b', 'second'), lease('c', 'second')], UNFENCED));
        expect(await store.get('lease', 'a')).toBeUndefined();
        expect(await store.get('lease', 'c')).toBeUndefined();
        expect((await store.get('lease', 'b'))?.body.instance).toBe('first');
      });

      it('lets refused commits disturb none of those that come at the same time', async () => {
        await store.commit([lease('taken', 'first')], UNFENCED);
        const outcomes = await Promise.allSettled(Array.from({ length: 60 }, (_, place) =>
          store.commit([lease(`one ${place}`, 'x'), ...(place % 3 === 0 ? [lease('taken', 'x')] : []), lease(`two ${place}`, 'x')], UNFENCED)));
        for (const [place, outcome] of outcomes.entries()) {
          const isThere = [await store.get('lease', `one ${place}`), await store.get('lease', `two ${place}`)].map((found) => found !== undefined);
          expect([outcome.status, ...isThere]).toEqual(place % 3 === 0 ? ['rejected', false, false] : ['fulfilled', true, true]);
        }
      });

      it('lets exactly one of many that add the same id happen', async () => {
        const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, place) => store.commit([lease('only', `${place}`)], UNFENCED)));
        expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      });

      it('is seen whole by a read that begins after the answer', async () => {
        for (let round = 1; round <= 40; round++) {
          await store.commit([{ do: 'put', kind: 'read-marker', id: 'a', body: { owner: 'ann', at: round } }, { do: 'put', kind: 'read-marker', id: 'b', body: { owner: 'ann', at: round } }], UNFENCED);
          expect([(await store.get('read-marker', 'a'))?.body.at, (await store.get('read-marker', 'b'))?.body.at]).toEqual([round, round]);
        }
      });

      it('does several changes of one document in their order', async () => {
        await store.commit([lease('a', 'one'), { do: 'put', kind: 'lease', id: 'a', body: { instance: 'two' } }, { do: 'remove', kind: 'lease', id: 'a' }, lease('a', 'three')], UNFENCED);
        expect((await store.get('lease', 'a'))?.body.instance).toBe('three');
      });

      it('takes an empty commit for what it is', async () => {
        await store.commit([], UNFENCED);
        await store.commit([], fence('talk', 1));
        expect((await store.get('head', 'talk'))?.body).toEqual(head(1));
      });
    });

    describe('holds changes against versions', () => {
      it('raises the version with every change', async () => {
        for (const version of [1, 2, 3]) {
          await store.commit([{ do: 'put', kind: 'lease', id: 'a', body: { instance: 'x' } }], UNFENCED);
          expect((await store.get('lease', 'a'))?.version).toBe(version);
        }
      });

      it.each(['lease', 'key', 'draft'] as const)('refuses a put or remove of a %s that has moved', async (kind) => {
        const change = (version: number): Change => ({ do: 'put', kind, id: 'a', body: SAMPLES[kind], version }) as Change;
        const remove = (version: number): Change => ({ do: 'remove', kind, id: 'a', version });
        let number = 0;
        const commit = (...changes: Change[]) => store.commit(kind === 'key' ? [record('log', ++number), gate(), ...changes] : changes, UNFENCED);
        await refused('conflict', commit(change(1)));
        await refused('conflict', commit(remove(1)));
        await commit(change(0));
        await refused('conflict', commit(change(0)));
        await refused('conflict', commit(remove(0)));
        await commit(change(1));
        await refused('conflict', commit(remove(1)));
        await commit(remove(2));
        expect(await store.get(kind, 'a')).toBeUndefined();
        await commit(remove(0), { do: 'remove', kind, id: 'a' });
      });

      it('lets exactly one of many that saw the same version write', async () => {
        await store.commit([lease('a', 'x')], UNFENCED);
        const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () =>
          store.commit([{ do: 'put', kind: 'lease', id: 'a', body: { instance: 'y' }, version: 1 }], UNFENCED)));
        expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        expect((await store.get('lease', 'a'))?.version).toBe(2);
      });
    });

    describe('accepts one writer per conversation', () => {
      it('refuses whoever comes from a head that has moved, and does nothing of it', async () => {
        await store.commit([record('talk', 1)], fence('talk', 1));
        await store.commit([record('talk', 2)], fence('talk', 2));
        const late: Fence = { chain: 'talk', from: head(1), to: head(2) };
        await refused('stale', store.commit([lease('late', 'x')], late));
        await refused('stale', store.commit([], fence('talk', 1)));
        await refused('stale', store.commit([], { chain: 'other', from: head(1), to: head(2) }));
        await refused('stale', store.commit([], { chain: 'talk', from: head(2, { epoch: 2 }), to: head(3, { epoch: 2 }) }));
        expect(await store.get('lease', 'late')).toBeUndefined();
        expect((await store.get('head', 'talk'))?.body).toEqual(head(2));
      });

      it('lets exactly one of two owners that start from the same head through', async () => {
        await store.commit([record('talk', 1)], fence('talk', 1));
        const claims = await Promise.allSettled([2, 3, 4, 5].map((epoch) => store.commit([lease(`owner ${epoch}`, 'x')], { chain: 'talk', from: head(1), to: head(1, { epoch }) })));
        const won = claims.flatMap(({ status }, place) => (status === 'fulfilled' ? [place + 2] : []));
        expect(won).toHaveLength(1);
        expect((await store.get('head', 'talk'))?.body.epoch).toBe(won[0]);
        for (const epoch of [2, 3, 4, 5]) expect((await store.get('lease', `owner ${epoch}`)) !== undefined).toBe(epoch === won[0]);
      });

      it('keeps a reserved event number: no commit of the same epoch and number takes it back', async () => {
        await store.commit([record('talk', 1)], fence('talk', 1));
        await store.commit([], { chain: 'talk', from: head(1), to: head(1, { seq: 9 }) });
        await refused('stale', store.commit([], { chain: 'talk', from: head(1), to: head(1, { seq: 5 }) }));
        expect((await store.get('head', 'talk'))?.body.seq).toBe(9);
      });

      it('knows a head that moves back for the mistake it is', async () => {
        for (const to of [head(1), head(2, { seq: 1 }), head(2, { epoch: 0 })]) await mistaken(store.commit([], { chain: 'talk', from: head(2), to }));
        expect(await store.get('head', 'talk')).toBeUndefined();
      });

      it.each(OF_CONVERSATIONS)('refuses a %s without the fence of its conversation', async (kind) => {
        await refused('unfenced', store.commit([sample(kind), record('talk', 1)], UNFENCED));
        await refused('unfenced', store.commit([sample(kind), record('other', 1)], fence('other', 1)));
        await refused('unfenced', store.commit([{ do: 'remove', kind, id: 'a' } as Change, record('talk', 1)], UNFENCED));
        expect(await store.get(kind, sample(kind).id)).toBeUndefined();
      });

      it.each(OF_CONVERSATIONS)('lets no other conversation overwrite or remove a %s', async (kind) => {
        const { id } = sample(kind);
        await store.commit([sample(kind), record('talk', 1)], fence('talk', 1));
        const theirs = { ...SAMPLES[kind], conversation: 'other' };
        await refused('unfenced', store.commit([{ do: 'put', kind, id, body: theirs } as Change, record('other', 1)], fence('other', 1)));
        await refused('unfenced', store.commit([{ do: 'remove', kind, id } as Change, record('other', 1), gate()], fence('other', 1)));
        await store.commit([{ do: 'remove', kind, id } as Change, record('talk', 2), gate()], fence('talk', 2));
        expect(await store.get(kind, id)).toBeUndefined();
      });
    });

    describe('does nothing off the record', () => {
      it.each(COVERED)('refuses a %s without a record, and leaves the head where it was', async (kind) => {
        await refused('uncovered', store.commit([sample(kind)], fence('talk', 1)));
        await refused('uncovered', store.commit([{ do: 'remove', kind, id: sample(kind).id } as Change], fence('talk', 1)));
        expect(await store.get(kind, sample(kind).id)).toBeUndefined();
        expect(await store.get('head', 'talk')).toBeUndefined();
      });

      it.each(['message', 'note', 'turn', 'file', 'key'] as const)('erases no %s without writing a gate as it was read', async (kind) => {
        const { id } = sample(kind);
        const remove: Change = { do: 'remove', kind, id };
        const shut: Change = { do: 'put', kind: 'gate', id: 'conversation:talk', version: 0, body: { holds: [{ case: 'case', hold: 'hold', from: null, to: null }] } };
        const passed: Change = { ...shut, body: { holds: [] } };
        await store.commit([sample(kind), record('talk', 1)], fence('talk', 1));
        await refused('ungated', store.commit([remove, record('talk', 2)], fence('talk', 2)));
        await refused('ungated', store.commit([remove, record('talk', 2), { do: 'put', kind: 'gate', id: 'conversation:talk', body: { holds: [] } }], fence('talk', 2)));
        await store.commit([shut, record('other', 1)], fence('other', 1));
        await refused('conflict', store.commit([remove, record('talk', 2), passed], fence('talk', 2)));
        expect(await store.get(kind, id)).toBeDefined();
        await store.commit([remove, record('talk', 2), { ...passed, version: 1 }], fence('talk', 2));
        expect(await store.get(kind, id)).toBeUndefined();
      });

      it('lets through only one of a hold and an erasure that saw the same gate', async () => {
        await store.commit([sample('message'), record('talk', 1)], fence('talk', 1));
        const gateOf = (hold: string): Change => ({ do: 'put', kind: 'gate', id: 'conversation:talk', version: 0, body: { holds: hold === '' ? [] : [{ case: 'case', hold, from: null, to: null }] } });
        const [held, erased] = await Promise.allSettled([
          store.commit([gateOf('hold'), record('other', 1)], fence('other', 1)),
          store.commit([gateOf(''), { do: 'remove', kind: 'message', id: sample('message').id }, record('talk', 2)], fence('talk', 2)),
        ]);
        expect([held.status, erased.status].toSorted()).toEqual(['fulfilled', 'rejected']);
        expect((await store.get('message', sample('message').id)) !== undefined).toBe(held.status === 'fulfilled');
        expect((await store.get('gate', 'conversation:talk'))?.body.holds).toHaveLength(held.status === 'fulfilled' ? 1 : 0);
      });

      it('takes a new key without a record, but destroys or replaces none', async () => {
        await store.commit([sample('key', 'k')], UNFENCED);
        await refused('uncovered', store.commit([{ do: 'remove', kind: 'key', id: 'k' }], UNFENCED));
        await refused('uncovered', store.commit([{ do: 'put', kind: 'key', id: 'k', body: SAMPLES.key }], UNFENCED));
        await refused('uncovered', store.commit([{ do: 'remove', kind: 'key', id: 'k' }], fence('talk', 1)));
        expect((await store.get('key', 'k'))?.version).toBe(1);
        await store.commit([record('talk', 1), { do: 'remove', kind: 'key', id: 'k' }, gate()], fence('talk', 1));
        expect(await store.get('key', 'k')).toBeUndefined();
      });

      it('[RE26] wraps a key anew without a record, found by what wrapped it, and none that was destroyed or changed meanwhile', async () => {
        const under = async (master: string): Promise<string[]> => (await store.find({ kind: 'key', index: 'byMaster', where: [], from: master, to: master, limit: 10 })).items.map(({ id, body }) => `${id} ${body.wrapped}`);
        const anew = (id: string, version: number, wrapped: string): Change => ({ do: 'rewrap', kind: 'key', id, version, body: { owner: 'ann', wrapped, under: 'new' } });
        await store.commit(['k', 'l', 'm'].map((id): Change => ({ do: 'add', kind: 'key', id, body: { owner: 'ann', wrapped: `${id}1`, ...(id !== 'm' && { under: 'old' }) } })), UNFENCED);
        expect([await under('old'), (await store.find({ kind: 'key', index: 'byMaster', where: [], limit: 10 })).items.map(({ id }) => id)]).toEqual([['k k1', 'l l1'], ['m', 'k', 'l']]);
        await store.commit([anew('k', 1, 'k2'), anew('m', 1, 'm2')], UNFENCED);
        expect([await under('old'), await under('new'), await store.get('key', 'k')]).toEqual([['l l1'], ['k k2', 'm m2'], { id: 'k', version: 2, body: { owner: 'ann', wrapped: 'k2', under: 'new' } }]);
        await refused('conflict', store.commit([anew('l', 1, 'l2'), anew('k', 1, 'k3')], UNFENCED));
        await store.commit([record('talk', 1), { do: 'remove', kind: 'key', id: 'l' }, gate()], fence('talk', 1));
        await refused('conflict', store.commit([anew('k', 2, 'k3'), anew('l', 1, 'l2')], UNFENCED));
        await mistaken(store.commit([anew('l', 0, 'l2')], UNFENCED));
        expect([await under('old'), await under('new'), await store.get('key', 'l')]).toEqual([[], ['k k2', 'm m2'], undefined]);
        store = await opened.reopen();
        expect([await under('new'), (await store.get('key', 'm'))?.body.wrapped]).toEqual([['k k2', 'm m2'], 'm2']);
      });

      it('never changes or removes a record', async () => {
        await store.commit([record('talk', 1)], fence('talk', 1));
        const { id } = record('talk', 1);
        await mistaken(store.commit([{ do: 'put', kind: 'record', id, body: recordBody('talk', 7) }], fence('talk', 2)));
        await mistaken(store.commit([{ do: 'remove', kind: 'record', id }], fence('talk', 2)));
        await refused('conflict', store.commit([record('talk', 1)], fence('talk', 2)));
        expect((await store.get('record', id))?.body).toEqual(recordBody('talk', 1));
      });
    });

    describe('bounds a commit', () => {
      it('takes 1,000 changes and refuses one more', async () => {
        const leases = Array.from({ length: 1_001 }, (_, place) => lease(`${place}`, 'x'));
        await refused('too-large', store.commit(leases, UNFENCED));
        expect(await store.get('lease', '0')).toBeUndefined();
        await store.commit(leases.slice(1), UNFENCED);
        expect(await store.get('lease', '1000')).toBeDefined();
      });

      it.each(['lease', 'draft'] as const)('refuses more than 8 MB, measured in bytes, of kind %s', async (kind) => {
        const large = (id: string, length: number): Change => ({ do: 'add', kind, id, body: { ...SAMPLES[kind], [kind === 'lease' ? 'instance' : 'sealed']: 'ü'.repeat(length) } }) as Change;
        await refused('too-large', store.commit([large('a', 2_500_000), large('b', 2_500_000)], UNFENCED));
        expect(await store.get(kind, 'a')).toBeUndefined();
        await store.commit([large('c', 3_900_000)], UNFENCED);
        expect(await store.get(kind, 'c')).toBeDefined();
      });
    });

    describe('keeps drafts', () => {
      it('and removes them together with what replaces them', async () => {
        await store.commit(Array.from({ length: 500 }, (_, place) => draft('turn', place + 1)), UNFENCED);
        const removals = Array.from({ length: 500 }, (_, place): Change => ({ do: 'remove', kind: 'draft', id: `turn:${place + 1}` }));
        await store.commit([sample('message'), record('talk', 1), ...removals], fence('talk', 1));
        expect((await store.find({ kind: 'draft', index: 'byConversation', where: ['talk'], limit: 10 })).items).toEqual([]);
        expect(await store.get('message', sample('message').id)).toBeDefined();
      });

      it('and keeps them when that commit is refused', async () => {
        await store.commit([draft('turn', 1)], UNFENCED);
        await refused('stale', store.commit([{ do: 'remove', kind: 'draft', id: 'turn:1' }], { chain: 'talk', from: head(5), to: head(6) }));
        expect(await store.get('draft', 'turn:1')).toBeDefined();
      });

      it('refuses one that is there, with all that came with it', async () => {
        await store.commit([draft('turn', 2)], UNFENCED);
        await refused('conflict', store.commit([draft('turn', 1), draft('turn', 2)], UNFENCED));
        expect(await store.get('draft', 'turn:1')).toBeUndefined();
      });

      it('and knows drafts written beside other kinds for the mistake they are', async () => {
        await mistaken(store.commit([draft('turn', 1), lease('a', 'x')], UNFENCED));
        await mistaken(store.commit([draft('turn', 1)], fence('talk', 1)));
        expect(await store.get('head', 'talk')).toBeUndefined();
      });
    });

    it('loses nothing that was accepted when it is closed at once', async () => {
      const accepted = Promise.all(Array.from({ length: 200 }, (_, place) => (place % 2 === 0 ? store.commit([lease(`${place}`, 'x')], UNFENCED) : store.commit([draft('turn', place)], UNFENCED))));
      store = await opened.reopen();
      await accepted;
      for (let place = 0; place < 200; place++) expect(place % 2 === 0 ? await store.get('lease', `${place}`) : await store.get('draft', `turn:${place}`)).toBeDefined();
    });

    it('refuses what is asked after it was closed', async () => {
      const before = store;
      store = await opened.reopen();
      await refused('unavailable', before.commit([lease('a', 'x')], UNFENCED));
      await mistaken(before.get('lease', 'a'));
      expect(await store.get('lease', 'a')).toBeUndefined();
    });

    it('knows kinds and texts that are not declared for the mistakes they are', async () => {
      await mistaken(store.commit([{ do: 'add', kind: 'nothing', id: 'a', body: {} } as unknown as Change], UNFENCED));
      await mistaken(store.commit([{ do: 'put', kind: 'head', id: 'talk', body: head(1) } as unknown as Change], UNFENCED));
      await mistaken(store.commit([{ ...lease('a', 'x'), text: { owner: 'ann', words: 'x' } } as Change], UNFENCED));
      await mistaken(store.commit([lease('', 'x')], UNFENCED));
      expect(await store.get('lease', 'a')).toBeUndefined();
    });

    it('keeps a conversation with its messages under one fence', async () => {
      await store.commit([record('talk', 1), { do: 'add', kind: 'conversation', id: 'talk', body: conversationBody('talk') }], fence('talk', 1));
      await store.commit([record('talk', 2), { do: 'add', kind: 'message', id: 'm', body: messageBody('talk') }], fence('talk', 2));
      const page = await store.find({ kind: 'record', index: 'byChain', where: ['talk'], limit: 10 });
      expect(page.items.map(({ body }) => body.number)).toEqual([1, 2]);
    });
  });
  findSuite(name, open);
}

function lease(id: string, instance: string): Change {
  return { do: 'add', kind: 'lease', id, body: { instance } };
}

async function refused(reason: RefusalReason, commit: Promise<void>): Promise<void> {
  await expect(commit).rejects.toMatchObject({ name: 'CommitRefused', reason });
}

/** A plain error: wrong code, not a refusal that anybody could act on. */
async function mistaken(asked: Promise<unknown>): Promise<void> {
  await expect(asked).rejects.toSatisfy((error: unknown) => error instanceof Error && error.name !== 'CommitRefused');
}
