import { KINDS } from './kinds.ts';
import type { Kind } from './kinds.ts';
import { checkCommit } from './commit-rules.ts';
import { readOffset, writeOffset, writePlace } from './cursor.ts';
import { checkLimit } from './query-rules.ts';
import { CommitRefused } from './refused.ts';
import type { Afterwards, Declarations, Outcome, WorkerSetup, WriterCall } from './sqlite/calls.ts';
import type { DraftCall, DraftRead } from './sqlite/draft-calls.ts';
import type { FoundDocument, FoundWords, ReaderCall, WiredDocument } from './sqlite/read-calls.ts';
import { planFind } from './sqlite/find.ts';
import { planSearch } from './sqlite/text-query.ts';
import { flat, foundOf, storedOf, wired } from './sqlite/wiring.ts';
import { LineLost, openLine } from './sqlite/worker-line.ts';
import type { WorkerLine } from './sqlite/worker-line.ts';
import { UNFENCED } from './store.ts';
import type { Change, DocumentName, Fence, IndexQuery, Page, Store, Stored, TextHit, TextQuery, Unfenced } from './store.ts';

export interface SqliteOptions {
  /** Made, readable by this user alone, when it is missing. */
  readonly folder: string;
  /** Size limit of the main file in pages of 4,096 bytes; a full file refuses commits as `unavailable`. */
  readonly mostPages?: number;
}

interface Lines {
  readonly writer: WorkerLine<WriterCall>;
  readonly drafts: WorkerLine<DraftCall>;
  readonly reader: WorkerLine<ReaderCall>;
}

/**
 * The store of a single process: four SQLite files in a folder that belongs to this process alone, written and read in threads of their own. Rejects with a sentence
 * for a person when the folder cannot be written, another process has it, or a newer version made it.
 *
 * When a writing thread dies, waiting commits are refused as `unknown` and later ones as `unavailable`; it is not started again.
 */
export async function sqliteStore({ folder, mostPages }: SqliteOptions): Promise<Store> {
  const setup: WorkerSetup = { folder, kinds: KINDS satisfies Declarations, mostPages: mostPages ?? null };
  const [writer, unfinished] = await openLine<WriterCall, readonly Afterwards[]>(new URL('./sqlite/writer.ts', import.meta.url), setup);
  const [drafts, reader] = await Promise.allSettled([
    openLine<DraftCall, 'ready'>(new URL('./sqlite/draft-writer.ts', import.meta.url), setup),
    openLine<ReaderCall, 'ready'>(new URL('./sqlite/reader.ts', import.meta.url), setup),
  ]);
  if (drafts.status === 'rejected' || reader.status === 'rejected') {
    await Promise.all([drafts, reader].map((line) => (line.status === 'fulfilled' ? line.value[0].close() : Promise.resolve())));
    await writer.close();
    throw drafts.status === 'rejected' ? drafts.reason : (reader as PromiseRejectedResult).reason;
  }
  const store = new SqliteStore({ writer, drafts: drafts.value[0], reader: reader.value[0] });
  await store.forgetDrafts(unfinished);
  return store;
}

class SqliteStore implements Store {
  readonly #lines: Lines;
  readonly #accepted = new Set<Promise<unknown>>();
  /** Numbers of draft removals that have happened, for the writer to strike out. */
  #finished: number[] = [];
  #closing: Promise<void> | undefined;

  constructor(lines: Lines) {
    this.#lines = lines;
  }

