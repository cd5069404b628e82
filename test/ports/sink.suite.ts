import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CopyDiffers, type Placed, type Sink } from '../../server/journal/sinks/sink.ts';
import { recordBody } from '../fixtures/store/documents.ts';

/** One place for a copy. */
export interface OpenPlace {
  /** Another sink on it, as a restarted or a second instance has it. */
  sink(): Sink;
  /** Each object that is there under its name: what others who read the place can see. */
  objects(): Promise<ReadonlyMap<string, string>>;
  /** Puts other bytes in the place of an object, as somebody does who may. */
  tamper(name: string, text: string): Promise<void>;
  /** What a process leaves behind that is killed while it puts records. */
  leaveHalfWritten(): Promise<void>;
  close(): Promise<void>;
}

/** Records of two chains by turns. */
function placed(from: number, to: number): Placed[] {
  return Array.from({ length: to - from }, (_, index) => ({ place: from + index, record: recordBody((from + index) % 2 === 0 ? 'talk' : 'audit', from + index) }));
}

const TILE = Buffer.alloc(256 * 32, 7);

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

    /** The records in the order of the names that they are under. */
    const records = async (): Promise<Placed[]> => [...(await place.objects())].filter(([one]) => one.startsWith('records/')).toSorted(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, text]) => text.trimEnd().split('\n').map((line) => JSON.parse(line) as Placed));
    const nameOf = async (folder: string): Promise<string> => [...(await place.objects()).keys()].filter((one) => one.startsWith(folder)).toSorted().at(-1)!;

    it('holds nothing at first, and leaves it at that', async () => {
      expect(await sink.held()).toEqual({ size: 0, last: undefined });
      await sink.putRecords([]);
      expect([await sink.held(), await records()]).toEqual([{ size: 0, last: undefined }, []]);
    });

    it('holds records in their order, of pieces of any size, past where names get longer', async () => {
      for (const [from, to] of [[0, 1], [1, 12], [12, 512]] as const) {
        await sink.putRecords(placed(from, to));
        expect(await sink.held()).toEqual({ size: to, last: placed(to - 1, to)[0] });
      }
      expect(await records()).toEqual(placed(0, 512));
      await sink.putRecords(placed(999_990, 1_000_010));
      await sink.putRecords(placed(1_000_010, 1_000_011));
      expect((await place.sink().held()).size).toBe(1_000_011);
      expect((await records()).map((one) => one.place)).toEqual([...placed(0, 512), ...placed(999_990, 1_000_011)].map((one) => one.place));
    });

    it('holds once what is put twice', async () => {
      await sink.putRecords(placed(0, 3));
      await sink.putTile(0, 0, TILE);
      await sink.putCheckpoint(3, 'note\n', ['key']);
      const before = await place.objects();
      await sink.putRecords(placed(0, 3));
      await sink.putTile(0, 0, TILE);
      await sink.putCheckpoint(3, 'note\n', ['key']);
      expect([await place.objects(), await sink.held()]).toEqual([before, { size: 3, last: placed(2, 3)[0] }]);
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

    it('finds something else where records or a tile belong, and does not write over it', async () => {
      const other = place.sink();
      await other.putRecords(placed(0, 2).map(({ place: at, record }) => ({ place: at, record: { ...record, epoch: 9 } })));
      await other.putTile(1, 3, Buffer.alloc(256 * 32, 1));
      const before = await place.objects();
      await expect(sink.putRecords(placed(0, 3))).rejects.toBeInstanceOf(CopyDiffers);
      await expect(sink.putTile(1, 3, TILE)).rejects.toBeInstanceOf(CopyDiffers);
      expect(await place.objects()).toEqual(before);
    });

    it.each([
      ['a byte of it changed', (text: string) => text.replace(/"epoch":1(?=[^\n]*\n$)/u, '"epoch":2'), 3],
      ['the last one removed', (text: string) => text.split('\n').slice(0, -2).map((line) => `${line}\n`).join(''), 2],
    ])('says how far it goes as it is now, with %s', async (_what, change, size) => {
      await sink.putRecords(placed(0, 3));
      const name = await nameOf('records/');
      await place.tamper(name, change((await place.objects()).get(name)!));
      for (const one of [sink, place.sink()]) {
        const held = await one.held();
        expect(held.size).toBe(size);
        expect(held.last?.record.epoch).toBe(size === 3 ? 2 : 1);
      }
    });

    it.each([['cut in the middle', (text: string) => text.slice(0, -20)], ['with white space in it', (text: string) => text.replace(/\}\}\n$/u, '} }\n')], ['with nothing in it', () => '']])('takes nothing for records that is %s, and writes nothing over it', async (_what, change) => {
      await sink.putRecords(placed(0, 3));
      const name = await nameOf('records/');
      await place.tamper(name, change((await place.objects()).get(name)!));
      const before = await place.objects();
      for (const one of [sink, place.sink()]) await expect(one.held()).rejects.toBeInstanceOf(CopyDiffers);
      expect(await place.objects()).toEqual(before);
    });

    it('holds whole tiles as bytes, of every level and index, under names of their own', async () => {
      const tiles = [[0, 0], [0, 1], [1, 0], [0, 999], [0, 1_000], [0, 1_234_067]] as const;
      for (const [level, index] of tiles) await sink.putTile(level, index, TILE);
      const names = [...(await place.objects())].filter(([, text]) => text === TILE.toString()).map(([one]) => one);
      expect(names.toSorted()).toEqual(['tile/0/000', 'tile/0/001', 'tile/0/999', 'tile/0/x001/000', 'tile/0/x001/x234/067', 'tile/1/000']);
    });

    it('holds checkpoints by their size and every key once, and the first of two over the same records', async () => {
      await sink.putCheckpoint(3, 'three\n', ['one']);
      await sink.putCheckpoint(4, 'four\n', ['one', 'two']);
      await sink.putCheckpoint(4, 'four, too\n', ['one', 'two']);
      const objects = [...(await place.objects())];
      const textsIn = (folder: string): string[] => objects.filter(([one]) => one.startsWith(folder)).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
      expect([textsIn('checkpoints/'), textsIn('keys/').toSorted()]).toEqual([['three\n', 'four\n'], ['one\n', 'two\n']]);
    });

    it('shows nothing of what a killed process left half-written, and goes on', async () => {
      await sink.putRecords(placed(0, 2));
      const before = await place.objects();
      await place.leaveHalfWritten();
      const other = place.sink();
      expect([await place.objects(), await other.held()]).toEqual([before, { size: 2, last: placed(1, 2)[0] }]);
      await other.putRecords(placed(2, 5));
      expect(await records()).toEqual(placed(0, 5));
    });

    it('holds every record once when several put at the same time', async () => {
      const putUpTo = async (end: number, piece: number): Promise<void> => {
        const one = place.sink();
        for (let { size } = await one.held(); size < end; { size } = await one.held()) await one.putRecords(placed(size, Math.min(end, size + piece)));
      };
      await Promise.all([putUpTo(300, 7), putUpTo(280, 11), putUpTo(300, 64), putUpTo(300, 1)]);
      expect(await records()).toEqual(placed(0, 300));
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
