import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';

/** What a process of a load run can be asked, by name. Arguments and answers cross as JSON. */
export type Calls = Record<string, (given: never) => unknown>;

interface Asked {
  readonly number: number;
  readonly call: string;
  readonly given: unknown;
}
interface Answered {
  readonly number: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** One process of a load run, seen from the one that started it. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** Ends it at once, without a word to anybody; resolves when it is gone. */
  kill(): Promise<void>;
  /** Rejects with what the call threw there, or when the process ends first. */
  ask<T>(call: string, given?: unknown): Promise<T>;
}

/** Bytes of a process: what the kernel counts, with room that earlier garbage left behind, and what of it objects and buffers use. */
export interface Memory {
  readonly resident: number;
  readonly used: number;
}

const alive = new Set<ChildProcess>();
/** What takes longer than this has got stuck: a turn that never ends is just what a run should find. */
const ANSWERED_WITHIN_MS = 300_000;
/** How long a process may take to end in order. */
const END_WITHIN_MS = 10_000;
process.once('exit', () => {
  // Whoever keeps servers ends them when it is let go, which the end of this process does.
  for (const child of alive) if (!child.spawnargs.some((argument) => argument.endsWith(KEEPER))) child.kill('SIGKILL');
});
/** The file that starts servers which are not ours. */
const KEEPER = 'servers/stores.ts';

/** Starts a file beside this one as a process of its own; it ends with `dispose`, and in any case with this process. */
export async function startChild(file: string, environment: Record<string, string> = {}): Promise<Child> {
  const child = fork(new URL(file, import.meta.url), { execArgv: ['--expose-gc'], env: { ...process.env, ...environment }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  alive.add(child);
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  const ended = once(child, 'exit').then(([code]) => {
    alive.delete(child);
    for (const { reject } of waiting.values()) reject(new Error(`${file} ended (${code}) before it answered`));
    waiting.clear();
  });
  const ready = new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    void ended.then(() => reject(new Error(`${file} ended before it was ready`)));
  });
  child.on('message', ({ number, value, error }: Answered) => {
    const asker = waiting.get(number);
    waiting.delete(number);
    if (error === undefined) asker?.resolve(value);
    else asker?.reject(new Error(`${file}: ${error}`));
  });
  await ready;
  let last = 0;
  return {
    ask: <T>(call: string, given: unknown = null) =>
      new Promise<T>((resolve, reject) => {
        const number = ++last;
        const stuck = setTimeout(() => reject(new Error(`${file}: '${call}' was not answered within ${ANSWERED_WITHIN_MS / 1_000} s`)), ANSWERED_WITHIN_MS);
        const settled = <A>(settle: (given: A) => void) => (given: A): void => (clearTimeout(stuck), settle(given));
        waiting.set(number, { resolve: settled(resolve as (value: unknown) => void), reject: settled(reject) });
        child.send({ number, call, given } satisfies Asked, (error) => error && reject(error));
      }),
    pid: child.pid ?? 0,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect();
      const slow = setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS);
      await ended;
      clearTimeout(slow);
    },
  };
}

/** Processor time and memory of this process, its threads included. */
const OWN = {
  /** Microseconds. */
  cpu: () => process.cpuUsage().user + process.cpuUsage().system,
  /** After a collection. */
  memory: (): Memory => {
    globalThis.gc?.();
    globalThis.gc?.();
    const line = /VmRSS:\s+(\d+) kB/u.exec(readFileSync('/proc/self/status', 'utf8'));
    const { heapUsed, external } = process.memoryUsage();
    return { resident: Number(line?.[1] ?? 0) * 1_024, used: heapUsed + external };
  },
};

/** Answers the process that started this one, until that lets go; then `end` runs and this process ends, at the latest after so long: when a run is interrupted, what it waits for may be gone already. */
export function serveParent(calls: Calls, end: () => Promise<void> | void = () => undefined, endWithinMs = END_WITHIN_MS): void {
  const known: Calls = { ...OWN, ...calls };
  const reply = (answered: Answered): void => void process.send?.(answered, undefined, undefined, () => undefined); // whoever asked may be gone; 'disconnect' says so
  process.on('message', ({ number, call, given }: Asked) => {
    void (async () => {
      try {
        reply({ number, value: await known[call]?.(given as never) });
      } catch (error) {
        reply({ number, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      }
    })();
  });
  process.once('disconnect', () => {
    setTimeout(() => process.exit(1), endWithinMs);
    void Promise.resolve(end()).finally(() => process.exit(0));
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined); // the parent says when
  process.send?.('ready');
}
