import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startMongod, TRANSACTION_SECONDS, type Started } from './mongod.ts';
import { freePort } from './process.ts';

export type { Started } from './mongod.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Addresses of two servers without a database name, or why there is none. Fail points are global to a server, so who sets them uses `forFaults`. */
    mongo: MongoForTests;
  }
}

export type MongoForTests = { readonly uri: string; readonly forFaults: string } | { readonly missing: string };

const top = join(import.meta.dirname, '../..');
const TESTBED = '../shared/mongo-testbed/up';
const MISSING = 'No MongoDB for the tests: name one with MONGODB_URI (a replica set), or put a mongod on the PATH';

/** What the files stand for that need MongoDB. */
const PARTS: readonly (readonly [RegExp, string])[] = [
  [/test\/ports\//u, 'the store and the sealer on MongoDB'],
  [/test\/flows\//u, 'flows, outages and takeover of several instances on MongoDB and Redis'],
  [/test\/fuzz\//u, 'seeded histories of several instances'],
];
const IN_BROWSERS = 'the browser tests on MongoDB and Redis, and on two instances';

/** What of a run is left untested without MongoDB, in words. `isWhole`: nothing was picked out, so browsers come after it. */
export function leftUntested(files: readonly string[], isWhole: boolean): string {
  return [...PARTS.filter(([where]) => files.some((file) => where.test(file))).map(([, what]) => what), ...(isWhole ? [IN_BROWSERS] : [])].join('; ');
}

/**
 * Starts what the MongoDB tests of a project need, once for all of its files, and stops what it started: nothing when `MONGODB_URI` names a server (`MONGODB_FAULT_URI` another
 * one with test commands enabled), else two servers of the testbed beside this checkout, else two `mongod` of the PATH.
 */
export default async function setUp(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  // Vitest keeps what was asked for to itself; without it all files count, and a server is started that may not be needed.
  const { filenamePattern } = project.vitest as { filenamePattern?: string[] };
  const { testFiles } = await project.globTestFiles(filenamePattern);
  const isCluster = project.name === 'cluster';
  const needing = testFiles.filter((file) => isCluster || file.includes('.mongo'));
  if (needing.length === 0) {
    project.provide('mongo', { missing: 'no MongoDB was started, since no test file of this run is named after it' });
    return undefined;
  }
  const uri = named('MONGODB_URI');
  if (uri !== undefined) {
    project.provide('mongo', { uri, forFaults: named('MONGODB_FAULT_URI') ?? uri });
    return undefined;
  }
  const start = serverToStart();
  const attempts = start === undefined ? [] : await Promise.allSettled(isCluster ? [start()] : [start(), start()]);
  const started = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
  const [plain, forFaults = isCluster ? plain : undefined] = started; // nobody there sets fail points
  if (plain !== undefined && forFaults !== undefined) {
    project.provide('mongo', { uri: plain.uri, forFaults: forFaults.uri });
  } else {
    const [failure] = attempts.flatMap((attempt) => (attempt.status === 'rejected' ? [String(attempt.reason)] : []));
    const missing = `${MISSING}${failure === undefined ? '' : ` (${failure.replaceAll(/\s+/gu, ' ')})`}. Left untested, which counts as failed: ${leftUntested(needing, !isCluster && (filenamePattern ?? []).length === 0)}.`;
    process.stderr.write(`${missing}\n`);
    project.provide('mongo', { missing });
  }
  return async () => { await Promise.all(started.map((server) => server.stop())); };
}

/** Starts a server for whoever has none, in the same way, and says how to get one when that cannot be done. */
export async function startMongo(): Promise<Started> {
  const start = serverToStart();
  if (start === undefined) throw new Error(`${MISSING}.`);
  return start();
}

/** The server that `MONGODB_URI` names, which nobody here stops; else one that is started for the while. */
export async function findMongo(): Promise<Started> {
  const uri = named('MONGODB_URI');
  return uri === undefined ? startMongo() : { uri, stop: () => Promise.resolve() };
}

/** An empty variable counts as not set, as it does for the product. */
function named(variable: string): string | undefined {
  const value = process.env[variable]?.trim();
  return value === '' ? undefined : value;
}

function serverToStart(): (() => Promise<Started>) | undefined {
  if (process.getuid?.() === 0 && existsSync(join(top, TESTBED))) {
    installForTestbed();
    return startTestbed;
  }
  return spawnSync('mongod', ['--version']).status === 0 ? startMongod : undefined;
}

/** The testbed unpacks its engine with zstd, which a bare machine does not have. */
function installForTestbed(): void {
  if (spawnSync('zstd', ['--version']).status === 0 || !existsSync('/usr/bin/apt-get')) return;
  process.stderr.write('Installing zstd for the MongoDB of the tests …\n');
  spawnSync('apt-get', ['update'], { stdio: 'ignore' });
  spawnSync('apt-get', ['install', '-y', 'zstd'], { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
}

/** On a port of its own, whose data goes with it: another run on this machine never loses its server to this one. */
async function startTestbed(): Promise<Started> {
  const environment = { ...process.env, TESTBED_PORT: String(await freePort()), GATEWAY_TXN_LIFETIME_S: String(TRANSACTION_SECONDS) };
  const said = await output(spawn(join(top, TESTBED), { env: environment, stdio: ['ignore', 'pipe', 'pipe'] }));
  const uri = /^MONGODB_URI=(.+)$/mu.exec(said)?.[1];
  if (uri === undefined) throw new Error(`the testbed did not start: ${said.trim()}`);
  return {
    uri,
    stop: async () => {
      await output(spawn(join(top, TESTBED, '../down'), { env: { ...environment, TESTBED_WIPE: '1' }, stdio: ['ignore', 'pipe', 'pipe'] }));
    },
  };
}

/** All that a process says until it ends. */
async function output(child: ChildProcess): Promise<string> {
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (said += data.toString()));
  await once(child, 'close');
  return said;
}
