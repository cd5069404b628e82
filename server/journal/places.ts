import type { Store } from '../store/store.ts';
import { recordId } from './journal.ts';
import type { Placed } from './sinks/sink.ts';

/** Records in one piece, and about how many characters; a piece is in memory as a whole. */
const MOST = 500;
const MOST_LENGTH = 8_000_000;
const READ_AT_ONCE = 50;

/** The records of the log from this place on, up to before `end`: at least one, and no more than a piece. Throws when one of them is missing. */
export async function recordsFrom(first: number, end: number, store: Store): Promise<Placed[]> {
  const { items } = await store.find({ kind: 'sealed', index: 'byPlace', where: [], from: first, to: end - 1, order: 'up', limit: MOST });
  const records: Placed[] = [];
  for (let [from, length] = [0, 0]; from < items.length && length < MOST_LENGTH; from += READ_AT_ONCE) {
    const read = await Promise.all(items.slice(from, from + READ_AT_ONCE).map(async ({ body: { chain, number, place } }, index) => {
      const record = (await store.get('record', recordId(chain, number)))?.body;
      if (record === undefined || place !== first + from + index) throw new Error(`Record ${first + from + index} of the log is missing: run gorunchat verify. Nothing after it is shipped.`);
      return { place, record };
    }));
    records.push(...read);
    length += read.reduce((sum, { record }) => sum + record.sealed.length, 0);
  }
  if (records.length === 0) throw new Error(`Record ${first} of the log has no place: run gorunchat verify. Nothing after it is shipped.`);
  return records;
}
