import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig, type Config } from '../../../server/config.ts';
import { Sealer } from '../../../server/journal/sealer.ts';
import { start, type Running } from '../../../server/main.ts';
import type { ProviderSettings } from '../../../server/providers/settings.ts';
import { BUCKET } from '../../support/storage-server.ts';
import { DATASET, PROJECT } from '../../support/bigquery-server.ts';
import { serveParent } from '../child.ts';
import type { FarEnds } from './far-ends.ts';
import { heldCalls, watchServers } from './held.ts';

/** The product as it is, on a data folder of its own. */
const folder = mkdtempSync(join(tmpdir(), 'gorunchat-load-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
watchServers();

const WITNESSED_EVERY_MS = 1_000;
let running: Running | undefined;

interface Start {
  readonly wordsPerSecond?: number;
  /** The endpoint that answers as `fake/fake`. */
  readonly provider?: string;
  /** What this instance shares with others; without it, it is the only one. */
  readonly shared?: { readonly mongo: string; readonly redis: string; readonly masterKey: string };
  /** Records wait for their place in the log for ever, and nothing is copied: to see what that costs. */
  readonly isUnsealed?: boolean;
  /** Copies in a bucket and in a dataset, too, and the audit log sent on to a webhook and to syslog. */
  readonly farEnds?: FarEnds;
  /** Who cosigns its log. Each is asked every second, where a deployment asks every minute. */
  readonly witnesses?: Config['witnesses'];
  /** What it is as a witness for others. */
  readonly witness?: Config['witness'];
}

/** After `stop` it can be started once more: with other settings, on the same data. */
async function startProduct({ wordsPerSecond = 50, provider, shared, isUnsealed = false, farEnds, witnesses = [], witness }: Start): Promise<string> {
  if (isUnsealed) withoutSealer();
  const fake: ProviderSettings = { id: 'fake', name: 'Fake', kind: 'openai-compatible', baseUrl: provider, key: undefined, ownKeys: false, models: [{ name: 'fake' }], fetch: false, titleModel: undefined, headers: {} };
  const uncopied = isUnsealed && { GORUNCHAT_ARCHIVE: 'off', GORUNCHAT_DUCKDB: 'off' };
  const several = shared && { MONGODB_URI: shared.mongo, REDIS_URL: shared.redis, GORUNCHAT_MASTER_KEY: shared.masterKey };
  const config = readConfig({ HOST: '127.0.0.1', GORUNCHAT_DATA: folder, LOG_LEVEL: 'error', ...uncopied, ...several }, folder);
  running = await start({ ...config, ...(farEnds && toFarEnds(config, farEnds)), witness, witnesses, witnessEveryMs: WITNESSED_EVERY_MS, port: 0, trustProxy: true, demoWordsPerSecond: wordsPerSecond, hasDemo: true, providers: provider === undefined ? [] : [fake] });
  return running.url;
}

function toFarEnds({ copies }: Config, { storage, bigquery, webhook, syslog }: FarEnds): Pick<Config, 'copies' | 'feeds'> {
  return {
    copies: { ...copies, cloudStorage: { bucket: BUCKET, prefix: '', endpoint: storage }, bigquery: { project: PROJECT, dataset: DATASET, endpoint: bigquery } },
    feeds: { webhook: { url: webhook, secret: undefined }, syslog },
  };
}

/** The product has no such setting, and is not to have one: only in this process nothing is sealed. */
function withoutSealer(): void {
  Sealer.prototype.start = () => undefined;
  Sealer.prototype.close = () => Promise.resolve();
}

serveParent({ start: startProduct, stop: () => running?.close(), ...heldCalls }, () => running?.close());
