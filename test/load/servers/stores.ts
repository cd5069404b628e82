import { randomBytes } from 'node:crypto';
import { startMongo } from '../../support/mongo.ts';
import { newRedis, type TestRedis } from '../../support/redis.ts';
import { serveParent } from '../child.ts';
import { coreSecondsUnder, pidListeningAt, pidsOfCommand } from '../processor.ts';

/** Keeps the real Redis servers and the MongoDB of a scenario: a process of its own, so that they end also when the run is killed. */
const STOP_WITHIN_MS = 60_000;
const ends: (() => Promise<unknown>)[] = [];
let isEnding = false;
let mongoPids: readonly number[] = [];
/** One server for all databases of a scenario. */
let mongoUri: Promise<string> | undefined;

/** What is started while everything ends is ended as well. */
async function keep<T>(started: Promise<T>, end: (one: T) => Promise<unknown>): Promise<T> {
  const one = await started;
  ends.push(() => end(one));
  if (isEnding) await endAll();
  return one;
}

async function endAll(): Promise<void> {
  isEnding = true;
  for (const end of ends.splice(0)) await end();
}

async function redis(): Promise<{ url: string; pid: number }> {
  const server: TestRedis = await keep(newRedis(), async (one) => one[Symbol.asyncDispose]());
  return { url: server.url, pid: Number(/process_id:(\d+)/u.exec(await server.look.info('server'))?.[1]) };
}

/** A database of its own on the server that the tests use; its name ends with the server, or stays behind on one that `MONGODB_URI` names. */
async function mongo(): Promise<string> {
  const named = process.env['MONGODB_URI'];
  const uri = named ?? (await (mongoUri ??= keep(startMongo(), (one) => one.stop()).then((started) => started.uri)));
  if (named === undefined) mongoPids = processesAt(Number(/:(\d+)/u.exec(uri.slice('mongodb://'.length))?.[1]));
  return uri.replace(/^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?([^?]*)/u, `$1/gorunchat_load_${randomBytes(6).toString('hex')}`);
}

/** A mongod is one process; the testbed is what listens at the port, and an engine whose folder is named after it. */
function processesAt(port: number): number[] {
  const listening = pidListeningAt(port);
  const engine = pidsOfCommand(`/srv/${port}`);
  return [...(listening === undefined ? [] : [listening]), ...engine];
}

serveParent(
  {
    redis,
    mongo,
    /** Seconds of processor time of the MongoDB that was started here; `null` when it runs elsewhere. */
    mongoSeconds: () => (mongoPids.length === 0 ? null : coreSecondsUnder(mongoPids)),
  },
  endAll,
  STOP_WITHIN_MS,
);
