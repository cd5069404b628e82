import { once } from 'node:events';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { commitKnown } from '../../server/journal/known.ts';
import { mongoStore } from '../../server/store/mongo.ts';
import { connect } from '../../server/store/mongo/connect.ts';
import type { RefusalReason } from '../../server/store/refused.ts';
import { UNFENCED } from '../../server/store/store.ts';
import type { Change, Fence, Store } from '../../server/store/store.ts';
import { draft, fence, head, messageBody, record } from '../fixtures/store/documents.ts';
import { newLink } from '../support/link.ts';
import { newTestDatabase, type TestDatabase } from '../support/mongo-database.ts';

const LOOKS_AGAIN_MS = 600;
/** Fail points are meant for the store's connections alone. */
const APP_NAME = 'store under test';

let database: TestDatabase;
let store: Store;
/** The same, but it gives up soon. */
let impatient: Store;

const report = (sentence: string): void => { throw new Error(sentence); };

// Before each, so that without a server every test fails and none is passed over.
beforeEach(async () => {
  database ??= await newTestDatabase('forFaults');
  store ??= await mongoStore({ uri: database.uri, appName: APP_NAME, report });
  impatient ??= await mongoStore({ uri: database.uri, appName: APP_NAME, tryForMs: 200, report });
  await database.clear();
});
afterEach(heal);
afterAll(async () => {
  await Promise.all([store?.close(), impatient?.close()]);
  // Transactions of connections that were cut off are open still, and would keep the database from going.
  await database?.db.admin().command({ killAllSessions: [] });
  await database?.[Symbol.asyncDispose]();
});

interface Fault {
  readonly errorCode?: number;
  readonly errorLabels?: readonly string[];
  readonly closeConnection?: boolean;
  readonly writeConcernError?: { readonly code: number; readonly errmsg: string };
}

/** Makes MongoDB fail these commands of the store, so often. */
async function fail(commands: readonly string[], fault: Fault, mode: 'alwaysOn' | { times: number; skip?: number } = { times: 1 }): Promise<void> {
  await database.db.admin().command({ configureFailPoint: 'failCommand', mode, data: { failCommands: commands, appName: APP_NAME, ...fault } });
}

/** Lets the next plain write happen, and its answer be lost. */
async function loseReply(): Promise<void> {
  await database.db.admin().command({ configureFailPoint: 'onPrimaryTransactionalWrite', mode: { times: 1 }, data: { closeConnection: true } });
}

async function heal(): Promise<void> {
  for (const configureFailPoint of ['failCommand', 'onPrimaryTransactionalWrite']) await database.db.admin().command({ configureFailPoint, mode: 'off' });
}

const message = (id: string): Change => ({ do: 'add', kind: 'message', id, body: messageBody('talk'), text: { owner: 'ann', words: 'blue whale' } });
const lease = (id: string, instance = 'x'): Change => ({ do: 'put', kind: 'lease', id, body: { instance } });
const said = (number: number): readonly Change[] => [record('talk', number), message(`m${number}`)];

async function refused(reason: RefusalReason, commit: Promise<void>): Promise<void> {
  await expect(commit).rejects.toMatchObject({ name: 'CommitRefused', reason });
}

/** What there is of the `number`th commit of `said`: all or nothing of it, in every collection. */
async function isThere(number: number): Promise<boolean> {
  const there = [
    (await database.db.collection<{ _id: string; number: number }>('head').countDocuments({ _id: 'talk', number: { $gte: number } })),
    (await store.get('record', `talk:${number}`)) === undefined ? 0 : 1,
    (await store.get('message', `m${number}`)) === undefined ? 0 : 1,
    (await database.db.collection<{ _id: string }>('words').countDocuments({ _id: `message:m${number}` })),
  ];
  expect(new Set(there).size).toBe(1);
  return there[0] === 1;
}

