import type { DatabaseSync } from 'node:sqlite';
import type { Outcome } from './calls.ts';
import { messageOf, refusalOutcome } from './answering.ts';

export interface GroupWork<Member, Done> {
  /** Does one member's changes; what it throws refuses that member alone. */
  readonly run: (member: Member) => Done;
  /** The last thing before the commit, given what the members that were not refused returned. What it throws refuses the whole group. */
  readonly seal?: (done: readonly Done[]) => void;
}

export interface GroupResult<Done> {
  /** One per member, in order; `done` carries what `run` returned. */
  readonly outcomes: readonly Outcome[];
  /** What is durable now. */
  readonly done: readonly Done[];
}

/**
 * Commits many members with one write to the disk: all in one transaction, each behind a savepoint, so that a refused one leaves nothing behind and disturbs
 * nobody. Returns when everything accepted is durable.
 *
 * An error that ended the transaction (a full disk, a failed write) refuses every member as `unavailable`, also those refused for a reason of their own, since
 * what they ran into is gone again; and none of the later members runs, since each would commit by itself. They are refused as `unknown` only when the disk
 * failed so that the file may, after a crash, turn out to hold them.
 */
export function commitTogether<Member, Done>(db: DatabaseSync, members: readonly Member[], { run, seal }: GroupWork<Member, Done>): GroupResult<Done> {
  const outcomes: Outcome[] = [];
  const done: Done[] = [];
  try {
    db.exec('BEGIN IMMEDIATE');
    for (const member of members) {
      const outcome = runBehindSavepoint(db, () => run(member));
      outcomes.push(outcome);
      if (outcome.is === 'done') done.push(outcome.value as Done);
    }
    if (done.length === 0) {
      db.exec('ROLLBACK');
      return { outcomes, done };
    }
    seal?.(done);
    db.exec('COMMIT');
    return { outcomes, done };
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    const reason = isUndone(db, error) ? 'unavailable' : 'unknown';
    return { outcomes: members.map(() => ({ is: 'refused', reason, detail: messageOf(error) })), done: [] };
  }
}

const SQLITE_IOERR_FSYNC = 1034;

/**
 * Whether nothing of the transaction can come back. When writing the log succeeded and only making it durable failed, a crash now would find a whole
 * transaction there; the next one that is written takes its place, so one that changes nothing is.
 */
function isUndone(db: DatabaseSync, error: unknown): boolean {
  if (!(error instanceof Error && 'errcode' in error && error.errcode === SQLITE_IOERR_FSYNC)) return true;
  try {
    const { user_version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
    db.exec(`PRAGMA user_version = ${user_version}`);
    return true;
  } catch {
    return false;
  }
}

function runBehindSavepoint(db: DatabaseSync, run: () => unknown): Outcome {
  db.exec('SAVEPOINT member');
  try {
    const value = run();
    db.exec('RELEASE member');
    return { is: 'done', value };
  } catch (error) {
    if (!db.isTransaction) throw error;
    db.exec('ROLLBACK TO member; RELEASE member');
    return refusalOutcome(error);
  }
}
