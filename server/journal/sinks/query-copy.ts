import { digestOf, placedOf, rowOf, type RecordRow } from './record-row.ts';
import { CopyDiffers, type Held, type Placed, type Sink } from './sink.ts';

/** How many different places there are, and the first and last of them; `undefined` of none. */
export interface Span {
  readonly count: number;
  readonly first: number | undefined;
  readonly last: number | undefined;
}

export interface CheckpointRow {
  readonly size: number;
  readonly note: string;
  /** Public keys, one a line. */
  readonly signing_keys: string;
}

/** What a query copy needs of its database. Rows are added and never changed; the same row may be there more than once where the database promises no more. */
export interface RecordTable {
  readonly kind: 'duckdb' | 'bigquery';
  readonly place: string;
  /** An insertion that fails in the middle may leave a gap among so many last places; 0 where it is all or nothing. */
  readonly gapWithin: number;
  span(from: number, end?: number): Promise<Span>;
  digests(from: number, end: number): Promise<readonly { readonly place: number; readonly digest: string }[]>;
  rows(place: number): Promise<readonly RecordRow[]>;
  addRecords(rows: readonly RecordRow[]): Promise<void>;
  addCheckpoint(row: CheckpointRow): Promise<void>;
}

/** A copy of the log in a database, for questions about records. In order and without gaps; at least once in its table, once in its views. */
export function queryCopy(table: RecordTable): Sink {
  /** So many were there, without a gap, when this instance looked last. */
  let known = 0;
  let lastCheckpoint = 0;
  const digests = async (from: number, end: number): Promise<ReadonlyMap<number, string>> => {
    const found = new Map<number, string>();
    for (const { place, digest } of await table.digests(from, end)) {
      if (found.has(place) && found.get(place) !== digest) throw twice(table, place);
      found.set(place, digest);
    }
    return found;
  };
  return {
    kind: table.kind,
    place: table.place,
    digests,
    async held(): Promise<Held> {
      known = await sizeOf(table, known);
      if (known === 0) return { size: 0, last: undefined };
      const [last, ...others] = (await table.rows(known - 1)).map(placedOf);
      if (last === undefined || others.some((other) => digestOf(other) !== digestOf(last))) throw twice(table, known - 1);
      return { size: known, last };
    },
    async putRecords(records) {
      const [first] = records;
      if (first === undefined) return;
      const end = first.place + records.length;
      const before = await digests(first.place, end);
      expectTheSame(table, records, before);
      if (before.has(first.place)) return;
      const failed: unknown = await table.addRecords(records.filter(({ place }) => !before.has(place)).map(rowOf)).then(() => undefined, (error: unknown) => error);
      // What was answered, and whether it was, is one thing; what is there for everybody to see is another, and only that counts.
      const after = await digests(first.place, end);
      expectTheSame(table, records, after);
      if (!after.has(first.place)) throw failed ?? new Error(`${table.place} has taken records and does not show them yet.`);
    },
    putTile: () => Promise.resolve(),
    async putCheckpoint(size, note, keys) {
      if (size === lastCheckpoint) return;
      await table.addCheckpoint({ size, note, signing_keys: keys.join('\n') });
      lastCheckpoint = size;
    },
  };
}

/** How many records are there without a gap, from the first. `known` is where to begin to look: all before it were there. */
async function sizeOf(table: RecordTable, known: number): Promise<number> {
  const from = Math.max(0, known - 1);
  const { count, first, last } = await table.span(from);
  if (first !== from && from > 0) return sizeOf(table, 0);
  if (last === undefined) return 0;
  if (first === from && count === last - from + 1) return last + 1;
  const gap = first === from ? await firstGap(table, from, last) : from;
  if (last - gap >= table.gapWithin) throw new CopyDiffers(`Record ${gap} is missing in ${table.place}, and others after it are there: it was removed.`, { place: gap });
  return gap;
}

/** The first place that is missing; `from` and `last` are there. */
async function firstGap(table: RecordTable, from: number, last: number): Promise<number> {
  let [whole, broken] = [from + 1, last + 1]; // nothing is missing before the one, something before the other
  while (broken - whole > 1) {
    const middle = Math.floor((whole + broken) / 2);
    if ((await table.span(from, middle)).count === middle - from) whole = middle;
    else broken = middle;
  }
  return whole;
}

function expectTheSame({ place: where }: RecordTable, records: readonly Placed[], there: ReadonlyMap<number, string>): void {
  for (const placed of records) {
    const digest = there.get(placed.place);
    if (digest !== undefined && digest !== digestOf(placed)) throw new CopyDiffers(`Record ${placed.place} in ${where} is not the one that belongs there.`, { place: placed.place });
  }
}

function twice({ place: where }: RecordTable, place: number): CopyDiffers {
  return new CopyDiffers(`Record ${place} is in ${where} more than once, and not as the same.`, { place });
}
