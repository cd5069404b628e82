import { randomUUID } from 'node:crypto';
import { ReadConcern } from 'mongodb';
import type { ClientSession, Db, MongoClient } from 'mongodb';
import { checkCommit } from './commit-rules.ts';
import { readOffset, writeOffset, writePlace } from './cursor.ts';
import type { Kind } from './kinds.ts';
import { applyPlan } from './mongo/apply.ts';
import { connect } from './mongo/connect.ts';
import type { Deployment } from './mongo/connect.ts';
import { READ_FIELDS, storedHead, storedOf } from './mongo/documents.ts';
import type { KeptDocument, KeptHead } from './mongo/documents.ts';
import { causeOf, isDuplicate } from './mongo/driver-error.ts';
import { planFind } from './mongo/find.ts';
import { prepare } from './mongo/layout.ts';
import { planOf } from './mongo/plan.ts';
import { commitTransaction, unknown } from './mongo/transaction.ts';
import type { Sessions } from './mongo/transaction.ts';
import { MissingWords, planSearch, WORDS } from './mongo/words.ts';
import { checkLimit } from './query-rules.ts';
import { CommitRefused } from './refused.ts';
import { UNFENCED } from './store.ts';
import type { Change, DocumentName, Fence, IndexQuery, Page, Store, Stored, TextHit, TextQuery, Unfenced } from './store.ts';

export interface MongoOptions extends Deployment {
  /** How long a commit is tried again before it is refused as `unavailable`, or told as `unknown`: 10 seconds. */
  readonly tryForMs?: number;
  /** Whoever makes it of a backup opens it before anybody else can. */
  readonly restores?: boolean;
  /** Told in a sentence what the administrator should see to. */
  readonly report: (sentence: string) => void;
}

/**
 * The store of several instances: one database of a MongoDB replica set or sharded cluster, whose name stands in the address. A collection per kind; a body is kept as its
 * JSON text, character for character, beside copies of the fields that its indexes need. Rejects with a sentence for a person when no primary answers, the server stands
 * alone, or a newer version made the database.
 *
 * A commit is a transaction that is answered when a majority has it, and a read sees every commit that this store has answered, also after a new primary was chosen. A
 * backup of content leaves out the collection `words`; whoever restores one drops `words` first, and the words are then given again from the documents (`behind`).
 */
export async function mongoStore({ report, tryForMs = 10_000, restores = false, ...deployment }: MongoOptions): Promise<Store> {
  const { client, database } = await connect(deployment);
  try {
    const db = client.db(database, { readConcern: new ReadConcern('majority'), writeConcern: { w: 'majority', wtimeoutMS: tryForMs }, readPreference: 'primary' });
    await prepare(db, report, restores);
    const missing = new MissingWords(db);
    await missing.first(1);
    return new MongoStore({ client, db, missing, tryForMs });
  } catch (error) {
    await client.close();
    throw error;
  }
}

interface Parts {
  readonly client: MongoClient;
  readonly db: Db;
  readonly missing: MissingWords;
  readonly tryForMs: number;
}

class MongoStore implements Store {
  readonly #client: MongoClient;
  readonly #db: Db;
  readonly #missing: MissingWords;
  readonly #tryForMs: number;
  readonly #sessions: Sessions = {
    begin: () => this.#begin(),
    // What was not committed would stay open for a minute, and nobody else could write what it has written.
    abandon: ({ id }) => { this.#client.db('admin').command({ killSessions: [id] }).catch(() => {}); },
  };
  readonly #accepted = new Set<Promise<unknown>>();
  /** The time of the newest write that was answered: reads are asked not to be older. */
  #seen: ClientSession['operationTime'];
  #closing: Promise<void> | undefined;

  constructor({ client, db, missing, tryForMs }: Parts) {
    this.#client = client;
    this.#db = db;
    this.#missing = missing;
    this.#tryForMs = tryForMs;
  }

