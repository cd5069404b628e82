import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const top = join(import.meta.dirname, '../..');

/** What a process of Node is always given here: where programs are, and what Node has compiled before, with which the product starts in two thirds of the time. */
export const NODE_ENVIRONMENT: Readonly<Record<string, string>> = Object.fromEntries(
  ['PATH', 'NODE_COMPILE_CACHE'].flatMap((name) => { const value = process.env[name]; return value === undefined ? [] : [[name, value]]; }),
);

/** A file for questions is made where a test is about it (with the variable empty: where the product has it by itself): it would cost each of some hundred servers a thread and a native library. */
export const NO_QUERY_COPY: Readonly<Record<string, string>> = { GORUNCHAT_DUCKDB: 'off' };

/** The product in a process of its own, so that it can be killed. It comes back on the same port and data. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly folder: string;
  /** Of the process as it runs now. */
  readonly pid: number;
  /** All that it has written to its standard output, the log included. */
  readonly output: string;
  /** Resolves when the process has ended by itself or by a signal. */
  readonly died: Promise<void>;
  kill(): Promise<void>;
  /** Gives it these signals one right after the other, and resolves with its exit code (`null`: a signal ended it). */
  signal(...signals: readonly NodeJS.Signals[]): Promise<number | null>;
  /** The same, without waiting for an end. */
  tell(signal: NodeJS.Signals): void;
  start(dieAt?: string): Promise<void>;
}

export async function newServerProcess(dieAt?: string, environment: Record<string, string> = {}): Promise<ServerProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'gorunchat-'));
  const port = await freePort();
  let child: ChildProcess;
  let died: Promise<void> = Promise.resolve();
  let output = '';
  const begin = async (at?: string): Promise<void> => {
    const file = at === undefined ? 'server/main.ts' : 'test/support/dying-server.ts';
    child = spawn(process.execPath, [join(top, file)], {
      env: { ...NODE_ENVIRONMENT, PORT: String(port), GORUNCHAT_DATA: folder, LOG_LEVEL: 'error', ...NO_QUERY_COPY, ...environment, ...(at !== undefined && { DIE_AT: at }) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    passErrors(child);
    died = once(child, 'exit').then(() => undefined);
    child.stdout?.on('data', (data: Buffer) => (output += data.toString()));
    await said(child, 'runs at');
  };
  await begin(dieAt);
  return {
    url: `http://127.0.0.1:${port}`,
    folder,
    get pid() {
      return child.pid!;
    },
    get output() {
      return output;
    },
    get died() {
      return died;
    },
    async kill() {
      child.kill('SIGKILL');
      await died;
    },
    async signal(...signals) {
      for (const signal of signals) child.kill(signal);
      await died;
      return child.exitCode;
    },
    tell: (signal) => void child.kill(signal),
    start: begin,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await died;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Starts the product with what should keep it from starting, and resolves with how it ended and all that it said. */
export async function startInVain(environment: Record<string, string>): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [join(top, 'server/main.ts')], { env: { ...NODE_ENVIRONMENT, LOG_LEVEL: 'error', ...environment }, stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000, killSignal: 'SIGKILL' });
  let heard = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (heard += data.toString()));
  await once(child, 'close');
  return { code: child.exitCode, said: heard };
}

/** Resolves when it has said this on its standard output. Rejects when it ends before, with all that it said, of errors, too. */
export function said(child: ChildProcess, words: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let heard = '';
    let wrong = '';
    child.stdout?.on('data', (data: Buffer) => {
      heard += data.toString();
      if (heard.includes(words)) resolve();
    });
    child.stderr?.on('data', (data: Buffer) => (wrong += data.toString()));
    child.once('close', (code, signal) => reject(new Error(`the server ended (${code ?? signal}) and said: ${heard}${wrong}`)));
  });
}

/** What it says of errors is seen here. It is not given this process's own: one that outlives a test that was ended would keep whoever reads that waiting. */
export function passErrors({ stderr }: ChildProcess): void {
  stderr?.on('data', (data: Buffer) => process.stderr.write(data));
}

/** One that nobody listens at and no other test takes: a process needs a while until it listens. */
export async function freePort(): Promise<number> {
  for (;;) {
    // Below the ports that outgoing connections are given, which one of them could take before the server does.
    const port = 12_000 + randomInt(20_000);
    if (!takes(port)) continue;
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(() => true, () => false); // an error ends the wait, too
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

const claims = new Set<string>();

/** Whether the port is this process's until it ends. What a process that was killed has left keeps the others from a port or two. */
function takes(port: number): boolean {
  const claim = join(tmpdir(), `gorunchat-port-${port}`);
  try {
    closeSync(openSync(claim, 'wx'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  if (claims.size === 0) process.once('exit', () => claims.forEach((one) => rmSync(one, { force: true })));
  claims.add(claim);
  return true;
}
