import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newTestDatabase, type TestDatabase } from './mongo-database.ts';
import { freePort, NODE_ENVIRONMENT, newServerProcess, type ServerProcess } from './process.ts';
import { newRedis, type TestRedis } from './redis.ts';
import { newSettingsFile } from './settings-file.ts';
import { isOnCluster } from './shared.ts';

const KIND: 'folder' | 'cluster' = isOnCluster ? 'cluster' : 'folder';
const CLI = join(import.meta.dirname, '../../server/cli.ts');

/** Where the data of a deployment is: a folder, or in the Vitest project `cluster` a database beside one. */
export interface Place extends AsyncDisposable {
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly database: TestDatabase | undefined;
  /** As `--erased-since` takes it. */
  readonly name: string;
}

/** `kind` is the one of the Vitest project unless a test is about one of them. */
export async function newPlace(kind = KIND): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'gorunchat-place-'));
  const database = kind === 'cluster' ? await newTestDatabase() : undefined;
  return {
    folder, database, name: database?.uri ?? folder,
    environment: { GORUNCHAT_DATA: folder, GORUNCHAT_ARCHIVE: join(folder, 'archive'), ...(database !== undefined && { MONGODB_URI: database.uri }) },
    async [Symbol.asyncDispose]() {
      await database?.[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What an operator runs: one process of the product, and the command line beside it. It can be started on other data at the same address. */
export interface Deployment extends AsyncDisposable {
  readonly url: string;
  /** Where its backups are. */
  readonly backups: string;
  readonly redis: TestRedis | undefined;
  /** Of the product as it runs now. */
  readonly pid: number;
  /** What the product has written to its standard output since it was started. */
  readonly output: string;
  /** `dieAt` is a point of `dying-server.ts`. */
  start(place: Place, more?: Record<string, string>, dieAt?: string): Promise<void>;
  /** Resolves when what was started last has ended by itself or by a signal. */
  readonly died: Promise<void>;
  kill(): Promise<void>;
  end(): Promise<number | null>;
  environmentOf(place: Place): Record<string, string>;
  /** The same as `command`, for whoever does not let it end. */
  begin(place: Place, ...args: string[]): ChildProcess;
  /** A command of `gorunchat` on the data of a place, in a process of its own. */
  command(place: Place, ...args: string[]): Promise<{ code: number | null; said: string }>;
}

export async function newDeployment(settings = 'restoreSeconds: 0\n', kind = KIND): Promise<Deployment> {
  const file = newSettingsFile(settings);
  const port = String(await freePort());
  const redis = kind === 'cluster' ? await newRedis() : undefined;
  const backups = mkdtempSync(join(tmpdir(), 'gorunchat-backups-'));
  const shared: Record<string, string> = { ...file.environment, PORT: port, GORUNCHAT_MASTER_KEY: randomBytes(32).toString('hex'), ...(redis !== undefined && { REDIS_URL: redis.url, HAND_OVER_SECONDS: '0' }) };
  let server: ServerProcess | undefined;
  const environmentOf = (place: Place): Record<string, string> => ({ ...shared, ...place.environment });
  const begin = (place: Place, ...args: readonly string[]) => spawn(process.execPath, [CLI, ...args], { env: { ...NODE_ENVIRONMENT, ...environmentOf(place) }, stdio: ['ignore', 'pipe', 'pipe'] });
  return {
    url: `http://127.0.0.1:${port}`, backups, redis,
    get pid() {
      return server!.pid;
    },
    get output() {
      return server?.output ?? '';
    },
    get died() {
      return server!.died;
    },
    async start(place, more = {}, dieAt) {
      await server?.[Symbol.asyncDispose]();
      server = await newServerProcess(dieAt, { ...environmentOf(place), ...more });
    },
    kill: async () => server?.kill(),
    end: async () => (await server?.signal('SIGTERM')) ?? null,
    environmentOf, begin,
    async command(place, ...args) {
      const child = begin(place, ...args);
      let heard = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (heard += data.toString()));
      await once(child, 'close');
      return { code: child.exitCode, said: heard };
    },
    async [Symbol.asyncDispose]() {
      await server?.[Symbol.asyncDispose]();
      await redis?.[Symbol.asyncDispose]();
      file[Symbol.dispose]();
      rmSync(backups, { recursive: true, force: true });
    },
  };
}
