import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { SimulatedClock } from 'xstate';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LOOK_MS, MOST_WAIT_MS } from '../../machines/shipping.ts';
import { startShipping, type CopyState, type Shipping } from '../../server/journal/ship.ts';
import { bigquerySink } from '../../server/journal/sinks/bigquery.ts';
import { cloudStorageSink } from '../../server/journal/sinks/cloud-storage.ts';
import { duckdbSink } from '../../server/journal/sinks/duckdb.ts';
import { folderSink } from '../../server/journal/sinks/folder.ts';
import { placedOf } from '../../server/journal/sinks/record-row.ts';
import { CopyDiffers, type Placed, type Sink } from '../../server/journal/sinks/sink.ts';
import { verifyArchive } from '../../server/journal/verify/archive.ts';
import type { Store } from '../../server/store/store.ts';
import type { OpenStore } from '../ports/store.suite.ts';
import { DATASET, newBigQueryServer, PROJECT, rowsOf, type BigQueryServer } from '../support/bigquery-server.ts';
import { FAULTS } from '../support/faulty-server.ts';
import { random } from '../support/random.ts';
import { sealAll, writeRecords } from '../support/sealed-records.ts';
import { BUCKET, newStorageServer, type StorageServer } from '../support/storage-server.ts';

type Kind = Sink['kind'];
const KINDS: readonly Kind[] = ['folder', 'cloud-storage', 'duckdb', 'bigquery'];
const DAY_MS = 86_400_000;

