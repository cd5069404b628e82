import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../server/config.ts';
import { readConfig } from '../../server/config.ts';
import { start, type Running } from '../../server/main.ts';
import { heldIn } from './held.ts';
import type { TestDatabase } from './mongo-database.ts';
import { freePort, NO_QUERY_COPY } from './process.ts';
import { isOnCluster, takeShared } from './shared.ts';
import type { Store } from '../../server/store/store.ts';

/** A pace at which tests still see text grow. */
export const QUICK = 150;

/** A real server on a free port with a data folder of its own; in the Vitest project `cluster` an instance on a MongoDB database and a Redis of its own. */
export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly folder: string;
  /** Beside the folder, where it is an instance of several. */
  readonly database: TestDatabase | undefined;
  /** Its data, as `gorunchat verify` takes it. */
  readonly place: string;
  /** Everything in its store that changes only on record. */
  held(): Promise<readonly string[]>;
  /** Ends it and starts it again on the same data, or on what `meanwhile` made of that, with these settings changed. */
  restart(changed?: Partial<Config>, meanwhile?: () => void | Promise<void>): Promise<void>;
  /** Keeps its data as it is, and resolves with what puts all of it back. It may run at neither time. */
  aside(): Promise<() => Promise<void>>;
}

export interface ServerOptions {
  readonly config?: Partial<Config>;
  readonly wrap?: (store: Store) => Store;
  readonly mostPages?: number;
}

export async function newServer(options: ServerOptions = {}): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'gorunchat-'));
  const shared = isOnCluster ? await takeShared(folder) : undefined;
  // What a test is started with is told to nobody, unless it is about that.
  const config = { ...readConfig({ PORT: String(await freePort()), GORUNCHAT_DATA: folder, LOG_LEVEL: 'error', ...NO_QUERY_COPY, ...shared?.environment }, folder), told: () => ({}), handOverMs: 0, demoWordsPerSecond: QUICK, ...options.config };
  let running: Running = await start(config, options.wrap, options.mostPages);
  return {
    get url() {
      return running.url;
    },
    folder,
    database: shared?.database,
    place: shared?.database.uri ?? folder,
    held: () => heldIn({ folder, database: shared?.database }),
    async restart(changed = {}, meanwhile = () => undefined) {
      await running.close();
      await meanwhile();
      Object.assign(config, changed);
      running = await start(config, options.wrap, options.mostPages);
    },
    async aside() {
      const kept = mkdtempSync(join(tmpdir(), 'aside-'));
      cpSync(folder, kept, { recursive: true });
      const putBack = await shared?.database.aside();
      return async () => {
        rmSync(folder, { recursive: true });
        cpSync(kept, folder, { recursive: true });
        await putBack?.();
      };
    },
    async [Symbol.asyncDispose]() {
      await running.close();
      await shared?.[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
