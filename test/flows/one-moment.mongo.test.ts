import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CommandId } from '../../contracts/ids.ts';
import { run } from '../../server/cli.ts';
import { newId } from '../../server/ids.ts';
import { databaseCopies, documentsIn } from '../../server/store/mongo/copies.ts';
import type { KeptDocument } from '../../server/store/mongo/documents.ts';
import { newDeployment, newPlace, type Deployment, type Place } from '../support/deployment.ts';
import { newTestDatabase, type TestDatabase } from '../support/mongo-database.ts';
import { newSnapshotSessions, type SnapshotSessions } from '../support/snapshot-sessions.ts';
import { newAccount, type Tab } from '../support/tab.ts';
import { talk } from '../support/talking.ts';

/** More than are asked for at once. */
const MANY = 1_250;
/** Fewer commands than it takes to read what is verified, and what is backed up; the latter is put on record first, in a transaction that may have as many. */
const SHORT = { verify: 4, backup: 12 };
/** So few that all is read while the server of the tests keeps the moment, which is some seconds. */
const WRITES = 3;
const TOO_LONG = /could not be read as of one moment \(TransactionExceededLifetimeLimitSeconds/u;

describe('a database that somebody writes to', () => {
  let database: TestDatabase;
  let sessions: SnapshotSessions;
  const documents = (name: 'record' | 'head') => database.db.collection<KeptDocument>(name);
  /** The write that makes a difference: in both kinds, in one commit. */
  let written = 0;
  const write = async (): Promise<undefined> => {
    written += 1;
    for (const name of ['record', 'head'] as const) await documents(name).insertOne({ _id: `c:${MANY + written}`, version: 1, json: '{}' } as KeptDocument);
    return undefined;
  };
  beforeEach(async () => {
    database = await newTestDatabase();
    sessions = await newSnapshotSessions(database.uri);
    written = 0;
    for (const name of ['record', 'head'] as const) await documents(name).insertMany(Array.from({ length: MANY }, (_, at) => ({ _id: `c:${at + 1}`, version: 1, json: '{}' }) as KeptDocument));
  });
  afterEach(async () => {
    await sessions[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  /** What goes through it now is lost, and the next connection is taken again. */
  const cut = (): void => {
    sessions.link.cut();
    sessions.link.mend();
  };

  /** How many of each kind are read; `between` happens after the first kind. */
  async function counted(between: () => Promise<unknown> = write, uri = sessions.uri): Promise<{ record: number; head: number }> {
    const found = { record: 0, head: 0 };
    await documentsIn(uri, async (read) => {
      Object.assign(found, { record: 0, head: 0 });
      for await (const _document of read('record')) found.record += 1;
      await between();
      for await (const _document of read('head')) found.head += 1;
    });
    return found;
  }

  it('[RE4] is read as of one moment outside of a transaction, page by page, and each read names the moment that the first was answered with', async () => {
    sessions.before = (reads) => (reads === 0 ? Promise.resolve(undefined) : write());
    sessions.longestTransaction = 0;
    expect(await counted()).toEqual({ record: MANY, head: MANY });
    expect(written).toBeGreaterThan(3);
    expect(sessions.asked).toMatchObject({ moments: 1, transactions: 0, strays: 0 });
  });

  it('[RE4] is read in one transaction where the server keeps to no moment, or does not know of any, and never as of several', async () => {
    const mixed: string[] = [];
    const look = async (how: string, uri = sessions.uri): Promise<void> => {
      const { record, head } = await counted(write, uri);
      if (head !== record) mixed.push(how);
    };
    for (const snapshots of ['ignored', 'refused'] as const) {
      sessions.snapshots = snapshots;
      await look(snapshots);
    }
    await look('whatever the server of the tests makes of it', database.uri);
    expect(mixed).toEqual([]);
    expect(sessions.asked).toMatchObject({ moments: 0, reads: 0, transactions: 2 });
  });

  it('[RE4] a transaction that was ended for its age says which parameter of MongoDB lets it live longer', async () => {
    sessions.snapshots = 'ignored';
    sessions.longestTransaction = 2;
    await expect(counted()).rejects.toThrow(/^The database could not be read as of one moment \(TransactionExceededLifetimeLimitSeconds.*as MongoDB does from 5\.0 on\..*: transactionLifetimeLimitSeconds\.$/u);
  });

  it('[RE4] a moment that the server has given up says which parameter of MongoDB keeps it longer, and is not read on at another one', async () => {
    sessions.before = (reads) => Promise.resolve(reads > 2 ? 'SnapshotTooOld' : undefined);
    await expect(counted()).rejects.toThrow(/^The database could not be read as of one moment \(SnapshotTooOld.*: minSnapshotHistoryWindowInSeconds\.$/u);
    expect(sessions.asked).toMatchObject({ moments: 1, transactions: 0 });
  });

  it('[RE15] a server that is behind what a majority has confirmed is asked for another moment until all is there that was answered before the first time', async () => {
    sessions.behind = 2;
    expect(await counted()).toEqual({ record: MANY, head: MANY });
    expect(sessions.asked).toMatchObject({ confirmed: 1, moments: 3, transactions: 0, strays: 0 });
  });

  it('[RE4] a connection that is lost between two kinds is made anew, and what is read then is of the same moment', async () => {
    expect(await counted(async () => {
      await write();
      cut();
    })).toEqual({ record: MANY, head: MANY });
    expect(sessions.asked).toMatchObject({ moments: 1, transactions: 0, strays: 0 });
  });

  it('[RE4] what was cut off in the middle of a kind begins again from its beginning, at a later moment, and so does what met collections that are being laid out', async () => {
    sessions.before = async (reads) => {
      if (sessions.asked.moments === 1 && reads === 1) return 'SnapshotUnavailable';
      if (sessions.asked.moments !== 2 || reads !== 2) return undefined;
      await write();
      cut();
      return undefined;
    };
    expect(await counted(() => Promise.resolve())).toEqual({ record: MANY + 1, head: MANY + 1 });
    expect(sessions.asked).toMatchObject({ moments: 3, transactions: 0, strays: 0 });
  });

  it('[RE15] a copy that was cut off in the middle of a kind holds that kind once, as it was at the later moment', async () => {
    sessions.before = async (reads) => {
      if (sessions.asked.moments !== 1 || reads === 0 || sessions.asked.more === 0) return undefined;
      await write();
      cut();
      return undefined;
    };
    const folder = mkdtempSync(join(tmpdir(), 'copied-'));
    await databaseCopies({ uri: sessions.uri, open: () => Promise.reject(new Error('nothing is restored')) }).copy({ content: folder, keys: folder });
    const ids = (kind: string): string[] => readFileSync(join(folder, `${kind}.ndjson`), 'utf8').trimEnd().split('\n').map((line) => (JSON.parse(line) as KeptDocument)._id);
    const expected = Array.from({ length: MANY + 1 }, (_, at) => `c:${at + 1}`).toSorted();
    expect([ids('record').toSorted(), ids('head').toSorted()]).toEqual([expected, expected]);
    expect(sessions.asked).toMatchObject({ moments: 2, strays: 0 });
  });

  it('[RE4] what an address says of where and how to read does not count', async () => {
    const other = `${sessions.uri}&readPreference=secondary&readConcernLevel=local`;
    expect(await counted(write, other)).toEqual({ record: MANY, head: MANY });
    expect(sessions.asked).toMatchObject({ moments: 1, transactions: 0, strays: 0 });
    sessions.snapshots = 'ignored';
    expect(await counted(write, other)).toEqual({ record: MANY + 1, head: MANY + 1 });
    expect(sessions.asked).toMatchObject({ moments: 1, transactions: 1 });
  });
});

describe('a database of the product that takes longer to read than a transaction may live', () => {
  let deployment: Deployment;
  let place: Place;
  let sessions: SnapshotSessions;
  let tab: Tab;
  const far = (): Place => ({ ...place, environment: { ...place.environment, MONGODB_URI: sessions.uri } });
  const change = async (title: string): Promise<unknown> => tab.ask({ type: 'conversation.change', commandId: newId<CommandId>(), conversation: tab.view!.conversation.id, title });
  const records = (): Promise<number> => place.database!.db.collection('record').countDocuments();
  beforeAll(async () => {
    deployment = await newDeployment('', 'cluster');
    place = await newPlace('cluster');
    sessions = await newSnapshotSessions(place.database!.uri);
    await deployment.start(place);
    ({ tab } = await talk(await newAccount(deployment.url), 'Hello'));
  });
  afterAll(async () => {
    await tab[Symbol.asyncDispose]();
    await deployment[Symbol.asyncDispose]();
    await sessions[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });

  async function verified(): Promise<{ code: number; said: string }> {
    let said = '';
    return { code: await run(['verify', sessions.uri], (text) => (said += text)), said };
  }

  /** How many records there were at the moment that is read; after it, the next reads wait until somebody has written more. */
  const readBehindWrites = (): { readonly held: number } => {
    const moment = { held: 0 };
    sessions.before = async (reads) => {
      if (reads === 0) moment.held = await records();
      else if (reads <= WRITES) await change(`Read ${reads}`);
      return undefined;
    };
    return moment;
  };

  it('[RE4] is verified where MongoDB keeps to a moment, and not where it does not', async () => {
    sessions.longestTransaction = SHORT.verify;
    sessions.snapshots = 'ignored';
    expect(await verified()).toEqual({ code: 2, said: expect.stringMatching(TOO_LONG) });
    sessions.snapshots = 'kept';
    const before = { ...sessions.asked };
    const moment = readBehindWrites();
    expect(await verified()).toEqual({ code: 0, said: expect.stringMatching(/^Intact: \d+ records in 2 chains\./u) });
    expect(await records()).toBeGreaterThan(moment.held);
    expect(sessions.asked).toMatchObject({ moments: before.moments + 1, transactions: before.transactions, strays: 0 });
  });

  it('[RE15] is backed up there as of one moment, intact, and that is restored', async () => {
    sessions.longestTransaction = SHORT.backup;
    sessions.snapshots = 'ignored';
    expect(await deployment.command(far(), 'backup', mkdtempSync(join(tmpdir(), 'backups-')))).toMatchObject({ code: 1, said: expect.stringMatching(TOO_LONG) });
    sessions.snapshots = 'kept';
    const moment = readBehindWrites();
    const folder = mkdtempSync(join(tmpdir(), 'backups-'));
    const before = sessions.asked.moments;
    expect(await deployment.command(far(), 'backup', folder)).toMatchObject({ code: 0 });
    expect(sessions.asked).toMatchObject({ moments: before + 1, strays: 0 });
    expect(await records()).toBeGreaterThan(moment.held);
    const [name = ''] = readdirSync(join(folder, 'content'));
    expect(readFileSync(join(folder, 'content', name, 'record.ndjson'), 'utf8').split('\n').length - 1).toBe(moment.held);
    let said = '';
    expect([await run(['verify', join(folder, 'content', name)], (text) => (said += text)), said]).toEqual([0, expect.stringContaining(`Intact: ${moment.held} records`)]);
    await using fresh = await newPlace('cluster');
    expect(await deployment.command(fresh, 'restore', folder)).toMatchObject({ code: 0 });
  });
});
