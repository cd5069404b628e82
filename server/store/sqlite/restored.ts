import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FILES } from './schema.ts';

/** Where a restored store is made, inside the folder that it will stand in: a data folder is often a mount, and what is beside it is another disk. */
export const RESTORING = 'restoring';
const READY = 'ready';

/** From now on the store in `restoring` is the one of this folder, also when this process ends here. `aside` names the folder in it that takes what was there before. */
export function makeReady(folder: string, aside: string | null): void {
  const staging = join(folder, RESTORING);
  for (const file of Object.values(FILES)) syncPath(join(staging, file));
  writeFileSync(join(staging, `${READY}.unfinished`), JSON.stringify({ aside }), { mode: 0o600, flush: true });
  renameSync(join(staging, `${READY}.unfinished`), join(staging, READY));
  syncPath(staging);
}

/**
 * Puts the files of a restore that is ready where they belong, each after what was there before has gone aside. Only for whoever holds the folder; run at every start, so that a restore that was
 * killed at any moment has happened as a whole or not at all.
 */
export function finishRestore(folder: string): void {
  const staging = join(folder, RESTORING);
  if (!existsSync(join(staging, READY))) return;
  const { aside } = JSON.parse(readFileSync(join(staging, READY), 'utf8')) as { aside: string | null };
  if (aside !== null) mkdirSync(join(folder, aside), { recursive: true, mode: 0o700 });
  for (const file of Object.values(FILES)) {
    if (!existsSync(join(staging, file))) continue; // it is in its place already
    if (aside !== null) for (const old of [`${file}-wal`, `${file}-shm`, file]) if (existsSync(join(folder, old))) renameSync(join(folder, old), join(folder, aside, old));
    renameSync(join(staging, file), join(folder, file));
  }
  syncPath(folder);
  rmSync(staging, { recursive: true, force: true });
}

/** Makes a file, or the names in a folder, durable. */
export function syncPath(path: string): void {
  const opened = openSync(path, 'r');
  try {
    fsyncSync(opened);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error; // Windows keeps folders by itself, and refuses to be asked
  } finally {
    closeSync(opened);
  }
}