describe('a commit that MongoDB does not take', () => {
  it.each([['insert', 0], ['insert', 1], ['insert', 2], ['update', 0]] as const)('is known not to have happened when %s is refused, after %i that were not', async (command, skip) => {
    await fail([command], { errorCode: 13 }, { times: 1, skip });
    await refused('unavailable', store.commit(said(1), fence('talk', 1)));
    expect(await isThere(1)).toBe(false);
    await store.commit(said(1), fence('talk', 1));
    expect(await isThere(1)).toBe(true);
  });

  it.each(['insert', 'update', 'commitTransaction'])('is the same commit again after a write conflict in %s', async (command) => {
    await fail([command], { errorCode: 112 }, { times: 3 });
    await store.commit(said(1), fence('talk', 1));
    expect(await isThere(1)).toBe(true);
    expect((await store.get('message', 'm1'))?.version).toBe(1);
  });

  it('is tried for some seconds, then it is known not to have happened', async () => {
    await fail(['insert'], { errorCode: 112 }, 'alwaysOn');
    await refused('unavailable', impatient.commit(said(1), fence('talk', 1)));
    expect(await isThere(1)).toBe(false);
  });

  it.each(['insert', 'update'])('is done again when the connection breaks during %s', async (command) => {
    await fail([command], { closeConnection: true }, { times: 1 });
    await store.commit(said(1), fence('talk', 1));
    expect(await isThere(1)).toBe(true);
  });
});

it('a refusal carries nothing of what was to be written, since it may be logged', async () => {
  const error: unknown = await store.commit([record('talk', 1), message('m1'), message('m1')], fence('talk', 1)).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ reason: 'conflict', cause: { message: expect.stringContaining('E11000') as string } });
  expect(inspect(error, { depth: null, showHidden: true })).not.toContain('sealed');
});

describe('an answer to a commit that is lost', () => {
  it.each([
    ['the commit does not arrive', { closeConnection: true }],
    ['the primary steps down', { errorCode: 189 }],
    ['no majority has it yet', { writeConcernError: { code: 64, errmsg: 'planned' } }],
    ['the primary shuts down when it is done', { writeConcernError: { code: 91, errmsg: 'planned' } }],
  ])('is asked for again: %s', async (_, fault: Fault) => {
    await fail(['commitTransaction'], fault, { times: 3 });
    await store.commit(said(1), fence('talk', 1));
    expect(await isThere(1)).toBe(true);
    expect((await store.get('message', 'm1'))?.version).toBe(1);
  });

  it.each([
    ['it did not arrive', { closeConnection: true }, false],
    ['it had happened', { writeConcernError: { code: 64, errmsg: 'planned' } }, true],
    ['MongoDB said something else', { errorCode: 8_000 }, false],
  ])('and does not come is unknown, and the journal finds the truth: %s', async (_, fault: Fault, hasHappened) => {
    await fail(['commitTransaction'], fault, 'alwaysOn');
    const reasons: string[] = [];
    const happened: boolean[] = [];
    const watched: Store = {
      ...store,
      get: (kind, id) => store.get(kind, id),
      commit: async (changes, held) => {
        try {
          await impatient.commit(changes, held);
        } catch (error) {
          reasons.push((error as { reason: string }).reason);
          await heal();
          happened.push(await isThere(1));
          throw error;
        }
      },
    };
    await commitKnown(watched, said(1), fence('talk', 1));
    expect([reasons, happened]).toEqual([['unknown'], [hasHappened]]);
    expect(await isThere(1)).toBe(true);
    expect((await store.get('message', 'm1'))?.version).toBe(1);
  });

  it('is never told as stale for its own trace', async () => {
    await fail(['commitTransaction'], { writeConcernError: { code: 64, errmsg: 'planned' }, errorLabels: ['TransientTransactionError'] });
    await refused('unknown', store.commit(said(1), fence('talk', 1)));
    expect(await isThere(1)).toBe(true);
  });
});

describe('a draft, which is written without a transaction', () => {
  it('is there once when its answer was lost', async () => {
    await loseReply();
    await store.commit([draft('turn', 1)], UNFENCED);
    expect((await store.get('draft', 'turn:1'))?.version).toBe(1);
  });

  it('is unknown when no answer comes, and refused when it is there', async () => {
    await fail(['insert'], { closeConnection: true }, { times: 2 });
    await refused('unknown', store.commit([draft('turn', 1)], UNFENCED));
    expect(await store.get('draft', 'turn:1')).toBeUndefined();
    await store.commit([draft('turn', 1)], UNFENCED);
    await refused('conflict', store.commit([draft('turn', 1)], UNFENCED));
  });

  it('comes with others wholly or not at all', async () => {
    await fail(['insert'], { errorCode: 13 });
    await refused('unavailable', store.commit([draft('turn', 1), draft('turn', 2)], UNFENCED));
    expect(await store.get('draft', 'turn:1')).toBeUndefined();
  });
});

