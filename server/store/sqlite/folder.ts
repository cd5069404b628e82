import { existsSync, mkdirSync, openSync, closeSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Held until `release`, and by the operating system's hand let go when the process dies. */
export interface FolderLock {
  release(): void;
}

/**
 * Makes the folder (mode 0700) if it is missing and takes it for this process alone. Throws a sentence for a person when it cannot be written, or when
 * another process has it, whose pid it names.
 *
 * The lock is SQLite's own on a file that nothing else may open: closing any other handle of it in this process would let it go. The pid file only
 * tells who; it is never believed.
 */
export function lockFolder(folder: string): FolderLock {
  const pidFile = join(folder, 'owner.pid');
  const unwritable = (error: unknown): Error => new Error(`The data folder ${folder} cannot be written (${codeOf(error)}). Choose another folder, or let this user write there.`, { cause: error });
  let lock: DatabaseSync;
  try {
    makeFolder(resolve(folder));
    makePrivate(join(folder, 'owner.lock'));
    lock = new DatabaseSync(join(folder, 'owner.lock'), { timeout: 0 });
  } catch (error) {
    throw unwritable(error);
  }
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    writeFileSync(pidFile, `${process.pid} ${new Date().toISOString()}\n`, { mode: 0o600 });
  } catch (error) {
    lock.close();
    if (!isBusy(error)) throw unwritable(error);
    throw new Error(`The data folder ${folder} is in use by another process${ownerIn(pidFile)}. Stop that one first, or choose another folder.`, { cause: error });
  }
  return {
    release: () => {
      rmSync(pidFile, { force: true });
      lock.close();
    },
  };
}

/** Level by level: `recursive` never returns where the system takes no folders, as in /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  if (!existsSync(dirname(folder))) makeFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}

/** Creates the file, readable by its owner alone, unless it is there. */
export function makePrivate(file: string): void {
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600));
}

function ownerIn(pidFile: string): string {
  if (!existsSync(pidFile)) return '';
  const [pid, since] = readFileSync(pidFile, 'utf8').trim().split(' ');
  return ` (pid ${pid ?? 'unknown'}, since ${since ?? 'unknown'})`;
}

const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' && error.code !== 'ERR_SQLITE_ERROR' ? error.code : error.message;
}
