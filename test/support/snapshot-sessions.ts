import { randomUUID } from 'node:crypto';
import { BSON, MongoClient, type Document } from 'mongodb';
import { newLink, type Changed, type TestLink } from './link.ts';

const { Binary, Int32, Long, Timestamp, UUID } = BSON;

/** As MongoDB answers (`src/mongo/base/error_codes.yml`). */
const CODES = { InvalidOptions: 72, SnapshotTooOld: 239, SnapshotUnavailable: 246, TransactionExceededLifetimeLimitSeconds: 290 } as const;
type Refusal = keyof typeof CODES;

const READS = new Set(['find', 'aggregate', 'distinct', 'getMore']);

/** The moment that one session of a client reads: a transaction of its own on the server behind, which has snapshots in those alone. */
interface Moment {
  readonly lsid: Document;
  at: BSON.Timestamp | undefined;
  reads: number;
}

/**
 * The server of the tests behind a wire that adds what MongoDB has from 5.0 on: reads outside of a transaction that keep to one moment, `atClusterTime`, which the first answer names and every later
 * read has to. What it keeps of a moment lives as long as a transaction of the server behind it: some seconds.
 */
export interface SnapshotSessions extends AsyncDisposable {
  /** The same database through it. */
  readonly uri: string;
  readonly link: TestLink;
  /** What becomes of a read at a moment: it is kept to; or nobody heeds that, as a server does that does not know of it; or it is refused, as MongoDB did before 5.0. */
  snapshots: 'kept' | 'ignored' | 'refused';
  /** So many sessions are first shown a moment from before all that is there, as by a server that is behind. */
  behind: number;
  /** A transaction is ended by the server once so many commands of it were heard. */
  longestTransaction: number;
  /** What happens before a read of a moment, by how many of that moment have gone before; a refusal is what the read is answered with. */
  before: (reads: number) => Promise<Refusal | undefined>;
  readonly asked: {
    /** Reads for which the server has to make sure that it is the primary. */
    confirmed: number;
    moments: number;
    /** With the pages of what was found. */
    reads: number;
    /** The pages after the first ones. */
    more: number;
    transactions: number;
    /** Reads that name another moment than the one that their session was given. */
    strays: number;
  };
}

/** How a command is passed on, and what is made of its answer. */
interface Onward {
  readonly command: Document;
  readonly answer?: (answer: Document) => Document;
}

export async function newSnapshotSessions(uri: string): Promise<SnapshotSessions> {
  const { port, pathname } = new URL(uri);
  const served = new Served();
  const link = await newLink(Number(port === '' ? 27_017 : port), () => changedOn((command) => served.onward(command)));
  return Object.assign(served, {
    uri: `mongodb://127.0.0.1:${link.port}${pathname}?directConnection=true`, link,
    async [Symbol.asyncDispose]() {
      await link[Symbol.asyncDispose]();
      await using client = await MongoClient.connect(uri);
      if (served.kept.length > 0) await client.db('admin').command({ killSessions: served.kept }); // what they hold is locked for as long
    },
  });
}

class Served implements Omit<SnapshotSessions, 'uri' | 'link' | keyof AsyncDisposable> {
  snapshots: SnapshotSessions['snapshots'] = 'kept';
  behind = 0;
  longestTransaction = Infinity;
  before: SnapshotSessions['before'] = () => Promise.resolve(undefined);
  readonly asked = { confirmed: 0, moments: 0, reads: 0, more: 0, transactions: 0, strays: 0 };
  /** The sessions on the server behind. */
  readonly kept: Document[] = [];
  readonly #moments = new Map<string, Moment>();
  readonly #cursors = new Map<string, Moment>();
  readonly #commands = new Map<string, number>();

  async onward(command: Document): Promise<Onward> {
    const [name = ''] = Object.keys(command);
    const { lsid, readConcern, autocommit } = command as { lsid?: Document; readConcern?: Document; autocommit?: boolean };
    if (lsid === undefined) return { command };
    if (autocommit === false) return this.#inTransaction(name, command, lsid);
    const { readConcern: _heeded, ...plain } = command;
    const opened = name === 'getMore' ? this.#cursors.get(String(command['getMore'])) : undefined;
    if (opened !== undefined) return this.#at(opened, plain);
    if (readConcern?.['level'] === 'linearizable') this.asked.confirmed += 1;
    if (readConcern?.['level'] !== 'snapshot') return { command };
    // The driver sends it with whatever a session does; MongoDB takes it with these alone.
    if (this.snapshots === 'refused' || !READS.has(name)) return refused('InvalidOptions');
    if (this.snapshots === 'ignored' || name === 'getMore') return { command: plain };
    const moment = this.#momentOf(idOf(lsid), readConcern['atClusterTime'] as BSON.Timestamp | undefined);
    return moment === undefined ? refused('SnapshotTooOld') : this.#at(moment, plain);
  }

