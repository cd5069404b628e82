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

/** One process of the product among several. */
export interface Instance {
  readonly url: string;
  /** Resolves with its exit code when it has ended; `null` when a signal ended it. */
  readonly ended: Promise<number | null>;
  signal(signal: NodeJS.Signals): void;
}

/** Several processes of the product on one MongoDB database and one Redis, both real. */
export interface Cluster extends AsyncDisposable {
  readonly database: TestDatabase;
  readonly redis: TestRedis;
  readonly instances: readonly Instance[];
  add(environment?: Record<string, string>): Promise<Instance>;
}

export async function newCluster(count: number, environment: Record<string, string> = {}): Promise<Cluster> {
  const [database, redis] = await Promise.all([newTestDatabase(), newRedis()]);
  const folder = mkdtempSync(join(tmpdir(), 'gorunchat-'));
  const children: ChildProcess[] = [];
  const instances: Instance[] = [];
  const shared = { PATH: process.env['PATH'] ?? '', MONGODB_URI: database.uri, REDIS_URL: redis.url, GORUNCHAT_MASTER_KEY: randomBytes(32).toString('hex'), LOG_LEVEL: 'error', DIE_AT: 'never:1', DEMO_PACE: '150', ...environment };
  const add = async (more: Record<string, string> = {}): Promise<Instance> => {
    const port = await freePort();
    const child = spawn(process.execPath, [join(top, 'test/support/dying-server.ts')], { env: { ...shared, PORT: String(port), GORUNCHAT_DATA: join(folder, String(port)), ...more }, stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    const ended = once(child, 'exit').then(([code]) => code as number | null);
    await said(child, 'runs at');
    const instance: Instance = { url: `http://127.0.0.1:${port}`, ended, signal: (signal) => void child.kill(signal) };
    instances.push(instance);
    return instance;
  };
  for (let index = 0; index < count; index++) await add();
  return {
    database, redis, instances, add,
    async [Symbol.asyncDispose]() {
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(instances.map(({ ended }) => ended));
      await Promise.all([redis[Symbol.asyncDispose](), database[Symbol.asyncDispose]()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
