import { join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { CommitRefused } from '../refused.ts';
import { answerGroups } from './answering.ts';
import type { DraftCall, FromWorker, WorkerSetup } from './calls.ts';
import { documentsOf } from './documents.ts';
import type { Documents } from './documents.ts';
import { commitTogether } from './group.ts';
import { openFile } from './migrations.ts';
import { FILES, kindsIn, MIGRATIONS } from './schema.ts';
import { putAway } from './write-ahead.ts';

/** Pages of 4,096 bytes in the write-ahead log before they are copied home. Many turns write the same pages over and over, so copying late copies each of them once. */
const LOG_PAGES = 8_000;

/** The thread that alone writes drafts, so that a growing reply never waits for the main file's disk. Its file survives the death of the process; that is enough for half a reply. */
async function serveDrafts(port: MessagePort, { folder, kinds }: WorkerSetup): Promise<void> {
  const db = await openFile({ path: join(folder, FILES.drafts), migrations: MIGRATIONS.drafts, synchronous: 'NORMAL' });
  db.exec(`PRAGMA wal_autocheckpoint = ${LOG_PAGES}`);
  const documents = documentsOf(db, kindsIn('drafts', kinds));
  const statements = prepareDrafts(db);
  answerGroups<DraftCall>(port, (calls) => commitTogether(db, calls, { run: (call) => runCall(call, documents, statements) }).outcomes, () => putAway(db));
  port.postMessage({ ready: 'ready' } satisfies FromWorker<'ready'>);
}

interface Statements {
  readonly add: StatementSync;
  readonly put: StatementSync;
  readonly forget: StatementSync;
}

function prepareDrafts(db: DatabaseSync): Statements {
  return {
    add: db.prepare('INSERT INTO draft (id, version, body) VALUES (?, 1, ?) ON CONFLICT (id) DO NOTHING'),
    put: db.prepare('INSERT INTO draft (id, version, body) VALUES (?, 1, ?) ON CONFLICT (id) DO UPDATE SET version = version + 1, body = excluded.body'),
    forget: db.prepare('DELETE FROM draft WHERE id = ?'),
  };
}

function runCall(call: DraftCall, documents: Documents, { add, put, forget }: Statements): null {
  switch (call.do) {
    case 'add':
      for (let place = 0; place < call.flat.length; place += 2) {
        const [id, body] = [call.flat[place] as string, call.flat[place + 1] as string];
        if (add.run(id, body).changes === 0) throw new CommitRefused('conflict', { detail: `draft ${id} is there already` });
      }
      return null;
    case 'change':
      for (const change of call.changes) {
        if (change.do === 'put' && change.version === null) put.run(change.id, change.body);
        else if (change.do === 'remove' && change.version === null) forget.run(change.id);
        else documents.apply(change, null);
      }
      return null;
    case 'forget':
      for (const id of call.ids) forget.run(id);
      return null;
  }
}

if (parentPort !== null) await serveDrafts(parentPort, workerData as WorkerSetup);