  async get<K extends Kind>(kind: K, id: string): Promise<Stored<K> | undefined> {
    const found = await (kind === 'draft' ? this.#readDraft<WiredDocument | null>({ do: 'get', id }) : this.#read<WiredDocument | null>({ do: 'get', kind, id }));
    return found === null ? undefined : storedOf<K>(found);
  }

  async find<K extends Kind>(query: IndexQuery<K>): Promise<Page<Stored<K>>> {
    const steps = planFind(query, KINDS satisfies Declarations);
    const limit = query.limit + 1;
    const found = await (query.kind === 'draft'
      ? this.#readDraft<readonly FoundDocument[]>({ do: 'find', conversation: (query.where[0] as string | undefined) ?? null, steps, limit })
      : this.#read<readonly FoundDocument[]>({ do: 'find', kind: query.kind, steps, limit }));
    const items = found.slice(0, query.limit);
    const last = items.at(-1);
    return { items: foundOf<K>(items), cursor: found.length > items.length && last !== undefined ? writePlace([last[3], last[0]]) : null };
  }

  async search(query: TextQuery): Promise<Page<TextHit>> {
    const { limit } = query;
    checkLimit(limit);
    const offset = readOffset(query.after);
    const step = planSearch(query, offset);
    if (step === null) return { items: [], cursor: null };
    const found = await this.#read<readonly FoundWords[]>({ do: 'search', step, limit: limit + 1 });
    const items = found.slice(0, limit).map(([kind, id, snippet]): TextHit => ({ kind, id, snippet }));
    return { items, cursor: found.length > limit ? writeOffset(offset + limit) : null };
  }

  // Checked before the first await, so that commits reach the thread in the order in which they were asked for.
  async commit(changes: readonly Change[], fence: Fence | Unfenced): Promise<void> {
    const reach = checkCommit(changes, fence);
    if (this.#closing !== undefined) throw new CommitRefused('unavailable', { detail: 'the store is closed' });
    // The folder is no longer ours when the writer is gone, and half a commit would be left behind without the thread of drafts.
    if (this.#lines.writer.isLost() || this.#lines.drafts.isLost()) throw new CommitRefused('unavailable', { detail: 'a writing thread has ended' });
    if (changes.length === 0 && fence === UNFENCED) return;
    if (reach === 'drafts') return this.#accept(this.#commitDrafts(changes));
    return this.#accept(this.#commitMain(changes, fence));
  }

  async behind(limit: number): Promise<readonly DocumentName[]> {
    checkLimit(limit);
    if (this.#closing !== undefined) throw new Error('the store is closed');
    return valueOf<readonly DocumentName[]>(await this.#accept(this.#lines.writer.ask({ do: 'behind', limit })));
  }

  close(): Promise<void> {
    this.#closing ??= this.#putAway();
    return this.#closing;
  }

  /** Removes drafts whose removal is committed already. */
  async forgetDrafts(removals: readonly Afterwards[]): Promise<void> {
    const outcomes = await Promise.all(removals.map(({ drafts: ids }) => this.#lines.drafts.ask({ do: 'forget', ids })));
    outcomes.forEach((outcome, place) => {
      if (outcome.is === 'done') this.#finished.push((removals[place] as Afterwards).number);
    });
    const failed = outcomes.find((outcome) => outcome.is !== 'done');
    if (failed !== undefined) throw new CommitRefused('unknown', { detail: 'it is committed, but its drafts could not be removed yet' });
  }

  async #commitMain(changes: readonly Change[], fence: Fence | Unfenced): Promise<void> {
    const commit = {
      changes: wired(changes.filter((change) => change.kind !== 'draft')),
      fence: fence === UNFENCED ? null : fence,
      drafts: changes.filter((change) => change.kind === 'draft').map((change) => change.id),
    };
    const finished = this.#finished;
    this.#finished = [];
    const outcome = await askCommit(this.#lines.writer, { do: 'commit', commit, finished });
    const left = outcome as Afterwards | null;
    if (left === null) return;
    try {
      await this.forgetDrafts([left]);
    } catch (error) {
      throw error instanceof CommitRefused ? error : new CommitRefused('unknown', { cause: error });
    }
  }

  async #commitDrafts(changes: readonly Change[]): Promise<void> {
    const isAdding = changes.every((change) => change.do === 'add');
    await askCommit(this.#lines.drafts, isAdding ? { do: 'add', flat: flat(changes) } : { do: 'change', changes: wired(changes) });
  }

  async #read<T>(call: ReaderCall): Promise<T> {
    if (this.#closing !== undefined) throw new Error('the store is closed');
    return valueOf<T>(await this.#accept(this.#lines.reader.ask(call)));
  }

  async #readDraft<T>(call: DraftRead): Promise<T> {
    if (this.#closing !== undefined) throw new Error('the store is closed');
    return valueOf<T>(await this.#accept(this.#lines.drafts.ask(call)));
  }

  /** Keeps `close` from overtaking what was accepted. */
  async #accept<T>(work: Promise<T>): Promise<T> {
    this.#accepted.add(work);
    try {
      return await work;
    } finally {
      this.#accepted.delete(work);
    }
  }

  async #putAway(): Promise<void> {
    while (this.#accepted.size > 0) await Promise.allSettled(this.#accepted);
    await Promise.all([this.#lines.reader.close(), this.#lines.drafts.close()]);
    await this.#lines.writer.close();
  }
}

/** The value of a call that was done; a refusal is thrown with its reason, a failure as an error. */
function valueOf<T>(outcome: Outcome): T {
  if (outcome.is === 'refused') throw new CommitRefused(outcome.reason, { detail: outcome.detail });
  if (outcome.is === 'failed') throw new Error(outcome.message);
  return outcome.value as T;
}

async function askCommit<Call>(line: WorkerLine<Call>, call: Call): Promise<unknown> {
  try {
    return valueOf(await line.ask(call));
  } catch (error) {
    if (error instanceof LineLost) throw new CommitRefused(error.wasSent ? 'unknown' : 'unavailable', { cause: error });
    throw error;
  }
}
