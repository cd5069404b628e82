import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimulatedClock } from 'xstate';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LOOK_MS, MOST_WAIT_MS } from '../../machines/shipping.ts';
import { startShipping, type Shipping } from '../../server/journal/ship.ts';
import { folderSink } from '../../server/journal/sinks/folder.ts';
import { CopyDiffers, type Placed, type Sink } from '../../server/journal/sinks/sink.ts';
import { verifyArchive } from '../../server/journal/verify/archive.ts';
import { openSigner } from '../../server/journal/signed-note.ts';
import type { Store } from '../../server/store/store.ts';
import type { OpenStore } from '../ports/store.suite.ts';
import { change, filesIn, type Files } from '../support/archive-files.ts';
import { random } from '../support/random.ts';
import { sealAll, testSigner, writeRecords } from '../support/sealed-records.ts';

/** What is promised of a copy outside, whatever the store is. */
export function shippingSuite(name: string, open: () => Promise<OpenStore>): void {
  describe(`[RE9] shipping from the ${name} store`, () => {
    let opened: OpenStore;
    let store: Store;
    let folder: string;
    let clock: SimulatedClock;
    const warnings: unknown[] = [];
    const running: Shipping[] = [];
    beforeEach(async () => {
      opened = await open();
      ({ store } = opened);
      folder = mkdtempSync(join(tmpdir(), 'archive-'));
      clock = new SimulatedClock();
      warnings.length = 0;
    });
    afterEach(async () => {
      await Promise.all(running.splice(0).map((one) => one.close()));
      await opened.close();
      rmSync(folder, { recursive: true });
    });

    const ship = (sink: Sink = folderSink(folder)): Shipping => {
      const shipping = startShipping({ store, sink, now: () => clock.now(), timers: clock, warn: (error) => warnings.push(error) });
      running.push(shipping);
      return shipping;
    };
    /** Lets all waits pass until it stands like that. */
    const until = (holds: () => boolean): Promise<unknown> => vi.waitUntil(() => (clock.increment(MOST_WAIT_MS), holds()), { timeout: 30_000, interval: 1 });
    const untilWhole = (shipping: Shipping, size: number): Promise<unknown> => until(() => shipping.state().state === 'whole' && shipping.state().holds === size);

    /** How many records the archive holds that is intact, and holds what the log holds, each record once and in order. */
    async function sameRecords(): Promise<number> {
      const { findings, records } = await verifyArchive(folder, { keys: [testSigner.verifierKey], checkpoints: [(await store.get('checkpoint', 'latest'))!.body.note] });
      const lines = [...filesIn(folder)].flatMap(([file, bytes]) => (file.startsWith('records/') ? bytes.toString().trimEnd().split('\n') : []));
      const placed = lines.map((line) => JSON.parse(line) as Placed);
      const own = await Promise.all(placed.map(async ({ record: { chain, number } }) => [(await store.get('sealed', `${chain}:${number}`))?.body.place, (await store.get('record', `${chain}:${number}`))?.body]));
      expect([findings, placed.map(({ place, record }) => [place, record])]).toEqual([[], own]);
      expect(placed.map(({ place }) => place)).toEqual(Array.from({ length: records }, (_, place) => place));
      return records;
    }

    /** Looks again and again, and nothing of the copy changes: how it stands then, and what was told. */
    async function stopsAt(files: Files): Promise<[string, readonly unknown[]]> {
      let calls = 0;
      const sink = folderSink(folder);
      const shipping = ship({ ...sink, held: async () => (calls++, sink.held()) });
      await until(() => calls > 5);
      expect(filesIn(folder)).toEqual(files);
      return [shipping.state().state, warnings.splice(0)];
    }

    it('ships every record of several chains in order and without gaps, while more come', async () => {
      for (const chain of ['a', 'b', 'audit']) await writeRecords(store, chain, 250);
      await sealAll(store);
      const shipping = ship();
      expect(shipping.state()).toEqual({ kind: 'folder', place: folder, holds: 0, of: 0, at: null, state: 'whole', differsAt: null, compared: null });
      for (let round = 1; round <= 5; round++) {
        await writeRecords(store, 'a', 60);
        await writeRecords(store, `only-${round}`, 41);
        await sealAll(store);
        clock.increment(LOOK_MS);
      }
      await untilWhole(shipping, 1_255);
      expect(await sameRecords()).toBe(1_255);
      expect([shipping.state(), warnings]).toEqual([{ kind: 'folder', place: folder, holds: 1_255, of: 1_255, at: expect.any(Number), state: 'whole', differsAt: null, compared: null }, []]);
    });

    it('goes on where it was after a restart, and on a copy that another instance has taken further', async () => {
      await writeRecords(store, 'a', 700);
      await sealAll(store);
      const first = ship();
      await untilWhole(first, 700);
      await first.close();
      const [second, third] = [ship(), ship()];
      await writeRecords(store, 'b', 600);
      await sealAll(store);
      await Promise.all([untilWhole(second, 1_300), untilWhole(third, 1_300)]);
      expect(await sameRecords()).toBe(1_300);
      expect(warnings).toEqual([]);
    });

    it.each([1, 2, 3, 4, 5, 6])('catches up with a copy of which every call fails once, before it is done or after (seed %i), and nothing is there twice', async (seed) => {
      await writeRecords(store, 'a', 1_100);
      await sealAll(store);
      const dice = random(seed);
      const failed = new Set<string>();
      const faulty = <Arguments extends unknown[], Result>(what: string, call: (...given: Arguments) => Promise<Result>) => async (...given: Arguments): Promise<Result> => {
        const id = `${what} ${JSON.stringify(given).slice(0, 40)}`;
        if (failed.has(id)) return call(...given);
        failed.add(id);
        if (dice.below(2) === 0) await call(...given);
        throw new Error(`${what} failed`);
      };
      const sink = folderSink(folder);
      const shipping = ship({ ...sink, held: faulty('held', sink.held), putRecords: faulty('records', sink.putRecords), putTile: faulty('tile', sink.putTile), putCheckpoint: faulty('checkpoint', sink.putCheckpoint) });
      await untilWhole(shipping, 1_100);
      expect(failed.size).toBeGreaterThan(6);
      expect(await sameRecords()).toBe(1_100);
      expect(warnings).toHaveLength(1);
    });

    it('says once that a copy cannot be written, and again when it fails after it went well', async () => {
      await writeRecords(store, 'a', 1);
      await sealAll(store);
      let isFull = true;
      let calls = 0;
      const sink = folderSink(folder);
      const shipping = ship({ ...sink, held: async () => (calls++, isFull ? Promise.reject(new Error('the place is full')) : sink.held()) });
      for (const times of [1, 2]) {
        isFull = true;
        const before = calls;
        await until(() => calls > before + 5);
        expect([shipping.state().state, shipping.state().of, warnings]).toEqual(['failing', 1, Array.from({ length: times }, () => new Error('the place is full'))]);
        isFull = false;
        await untilWhole(shipping, 1);
      }
    });

    it.each([
      ['whose last record was altered', (text: string) => text.replace(/"at":1000(?=[^\n]*\n$)/u, '"at":1001')],
      ['whose last record is cut', (text: string) => text.slice(0, -9)],
    ])('stops at a copy %s, says so once, and goes on when it was put right', async (_what, alter) => {
      await writeRecords(store, 'a', 20);
      await sealAll(store);
      await ship().close();
      const whole = filesIn(folder);
      const [file, bytes] = [...whole].findLast(([one]) => one.startsWith('records/'))!;
      const altered: Files = new Map([...whole, [file, Buffer.from(alter(bytes.toString()))]]);
      change(folder, whole, altered);
      await writeRecords(store, 'a', 5);
      await sealAll(store);
      expect(await stopsAt(altered)).toEqual(['differs', [expect.any(CopyDiffers)]]);
      change(folder, altered, whole);
      await untilWhole(running.at(-1)!, 25);
      expect(await sameRecords()).toBe(25);
    });

    it('stops at the copy of another log, longer or shorter, and leaves it as it is', async () => {
      for (const [there, here] of [[30, 10], [10, 40]] as const) {
        const other = await open();
        await writeRecords(other.store, 'other', there);
        await sealAll(other.store, openSigner(Buffer.alloc(32, 9)));
        rmSync(folder, { recursive: true, force: true });
        const first = startShipping({ store: other.store, sink: folderSink(folder), now: () => 1, warn: (error) => warnings.push(error) });
        await first.close();
        await other.close();
        await writeRecords(store, 'a', here);
        await sealAll(store);
        expect(await stopsAt(filesIn(folder))).toEqual(['differs', [expect.any(CopyDiffers)]]);
      }
    });

    it('ships at the end what is left, and ends when that fails', async () => {
      await writeRecords(store, 'a', 3);
      await sealAll(store);
      const shipping = ship();
      await untilWhole(shipping, 3);
      await writeRecords(store, 'b', 600);
      await sealAll(store);
      await shipping.close();
      expect(await sameRecords()).toBe(603);
      const failing = ship({ ...folderSink(folder), held: () => Promise.reject(new Error('the place is gone')) });
      await failing.close();
      expect(warnings).toEqual([new Error('the place is gone')]);
      expect(readdirSync(folder).toSorted()).toEqual(['checkpoints', 'half-written', 'keys', 'records', 'tile']);
    });

    it('leaves to the next start what would hold up the end for long', async () => {
      await writeRecords(store, 'a', 1_600);
      await sealAll(store);
      let time = 0;
      const shipping = startShipping({ store, sink: folderSink(folder), now: () => (time += 2_000), timers: clock, warn: (error) => warnings.push(error) });
      await shipping.close();
      const { size } = await folderSink(folder).held();
      expect([size > 0, size < 1_600, warnings]).toEqual([true, true, []]);
      await untilWhole(ship(), 1_600);
      expect(await sameRecords()).toBe(1_600);
    });

    it('ships nothing after a record that the log has lost, and says so', async () => {
      await writeRecords(store, 'a', 5);
      await sealAll(store);
      const lossy: Store = { ...store, find: store.find.bind(store), get: async (kind, id) => (kind === 'record' && id === 'a:3' ? undefined : store.get(kind, id)) };
      const shipping = startShipping({ store: lossy, sink: folderSink(folder), now: () => 1, timers: clock, warn: (error) => warnings.push(error) });
      await until(() => shipping.state().state === 'failing');
      await shipping.close();
      expect([String(warnings[0]), [...filesIn(folder).keys()]]).toEqual([expect.stringContaining('Record 2 of the log is missing'), []]);
    });
  });
}
