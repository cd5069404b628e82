import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ReadConcern } from 'mongodb';
import type { ClientSession, Db, Document, FindCursor } from 'mongodb';
import type { KeptRecord } from '../../../contracts/records.ts';
import { linesOf } from '../../byte-lines.ts';
import type { Copies } from '../copies.ts';
import { KINDS, type Kind, type Kinds } from '../kinds.ts';
import type { Store } from '../store.ts';
import { connect, type Connected } from './connect.ts';
import { READ_FIELDS, type KeptDocument } from './documents.ts';
import { LAYOUT } from './layout.ts';
import { atOneMoment } from './moment.ts';
import { beginRestore, clear, endRestore, isBeingRestored, refuseIfTaken } from './restoring.ts';

export interface DatabaseCopies {
  readonly uri: string;
  /** Opens the store of a database that is being restored. */
  readonly open: () => Promise<Store>;
}

const CONTENT = (Object.keys(KINDS) as Kind[]).filter((kind) => kind !== 'key');
const KEYS: readonly Kind[] = ['key'];
const AT_ONCE = 500;
/** Documents asked for at once where all of a kind are wanted; the server gives fewer when they are long. */
const IN_BATCH = 1_000;
/** Of a body, and of a head; what indexes need is a copy of that. */
const CONTENT_FIELDS = { ...READ_FIELDS, epoch: 1, seq: 1, number: 1, hash: 1 } as const;

/**
 * Copies of a database, as lines of JSON: a file for each kind, all of one moment (`moment.ts`, which says how long that may take). A restore writes into a database without data that is marked until all is there: nothing starts on half of it.
 */
export function databaseCopies({ uri, open }: DatabaseCopies): Copies {
  let taken: Connected | undefined;
  let isKept = false;
  const database = ({ client, database: name }: Connected): Db => client.db(name, { writeConcern: { w: 'majority' } });
  return {
    adapter: 'mongo',
    layout: { database: LAYOUT },
    copy: ({ content, keys }) => atOneMoment(uri, (db, session) => copyAll(db, session, content, keys)),
    async take() {
      taken = await connect({ uri });
      await refuseIfTaken(database(taken));
    },
    async place({ content, keys }) {
      if (taken === undefined) throw new Error('the place was not taken');
      const db = database(taken);
      await beginRestore(db);
      await clear(db);
      for (const kind of CONTENT) await fill(db, kind, content);
      for (const kind of KEYS) await fill(db, kind, keys);
      return open();
    },
    async keep() {
      if (taken === undefined) throw new Error('the place was not taken');
      await endRestore(database(taken));
      isKept = true;
      return undefined;
    },
    async close() {
      if (taken === undefined) return;
      const db = database(taken);
      if (!isKept && (await isBeingRestored(db))) {
        await clear(db);
        await endRestore(db);
      }
      await taken.client.close();
      taken = undefined;
    },
  };
}

/**
 * Gives `use` all documents of the kinds that it asks for, one kind after another, as of one moment, also while the product runs. Changes nothing, and needs no more than to read. `use` may run again from its beginning. Throws a sentence.
 */
export async function documentsIn(uri: string, use: (read: (kind: Kind) => AsyncIterable<KeptDocument>) => Promise<void>): Promise<void> {
  await atOneMoment(uri, async (db, session) => {
    await use((kind) => ahead(db.collection<KeptDocument>(kind).find({}, { session, projection: CONTENT_FIELDS, batchSize: IN_BATCH })));
  });
}

/** All that a cursor gives; the server is asked for the next batch while one is gone through, so that neither waits for the other. Two batches are held at most. */
async function* ahead<T>(cursor: FindCursor<T>): AsyncGenerator<T> {
  let next = cursor.hasNext();
  try {
    while (await next) {
      const batch = cursor.readBufferedDocuments();
      next = cursor.hasNext();
      next.catch(() => undefined); // thrown where it is waited for; whoever goes through the batch may stop before
      yield* batch;
    }
  } finally {
    await next.catch(() => undefined); // a session does one thing at a time
    await cursor.close();
  }
}

async function copyAll(db: Db, session: ClientSession, content: string, keys: string): Promise<Kinds['checkpoint'] | undefined> {
  for (const kind of CONTENT) await write(db, session, kind, content);
  for (const kind of KEYS) await write(db, session, kind, keys);
  const kept = await db.collection<KeptDocument>('checkpoint').findOne({ _id: 'latest' }, { session });
  return kept === null ? undefined : (JSON.parse(kept.json) as Kinds['checkpoint']);
}

async function write(db: Db, session: ClientSession, kind: Kind, folder: string): Promise<void> {
  const file = createWriteStream(join(folder, `${kind}.ndjson`), { mode: 0o600, flags: 'w' });
  const closed = new Promise<void>((resolve) => { file.once('close', () => resolve()); });
  try {
    await pipeline(asLines(db.collection(kind).find({}, { session })), file);
  } finally {
    await closed; // so that nothing of it comes late into what begins again
  }
}

/** The driver writes nothing but text, numbers and what is true or false here, so JSON says all of it. */
async function* asLines(documents: AsyncIterable<Document>): AsyncGenerator<string> {
  for await (const document of documents) yield `${JSON.stringify(document)}\n`;
}

async function fill(db: Db, kind: Kind, folder: string): Promise<void> {
  const file = join(folder, `${kind}.ndjson`);
  if (!existsSync(file)) return; // of a version that did not have it yet
  const collection = db.collection(kind);
  let documents: Document[] = [];
  const flush = async (): Promise<void> => {
    if (documents.length > 0) await collection.insertMany(documents);
    documents = [];
  };
  for await (const line of linesOf(createReadStream(file))) {
    documents.push(JSON.parse(line.toString()) as Document);
    if (documents.length === AT_ONCE) await flush();
  }
  await flush();
}

/** What a database says of the time after a backup: which conversations were erased, the records of who was removed, and the highest epoch above which anything was claimed. Throws a sentence when it cannot be read. */
export async function erasedInDatabase(uri: string): Promise<{ readonly erased: ReadonlySet<string>; readonly removals: readonly KeptRecord[]; readonly epoch: number }> {
  const { client, database } = await connect({ uri });
  try {
    const db = client.db(database, { readConcern: new ReadConcern('majority') });
    const erased = new Set<string>();
    // What a record says stands in it encrypted, in base64, so nothing else in it can look like its type.
    for await (const { by } of db.collection<KeptDocument>('record').find({ json: { $regex: '"type":"conversation-erased"' } }, { projection: { by: 1 } })) erased.add(String(by['chain']));
    const removals = await db.collection<KeptDocument>('record').find({ json: { $regex: '"type":"person-removed"' } }).toArray();
    const generations = await db.collection<KeptDocument>('generation').find({}).toArray();
    return { erased, removals: removals.map(({ json }) => JSON.parse(json) as KeptRecord), epoch: Math.max(0, ...generations.map(({ json }) => (JSON.parse(json) as Kinds['generation']).epoch)) };
  } finally {
    await client.close();
  }
}
