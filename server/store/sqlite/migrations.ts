import { existsSync, renameSync, rmSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import { messageOf } from './answering.ts';
import { makePrivate } from './folder.ts';

/** One step of a file's layout. It runs in a transaction of its own, once in the life of a file. */
export type Migration = (db: DatabaseSync) => void;

export interface FileOptions {
  readonly path: string;
  readonly migrations: readonly Migration[];
  /** `FULL`: a commit survives the loss of power. `NORMAL`: it survives the death of the process. */
  readonly synchronous: 'FULL' | 'NORMAL';
}

/**
 * Opens a file for writing and brings it up to date. An existing file is copied aside (`NAME.before-VERSION`) before it is changed. Throws a sentence for a person
 * when a newer version of the product made it. Removed content is overwritten with zeros.
 */
export async function openFile({ path, migrations, synchronous }: FileOptions): Promise<DatabaseSync> {
  makePrivate(path);
  const db = new DatabaseSync(path, { timeout: 10_000 });
  try {
    const version = versionOf(db);
    if (version > migrations.length) {
      throw new Error(`The file ${path} was made by a newer version of GoRunChat (its layout is ${version}, this version knows ${migrations.length}). Start that version, or restore a backup.`);
    }
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; PRAGMA secure_delete = ON`);
    if (version > 0 && version < migrations.length) await copyAside(db, `${path}.before-${migrations.length}`);
    for (const [place, migration] of migrations.entries()) if (place >= version) migrate(db, migration, place + 1);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function migrate(db: DatabaseSync, migration: Migration, version: number): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    migration(db);
    db.exec(`PRAGMA user_version = ${version}`);
    db.exec('COMMIT');
  } finally {
    if (db.isTransaction) db.exec('ROLLBACK');
  }
}

/** A copy that is there already was made before an attempt that failed, so it is the older one and stays. Renamed when whole, so that half a copy is never taken for one. */
async function copyAside(db: DatabaseSync, path: string): Promise<void> {
  if (existsSync(path)) return;
  const unfinished = `${path}.unfinished`;
  rmSync(unfinished, { force: true });
  makePrivate(unfinished);
  await backup(db, unfinished);
  renameSync(unfinished, path);
}

function versionOf(db: DatabaseSync): number {
  try {
    return (db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version;
  } catch (error) {
    throw new Error(`The file ${db.location() ?? ''} cannot be read: ${messageOf(error)}. It may be damaged; restore a backup.`, { cause: error });
  }
}
