import { describe, expect, it } from 'vitest';
import { digestOf } from '../../server/journal/sinks/record-row.ts';
import { recordBody } from '../fixtures/store/documents.ts';
import { placed, type OpenPlace } from './sink.suite.ts';

export interface QueryPlace extends OpenPlace {
  /** What somebody who may ask is answered; `records` and the other views as they are named. */
  ask(sql: string): Promise<readonly Record<string, unknown>[]>;
  /** `record_rows` under the name that it has here. */
  readonly rows: string;
  /** Changes it as somebody does who may. */
  change(sql: string): Promise<void>;
}

const DAY_MS = 86_400_000;
const KINDS = [['talk', 'conversation-begun'], ['talk', 'message-added'], ['talk', 'turn-begun'], ['talk', 'turn-ended'], ['other', 'message-added'], ['audit', 'signed-in'], ['talk', 'message-added'], ['talk', 'conversation-deleted'], ['talk', 'conversation-erased']] as const;

/** What is promised of a sink that is rows of a database, besides. */
export function querySuite(name: string, open: () => Promise<QueryPlace>): void {
  describe(`[RE9] the query copy of the ${name} sink`, () => {
    it('has a digest of each record as it is there, which changes with every column', async () => {
      const place = await open();
      const sink = place.sink();
      await sink.putRecords(placed(0, 30));
      const own = new Map(placed(0, 30).map((one) => [one.place, digestOf(one)]));
      expect(await sink.digests!(0, 40)).toEqual(own);
      expect(new Set((await sink.digests!(7, 9)).keys())).toEqual(new Set([7, 8]));
      for (const [at, column] of ['chain', 'number', 'epoch', 'at_ms', 'type', 'key_id', 'sealed', 'previous_hash', 'record_hash'].entries()) {
        await place.change(`UPDATE ${place.rows} SET ${column} = ${['number', 'epoch', 'at_ms'].includes(column) ? `${column} + 1` : `concat(${column}, '.')`} WHERE place = ${at + 3}`);
      }
      const found = await sink.digests!(0, 40);
      expect([...own].filter(([at, digest]) => found.get(at) !== digest).map(([at]) => at)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11]);
      await place.close();
    });

    it('finds that records far from the end were removed, and names the first', async () => {
      const place = await open();
      for (let from = 0; from < 2_500; from += 500) await place.sink().putRecords(placed(from, from + 500));
      const sink = place.sink();
      expect((await sink.held()).size).toBe(2_500);
      await place.change(`DELETE FROM ${place.rows} WHERE place = 1200 OR place = 777`);
      await expect(place.sink().held()).rejects.toMatchObject({ name: 'CopyDiffers', place: 777 });
      await place.change(`DELETE FROM ${place.rows} WHERE place = 0`);
      await expect(place.sink().held()).rejects.toMatchObject({ name: 'CopyDiffers', place: 0 });
      await place.close();
    });

    it('answers what people ask of records, by day, type and chain, and has no word of what they say', async () => {
      const place = await open();
      const records = KINDS.map(([chain, type], at) => ({ place: at, record: { ...recordBody(chain, at + 1), type, at: Math.floor(at / 5) * DAY_MS + at } }));
      await place.sink().putRecords(records);
      await place.sink().putCheckpoint(9, 'note\n', ['key']);
      const ask = async (sql: string): Promise<unknown[]> => (await place.ask(sql)).map((row) => Object.values(row).map((value) => (value instanceof Date ? value.toISOString().slice(0, 10) : typeof value === 'bigint' ? Number(value) : value)));
      expect(await ask('SELECT day, type, records, chains FROM per_day ORDER BY day, type')).toEqual([
        ['1970-01-01', 'conversation-begun', 1, 1], ['1970-01-01', 'message-added', 2, 2], ['1970-01-01', 'turn-begun', 1, 1], ['1970-01-01', 'turn-ended', 1, 1],
        ['1970-01-02', 'conversation-deleted', 1, 1], ['1970-01-02', 'conversation-erased', 1, 1], ['1970-01-02', 'message-added', 1, 1], ['1970-01-02', 'signed-in', 1, 1],
      ]);
      expect(await ask("SELECT place FROM messages WHERE chain = 'talk' ORDER BY place")).toEqual([[1], [6]]);
      expect(await ask('SELECT place, type FROM turns ORDER BY place')).toEqual([[2, 'turn-begun'], [3, 'turn-ended']]);
      expect(await ask('SELECT day, type, place FROM audit_events')).toEqual([['1970-01-02', 'signed-in', 5]]);
      expect(await ask('SELECT place, type FROM erasures ORDER BY place')).toEqual([[7, 'conversation-deleted'], [8, 'conversation-erased']]);
      expect(await ask('SELECT chain, records, messages, turns, began_at, last_at, erased_at FROM conversations ORDER BY chain')).toEqual([['other', 1, 1, 0, '1970-01-01', '1970-01-01', null], ['talk', 7, 2, 1, '1970-01-01', '1970-01-02', '1970-01-02']]);
      expect(await ask('SELECT size, note, signing_keys FROM checkpoints')).toEqual([[9, 'note\n', 'key']]);
      await place.close();
    });
  });
}
