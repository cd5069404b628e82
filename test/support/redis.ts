import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { expect, vi } from 'vitest';
import { bornKey } from '../../server/bus/redis/keys.ts';
import { freePort, passErrors } from './process.ts';

/** A Redis of a test's own, without persistence, as one that has been there for long: nobody waits for owners who might still claim again. It can vanish, hang and come back empty on the same port. */
export interface TestRedis extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** For looking into it. */
  readonly look: Redis;
  /** As it was at first. `flushall` is what happens to people. */
  clear(): Promise<void>;
  kill(): Promise<void>;
  start(): Promise<void>;
  pause(): void;
  resume(): void;
}

export async function newRedis(...settings: readonly string[]): Promise<TestRedis> {
  const port = await lowPort();
  const folder = mkdtempSync(join(tmpdir(), 'redis-'));
  const look = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: () => 50, protocol: 2 });
  look.on('error', () => undefined); // it is meant to vanish
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder, ...settings], { stdio: ['ignore', 'pipe', 'pipe'] });
    passErrors(child);
    await accepts(child);
  };
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  const clear = async (): Promise<void> => {
    await look.flushall();
    if (settings.length === 0) await look.set(bornKey(0), 0);
  };
  await start();
  await look.connect();
  await clear();
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    look,
    clear,
    kill,
    start,
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      look.disconnect();
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Three nodes that share all slots. */
export async function newRedisCluster(): Promise<AsyncDisposable & { readonly url: string; readonly nodes: readonly TestRedis[] }> {
  const nodes = await Promise.all([1, 2, 3].map(() => newRedis('--cluster-enabled', 'yes', '--cluster-node-timeout', '2000')));
  const { status, stdout, stderr } = spawnSync('redis-cli', ['--cluster', 'create', ...nodes.map(({ port }) => `127.0.0.1:${port}`), '--cluster-yes'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the cluster could not be made: ${stdout}${stderr}`);
  for (const { look } of nodes) await vi.waitFor(async () => expect(await look.cluster('INFO')).toContain('cluster_state:ok'), 30_000);
  return {
    url: nodes.map(({ url }) => url).join(','),
    nodes,
    async [Symbol.asyncDispose]() {
      await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
    },
  };
}

/** Nodes of a cluster talk to each other 10,000 ports higher. */
async function lowPort(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (port < 22_700) return port; // a cluster's second port is 10,000 above, and must be none that outgoing connections are given
  }
}

function accepts(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stdout?.on('data', (data: Buffer) => {
      said += data.toString();
      if (said.includes('Ready to accept connections')) resolve();
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`redis-server ended (${code}) and said: ${said}`)));
  });
}
