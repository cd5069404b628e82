import { Worker } from 'node:worker_threads';
import { queryCopy, type CheckpointRow, type RecordTable } from './query-copy.ts';
import type { RecordRow } from './record-row.ts';
import type { Sink } from './sink.ts';

/** What the thread of a file is asked to do. */
export type DuckDbCall =
  | { readonly do: 'span' | 'digests'; readonly from: number; readonly end: number }
  | { readonly do: 'rows'; readonly place: number }
  | { readonly do: 'addRecords'; readonly rows: readonly RecordRow[] }
  | { readonly do: 'addCheckpoint'; readonly row: CheckpointRow };
export type DuckDbAnswer = { readonly id: number; readonly result: unknown } | { readonly id: number; readonly failed: string };

/** A thread that nobody has asked for so long is ended; the next call has another. */
const IDLE_MS = 2_000;
/** Above all places. */
const END = Number.MAX_SAFE_INTEGER;

/**
 * A query copy in a DuckDB file. It is open only while something is read or written, so that others can ask it in between; while one of them has it open, and while another instance does, it cannot be
 * written, and what is missing follows. Each piece is there whole or not at all. Nothing is done before the first call, and nothing of it in the thread of whoever calls.
 */
export function duckdbSink(file: string): Sink {
  const ask = async <Row>(call: DuckDbCall): Promise<readonly Row[]> => (await threadOf(file)(call)) as readonly Row[];
  const table: RecordTable = {
    kind: 'duckdb',
    place: file,
    gapWithin: 0,
    async span(from, end = END) {
      const [row] = await ask<{ count: number; first: number | null; last: number | null }>({ do: 'span', from, end });
      return { count: row?.count ?? 0, first: row?.first ?? undefined, last: row?.last ?? undefined };
    },
    digests: (from, end) => ask({ do: 'digests', from, end }),
    rows: (place) => ask({ do: 'rows', place }),
    addRecords: async (rows) => void (await ask({ do: 'addRecords', rows })),
    addCheckpoint: async (row) => void (await ask({ do: 'addCheckpoint', row })),
  };
  return queryCopy(table);
}

type Ask = (call: DuckDbCall) => Promise<unknown>;

/** One for each file: DuckDB's lock keeps out other processes, and not a second opening in the same one. */
const threads = new Map<string, Ask>();

function threadOf(file: string): Ask {
  const there = threads.get(file);
  if (there !== undefined) return there;
  const worker = new Worker(new URL('./duckdb-thread.ts', import.meta.url), { workerData: file });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let asked = 0;
  let idle: NodeJS.Timeout | undefined;
  const end = (reason: Error): void => {
    if (threads.get(file) === ask) threads.delete(file);
    for (const one of waiting.values()) one.reject(reason);
    waiting.clear();
    void worker.terminate();
  };
  worker.on('error', end);
  worker.on('exit', () => end(new Error(`The thread that writes ${file} has ended.`)));
  worker.on('message', (answer: DuckDbAnswer) => {
    const one = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('failed' in answer) one?.reject(new Error(answer.failed));
    else one?.resolve(answer.result);
    if (waiting.size > 0) return;
    worker.unref();
    idle = setTimeout(() => end(new Error('it was idle')), IDLE_MS).unref();
  });
  const ask: Ask = (call) => {
    clearTimeout(idle);
    worker.ref();
    const one = Promise.withResolvers<unknown>();
    waiting.set((asked += 1), one);
    worker.postMessage({ id: asked, call });
    return one.promise;
  };
  threads.set(file, ask);
  return ask;
}
