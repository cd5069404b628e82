import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sqliteStore } from '../../server/store/sqlite.ts';
import type { Dice } from './random.ts';
import { sealAll, writeRecords } from './sealed-records.ts';

/** The tables that a log is in. */
export const TABLES = ['record', 'head', 'sealed', 'tile', 'checkpoint'] as const;
export type Table = (typeof TABLES)[number];
export interface Row {
  readonly id: string;
  readonly version: number;
  readonly body: string;
}
/** What these tables hold. */
export type Tables = Readonly<Record<Table, readonly Row[]>>;

const AT_ONCE = 25;

/** A database that somebody has who can write it: what the product put there to guard it is gone. */
export function unguarded(file: string): DatabaseSync {
  const db = new DatabaseSync(file);
  db.exec('PRAGMA synchronous = OFF');
  for (const { name } of db.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").all()) db.exec(`DROP TRIGGER "${String(name)}"`);
  for (const { name } of db.prepare("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").all()) db.exec(`DROP INDEX "${String(name)}"`);
  return db;
}

export const rowsIn = (db: DatabaseSync, table: Table): Row[] => db.prepare(`SELECT id, version, body FROM "${table}" ORDER BY id`).all() as unknown as Row[];

export function setRows(db: DatabaseSync, table: Table, rows: readonly Row[]): void {
  db.exec(`DELETE FROM "${table}"`);
  const add = db.prepare(`INSERT INTO "${table}" (id, version, body) VALUES (?, ?, ?)`);
  for (const { id, version, body } of rows) add.run(id, version, body);
}

/** So many logs as the product keeps them, each another one, and a database that any of them can be put into. */
export async function logsOf(count: number, dice: Dice): Promise<{ logs: readonly Tables[]; folder: string; db: DatabaseSync }> {
  const logs: Tables[] = [];
  for (;;) {
    const folder = mkdtempSync(join(tmpdir(), 'log-'));
    const store = await sqliteStore({ folder });
    const reading = new DatabaseSync(join(folder, 'gorunchat.db'), { readOnly: true });
    for (let time = 0; time < AT_ONCE && logs.length < count; time++) {
      const least = time === 0 ? 2 : 1;
      for (const chain of time === 0 ? ['a', 'audit'] : [dice.pick(['a', 'b', 'audit'])]) await writeRecords(store, chain, least + dice.below(2));
      await sealAll(store);
      logs.push(Object.fromEntries(TABLES.map((table) => [table, rowsIn(reading, table)])) as unknown as Tables);
    }
    reading.close();
    await store.close();
    if (logs.length === count) return { logs, folder, db: unguarded(join(folder, 'gorunchat.db')) };
  }
}
