import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConversationId } from '../../contracts/ids.ts';
import { LOG_CHAIN } from '../../contracts/records.ts';
import { leafOf, nextRecord, recordId, START } from '../../server/journal/journal.ts';
import { GrowingRoot, provesConsistency, provesInclusion } from '../../server/journal/merkle.ts';
import { newKey } from '../../server/journal/seal.ts';
import { openSealedLog } from '../../server/journal/sealed-log.ts';
import { Sealer } from '../../server/journal/sealer.ts';
import { openSigner, readCheckpoint, type Checkpoint, type Signer } from '../../server/journal/signed-note.ts';
import { around } from '../../server/store/around.ts';
import type { Head } from '../../server/store/kinds.ts';
import { CommitRefused } from '../../server/store/refused.ts';
import { UNFENCED, type Change, type Store } from '../../server/store/store.ts';
import type { OpenStore } from './store.suite.ts';

const signer = openSigner(Buffer.alloc(32, 3));
let signing: readonly Signer[] = [signer];
const ACTOR = { user: null, session: null, address: '', agent: '' };

/** What the sealer promises on every store. */
export function sealerSuite(name: string, open: () => Promise<OpenStore>): void {
  describe(`[RE6] the sealer on the ${name} store`, () => {
    let opened: OpenStore;
    let store: Store;
    let now = 1_000;
    const warnings: unknown[] = [];
    beforeEach(async () => {
      opened = await open();
      ({ store } = opened);
      warnings.length = 0;
      now = 1_000;
    });
    afterEach(() => opened.close());

    const newSealer = (on: Store = store): Sealer => new Sealer({ store: on, clock: { now: () => now }, signers: () => Promise.resolve(signing), warn: (error) => warnings.push(error), sealed: () => undefined });
    const sealOnce = (on?: Store): Promise<void> => newSealer(on).close();

    async function write(chain: string, count: number, { waits = true } = {}): Promise<void> {
      const key = newKey();
      for (let left = count; left > 0; ) {
        const from = (await store.get('head', chain))?.body ?? null;
        let head: Head = from ?? START;
        const changes: Change[] = [];
        for (let made = Math.min(left, 200); made > 0; made--, left--) {
          const next = nextRecord(head, { chain: chain as ConversationId, epoch: 1, at: now, keyId: chain, key }, { actor: ACTOR, said: { type: 'conversation-restored', v: 1 } });
          changes.push(...next.changes.filter(({ kind }) => waits || kind === 'record'));
          ({ head } = next);
        }
        await store.commit(changes, { chain, from, to: head });
      }
    }

    async function everything<K extends 'sealed' | 'pending'>(kind: K) {
      const index = (kind === 'sealed' ? 'byPlace' : 'byAge') as never;
      const items = [];
      for (let after: string | undefined; ; ) {
        const page = await store.find({ kind, index, where: [], limit: 1_000, after });
        items.push(...page.items);
        if (page.cursor === null) return items;
        after = page.cursor;
      }
    }

    /** Holds all of the log against the records; resolves with the ids of the records in their order. */
    async function expectWhole(): Promise<string[]> {
      const sealed = await everything('sealed');
      expect(sealed.map(({ body }) => body.place)).toEqual(sealed.map((_, place) => place));
      const growing = new GrowingRoot();
      const last = new Map<string, number>();
      for (const { body: { chain, number } } of sealed) {
        expect([chain, number]).toEqual([chain, (last.get(chain) ?? 0) + 1]);
        last.set(chain, number);
        growing.push(leafOf((await store.get('record', recordId(chain, number)))!.body));
      }
      expect(await checkpoint()).toEqual({ origin: signer.origin, size: sealed.length, root: growing.root(), generations: [] });
      expect((await store.get('head', LOG_CHAIN))?.body).toMatchObject({ seq: sealed.length, hash: growing.root().toString('hex') });
      return sealed.map(({ id }) => id);
    }

    const checkpoint = async (): Promise<Checkpoint> => readCheckpoint((await store.get('checkpoint', 'latest'))!.body.note, [signer.verifierKey]);

    it('gives every record one place, those of a chain in their order, and signs the root over all of them', async () => {
      await write('a', 3);
      now += 1;
      await write('b', 2);
      await sealOnce();
      expect(await expectWhole()).toEqual(['a:1', 'a:2', 'a:3', 'b:1', 'b:2']);
      await write('a', 2);
      await sealOnce();
      expect(await expectWhole()).toEqual(['a:1', 'a:2', 'a:3', 'b:1', 'b:2', 'a:4', 'a:5']);
      expect([await everything('pending'), warnings]).toEqual([[], []]);
      const before = await checkpoint();
      await sealOnce();
      expect(await checkpoint()).toEqual(before);
    });

    it('goes on over a restart in the middle of a tile, and with more records than one commit holds', async () => {
      for (const count of [300, 500, 2]) {
        await write('a', count);
        store = await opened.reopen();
        await sealOnce();
        await expectWhole();
      }
      expect((await checkpoint()).size).toBe(802);
    });

    it('proves each record, and that each checkpoint begins with the one before', async () => {
      const log = openSealedLog(store);
      await expect(log.checkpoint()).rejects.toThrow('not-found');
      const kept: Checkpoint[] = [];
      for (const count of [1, 300, 257]) {
        await write('a', count);
        await sealOnce();
        kept.push(await checkpoint());
      }
      const [, , whole] = kept as [Checkpoint, Checkpoint, Checkpoint];
      for (const number of [1, 2, 256, 257, 558]) {
        const { place, leaf, proof } = await log.inclusion('a', number);
        const record = (await store.get('record', recordId('a', number)))!.body;
        expect([place, leaf]).toEqual([number - 1, leafOf(record).toString('base64')]);
        expect(provesInclusion(leafOf(record), place, whole.size, proof.map((hash) => Buffer.from(hash, 'base64')), whole.root)).toBe(true);
      }
      for (const before of kept) {
        const { proof } = await log.consistency(before.size);
        expect(provesConsistency(before, whole, proof.map((hash) => Buffer.from(hash, 'base64')))).toBe(true);
      }
      await expect(log.inclusion('a', 559)).rejects.toThrow('not-found');
      await expect(log.consistency(559)).rejects.toThrow('invalid-command');
    });

    it('[RE6] a key that is changed takes nothing from what was signed: the one before it signs along, and both are named', async () => {
      const [second, third] = [4, 5].map((byte) => openSigner(Buffer.alloc(32, byte), signer.origin)) as [Signer, Signer];
      const sealer = newSealer();
      const signedWith = async (...signers: readonly Signer[]) => {
        signing = signers;
        await write('a', 2);
        sealer.start();
        await sealer.idle();
        return (await store.get('checkpoint', 'latest'))!.body;
      };
      await signedWith(signer);
      const between = await signedWith(second, signer);
      for (const { verifierKey } of [signer, second]) expect(readCheckpoint(between.note, [verifierKey])).toMatchObject({ origin: signer.origin, size: 4 });
      const after = await signedWith(third, second);
      expect(() => readCheckpoint(after.note, [signer.verifierKey])).toThrow('no key that is known');
      for (const { verifierKey } of [second, third]) expect(readCheckpoint(after.note, [verifierKey])).toMatchObject({ origin: signer.origin, size: 6 });
      expect(after.keys).toEqual([signer, second, third].map(({ verifierKey }) => verifierKey));
      await sealer.close();
      signing = [third];
      await write('a', 1);
      await sealOnce();
      expect((await store.get('checkpoint', 'latest'))!.body.keys).toEqual(after.keys);
      signing = [signer];
    });

    it('never forks, whatever several of them do at once', async () => {
      const signed: Checkpoint[] = [];
      const watched: Store = {
        ...bound(store),
        async commit(changes, fence) {
          await store.commit(changes, fence);
          for (const change of changes) if (change.kind === 'checkpoint' && change.do === 'put') signed.push(readCheckpoint(change.body.note, [signer.verifierKey]));
        },
      };
      const sealers = [newSealer(watched), newSealer(watched), newSealer(watched)];
      for (let round = 0; round < 5; round++) {
        await Promise.all([write('a', 40), write('b', 40), ...[newSealer(watched), newSealer(watched)].map((sealer) => sealer.close())]);
      }
      await Promise.all(sealers.map((sealer) => sealer.close()));
      await sealOnce(watched);
      const order = await expectWhole();
      expect([order.length, new Set(signed.map(({ size }) => size)).size]).toEqual([400, signed.length]);
      const log = openSealedLog(store);
      const whole = await checkpoint();
      for (const before of signed) {
        const { proof } = await log.consistency(before.size);
        expect(provesConsistency(before, whole, proof.map((hash) => Buffer.from(hash, 'base64')))).toBe(true);
      }
    });

    it('signs nothing for anybody whose commit was refused, and nothing twice whose answer was lost', async () => {
      await write('a', 2);
      let how: 'refused' | 'lost' = 'refused';
      const faulty: Store = {
        ...bound(store),
        async commit(changes, fence) {
          if (how === 'refused') throw new CommitRefused('unavailable');
          await store.commit(changes, fence);
          throw new CommitRefused('unknown');
        },
      };
      await sealOnce(faulty);
      expect([await store.get('checkpoint', 'latest'), warnings]).toEqual([undefined, [expect.objectContaining({ reason: 'unavailable' })]]);
      how = 'lost';
      await sealOnce(faulty);
      expect(await expectWhole()).toEqual(['a:1', 'a:2']);
    });

    it.each([[true, 0], [false, 1]] as const)('that is refused over a place that was given is silent where another one has sealed (%s), and says so where nobody has', async (isAnother, said) => {
      await write('a', 3);
      const commit: Store['commit'] = async (changes, fence) => {
        if (fence === UNFENCED || fence.chain !== LOG_CHAIN) return store.commit(changes, fence);
        if (isAnother) await sealOnce();
        throw new CommitRefused('conflict'); // some stores look at this before they look at the fence
      };
      await sealOnce(around(store, { close: () => Promise.resolve(), commit }));
      expect(warnings).toHaveLength(said);
      await sealOnce();
      expect(await expectWhole()).toEqual(['a:1', 'a:2', 'a:3']);
    });

    it('takes over from one that is late, and not from one that seals', async () => {
      const stands = newSealer();
      await write('a', 1);
      await sealOnce();
      await write('a', 1);
      stands.start();
      await stands.idle();
      expect((await checkpoint()).size).toBe(2);
      await write('a', 1);
      await sealOnce(); // another one was first: what this one knows of the log holds no longer
      await write('a', 1);
      stands.start();
      await stands.idle();
      expect((await checkpoint()).size).toBe(3);
      for (const [after, size] of [[0, 3], [2_900, 3], [3_100, 4]] as const) {
        now = 1_000 + after;
        stands.start();
        await stands.idle();
        expect((await checkpoint()).size).toBe(size);
      }
      await stands.close();
    });

    it('gives every record its place though the clock is set back between them and while it stands by, an hour or the wrong way round', async () => {
      now = 10_000_000;
      await write('a', 2);
      await sealOnce();
      const stands = newSealer();
      await write('a', 1);
      stands.start();
      await stands.idle();
      await write('b', 1);
      await sealOnce(); // another one was first
      await write('a', 2);
      for (const at of [10_000_000, 10_000_000, 6_400_000, 6_403_100]) {
        now = at;
        stands.start();
        await stands.idle();
      }
      expect([(await everything('pending')).length, (await checkpoint()).size]).toEqual([0, 6]);
      await write('b', 300);
      now -= 3_600_000;
      await write('a', 500);
      await stands.close();
      expect((await expectWhole()).filter((id) => id.startsWith('a:'))).toEqual(Array.from({ length: 505 }, (_, at) => `a:${at + 1}`));
      expect(warnings).toEqual([]);
    });

    it('seals what was on record before there was a log, before what follows it', async () => {
      await write('a', 3, { waits: false });
      await write('b', 1);
      await write('a', 2);
      await sealOnce();
      expect((await expectWhole()).toSorted()).toEqual(['a:1', 'a:2', 'a:3', 'a:4', 'a:5', 'b:1']);
    });

    it('seals nothing on top of a log that was damaged, and says so', async () => {
      await write('a', 3);
      await sealOnce();
      const { hashes } = (await store.get('tile', '0/0'))!.body;
      await store.commit([{ do: 'put', kind: 'tile', id: '0/0', body: { hashes: `AAAA${hashes.slice(4)}` } }], UNFENCED);
      await write('a', 1);
      await sealOnce();
      expect([(await checkpoint()).size, warnings]).toEqual([3, [expect.objectContaining({ message: expect.stringContaining('run gorunchat verify') })]]);
    });
  });
}

function bound(store: Store): Store {
  return { get: store.get.bind(store), find: store.find.bind(store), search: store.search.bind(store), commit: store.commit.bind(store), behind: store.behind.bind(store), close: store.close.bind(store) };
}
