import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { answerGroups, outcomeOf } from './answering.ts';
import type { FromWorker, WorkerSetup } from './calls.ts';
import type { FoundDocument, FoundWords, ReaderCall, ReadStep, WiredDocument } from './read-calls.ts';
import { keyReader } from './keys.ts';
import { FILES, quoted } from './schema.ts';

/** The thread that reads and searches all but drafts. Each read sees everything that was committed before it began, and never holds a file longer than itself. */
function serveReads(port: MessagePort, { folder }: WorkerSetup): void {
  const open = (file: keyof typeof FILES): DatabaseSync => new DatabaseSync(join(folder, FILES[file]), { readOnly: true, timeout: 10_000 });
  const files = { main: open('main'), keys: open('keys'), search: open('search') };
  const readKey = keyReader(files.main, files.keys);
  const main = preparedOnce(files.main);
  const search = preparedOnce(files.search);
  const read = (call: ReaderCall): unknown => {
    if (call.do === 'search') return rowsOf(search, [call.step], call.limit) as unknown as FoundWords[];
    if (call.do === 'find') return rowsOf(main, call.steps, call.limit) as unknown as FoundDocument[];
    return call.kind === 'key' ? readKey(call.id) : readOne(main, call.kind, call.id);
  };
  answerGroups<ReaderCall>(port, (calls) => calls.map((call) => outcomeOf(() => read(call))), () => {
    for (const file of Object.values(files)) file.close();
  });
  port.postMessage({ ready: 'ready' } satisfies FromWorker<'ready'>);
}

type Prepare = (sql: string) => StatementSync;

/** Queries have few shapes, so each is compiled once. */
function preparedOnce(db: DatabaseSync): Prepare {
  const known = new Map<string, StatementSync>();
  return (sql) => {
    const statement = known.get(sql) ?? db.prepare(sql);
    if (!known.has(sql)) statement.setReturnArrays(true);
    known.set(sql, statement);
    return statement;
  };
}

function readOne(prepare: Prepare, kind: string, id: string): WiredDocument | null {
  const row = prepare(`SELECT id, version, body FROM ${quoted(kind)} WHERE id = ?`).get(id);
  return (row as unknown as WiredDocument | undefined) ?? null;
}

function rowsOf(prepare: Prepare, steps: readonly ReadStep[], limit: number): unknown[] {
  const rows: unknown[] = [];
  for (const { sql, values } of steps) {
    if (rows.length >= limit) break;
    rows.push(...prepare(sql).all(...values, limit - rows.length));
  }
  return rows;
}

if (parentPort !== null) serveReads(parentPort, workerData as WorkerSetup);
