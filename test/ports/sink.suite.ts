import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CopyDiffers, type Placed, type Sink } from '../../server/journal/sinks/sink.ts';
import { recordBody } from '../fixtures/store/documents.ts';

/** One place for a copy. */
export interface OpenPlace {
  /** Another sink on it, as a restarted or a second instance has it. */
  sink(): Sink;
  /** What others who read the place find there: records in their order, notes by their size, and public keys. */
  contents(): Promise<{ readonly records: readonly Placed[]; readonly notes: readonly string[]; readonly keys: readonly string[] }>;
  /** Puts the last record with another epoch in its place, as somebody does who may. */
  alterLast(epoch: number): Promise<void>;
  removeLast(): Promise<void>;
  close(): Promise<void>;
}

/** A place that holds files. */
export interface OpenArchive extends OpenPlace {
  /** Each object that is there under its name. */
  objects(): Promise<ReadonlyMap<string, string>>;
  /** Puts other bytes in the place of an object. */
  tamper(name: string, text: string): Promise<void>;
}

/** Records of two chains by turns. */
export function placed(from: number, to: number): Placed[] {
  return Array.from({ length: to - from }, (_, index) => ({ place: from + index, record: recordBody((from + index) % 2 === 0 ? 'talk' : 'audit', from + index) }));
}

export const TILE = Buffer.alloc(256 * 32, 7);

/** What every adapter of the sink promises. */
export function sinkSuite(name: string, open: () => Promise<OpenPlace>): void {
  describe(`[RE9] the ${name} sink`, () => {
    let place: OpenPlace;
    let sink: Sink;
    beforeEach(async () => {
      place = await open();
      sink = place.sink();
    });
    afterEach(() => place.close());
    const records = async (): Promise<readonly Placed[]> => (await place.contents()).records;

    it('holds nothing at first, and leaves it at that', async () => {
      expect(await sink.held()).toEqual({ size: 0, last: undefined });
      await sink.putRecords([]);
      expect([await sink.held(), await records()]).toEqual([{ size: 0, last: undefined }, []]);
    });

    it('holds records in their order, of pieces of any size', async () => {
      for (const [from, to] of [[0, 1], [1, 12], [12, 512]] as const) {
        await sink.putRecords(placed(from, to));
        expect(await sink.held()).toEqual({ size: to, last: placed(to - 1, to)[0] });
      }
      expect(await records()).toEqual(placed(0, 512));
      expect((await place.sink().held()).size).toBe(512);
    });

    it('holds once what is put twice', async () => {
      for (const one of [sink, sink, place.sink()]) {
        await one.putRecords(placed(0, 3));
        await one.putTile(0, 0, TILE);
        await one.putCheckpoint(3, 'note\n', ['key']);
        expect([await place.contents(), await one.held()]).toEqual([{ records: placed(0, 3), notes: ['note\n'], keys: ['key\n'] }, { size: 3, last: placed(2, 3)[0] }]);
      }
    });

    it.each([['more', 5], ['fewer', 2]] as const)('takes it that another instance was first with %s records', async (_what, count) => {
      await sink.putRecords(placed(0, 1));
      const other = place.sink();
      await other.putRecords(placed(1, 1 + count));
      await sink.putRecords(placed(1, 4));
      expect(await sink.held()).toEqual({ size: 1 + count, last: placed(count, count + 1)[0] });
      await sink.putRecords(placed(1 + count, 9));
      expect([await other.held(), await records()]).toEqual([{ size: 9, last: placed(8, 9)[0] }, placed(0, 9)]);
    });

    it('finds something else where records belong, names the first that differs, and does not write over it', async () => {
      const others = placed(0, 3).map(({ place: at, record }) => ({ place: at, record: at === 0 ? record : { ...record, epoch: 9 } }));
      await place.sink().putRecords(others);
      await expect(sink.putRecords(placed(0, 4))).rejects.toMatchObject({ name: 'CopyDiffers', place: 1 });
      expect(await records()).toEqual(others);
    });

    it.each([
      ['a byte of it changed', () => place.alterLast(2), 3],
      ['the last one removed', () => place.removeLast(), 2],
    ])('says how far it goes as it is now, with %s', async (_what, change, size) => {
      await sink.putRecords(placed(0, 3));
      await sink.held();
      await change();
      for (const one of [sink, place.sink()]) {
        const held = await one.held();
        expect(held.size).toBe(size);
        expect(held.last?.record.epoch).toBe(size === 3 ? 2 : 1);
      }
    });

    it('holds checkpoints by their size and every key once, and one of two over the same records', async () => {
      await sink.putCheckpoint(3, 'three\n', ['one']);
      await sink.putCheckpoint(4, 'four\n', ['one', 'two']);
      await sink.putCheckpoint(4, 'four, too\n', ['one', 'two']);
      await place.sink().putCheckpoint(4, 'four\n', ['one', 'two']);
      const { notes, keys } = await place.contents();
      expect([notes, keys.toSorted()]).toEqual([['three\n', 'four\n'], ['one\n', 'two\n']]);
    });

    it('holds every record once when several put at the same time', async () => {
      const putUpTo = async (end: number, piece: number): Promise<void> => {
        const one = place.sink();
        for (let { size } = await one.held(); size < end; { size } = await one.held()) await one.putRecords(placed(size, Math.min(end, size + piece)));
      };
      await Promise.all([putUpTo(150, 7), putUpTo(140, 11), putUpTo(150, 64), putUpTo(150, 2)]);
      expect(await records()).toEqual(placed(0, 150));
    });

    it('holds the same when it is opened again', async () => {
      await sink.putRecords(placed(0, 700));
      await sink.putCheckpoint(700, 'note\n', ['key']);
      const again = place.sink();
      expect(await again.held()).toEqual(await sink.held());
      await again.putRecords(placed(700, 701));
      expect(await sink.held()).toEqual({ size: 701, last: placed(700, 701)[0] });
    });
  });
}

