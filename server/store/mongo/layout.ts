import { MongoServerError } from 'mongodb';
import type { Db, Document } from 'mongodb';
import { KINDS } from '../kinds.ts';
import { pathOf } from './find.ts';
import { isBeingRestored, SCHEMA } from './restoring.ts';
import { WORDS } from './words.ts';

/** What this version writes. A change of it comes with a migration. */
export const LAYOUT = 1;
const PREFIX = 'gorunchat.';
const NAMESPACE_EXISTS = 48;
/** There is an index on the same fields under another name, or one of this name that is different. */
const INDEX_DIFFERS = new Set([85, 86]);
const MEANINGFUL = ['unique', 'sparse', 'partialFilterExpression', 'expireAfterSeconds', 'collation', 'hidden', 'wildcardProjection'] as const;

interface Schema {
  readonly _id: 'layout';
  readonly version: number;
}

/**
 * Makes the collections and declared indexes that are not there. An index that is not as declared, or one of ours that is declared no longer, is reported and left as it
 * is: dropping or building one on a large collection is a decision. Throws a sentence for a person when a newer version made the database, or, but for whoever `restores` it, when that has not ended,
 * before anything is changed.
 */
export async function prepare(db: Db, report: (sentence: string) => void, restores = false): Promise<void> {
  if (!restores && (await isBeingRestored(db))) {
    throw new Error(`The MongoDB database ${db.databaseName} is being restored, or a restore into it did not end: nothing can start on half of it. Run gorunchat restore again.`);
  }
  const version = (await db.collection<Schema>(SCHEMA).findOne({ _id: 'layout' }))?.version ?? LAYOUT;
  if (version > LAYOUT) {
    throw new Error(`The MongoDB database ${db.databaseName} was made by a newer version of GoRunChat (its layout is ${version}, this version knows ${LAYOUT}). Start that version, or restore a backup.`);
  }
  const there = new Set((await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name));
  const wanted = [...Object.entries(KINDS).map(([kind, { indexes }]) => [kind, indexKeys(indexes)] as const), [WORDS, { [`${PREFIX}byToken`]: { owner: 1, tokens: 1 } }] as const];
  for (const name of [SCHEMA, ...wanted.map(([kind]) => kind)]) if (!there.has(name)) await createCollection(db, name);
  await Promise.all(wanted.map(([name, indexes]) => declareIndexes(db, name, indexes, report)));
  await db.collection<Schema>(SCHEMA).updateOne({ _id: 'layout' }, { $setOnInsert: { version: LAYOUT } }, { upsert: true });
}

type Keys = Readonly<Record<string, Readonly<Record<string, 1>>>>;

function indexKeys(indexes: Readonly<Record<string, readonly string[]>>): Keys {
  return Object.fromEntries(Object.entries(indexes).map(([name, fields]) => [PREFIX + name, Object.fromEntries([...fields.map(pathOf), '_id'].map((path) => [path, 1 as const]))]));
}

/** Here and not by a first write, since that would be inside a transaction, where it runs into others. */
async function createCollection(db: Db, name: string): Promise<void> {
  try {
    await db.createCollection(name);
  } catch (error) {
    if (!(error instanceof MongoServerError && error.code === NAMESPACE_EXISTS)) throw error;
  }
}

async function declareIndexes(db: Db, collection: string, wanted: Keys, report: (sentence: string) => void): Promise<void> {
  const there = new Map((await db.collection(collection).listIndexes().toArray()).map((index: Document) => [String(index['name']), index]));
  for (const name of there.keys()) {
    if (name.startsWith(PREFIX) && !(name in wanted)) report(`The index ${name} of ${collection} in MongoDB is not declared any more. It costs with every write; drop it when that suits.`);
  }
  for (const [name, key] of Object.entries(wanted)) {
    const index = there.get(name);
    if (index === undefined) await createIndex(db, collection, name, key, report);
    else if (differs(index, key)) {
      report(`The index ${name} of ${collection} in MongoDB is not as declared: it is ${described(index)}, declared is ${JSON.stringify(key)}. Queries may be slow; drop it when that suits, and the next start makes it anew.`);
    }
  }
}

async function createIndex(db: Db, collection: string, name: string, key: Readonly<Record<string, 1>>, report: (sentence: string) => void): Promise<void> {
  try {
    await db.collection(collection).createIndex({ ...key }, { name });
  } catch (error) {
    if (!(error instanceof MongoServerError && INDEX_DIFFERS.has(Number(error.code)))) throw error;
    report(`The index ${name} of ${collection} could not be made in MongoDB beside one that is there: ${error.message}`);
  }
}

function differs(index: Document, key: Readonly<Record<string, 1>>): boolean {
  return JSON.stringify(index['key']) !== JSON.stringify(key) || MEANINGFUL.some((option) => isSet(index[option]));
}

function described(index: Document): string {
  const options = MEANINGFUL.filter((option) => isSet(index[option])).map((option) => `, ${option}`);
  return JSON.stringify(index['key']) + options.join('');
}

function isSet(option: unknown): boolean {
  return option !== undefined && option !== false;
}