  get<K extends Kind>(kind: K, id: string): Promise<Stored<K> | undefined> {
    return this.#read(async (session) => {
      if (kind === 'head') {
        const head = await this.#db.collection<KeptHead>(kind).findOne({ _id: { $eq: id } }, { session });
        return head === null ? undefined : storedHead(head) as Stored<K>;
      }
      const found = await this.#db.collection<KeptDocument>(kind).findOne({ _id: { $eq: id } }, { session, projection: READ_FIELDS });
      return found === null ? undefined : storedOf<K>(found);
    });
  }

  async find<K extends Kind>(query: IndexQuery<K>): Promise<Page<Stored<K>>> {
    const { walks, last } = planFind(query);
    const { kind, limit } = query;
    const projection = { ...READ_FIELDS, by: 1 };
    const found = await this.#read(async (session) => {
      const documents: KeptDocument[] = [];
      for (const { filter, sort } of walks) {
        const left = limit + 1 - documents.length;
        if (left > 0) documents.push(...await this.#db.collection<KeptDocument>(kind).find(filter, { session, projection }).sort(sort).limit(left).toArray());
      }
      return documents;
    });
    const items = found.slice(0, limit);
    const end = found.length > limit ? items.at(-1) : undefined;
    return { items: items.map(storedOf<K>), cursor: end === undefined ? null : writePlace([end.by[last] as string | number | null, end._id]) };
  }

  async search(query: TextQuery): Promise<Page<TextHit>> {
    const { limit } = query;
    checkLimit(limit);
    const offset = readOffset(query.after);
    const plan = planSearch(query, offset);
    if (plan === null) return { items: [], cursor: null };
    const found = await this.#read((session) => this.#db.collection(WORDS).aggregate(plan.stages, { session }).toArray());
    return { items: found.slice(0, limit).map(plan.read), cursor: found.length > limit ? writeOffset(offset + limit) : null };
  }

  async commit(changes: readonly Change[], fence: Fence | Unfenced): Promise<void> {
    checkCommit(changes, fence);
    if (this.#closing !== undefined) throw new CommitRefused('unavailable', { detail: 'the store is closed' });
    if (changes.length === 0 && fence === UNFENCED) return;
    const [head, chain] = fence === UNFENCED ? [null, null] : [fence, fence.chain];
    const plan = planOf(changes, chain, randomUUID());
    const [first] = plan.steps;
    const isOneDraft = first?.do === 'add' && first.kind === 'draft' && changes.length === 1;
    await this.#accept(isOneDraft ? this.#addDraft(first.documents[0] as KeptDocument) : commitTransaction(this.#sessions, this.#tryForMs, (session) => applyPlan(this.#db, session, plan, head)));
  }

  async behind(limit: number): Promise<readonly DocumentName[]> {
    checkLimit(limit);
    return this.#read(() => this.#missing.first(limit));
  }

  close(): Promise<void> {
    this.#closing ??= this.#putAway();
    return this.#closing;
  }

  /** A write of one document needs no transaction, and half of a growing reply should not wait for one. The driver repeats it by itself, so of a failure only a duplicate is certain. */
  async #addDraft(draft: KeptDocument): Promise<void> {
    const session = this.#begin();
    try {
      await this.#db.collection<KeptDocument>('draft').insertOne(draft, { session });
    } catch (error) {
      throw isDuplicate(error) ? new CommitRefused('conflict', { detail: `draft ${draft._id} is there already`, cause: causeOf(error) }) : unknown(error);
    } finally {
      await this.#end(session);
    }
  }

  async #read<T>(ask: (session: ClientSession) => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw new Error('the store is closed');
    const session = this.#begin();
    return this.#accept(ask(session).finally(() => this.#end(session)));
  }

  /** A session in which nothing is older than what this store has answered. */
  #begin(): ClientSession {
    const session = this.#client.startSession({ causalConsistency: true });
    if (this.#seen !== undefined) session.advanceOperationTime(this.#seen);
    session.once('ended', () => {
      const { operationTime } = session;
      if (operationTime !== undefined && (this.#seen === undefined || operationTime.greaterThan(this.#seen))) this.#seen = operationTime;
    });
    return session;
  }

  #end(session: ClientSession): Promise<void> {
    return session.endSession();
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
    await this.#client.close();
  }
}
