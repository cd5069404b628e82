import { MongoCompatibilityError, MongoError, MongoServerError, ReadConcern } from 'mongodb';
import type { ClientSession, Db, Timestamp } from 'mongodb';
import { connect, type Connected } from './connect.ts';
import { isPassingInReading } from './driver-error.ts';
import { shortWait } from './transaction.ts';

/** Reads what it wants of the database in that session; what it has read is of one moment. */
export type Read<T> = (db: Db, session: ClientSession) => Promise<T>;

/** What is cut off later than this after it was begun is not begun again: as long as the driver repeats a transaction. */
const AGAIN_FOR_MS = 120_000;
/** How long the database may take to say that it is the primary. */
const LONGEST_ANSWER_MS = 10_000;
/** What is asked first, whichever it is. */
const ANY = 'checkpoint';
const TOO_OLD = 239;
const UNAVAILABLE = 246;

/** What this file knows of the driver's session (7.9.0, `lib/sessions.js`): the moment that the server has answered the first read with, which goes with every later one. Where a driver has another name for it, all is read in a transaction. */
type SnapshotSession = ClientSession & { readonly snapshotTime?: Timestamp };

/**
 * Reads as of one moment, which a majority has, whatever is written meanwhile: all that was answered before the call is in it. `read` runs again from its beginning, at another moment, when a new
 * primary or a lost connection cut it off within two minutes of the call, and it should not pause for long: the server ends a cursor that idles for ten minutes. Throws a sentence when the database cannot be reached, or keeps what it was at that moment for too short a time.
 *
 * MongoDB from 5.0 on keeps a moment for `minSnapshotHistoryWindowInSeconds`, 300 by itself, for whoever reads outside of a transaction. A server that does not say which moment it has read keeps
 * to none, whatever it was asked: it is read in one transaction, for as long as it lets one live (`transactionLifetimeLimitSeconds`).
 */
export async function atOneMoment<T>(uri: string, read: Read<T>): Promise<T> {
  const connected = await connect({ uri });
  try {
    const done = await inSnapshot(connected, read);
    return done === undefined ? await inTransaction(connected, read) : done.value;
  } finally {
    await connected.client.close();
  }
}

async function inSnapshot<T>(connected: Connected, read: Read<T>): Promise<{ readonly value: T } | undefined> {
  const until = performance.now() + AGAIN_FOR_MS;
  const bound: Bound = { confirmed: undefined };
  for (let attempt = 0; ; attempt++) {
    try {
      return await attemptOnce(connected, read, bound);
    } catch (error) {
      const isOver = performance.now() >= until;
      if (!isOver && (error instanceof IsBehind || isPassingInReading(error))) await shortWait(attempt);
      else throw inWords(error, whyNotInSnapshot(error));
    }
  }
}

/** A server is behind what a majority has confirmed, which a new primary may be for a moment. */
class IsBehind extends Error {}

/** What a moment may not be earlier than. It stands once it is known: a database that is busy would be behind a later one for ever. */
interface Bound {
  confirmed: Timestamp | undefined;
}

/** Nothing when the server keeps to no moment, which is known before anything is read for `read`. */
async function attemptOnce<T>({ client, database }: Connected, read: Read<T>, bound: Bound): Promise<{ readonly value: T } | undefined> {
  await using session = client.startSession({ snapshot: true });
  // Made anew each time: the driver writes the moment of a session into the read concern of what is read with it. What the address says of either does not count.
  const db = client.db(database, { readPreference: 'primary', readConcern: new ReadConcern('snapshot') });
  try {
    bound.confirmed ??= await confirm({ client, database });
    await db.collection(ANY).findOne({}, { session, projection: { _id: 1 } });
    const moment = (session as SnapshotSession).snapshotTime;
    if (moment === undefined || bound.confirmed === undefined) return undefined;
    if (moment.lessThan(bound.confirmed)) throw new IsBehind('what the database shows is still of before this was asked');
  } catch (error) {
    const isUnknown = error instanceof MongoCompatibilityError || (error instanceof MongoServerError && !isPassingInReading(error));
    if (isUnknown) return undefined; // whatever it has against that: a transaction is refused with the same, or is not
    throw error;
  }
  return { value: await read(db, session) };
}

/** The time of the database at which it has made sure, with a majority, that it is the primary still. Nothing that was answered before the call is later than that; a moment that it picks by itself may be earlier. */
async function confirm({ client, database }: Connected): Promise<Timestamp | undefined> {
  await using session = client.startSession();
  const db = client.db(database, { readPreference: 'primary', readConcern: new ReadConcern('linearizable') });
  await db.collection(ANY).findOne({}, { session, projection: { _id: 1 }, maxTimeMS: LONGEST_ANSWER_MS });
  return session.operationTime;
}

/** The driver begins it again when the server ended what it had begun. */
async function inTransaction<T>({ client, database }: Connected, read: Read<T>): Promise<T> {
  await using session = client.startSession();
  const db = client.db(database);
  try {
    return await session.withTransaction(() => read(db, session), { readConcern: new ReadConcern('snapshot'), readPreference: 'primary', writeConcern: { w: 'majority' } });
  } catch (error) {
    throw inWords(error, 'This server keeps no moment outside of a transaction, as MongoDB does from 5.0 on. If it took too long, let its transactions live longer: transactionLifetimeLimitSeconds.');
  }
}

function whyNotInSnapshot(error: unknown): string {
  if (!(error instanceof MongoServerError)) return '';
  if (error.code === TOO_OLD) return 'That took longer than the server keeps what has changed since. Let it keep that for longer: minSnapshotHistoryWindowInSeconds.';
  return error.code === UNAVAILABLE ? 'Its collections or indexes are being changed, or it has only just been started: try again. If that does not help, let it keep for longer what has changed: minSnapshotHistoryWindowInSeconds.' : '';
}

function inWords(error: unknown, why: string): unknown {
  return error instanceof MongoError || error instanceof IsBehind ? new Error(`The database could not be read as of one moment (${error.message}). ${why}`.trimEnd(), { cause: error }) : error;
}
