import type { Collection, Db } from 'mongodb';
import { KINDS } from '../kinds.ts';
import { WORDS } from './words.ts';

/** What is said of the database itself. */
export const SCHEMA = '_schema';
/** Stands in the database from before the first document of a restore until after the last. */
const RESTORING = 'restoring';

export async function isBeingRestored(db: Db): Promise<boolean> {
  return (await marks(db).findOne({ _id: RESTORING })) !== null;
}

export async function beginRestore(db: Db): Promise<void> {
  await marks(db).updateOne({ _id: RESTORING }, { $setOnInsert: {} }, { upsert: true });
}

export async function endRestore(db: Db): Promise<void> {
  await marks(db).deleteOne({ _id: RESTORING });
}

/** Throws a sentence when there is data that no unfinished restore has left. */
export async function refuseIfTaken(db: Db): Promise<void> {
  if (await isBeingRestored(db)) return;
  for (const kind of Object.keys(KINDS)) {
    if ((await db.collection(kind).findOne({}, { projection: { _id: 1 } })) !== null) {
      throw new Error(`The MongoDB database ${db.databaseName} holds data. Name another one in MONGODB_URI, which is made when it is missing.`);
    }
  }
}

/** Removes every document, but not what says how the database is laid out. */
export async function clear(db: Db): Promise<void> {
  for (const kind of [...Object.keys(KINDS), WORDS]) await db.collection(kind).deleteMany({});
}

function marks(db: Db): Collection<{ _id: string }> {
  return db.collection<{ _id: string }>(SCHEMA);
}
