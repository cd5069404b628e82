import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { answerGroups, outcomeOf, sayReady } from './answering.ts';
import type { WorkerSetup } from './calls.ts';
import type { FoundDocument, FoundWords, ReaderCall, WiredDocument } from './read-calls.ts';
import { keyReader, wrappedReader } from './keys.ts';
import { preparedOnce, rowsOf } from './rows.ts';
import type { Prepare } from './rows.ts';
import { FILES, quoted } from './schema.ts';

/** The thread that reads and searches all but drafts. Each read sees everything that was committed before it began, and never holds a file longer than itself. */
function serveReads(port: MessagePort, { folder }: WorkerSetup): void {
  const open = (file: keyof typeof FILES): DatabaseSync => new DatabaseSync(join(folder, FILES[file]), { readOnly: true, timeout: 10_000 });
  const files = { main: open('main'), keys: open('keys'), search: open('search') };
  const readKey = keyReader(files.main, files.keys);
  const bodyOf = wrappedReader(files.keys);
  const main = preparedOnce(files.main);
  const search = preparedOnce(files.search);
  const read = (call: ReaderCall): unknown => {
    if (call.do === 'search') return rowsOf(search, [call.step], call.limit) as unknown as FoundWords[];
    if (call.do === 'find') {
      const found = rowsOf(main, call.steps, call.limit) as unknown as FoundDocument[];
      return call.kind === 'key' ? found.map(([id, version, place, last]) => [id, version, place === null ? null : bodyOf(id, place), last]) : found;
    }
    return call.kind === 'key' ? readKey(call.id) : readOne(main, call.kind, call.id);
  };
  answerGroups<ReaderCall>(port, (calls) => calls.map((call) => outcomeOf(() => read(call))), () => {
    for (const file of Object.values(files)) file.close();
  });
  sayReady(port, 'ready');
}

function readOne(prepare: Prepare, kind: string, id: string): WiredDocument | null {
  const row = prepare(`SELECT id, version, body FROM ${quoted(kind)} WHERE id = ?`).get(id);
  return (row as unknown as WiredDocument | undefined) ?? null;
}

if (parentPort !== null) serveReads(parentPort, workerData as WorkerSetup);
