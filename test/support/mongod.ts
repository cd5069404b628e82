import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { freePort } from './process.ts';

export interface Started {
  readonly uri: string;
  stop(): Promise<void>;
}

/** As a deployment should have it: what a killed instance was writing blocks its successor for so long. */
export const TRANSACTION_SECONDS = 3;
/** Of what a server says, the end tells why it ended. */
const LAST_WORDS = 300;

/**
 * A replica set of one: transactions need one. On a port of its own, with data of its own that goes with it. Rejects with the last of what it said when it ends by itself, and leaves
 * nothing behind then.
 */
export async function startMongod(program = 'mongod'): Promise<Started> {
  const folder = mkdtempSync(join(tmpdir(), 'mongod-'));
  const host = `127.0.0.1:${await freePort()}`;
  const server = spawn(program, argumentsFor(host, folder), { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (data: Buffer) => (said = (said + data.toString()).slice(-LAST_WORDS)));
  const ended = once(server, 'close').then(() => `it ended (${server.signalCode ?? server.exitCode}) and said: ${said}`, String);
  // Its data is thrown away, so it need not put it away: told to end in order, a primary waits 15 seconds for its clients first.
  const kill = (): unknown => server.kill('SIGKILL');
  process.once('exit', kill);
  const stop = async (): Promise<void> => {
    process.off('exit', kill);
    kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const isOver = new AbortController();
  try {
    await Promise.race([initiate(host, isOver.signal), ended.then((why) => { throw new Error(`${program} cannot be used: ${why.replaceAll(/\s+/gu, ' ').trim()}`); })]);
    return { uri: `mongodb://${host}/?replicaSet=rs0`, stop };
  } catch (error) {
    isOver.abort();
    await stop();
    throw error;
  }
}

/** Test commands are what makes fail points. A socket in a folder would stay behind after a kill. */
function argumentsFor(host: string, folder: string): string[] {
  const [, port = ''] = host.split(':');
  const parameters = ['enableTestCommands=1', `transactionLifetimeLimitSeconds=${TRANSACTION_SECONDS}`].flatMap((parameter) => ['--setParameter', parameter]);
  return ['--replSet', 'rs0', '--port', port, '--bind_ip', '127.0.0.1', '--dbpath', folder, ...(process.platform === 'win32' ? [] : ['--nounixsocket']), ...parameters];
}

/** Makes it the one member of its replica set, and waits until it takes writes. Before that nobody but a direct connection reaches it: it is of no set yet. */
async function initiate(host: string, signal: AbortSignal): Promise<void> {
  await using direct = new MongoClient(`mongodb://${host}/?directConnection=true`);
  await direct.db('admin').command({ replSetInitiate: { _id: 'rs0', members: [{ _id: 0, host }] } }, { signal });
  await using member = new MongoClient(`mongodb://${host}/?replicaSet=rs0`);
  await member.db('admin').command({ ping: 1 }, { signal, readPreference: 'primary' });
}
