import type { DatabaseSync } from 'node:sqlite';

/** Runs in a transaction; nothing of it stays when it throws. */
export function inTransaction(db: DatabaseSync, run: () => void): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    run();
    db.exec('COMMIT');
  } finally {
    if (db.isTransaction) db.exec('ROLLBACK');
  }
}

/** Empties the write-ahead log, where removed content would otherwise stand until it is overwritten. */
export function emptyLog(db: DatabaseSync): void {
  const result = db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number };
  if (result.busy !== 0) throw new Error('the write-ahead log could not be emptied, because a reader holds it');
}

/**
 * Writes a file anew, so that nothing of what was removed is left in it: `secure_delete` overwrites what a removal frees, but not the copies that stay in the gaps of a page when its rows were moved to
 * another one before. Takes a second or two for each 100 MB, and nobody can write meanwhile.
 */
export function writeAnew(db: DatabaseSync): void {
  db.exec('PRAGMA temp_store = MEMORY; VACUUM'); // else the rows would stand in a temporary file that nobody overwrites
  emptyLog(db);
}

/** Closes a file, with its log emptied when nobody else reads it. A log that stays costs nothing but its size: it is read at the next opening. */
export function putAway(db: DatabaseSync): void {
  try {
    emptyLog(db);
  } catch {
    // Somebody reads the file with a tool of their own.
  } finally {
    db.close();
  }
}