  /** A session is used again by the client; what names no moment begins with another one. */
  #momentOf(session: string, at: BSON.Timestamp | undefined): Moment | undefined {
    const known = this.#moments.get(session);
    if (at === undefined) {
      this.asked.moments += 1;
      const begun: Moment = { lsid: { id: new UUID(randomUUID()) }, at: this.asked.moments <= this.behind ? new Timestamp({ t: 1, i: 1 }) : undefined, reads: 0 };
      this.#moments.set(session, begun);
      this.kept.push(begun.lsid);
      return begun;
    }
    if (known?.at?.equals(at) === true) return known;
    this.asked.strays += 1;
    return undefined;
  }

  async #at(moment: Moment, command: Document): Promise<Onward> {
    const isFirst = moment.reads === 0;
    this.asked.reads += 1;
    if ('getMore' in command) this.asked.more += 1;
    const refusal = await this.before(moment.reads++);
    if (refusal !== undefined) return refused(refusal);
    return {
      command: { ...command, lsid: moment.lsid, txnNumber: Long.fromNumber(1), autocommit: false, ...(isFirst && { startTransaction: true }) },
      answer: (answer) => {
        const { cursor } = answer as { cursor?: Document };
        if (cursor === undefined) return answer;
        moment.at ??= answer['operationTime'] as BSON.Timestamp;
        if (String(cursor['id']) !== '0') this.#cursors.set(String(cursor['id']), moment);
        return 'firstBatch' in cursor ? { ...answer, cursor: { ...cursor, atClusterTime: moment.at } } : answer;
      },
    };
  }

  #inTransaction(name: string, command: Document, lsid: Document): Onward {
    if (command['startTransaction'] === true) this.asked.transactions += 1;
    if (name === 'commitTransaction' || name === 'abortTransaction') return { command };
    const transaction = `${idOf(lsid)} ${String(command['txnNumber'])}`;
    const heard = (this.#commands.get(transaction) ?? 0) + 1;
    this.#commands.set(transaction, heard);
    if (heard <= this.longestTransaction) return { command };
    const { $db: _database, txnNumber } = command;
    return { ...refused('TransactionExceededLifetimeLimitSeconds'), command: { abortTransaction: new Int32(1), lsid, txnNumber, autocommit: false, $db: 'admin' } };
  }
}

const idOf = (lsid: Document): string => (lsid['id'] instanceof Binary ? lsid['id'].toString('hex') : '');

/** The server behind is asked for nothing, so that each command has one answer. */
function refused(name: Refusal): Onward {
  return { command: { ping: new Int32(1), $db: 'admin' }, answer: () => ({ ok: 0, errmsg: `${name}, as a test has it`, code: CODES[name], codeName: name }) };
}

const HEADER = 16;
const OP_MSG = 2_013;
/** After the header come the flags and the kind of the first section, which is the command. */
const BODY = HEADER + 5;
const EXACT = { promoteValues: false, promoteBuffers: false, bsonRegExp: true } as const;

function changedOn(onward: (command: Document) => Promise<Onward>): Changed {
  const answers = new Map<number, NonNullable<Onward['answer']>>();
  return {
    there: eachOf(async (message) => {
      const { command, answer } = await onward(documentIn(message));
      if (answer !== undefined) answers.set(message.readInt32LE(4), answer);
      return withDocument(message, command);
    }),
    back: eachOf((message) => {
      const to = message.readInt32LE(8);
      const answer = answers.get(to);
      answers.delete(to);
      return Promise.resolve(answer === undefined ? message : withDocument(message, answer(documentIn(message))));
    }),
  };
}

/** Data as it comes from a socket, message by message. What is no message with a command or its answer passes as it is. */
function eachOf(change: (message: Buffer) => Promise<Buffer>): (data: Buffer) => Promise<Buffer> {
  let waiting = Buffer.alloc(0);
  return async (data) => {
    waiting = Buffer.concat([waiting, data]);
    const changed: Buffer[] = [];
    while (waiting.length >= 4 && waiting.length >= waiting.readInt32LE(0)) {
      const message = waiting.subarray(0, waiting.readInt32LE(0));
      waiting = waiting.subarray(message.length);
      changed.push(message.readInt32LE(12) === OP_MSG && message[BODY - 1] === 0 ? await change(message) : message);
    }
    return Buffer.concat(changed);
  };
}

function documentIn(message: Buffer): Document {
  return BSON.deserialize(message.subarray(BODY, BODY + message.readInt32LE(BODY)), EXACT);
}

function withDocument(message: Buffer, document: Document): Buffer {
  const changed = Buffer.concat([message.subarray(0, BODY), BSON.serialize(document), message.subarray(BODY + message.readInt32LE(BODY))]);
  changed.writeInt32LE(changed.length, 0);
  return changed;
}
