import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newTestDatabase, type TestDatabase } from './mongo-database.ts';
import { freePort, said } from './process.ts';
import { newRedis, type TestRedis } from './redis.ts';

const top = join(import.meta.dirname, '../..');

/** One process of the product among several. It comes back on the same port. */
export interface Instance {
  readonly url: string;
  /** Resolves with its exit code when it has ended; `null` when a signal ended it. */
  readonly ended: Promise<number | null>;
  signal(signal: NodeJS.Signals): void;
  start(): Promise<void>;
}

/** Several processes of the product on one MongoDB database and one Redis, both real. */
export interface Processes extends AsyncDisposable {
  readonly redis: TestRedis;
  readonly instances: readonly Instance[];
  add(environment?: Record<string, string>): Promise<Instance>;
}

export interface Cluster extends Processes {
  readonly database: TestDatabase;
}

/** On a database of the tests' own server. */
export async function newCluster(count: number, environment: Record<string, string> = {}): Promise<Cluster> {
  const database = await newTestDatabase();
  const processes = await newProcesses(database.uri, count, environment);
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
export async function newProcesses(mongoUri: string, count: number, environment: Record<string, string> = {}): Promise<Processes> {
  const redis = await newRedis();
  const folder = mkdtempSync(join(tmpdir(), 'gorunchat-'));
  const instances: Instance[] = [];
  const shared = {
    PATH: process.env['PATH'] ?? '', MONGODB_URI: mongoUri, REDIS_URL: redis.url, GORUNCHAT_MASTER_KEY: randomBytes(32).toString('hex'), LOG_LEVEL: 'fatal', DIE_AT: 'never:1', DEMO_PACE: '150',
    ...environment,
  };
  const add = async (more: Record<string, string> = {}): Promise<Instance> => {
    const port = await freePort();
    const instance = newInstance(port, { ...shared, PORT: String(port), GORUNCHAT_DATA: join(folder, String(port)), ...more });
    await instance.start();
    instances.push(instance);
    return instance;
  };
  for (let index = 0; index < count; index++) await add();
  return {
    redis, instances, add,
    async [Symbol.asyncDispose]() {
      for (const instance of instances) instance.signal('SIGKILL');
      await Promise.all(instances.map(({ ended }) => ended));
      await redis[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function newInstance(port: number, environment: Record<string, string>): Instance {
  let child: ChildProcess | undefined;
  let ended: Promise<number | null> = Promise.resolve(null);
  return {
    url: `http://127.0.0.1:${port}`,
    get ended() {
      return ended;
    },
    signal: (signal) => void child?.kill(signal),
    async start() {
      child = spawn(process.execPath, [join(top, 'test/support/dying-server.ts')], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
      ended = once(child, 'exit').then(([code]) => code as number | null);
      await said(child, 'runs at');
    },
  };
}
