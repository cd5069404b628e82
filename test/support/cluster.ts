import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { newLink, type TestLink } from './link.ts';
import { newTestDatabase, type TestDatabase } from './mongo-database.ts';
import { freePort, NODE_ENVIRONMENT, passErrors, said } from './process.ts';
import { newRedis, type TestRedis } from './redis.ts';

const top = join(import.meta.dirname, '../..');

/** One process of the product among several. It comes back on the same port. */
export interface Instance {
  readonly url: string;
  /** Resolves with its exit code when it has ended; `null` when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Its ways to what it shares with the others, when it was asked to have some that can break. */
  readonly ways: Ways | undefined;
  readonly isRunning: boolean;
  signal(signal: NodeJS.Signals): void;
  start(): Promise<void>;
  /** Resolves when it has said this on its standard output since its start. */
  says(words: string): Promise<void>;
}

export interface Ways {
  readonly redis: TestLink;
  readonly mongo: TestLink;
}

/** Several processes of the product on one MongoDB database and one Redis, both real. */
export interface Processes extends AsyncDisposable {
  readonly redis: TestRedis;
  readonly instances: readonly Instance[];
  add(environment?: Record<string, string>): Promise<Instance>;
  /** One that is left, or a new one; any other that is left is killed. */
  theOnlyOne(): Promise<Instance>;
}

export interface Cluster extends Processes {
  readonly database: TestDatabase;
}

/** On a database of the tests' own server. `linked`: each instance reaches Redis and MongoDB by ways of its own, which can be cut, held up and mended. */
export async function newCluster(count: number, environment: Record<string, string> = {}, ways: 'direct' | 'linked' = 'direct', newDatabase: () => Promise<TestDatabase> = newTestDatabase): Promise<Cluster> {
  const database = await newDatabase();
  const processes = await newProcesses(database.uri, count, environment, ways);
  return {
    ...processes,
    database,
    async [Symbol.asyncDispose]() {
      await processes[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** On the database that this address names. */
export async function newProcesses(mongoUri: string, count: number, environment: Record<string, string> = {}, how: 'direct' | 'linked' = 'direct'): Promise<Processes> {
  const redis = await newRedis();
  const folder = mkdtempSync(join(tmpdir(), 'gorunchat-'));
  const instances: Instance[] = [];
  const shared = {
    ...NODE_ENVIRONMENT, MONGODB_URI: mongoUri, REDIS_URL: redis.url, GORUNCHAT_MASTER_KEY: randomBytes(32).toString('hex'), LOG_LEVEL: 'fatal', DIE_AT: 'never:1', DEMO_PACE: '150',
    ...environment,
  };
  const add = async (more: Record<string, string> = {}): Promise<Instance> => {
    const port = await freePort();
    const ways = how === 'linked' ? await newWays(mongoUri, redis.port) : undefined;
    const reached = ways === undefined ? {} : { REDIS_URL: `redis://127.0.0.1:${ways.redis.port}`, MONGODB_URI: throughLink(mongoUri, ways.mongo) };
    const instance = newInstance(port, { ...shared, PORT: String(port), GORUNCHAT_DATA: join(folder, String(port)), ...reached, ...more }, ways);
    instances.push(instance);
    await instance.start();
    return instance;
  };
  const processes: Processes = {
    redis, instances, add,
    async theOnlyOne() {
      const [one, ...others] = instances.filter(({ isRunning }) => isRunning);
      for (const other of others) other.signal('SIGKILL');
      await Promise.all(others.map(({ ended }) => ended));
      return one ?? add();
    },
    async [Symbol.asyncDispose]() {
      for (const instance of instances) instance.signal('SIGKILL');
      await Promise.all(instances.map(({ ended }) => ended));
      await Promise.all(instances.flatMap(({ ways }) => (ways === undefined ? [] : [ways.redis, ways.mongo])).map((link) => link[Symbol.asyncDispose]()));
      await redis[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    for (let index = 0; index < count; index++) await add();
  } catch (error) {
    await processes[Symbol.asyncDispose](); // else what was started would outlive the test
    throw error;
  }
  return processes;
}

async function newWays(mongoUri: string, redisPort: number): Promise<Ways> {
  const [mongo, redis] = await Promise.all([newLink(Number(/:(\d+)/u.exec(new URL(mongoUri).host)?.[1] ?? 27_017)), newLink(redisPort)]);
  return { mongo, redis };
}

/** A direct connection: else the driver would go round the link to where the replica set says that it is. */
function throughLink(mongoUri: string, { port }: TestLink): string {
  const uri = new URL(mongoUri);
  uri.host = `127.0.0.1:${port}`;
  uri.search = '?directConnection=true';
  return uri.href;
}

function newInstance(port: number, environment: Record<string, string>, ways: Ways | undefined): Instance {
  let child: ChildProcess | undefined;
  let ended: Promise<number | null> = Promise.resolve(null);
  let output = '';
  return {
    url: `http://127.0.0.1:${port}`,
    ways,
    get ended() {
      return ended;
    },
    get isRunning() {
      return child !== undefined && child.exitCode === null && child.signalCode === null;
    },
    signal: (signal) => void child?.kill(signal),
    async says(words) {
      while (!output.includes(words)) await once(child?.stdout as Readable, 'data');
    },
    async start() {
      child = spawn(process.execPath, [join(top, 'test/support/dying-server.ts')], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
      passErrors(child);
      ended = once(child, 'exit').then(([code]) => code as number | null);
      output = '';
      child.stdout?.on('data', (data: Buffer) => (output += data.toString()));
      await said(child, 'runs at');
    },
  };
}