/** What is promised of a sink that holds files, besides. */
export function archiveSuite(name: string, open: () => Promise<OpenArchive>): void {
  describe(`[RE9] the archive of the ${name} sink`, () => {
    let place: OpenArchive;
    let sink: Sink;
    beforeEach(async () => {
      place = await open();
      sink = place.sink();
    });
    afterEach(() => place.close());
    const lastName = async (): Promise<string> => [...(await place.objects()).keys()].filter((one) => one.startsWith('records/')).toSorted().at(-1)!;

    it('goes on past where names get longer', async () => {
      await sink.putRecords(placed(0, 512));
      await sink.putRecords(placed(999_990, 1_000_010));
      await sink.putRecords(placed(1_000_010, 1_000_011));
      expect([(await place.sink().held()).size, (await sink.held()).size]).toEqual([1_000_011, 1_000_011]);
      expect((await place.contents()).records).toEqual([...placed(0, 512), ...placed(999_990, 1_000_011)]);
    });

    it.each([['cut in the middle', (text: string) => text.slice(0, -20)], ['with white space in it', (text: string) => text.replace(/\}\}\n$/u, '} }\n')], ['with nothing in it', () => '']])('takes nothing for records that is %s, and writes nothing over it', async (_what, change) => {
      await sink.putRecords(placed(0, 3));
      const name = await lastName();
      await place.tamper(name, change((await place.objects()).get(name)!));
      const before = await place.objects();
      for (const one of [sink, place.sink()]) await expect(one.held()).rejects.toBeInstanceOf(CopyDiffers);
      expect(await place.objects()).toEqual(before);
    });

    it('finds another tile where one belongs, and does not write over it', async () => {
      await place.sink().putTile(1, 3, Buffer.alloc(256 * 32, 1));
      const before = await place.objects();
      await expect(sink.putTile(1, 3, TILE)).rejects.toBeInstanceOf(CopyDiffers);
      expect(await place.objects()).toEqual(before);
    });

    it('holds whole tiles as bytes, of every level and index, under names of their own', async () => {
      const tiles = [[0, 0], [0, 1], [1, 0], [0, 999], [0, 1_000], [0, 1_234_067]] as const;
      for (const [level, index] of tiles) await sink.putTile(level, index, TILE);
      const names = [...(await place.objects())].filter(([, text]) => text === TILE.toString()).map(([one]) => one);
      expect(names.toSorted()).toEqual(['tile/0/000', 'tile/0/001', 'tile/0/999', 'tile/0/x001/000', 'tile/0/x001/x234/067', 'tile/1/000']);
    });

    it('holds the first of two checkpoints over the same records', async () => {
      await sink.putCheckpoint(4, 'four\n', ['key']);
      await place.sink().putCheckpoint(4, 'another\n', ['key']);
      expect((await place.contents()).notes).toEqual(['four\n']);
    });
  });
}

/** What all sinks that hold files can tell of it in the same way. */
export function archivePlace(place: Pick<OpenArchive, 'sink' | 'objects' | 'tamper' | 'close'>): OpenArchive {
  const under = async (folder: string): Promise<[string, string][]> => [...(await place.objects())].filter(([one]) => one.startsWith(`${folder}/`)).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const changeLast = async (change: (text: string) => string): Promise<void> => {
    const [name, text] = (await under('records')).at(-1)!;
    await place.tamper(name, change(text));
  };
  return {
    ...place,
    contents: async () => ({
      records: (await under('records')).flatMap(([, text]) => text.trimEnd().split('\n').map((line) => JSON.parse(line) as Placed)),
      notes: (await under('checkpoints')).map(([, text]) => text),
      keys: (await under('keys')).map(([, text]) => text),
    }),
    alterLast: (epoch) => changeLast((text) => text.replace(/"epoch":1(?=[^\n]*\n$)/u, `"epoch":${epoch}`)),
    removeLast: () => changeLast((text) => text.split('\n').slice(0, -2).map((line) => `${line}\n`).join('')),
  };
}