describe('while MongoDB is away', () => {
  it('nothing happens and that is known, reads fail, and it goes on when it is back', async () => {
    await using link = await newLink(portOf(database.uri));
    const far = await mongoStore({ uri: `mongodb://127.0.0.1:${link.port}/${database.db.databaseName}?directConnection=true`, serverSelectionTimeoutMs: 300, tryForMs: 500, report });
    try {
      await far.commit(said(1), fence('talk', 1));
      link.cut();
        await refused('unavailable', far.commit(said(2), fence('talk', 2)));
      await refused('unknown', far.commit([draft('turn', 1)], UNFENCED));
      await expect(far.get('head', 'talk')).rejects.toMatchObject({ name: 'MongoServerSelectionError' });
      expect(await isThere(2)).toBe(false);
      link.mend();
      await vi.waitFor(() => far.get('head', 'talk'), { timeout: 30_000 });
      await far.commit(said(2), fence('talk', 2));
      expect(await isThere(2)).toBe(true);
    } finally {
      await far.close();
    }
  });

  it('commits under way end known or unknown, and what they say is true', async () => {
    await using link = await newLink(portOf(database.uri));
    const far = await mongoStore({ uri: `mongodb://127.0.0.1:${link.port}/${database.db.databaseName}?directConnection=true`, serverSelectionTimeoutMs: 300, tryForMs: 500, report });
    try {
      const commits = Array.from({ length: 30 }, (_, place) => far.commit([lease(`a${place}`), lease(`b${place}`)], UNFENCED));
      await Promise.race(commits);
        link.cut();
      const outcomes = await Promise.allSettled(commits);
      for (const [place, outcome] of outcomes.entries()) {
        const there = [await store.get('lease', `a${place}`), await store.get('lease', `b${place}`)].filter((found) => found !== undefined).length;
        const reason = outcome.status === 'fulfilled' ? 'done' : (outcome.reason as { reason: string }).reason;
        expect([reason, there]).toEqual([reason, { done: 2, unavailable: 0 }[reason] ?? (there > 0 ? 2 : 0)]);
      }
    } finally {
      link.mend();
      await far.close();
    }
  });
});

describe('connections that break off while the server is looked for again', () => {
  it('are not waited for: it is found when it is back', async () => {
    await using link = await newLink(portOf(database.uri));
    const { client } = await connect({ uri: `mongodb://127.0.0.1:${link.port}/${database.db.databaseName}?directConnection=true` });
    const read = (): Promise<unknown> => client.db().collection('lease').findOne();
    try {
      await Promise.all(Array.from({ length: 8 }, read));
      // The driver looks at once only when it has not done so in the last half second.
      for (const until = performance.now() + LOOKS_AGAIN_MS; performance.now() < until;) await read();
      link.hold();
      const underWay = Promise.allSettled(Array.from({ length: 8 }, read));
      const noticed = once(client, 'connectionPoolCleared');
      for (let other = 0; other < 8; other++) await store.get('head', 'talk'); // by then all of them are on their way
      link.cut();
      link.pass();
      await noticed;
      link.mend();
      await underWay;
      expect(await read()).toBeNull();
    } finally {
      await client.close();
    }
  });
});

describe('two instances', () => {
  it('that write one conversation at the same time: exactly one does, a hundred times', async () => {
    const other = await mongoStore({ uri: database.uri, report });
    try {
      await store.commit([], fence('talk', 1));
      for (let round = 2; round <= 101; round++) {
        const claims = [store, other].map((instance, place): Promise<void> => {
          const held: Fence = { chain: 'talk', from: head(round - 1), to: { ...head(round), hash: `${place}` } };
          return instance.commit([lease(`${round} of ${place}`)], held);
        });
        const outcomes = await Promise.allSettled(claims);
        const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
        expect(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? 'done' : (outcome.reason as { reason: string }).reason)).toSorted()).toEqual(['done', 'stale']);
        expect((await store.get('head', 'talk'))?.body.hash).toBe(`${winner}`);
        expect([await other.get('lease', `${round} of 0`), await other.get('lease', `${round} of 1`)].map((found) => found !== undefined)).toEqual([winner === 0, winner === 1]);
      }
    } finally {
      await other.close();
    }
  });

  it('that write one document at the same time both do, when neither minds the other', async () => {
    const other = await mongoStore({ uri: database.uri, report });
    try {
      await Promise.all(Array.from({ length: 20 }, (_, place) => (place % 2 === 0 ? store : other).commit([lease('a', `${place}`)], UNFENCED)));
      expect((await store.get('lease', 'a'))?.version).toBe(20);
    } finally {
      await other.close();
    }
  });
});

function portOf(uri: string): number {
  return Number(/:(\d+)\//u.exec(uri)?.[1]);
}