/** What is promised of several copies of one log, whatever the store is. */
export function manyCopiesSuite(name: string, open: () => Promise<OpenStore>): void {
  describe(`[RE9] copies of the ${name} store`, () => {
    let opened: OpenStore;
    let store: Store;
    let folder: string;
    let storage: StorageServer;
    let bigquery: BigQueryServer;
    let clock: SimulatedClock;
    const running: Shipping[] = [];
    const warnings: [Kind, unknown][] = [];
    beforeEach(async () => {
      opened = await open();
      ({ store } = opened);
      folder = mkdtempSync(join(tmpdir(), 'copies-'));
      [storage, bigquery] = await Promise.all([newStorageServer(), newBigQueryServer()]);
      clock = new SimulatedClock();
      warnings.length = 0;
    });
    afterEach(async () => {
      await Promise.all(running.splice(0).map((one) => one.close()));
      await Promise.all([opened.close(), storage[Symbol.asyncDispose](), bigquery[Symbol.asyncDispose]()]);
      rmSync(folder, { recursive: true });
    });

    const duckdbFile = (): string => join(folder, 'records.duckdb');
    const sinkOf: Record<Kind, () => Sink> = {
      folder: () => folderSink(join(folder, 'archive')),
      'cloud-storage': () => cloudStorageSink({ bucket: BUCKET, prefix: '', endpoint: storage.url }),
      duckdb: () => duckdbSink(duckdbFile()),
      bigquery: () => bigquerySink({ project: PROJECT, dataset: DATASET, endpoint: bigquery.url }),
    };
    const ship = (kind: Kind): Shipping => {
      const shipping = startShipping({ store, sink: sinkOf[kind](), now: () => clock.now(), timers: clock, warn: (error) => warnings.push([kind, error]) });
      running.push(shipping);
      return shipping;
    };
    /** Lets waits pass, up to the longest each, until it stands like that. */
    const until = (holds: () => boolean, waitMs = MOST_WAIT_MS): Promise<unknown> => vi.waitUntil(() => (clock.increment(waitMs), holds()), { timeout: 60_000, interval: 1 });
    const isWhole = (size: number) => (shipping: Shipping): boolean => shipping.state().state === 'whole' && shipping.state().holds === size;
    /** By an instance that has ended. */
    const shipAll = async (kind: Kind, size: number): Promise<void> => {
      const shipping = ship(kind);
      await until(() => isWhole(size)(shipping));
      await shipping.close();
    };
    const standings = (shippings: readonly Shipping[]): Pick<CopyState, 'kind' | 'state' | 'holds'>[] => shippings.map((one) => one.state()).map(({ kind, state, holds }) => ({ kind, state, holds }));
    const inDuckDb = async <Row>(sql: string): Promise<Row[]> => {
      const instance = await DuckDBInstance.create(duckdbFile());
      const connection = await instance.connect();
      const rows = (await connection.runAndReadAll(sql)).getRowObjectsJS() as Row[];
      connection.closeSync();
      instance.closeSync();
      return rows;
    };
    /** Runs a statement in the database of a query copy, as somebody does who may. */
    const changeRows = (kind: 'duckdb' | 'bigquery', sql: (table: string) => string): Promise<unknown> => (kind === 'duckdb' ? inDuckDb(sql('record_rows')) : bigquery.run(sql(`${DATASET}.record_rows`)));

    async function own(): Promise<Placed[]> {
      const { items } = await store.find({ kind: 'sealed', index: 'byPlace', where: [], order: 'up', limit: 1_000 });
      return Promise.all(items.map(async ({ body: { chain, number, place } }) => ({ place, record: (await store.get('record', `${chain}:${number}`))!.body })));
    }

    /** The records in each copy, as others who ask it find them; of archives only when they are intact. */
    async function recordsIn(kind: Kind): Promise<readonly Placed[] | number> {
      if (kind === 'duckdb') return (await rowsOf(inDuckDb, 'records')).map(placedOf);
      if (kind === 'bigquery') return (await rowsOf(bigquery.run, `${DATASET}.records`)).map(placedOf);
      const { findings, records } = await verifyArchive(kind === 'folder' ? join(folder, 'archive') : storage.folder);
      expect(findings).toEqual([]);
      return records;
    }

    async function expectAllEverywhere(): Promise<void> {
      const records = await own();
      for (const kind of KINDS) expect(await recordsIn(kind)).toEqual(kind === 'duckdb' || kind === 'bigquery' ? records : records.length);
    }

    it('are whole, each by itself, while one is away for a day; then that one is caught up with, in order', async () => {
      const shippings = KINDS.map(ship);
      storage.faultOf = () => '503';
      for (let round = 1; round <= 3; round++) {
        await writeRecords(store, `chain-${round}`, 150);
        await sealAll(store);
        await until(() => shippings.filter(({ state }) => state().kind !== 'cloud-storage').every(isWhole(round * 150)));
      }
      await until(() => clock.now() > DAY_MS);
      expect(standings(shippings)).toEqual(KINDS.map((kind) => (kind === 'cloud-storage' ? { kind, state: 'failing', holds: 0 } : { kind, state: 'whole', holds: 450 })));
      storage.faultOf = () => undefined;
      await until(() => shippings.every(isWhole(450)));
      await expectAllEverywhere();
      expect(warnings).toEqual([['cloud-storage', expect.any(Error)]]);
    });

    it.each([1, 2])('are whole in the end, each record once and in order, however often what they ask goes wrong, from two instances (seed %i)', async (seed) => {
      await writeRecords(store, 'a', 300);
      await sealAll(store);
      const dice = random(seed);
      for (const server of [storage, bigquery]) server.faultOf = () => (dice.below(5) === 0 ? dice.pick(FAULTS) : undefined);
      const shippings = [...KINDS, ...KINDS].map(ship);
      await until(() => shippings.every(isWhole(300)));
      await writeRecords(store, 'b', 200);
      await sealAll(store);
      await until(() => shippings.every(isWhole(500)));
      await expectAllEverywhere();
      expect(warnings.filter(([, error]) => error instanceof CopyDiffers)).toEqual([]);
    });

    it.each([
      ['duckdb', 'changed', (table: string) => `UPDATE ${table} SET type = 'message-added' WHERE place = 217`, (table: string) => `UPDATE ${table} SET type = 'conversation-restored' WHERE place = 217`],
      ['bigquery', 'changed', (table: string) => `UPDATE ${table} SET sealed = concat(sealed, 'x') WHERE place IN (217, 218)`, (table: string) => `UPDATE ${table} SET sealed = left(sealed, length(sealed) - 1) WHERE place IN (217, 218)`],
      ['duckdb', 'removed', (table: string) => `DELETE FROM ${table} WHERE place = 217`, undefined],
      ['bigquery', 'said twice', (table: string) => `INSERT INTO ${table} SELECT * REPLACE (epoch + 1 AS epoch) FROM ${table} WHERE place = 217`, (table: string) => `DELETE FROM ${table} WHERE place = 217 AND epoch = 2`],
    ] as const)('in %s is found to have a record %s in the middle, with its place, and nothing is written to it until it is put right', async (kind, _what, tamper, putRight) => {
      await writeRecords(store, 'a', 400);
      await sealAll(store);
      await shipAll(kind, 400);
      await changeRows(kind, tamper);
      const shipping = ship(kind);
      await until(() => shipping.state().state === 'differs');
      await writeRecords(store, 'b', 30);
      await sealAll(store);
      const before = await recordsIn(kind);
      await until(() => clock.now() > 10 * MOST_WAIT_MS);
      expect([shipping.state(), await recordsIn(kind)]).toMatchObject([{ state: 'differs', differsAt: 217 }, before]);
      expect(warnings).toEqual([[kind, expect.any(CopyDiffers)]]);
      if (putRight === undefined) return;
      await changeRows(kind, putRight);
      await until(() => isWhole(430)(shipping));
      expect(await recordsIn(kind)).toEqual(await own());
    });

    it.each(['duckdb', 'bigquery'] as const)('in %s is compared from the first record to the last, a few at each look, and again after a day, while it is shipped to', async (kind) => {
      for (let count = 0; count < 10; count++) await writeRecords(store, `chain-${count}`, 900);
      for (let count = 0; count < 3; count++) await sealAll(store);
      await shipAll(kind, 9_000);
      let asked = 0;
      const sink = sinkOf[kind]();
      const askedAtLooks: number[] = [];
      const watched: Sink = { ...sink, held: () => (askedAtLooks.push(asked), sink.held()), digests: (from, end) => ((asked += end - from), sink.digests!(from, end)) };
      const shipping = startShipping({ store, sink: watched, now: () => clock.now(), timers: clock, warn: (error) => warnings.push([kind, error]) });
      running.push(shipping);
      await until(() => askedAtLooks.length > 5, LOOK_MS);
      expect(askedAtLooks.slice(0, 6)).toEqual([0, 2_000, 4_000, 6_000, 8_000, 9_000]);
      await changeRows(kind, (table) => `UPDATE ${table} SET at_ms = at_ms + 1 WHERE place = 12`);
      for (let looks = 0; looks < 20; looks++) await until(() => shipping.state().state === 'whole', LOOK_MS);
      expect(asked).toBe(9_000);
      await until(() => shipping.state().state === 'differs', DAY_MS);
      expect(shipping.state()).toMatchObject({ differsAt: 12, compared: 0 });
    });

    it('in bigquery is found within a day to have lost a record, while it runs', async () => {
      await writeRecords(store, 'a', 400);
      await sealAll(store);
      const shipping = ship('bigquery');
      await until(() => isWhole(400)(shipping) && shipping.state().compared === 400);
      await changeRows('bigquery', (table) => `DELETE FROM ${table} WHERE place = 217`);
      await until(() => clock.now() > DAY_MS && shipping.state().state === 'differs');
      expect(shipping.state().differsAt).toBe(217);
    });

    it('that never answers holds up the end for some seconds, and no longer', async () => {
      await writeRecords(store, 'a', 3);
      await sealAll(store);
      storage.faultOf = () => 'hangs';
      const shipping = ship('cloud-storage');
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      const closed = shipping.close();
      await vi.advanceTimersByTimeAsync(7_000);
      await closed;
      vi.useRealTimers();
      running.length = 0;
      expect(shipping.state().holds).toBe(0);
    });
  });
}
