import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openFile } from './migrations.ts';
import type { Migration } from './migrations.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'migrations-'));
  path = join(folder, 'a.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

const first: Migration = (db) => db.exec("CREATE TABLE line (words TEXT); INSERT INTO line VALUES ('old')");
const second: Migration = (db) => db.exec("ALTER TABLE line ADD COLUMN number INTEGER; UPDATE line SET number = 1");
const third: Migration = (db) => db.exec('UPDATE line SET number = number + 1');
const broken: Migration = (db) => db.exec("DELETE FROM line; INSERT INTO nowhere VALUES (1)");

async function openWith(...migrations: Migration[]): Promise<DatabaseSync> {
  return openFile({ path, migrations, synchronous: 'FULL' });
}

function linesIn(file: string): unknown {
  const db = new DatabaseSync(file);
  try {
    return db.prepare('SELECT * FROM line').all().map((row) => ({ ...row }));
  } finally {
    db.close();
  }
}

it('an old file is brought up to date step by step, each step once, and copied aside before', async () => {
  (await openWith(first)).close();
  expect(readdirSync(folder)).toEqual(['a.db']);
  (await openWith(first, second, third)).close();
  (await openWith(first, second, third)).close();
  expect(linesIn(path)).toEqual([{ words: 'old', number: 2 }]);
  expect(linesIn(`${path}.before-3`)).toEqual([{ words: 'old' }]);
  expect(statSync(`${path}.before-3`).mode & 0o777).toBe(0o600);
});

it('a step that fails leaves the file as it was before that step, and the copy of the first attempt stays', async () => {
  (await openWith(first)).close();
  await expect(openWith(first, second, broken)).rejects.toThrow('nowhere');
  expect(linesIn(path)).toEqual([{ words: 'old', number: 1 }]);
  (await openWith(first, second, third)).close();
  expect(linesIn(path)).toEqual([{ words: 'old', number: 2 }]);
  expect(linesIn(`${path}.before-3`)).toEqual([{ words: 'old' }]);
});

it('a new file is not copied', async () => {
  (await openWith(first, second)).close();
  expect(existsSync(`${path}.before-2`)).toBe(false);
});

it('a file of a newer version is left alone, and said to be one', async () => {
  (await openWith(first, second)).close();
  await expect(openWith(first)).rejects.toThrow(/a\.db was made by a newer version of GoRunChat/u);
  expect(linesIn(path)).toEqual([{ words: 'old', number: 1 }]);
});

it('a damaged file is said to be one', async () => {
  writeFileSync(path, 'this is no database, and long enough to be seen as none '.repeat(100));
  await expect(openWith(first)).rejects.toThrow(/a\.db cannot be read/u);
});
