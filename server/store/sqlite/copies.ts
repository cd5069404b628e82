import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Copies } from '../copies.ts';
import type { Kinds } from '../kinds.ts';
import type { Store } from '../store.ts';
import { lockFolder, makePrivate, type FolderLock } from './folder.ts';
import { finishRestore, makeReady, RESTORING } from './restored.ts';
import { FILES, MIGRATIONS } from './schema.ts';

export interface FolderCopies {
  readonly folder: string;
  /** The folder in it that takes what is there already; without one it has to be empty. */
  readonly aside: string | undefined;
  /** Opens the store of a folder. */
  readonly open: (folder: string) => Promise<Store>;
}

const CONTENT = ['drafts', 'main'] as const;

/**
 * Copies of a data folder. Each file is copied as it was at one moment (`VACUUM INTO` reads in one transaction, waits for nobody and keeps nobody waiting, and leaves out what was deleted), and the
 * order of the files does the rest: drafts before the main file, so that of a turn that is open in it the text is there or the turn was not yet begun; keys after it, because a key is kept before the
 * commit that needs it and destroyed after the commit that erases.
 */
export function folderCopies({ folder, aside, open }: FolderCopies): Copies {
  const staging = join(folder, RESTORING);
  let lock: FolderLock | undefined;
  return {
    adapter: 'sqlite',
    layout: Object.fromEntries(Object.entries(MIGRATIONS).map(([file, migrations]) => [file, migrations.length])),
    copy: (parts) => Promise.resolve().then(() => {
      if (!existsSync(join(folder, FILES.main))) throw new Error(`There is no data in ${folder}. Name the folder with GORUNCHAT_DATA.`);
      for (const file of CONTENT) copyFile(join(folder, FILES[file]), join(parts.content, FILES[file]));
      copyFile(join(folder, FILES.keys), join(parts.keys, FILES.keys));
      return checkpointIn(join(parts.content, FILES.main));
    }),
    take: () => Promise.resolve().then(() => {
      lock = lockFolder(folder);
      finishRestore(folder); // one that was killed when it was ready has happened
      if (aside === undefined && isTaken(folder)) throw new Error(`The folder ${folder} holds data. Name an empty one with GORUNCHAT_DATA, or have what is there put aside with --replace.`);
      rmSync(staging, { recursive: true, force: true });
    }),
    async place({ content, keys }) {
      mkdirSync(staging, { mode: 0o700 });
      for (const [from, file] of [...CONTENT.map((name) => [content, FILES[name]] as const), [keys, FILES.keys] as const]) {
        makePrivate(join(staging, file));
        copyFileSync(join(from, file), join(staging, file));
      }
      joinKeys(join(staging, FILES.keys), join(staging, FILES.main));
      return open(staging);
    },
    keep: () => Promise.resolve().then(() => {
      const log = Object.values(FILES).find((file) => existsSync(join(staging, `${file}-wal`)));
      if (log !== undefined) throw new Error(`${join(staging, log)} is held by another program. Nothing was changed.`);
      const isReplaced = isTaken(folder);
      makeReady(folder, isReplaced ? (aside ?? null) : null);
      finishRestore(folder);
      return isReplaced && aside !== undefined ? join(folder, aside) : undefined;
    }),
    close: () => Promise.resolve().then(() => {
      if (lock !== undefined && !existsSync(join(staging, 'ready'))) rmSync(staging, { recursive: true, force: true });
      lock?.release();
      lock = undefined;
    }),
  };
}

/** Keys that are of a later moment than the content: each goes under the slot that the content names, and is found there by the master key that wrapped it; those of what was begun since go. */
function joinKeys(keysFile: string, mainFile: string): void {
  const db = new DatabaseSync(keysFile);
  try {
    db.exec('PRAGMA secure_delete = ON');
    db.prepare('ATTACH ? AS content').run(mainFile);
    db.exec(`
      BEGIN IMMEDIATE;
      CREATE TEMP TABLE placed AS SELECT id, coalesce(json_extract(body, '$.slot'), json_extract(body, '$')) AS slot FROM content.key;
      CREATE TEMP TABLE named AS SELECT wrapped.rowid AS row, wrapped.id AS id, wrapped.slot = placed.slot AS isNamed, placed.slot AS slot
        FROM wrapped JOIN placed ON placed.id = wrapped.id;
      DELETE FROM wrapped WHERE rowid NOT IN (SELECT first_value(row) OVER (PARTITION BY id ORDER BY isNamed DESC, row DESC) FROM named);
      UPDATE wrapped SET slot = (SELECT slot FROM named WHERE named.row = wrapped.rowid);
      UPDATE content.key SET body = json_object('slot', wrapped.slot, 'under', json_extract(wrapped.body, '$.under')) FROM wrapped WHERE wrapped.id = content.key.id;
      COMMIT;
      DETACH content`);
  } finally {
    db.close();
  }
}

function isTaken(folder: string): boolean {
  return Object.values(FILES).some((file) => existsSync(join(folder, file)) || existsSync(join(folder, `${file}-wal`)));
}

function copyFile(from: string, to: string): void {
  makePrivate(to);
  const db = new DatabaseSync(from, { readOnly: true, timeout: 10_000 });
  try {
    db.prepare('VACUUM INTO ?').run(to);
  } finally {
    db.close();
  }
}

function checkpointIn(main: string): Kinds['checkpoint'] | undefined {
  const db = new DatabaseSync(main, { readOnly: true });
  try {
    const row = db.prepare("SELECT body FROM checkpoint WHERE id = 'latest'").get() as { body: string } | undefined;
    return row === undefined ? undefined : (JSON.parse(row.body) as Kinds['checkpoint']);
  } finally {
    db.close();
  }
}

