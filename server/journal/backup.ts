import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Copies } from '../store/copies.ts';
import { nameOf } from './lineage.ts';
import { describe, readManifest } from './manifest.ts';

export interface BackupOrder {
  /** Where backups are: `content` and `keys` in it are made when they are missing, and may be mounts or links of their own. */
  readonly folder: string;
  /** When it is begun, in milliseconds since the epoch. */
  readonly at: number;
  readonly product: string;
  /** Keys of earlier backups are removed after so many days. */
  readonly keyBackupDays: number;
  /** Puts it on record before anything is copied. */
  record(name: string): Promise<void>;
}

export interface BackupMade {
  readonly name: string;
  /** The backups whose keys were removed. */
  readonly removed: readonly string[];
}

const PARTS = ['keys', 'content'] as const;
const UNFINISHED = '.unfinished';
const DAY_MS = 24 * 3_600_000;

/**
 * Copies the store into two folders of the same name, one below `content` and one below `keys`, and removes keys that were kept long enough. Both parts appear whole or not at all, the keys first, so that
 * no content is there without them. Throws a sentence when there is one of this second, or something cannot be written: when that is its record, nothing was copied.
 */
export async function backUp(copies: Copies, { folder, at, product, keyBackupDays, record }: BackupOrder): Promise<BackupMade> {
  const name = nameOf(at);
  const [keys, content] = PARTS.map((part) => join(folder, part, `${name}${UNFINISHED}`)) as [string, string];
  if (PARTS.some((part) => existsSync(join(folder, part, name)))) throw new Error(`There is a backup ${name} in ${folder} already.`);
  removeUnfinished(folder, at);
  for (const one of [keys, content]) mkdirSync(one, { recursive: true, mode: 0o700 });
  try {
    const { adapter, layout } = copies;
    await record(name);
    const checkpoint = (await copies.copy({ content, keys })) ?? null;
    await describe(keys, { part: 'keys', product, adapter, layout, name, at, checkpoint });
    await describe(content, { part: 'content', product, adapter, layout, name, at, checkpoint });
    for (const part of PARTS) renameSync(join(folder, part, `${name}${UNFINISHED}`), join(folder, part, name));
  } catch (error) {
    for (const one of [keys, content]) rmSync(one, { recursive: true, force: true });
    throw error;
  }
  return { name, removed: removeKeys(folder, name, at - keyBackupDays * DAY_MS) };
}

/** What a backup that was killed left: it may hold keys, and nobody would look for them there. */
function removeUnfinished(folder: string, at: number): void {
  for (const part of PARTS) {
    for (const name of namesIn(folder, part).filter((one) => one.endsWith(UNFINISHED))) {
      const path = join(folder, part, name);
      if (at - statSync(path).mtimeMs > DAY_MS) rmSync(path, { recursive: true, force: true });
    }
  }
}

function removeKeys(folder: string, kept: string, before: number): string[] {
  return backupsIn(folder, 'keys').filter((name) => name !== kept && readManifest(join(folder, 'keys', name)).at < before).map((name) => {
    rmSync(join(folder, 'keys', name), { recursive: true, force: true });
    return name;
  });
}

/** The names of the backups of which this part is there, the earliest first. */
export function backupsIn(folder: string, part: 'content' | 'keys'): string[] {
  return namesIn(folder, part).filter((name) => /^\d{8}T\d{6}Z$/u.test(name));
}

function namesIn(folder: string, part: string): string[] {
  return existsSync(join(folder, part)) ? readdirSync(join(folder, part)).toSorted() : [];
}
