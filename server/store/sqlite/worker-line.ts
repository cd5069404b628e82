import { Worker } from 'node:worker_threads';
import { CLOSE } from './answering.ts';
import type { FromWorker, Numbered, Outcome } from './calls.ts';

/** The thread is gone. `wasSent` says whether it may have done what was asked. */
export class LineLost extends Error {
  readonly wasSent: boolean;
  constructor(wasSent: boolean, cause: unknown) {
    super('the thread that serves the store has ended', { cause });
    this.name = 'LineLost';
    this.wasSent = wasSent;
  }
}

/** Questions to one worker thread, answered each once and in any order. */
export interface WorkerLine<Call> {
  /** Rejects with `LineLost` when the thread ends first. */
  ask(call: Call): Promise<Outcome>;
  isLost(): boolean;
  /** Lets the thread finish what it was asked, then ends it. Rejects when it could not put things away. */
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/** Starts the thread and waits until it is ready; what it says then is the second thing returned. Rejects with what the thread threw. */
export async function openLine<Call, Ready>(script: URL, workerData: unknown): Promise<[WorkerLine<Call>, Ready]> {
  const worker = new Worker(script, { workerData });
  const waiting = new Map<number, Waiting>();
  let ended: { readonly cause: unknown } | undefined;
  let asked = 0;
  let cause: unknown;
  const exited = new Promise<void>((resolve) => {
    worker.once('error', (error) => { cause = error; });
    worker.once('exit', () => {
      ended = { cause };
      for (const { reject } of waiting.values()) reject(new LineLost(true, cause));
      waiting.clear();
      resolve();
    });
  });
  const ready = await Promise.race([readiness<Ready>(worker), exited.then(() => { throw cause ?? new Error('the thread ended before it was ready'); })]);
  worker.on('message', ({ replies }: FromWorker<Ready>) => {
    for (const reply of replies ?? []) {
      waiting.get(reply.number)?.resolve(reply.it);
      waiting.delete(reply.number);
    }
  });

  const ask = (it: Call | typeof CLOSE): Promise<Outcome> => {
    if (ended !== undefined) return Promise.reject(new LineLost(false, ended.cause));
    const number = ++asked;
    const answered = new Promise<Outcome>((resolve, reject) => { waiting.set(number, { resolve, reject }); });
    worker.postMessage({ number, it } satisfies Numbered<Call | typeof CLOSE>);
    return answered;
  };
  const close = async (): Promise<void> => {
    if (ended !== undefined) return;
    const outcome = await ask(CLOSE);
    await exited;
    if (outcome.is === 'failed') throw new Error(outcome.message);
  };
  return [{ ask, close, isLost: () => ended !== undefined }, ready];
}

function readiness<Ready>(worker: Worker): Promise<Ready> {
  return new Promise((resolve) => {
    const hear = ({ ready }: FromWorker<Ready>): void => {
      if (ready === undefined) return;
      worker.off('message', hear);
      resolve(ready);
    };
    worker.on('message', hear);
  });
}
