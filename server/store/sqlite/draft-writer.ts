import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { answerGroups, outcomeOf, sayReady } from './answering.ts';
import type { Outcome, WorkerSetup } from './calls.ts';
import type { DraftCall, DraftChange, DraftRead } from './draft-calls.ts';
import { draftFile } from './draft-file.ts';
import type { DraftFile } from './draft-file.ts';
import { commitTogether } from './group.ts';
import { openFile } from './migrations.ts';
import { FILES, MIGRATIONS } from './schema.ts';
import { putAway } from './write-ahead.ts';

/** Pages of 4,096 bytes in the write-ahead log before they are copied home: the last page is written by many commits, and copied once. */
const LOG_PAGES = 8_000;

/** The thread that alone writes and reads drafts, so that a growing reply never waits for the main file's disk. Its file survives the death of the process; that is enough for half a reply. */
async function serveDrafts(port: MessagePort, { folder }: WorkerSetup): Promise<void> {
  const db = await openFile({ path: join(folder, FILES.drafts), migrations: MIGRATIONS.drafts, synchronous: 'NORMAL' });
  db.exec(`PRAGMA wal_autocheckpoint = ${LOG_PAGES}`);
  const drafts = draftFile(db);
  answerGroups<DraftCall>(port, (calls) => answer(db, drafts, calls), () => putAway(db));
  sayReady(port, 'ready');
}

/** Reads come after the changes of their group, so that they see only what is durable. */
function answer(db: DatabaseSync, drafts: DraftFile, calls: readonly DraftCall[]): Outcome[] {
  const changes = calls.filter((call): call is DraftChange => !isRead(call));
  const changed: Iterator<Outcome> = changes.length === 0 ? [].values() : changeTogether(db, drafts, changes).values();
  return calls.map((call) => (isRead(call) ? outcomeOf(() => read(drafts, call)) : (changed.next().value as Outcome)));
}

function changeTogether(db: DatabaseSync, drafts: DraftFile, changes: readonly DraftChange[]): readonly Outcome[] {
  const { outcomes, done } = commitTogether(db, changes, { run: (call) => drafts.change(call) });
  drafts.ended(done.length > 0);
  return outcomes;
}

function isRead(call: DraftCall): call is DraftRead {
  return call.do === 'get' || call.do === 'find';
}

function read(drafts: DraftFile, call: DraftRead): unknown {
  return call.do === 'get' ? drafts.get(call.id) : drafts.find(call.conversation, call.steps, call.limit);
}

if (parentPort !== null) await serveDrafts(parentPort, workerData as WorkerSetup);
