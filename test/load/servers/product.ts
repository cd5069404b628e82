import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../../server/config.ts';
import { Sealer } from '../../../server/journal/sealer.ts';
import { start, type Running } from '../../../server/main.ts';
import type { ProviderSettings } from '../../../server/providers/settings.ts';
import { serveParent } from '../child.ts';
import { heldCalls, watchServers } from './held.ts';

/** The product as it is, on a data folder of its own. */
const folder = mkdtempSync(join(tmpdir(), 'gorunchat-load-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
watchServers();

let running: Running | undefined;

interface Start {
  readonly wordsPerSecond?: number;
  /** The endpoint that answers as `fake/fake`. */
  readonly provider?: string;
  /** What this instance shares with others; without it, it is the only one. */
  readonly shared?: { readonly mongo: string; readonly redis: string; readonly masterKey: string };
  /** Records wait for their place in the log for ever, and nothing is copied: to see what that costs. */
  readonly isUnsealed?: boolean;
}

async function startProduct({ wordsPerSecond = 50, provider, shared, isUnsealed = false }: Start): Promise<string> {
  if (isUnsealed) withoutSealer();
  const fake: ProviderSettings = { id: 'fake', name: 'Fake', kind: 'openai-compatible', baseUrl: provider, key: undefined, ownKeys: false, models: [{ name: 'fake' }], fetch: false, titleModel: undefined, headers: {} };
  const config = readConfig({ HOST: '127.0.0.1', GORUNCHAT_DATA: folder, LOG_LEVEL: 'error', ...(isUnsealed && { GORUNCHAT_ARCHIVE: 'off', GORUNCHAT_DUCKDB: 'off' }), ...(shared && { MONGODB_URI: shared.mongo, REDIS_URL: shared.redis, GORUNCHAT_MASTER_KEY: shared.masterKey }) }, folder);
  running = await start({ ...config, port: 0, trustProxy: true, demoWordsPerSecond: wordsPerSecond, hasDemo: true, providers: provider === undefined ? [] : [fake] });
  return running.url;
}

/** The product has no such setting, and is not to have one: only in this process nothing is sealed. */
function withoutSealer(): void {
  Sealer.prototype.start = () => undefined;
  Sealer.prototype.close = () => Promise.resolve();
}

serveParent({ start: startProduct, ...heldCalls }, () => running?.close());
