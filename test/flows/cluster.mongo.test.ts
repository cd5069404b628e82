import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { freePort, NODE_ENVIRONMENT } from '../support/process.ts';
import { newRedis } from '../support/redis.ts';

const MINE = join(import.meta.dirname, '../../infra/cluster.mjs');

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'cluster-'))));
afterAll(() => rmSync(folder, { recursive: true }));

/** `npm run cluster` without npm. */
function newCluster(...options: string[]) {
  const mongo = inject('mongo');
  if ('missing' in mongo) throw new Error(mongo.missing);
  return async (redisUrl: string) => {
    const uri = new URL(mongo.uri);
    uri.pathname = `/cluster${process.pid}`;
    const child = spawn(process.execPath, [MINE, ...options], { env: { ...NODE_ENVIRONMENT, MONGODB_URI: uri.href, REDIS_URL: redisUrl, GORUNCHAT_DATA: folder, GORUNCHAT_MASTER_KEY: 'ab'.repeat(32), LOG_LEVEL: 'error' }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const watchers = new Set<() => void>();
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => ((output += data.toString()), watchers.forEach((look) => look())));
    const closed = once(child, 'close').then(() => child.exitCode);
    const says = (words: RegExp): Promise<RegExpExecArray> => new Promise((resolve, reject) => {
      const look = (): void => { const found = words.exec(output); if (found !== null) resolve(found); };
      watchers.add(look);
      look();
      void closed.then((code) => reject(new Error(`it ended (${code}) and said: ${output}`)));
    });
    return { child, closed, says };
  };
}

const isAlive = (url: string): Promise<boolean> => fetch(`${url}/livez`).then((reply) => reply.ok, () => false);

it('several instances run on consecutive ports; one that is killed takes no other with it; a signal ends them all', async () => {
  await using redis = await newRedis();
  const port = await freePort();
  const cluster = await newCluster('--instances', '2', '--port', String(port))(redis.url);
  const [, first = '', pid = '', second = ''] = await cluster.says(/1 {2}(http\S+) {2}pid (\d+)\n {2}2 {2}(http\S+)/u);
  try {
    expect([first, second]).toEqual([`http://localhost:${port}`, `http://localhost:${port + 1}`]);
    expect([await isAlive(first), await isAlive(second)]).toEqual([true, true]);
    process.kill(Number(pid), 'SIGKILL');
    await cluster.says(/Instance 1 \(pid \d+\) ended: SIGKILL/u);
    expect([await isAlive(first), await isAlive(second)]).toEqual([false, true]);
  } finally {
    cluster.child.kill('SIGINT');
  }
  expect(await cluster.closed).toBe(0);
  expect(await isAlive(second)).toBe(false);
});

it('what cannot be run is said in a sentence', async () => {
  const cluster = await newCluster('--instances', 'many')('redis://127.0.0.1:1');
  expect(await cluster.closed).toBe(2);
});
