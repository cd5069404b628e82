import { AUDIT_CHAIN, resultOf, type AuditEntry } from '../../contracts/records.ts';
import type { Store, Stored } from '../store/store.ts';
import { csvRow } from './csv.ts';
import { contentOf } from './journal.ts';
import type { Keys } from './keys.ts';

const PAGE = 200;
/** Records that are looked through for one page; whoever wants more asks on. */
const MOST_READ = 5_000;

/** What of the audit log is wanted: each that is given has to fit. */
export interface AuditQuery {
  readonly types?: readonly string[] | undefined;
  /** Who did it. */
  readonly user?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** Reads the audit log, the latest first. What is under a key that was destroyed comes without what it says. */
export interface AuditReader {
  /** At most `limit` entries before this number; `before` of the answer goes on from there, `null` at the beginning of the log. `upTo` is the number of the first record that was looked at, whether it fits or not. */
  page(query: AuditQuery, before: number | undefined, limit: number): Promise<{ entries: AuditEntry[]; before: number | null; upTo: number }>;
  /** What came after this number, in order, out of the next so many records; `upTo` is the last one that was looked at, and `isWhole` says that there was no other. */
  since(query: AuditQuery, after: number): Promise<{ entries: AuditEntry[]; upTo: number; isWhole: boolean }>;
  /** All of it, a page at a time in memory. */
  all(query: AuditQuery): AsyncIterable<AuditEntry>;
}

/** The audit log of this store. */
export function openAuditReader(store: Store, keys: Keys): AuditReader {
  const entryOf = async ({ body }: Stored<'record'>): Promise<AuditEntry> => {
    // Another instance may have erased a person whose key is in this memory still.
    const isGone = body.key.startsWith('person:') && (await keys.ownerOf(body.key)) === undefined;
    const key = isGone ? undefined : await keys.of(body.key);
    const { number, at, type } = body;
    if (key === undefined) return { number, at, type, result: resultOf(type), actor: null, said: null };
    const { actor, said } = contentOf(body, key);
    return { number, at, type, result: resultOf(type), actor, said: said as AuditEntry['said'] };
  };
  const fitting = async (stored: Stored<'record'>, query: AuditQuery): Promise<AuditEntry | undefined> => {
    const entry = fitsFrame(stored, query) ? await entryOf(stored) : undefined;
    return query.user === undefined || entry?.actor?.user === query.user ? entry : undefined;
  };
  const page: AuditReader['page'] = async (query, before, limit) => {
    const entries: AuditEntry[] = [];
    let last = before ?? Number.MAX_SAFE_INTEGER;
    let upTo = 0;
    for (let read = 0; read < MOST_READ; ) {
      const { items } = await store.find({ kind: 'record', index: 'byChain', where: [AUDIT_CHAIN], to: last - 1, order: 'down', limit: PAGE });
      if (items.length === 0) return { entries, before: null, upTo };
      for (const stored of items) {
        last = stored.body.number;
        upTo ||= last;
        read += 1;
        const entry = await fitting(stored, query);
        if (entry !== undefined) entries.push(entry);
        if (entries.length === limit) return { entries, before: last > 1 ? last : null, upTo };
      }
      if (last === 1) return { entries, before: null, upTo };
    }
    return { entries, before: last, upTo };
  };
  return {
    page,
    async since(query, after) {
      const { items } = await store.find({ kind: 'record', index: 'byChain', where: [AUDIT_CHAIN], from: after + 1, order: 'up', limit: PAGE });
      const entries: AuditEntry[] = [];
      for (const stored of items) {
        const entry = await fitting(stored, query);
        if (entry !== undefined) entries.push(entry);
      }
      return { entries, upTo: items.at(-1)?.body.number ?? after, isWhole: items.length < PAGE };
    },
    async *all(query) {
      for (let before: number | null | undefined; before !== null; ) {
        const read: Awaited<ReturnType<AuditReader['page']>> = await page(query, before, PAGE);
        yield* read.entries;
        ({ before } = read);
      }
    },
  };
}

/** What can be seen without opening it. */
function fitsFrame({ body }: Stored<'record'>, { types, from, to }: AuditQuery): boolean {
  return (types === undefined || types.includes(body.type)) && body.at >= (from ?? body.at) && body.at <= (to ?? body.at);
}

const COLUMNS = ['number', 'time', 'type', 'result', 'user', 'address', 'agent', 'says'] as const;

/** One line of a table; without an entry, the names of its columns. */
export function csvLine(entry: AuditEntry | undefined): string {
  if (entry === undefined) return csvRow(COLUMNS);
  const { number, at, type, result, actor, said } = entry;
  const { type: _type, v: _v, ...says } = said ?? { type, v: 1 };
  return csvRow([String(number), new Date(at).toISOString(), type, result, actor?.user ?? '', actor?.address ?? '', actor?.agent ?? '', said === null ? '' : JSON.stringify(says)]);
}
