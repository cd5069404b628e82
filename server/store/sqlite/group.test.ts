import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CommitRefused } from '../refused.ts';
import { commitTogether } from './group.ts';

let folder: string;
let db: DatabaseSync;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'group-'));
  db = new DatabaseSync(join(folder, 'a.db'));
  db.exec('PRAGMA journal_mode = WAL; CREATE TABLE line (id TEXT PRIMARY KEY, body TEXT)');
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

const insert = (id: string, body = ''): string => {
  db.prepare('INSERT INTO line VALUES (?, ?)').run(id, body);
  return id;
};
const ids = (): unknown[] => db.prepare('SELECT id FROM line ORDER BY id').all().map(({ id }) => id);
const reasons = (outcomes: ReturnType<typeof commitTogether>['outcomes']): string[] => outcomes.map((outcome) => (outcome.is === 'refused' ? outcome.reason : outcome.is));

it('a refused member leaves nothing behind and disturbs nobody', () => {
  const { outcomes, done } = commitTogether(db, ['a', 'b', 'c'], {
    run: (id) => {
      insert(id);
      if (id === 'b') throw new CommitRefused('stale');
      return id;
    },
  });
  expect(reasons(outcomes)).toEqual(['done', 'stale', 'done']);
  expect(done).toEqual(['a', 'c']);
  expect(ids()).toEqual(['a', 'c']);
});

it('a full file ends the transaction: the whole group is unavailable, and no later member runs', () => {
  db.exec('PRAGMA max_page_count = 10');
  const ran: string[] = [];
  const { outcomes, done } = commitTogether(db, ['a', 'taken', 'large', 'c', 'd'], {
    run: (id) => {
      ran.push(id);
      if (id === 'taken') throw new CommitRefused('conflict');
      return insert(id, 'x'.repeat(id === 'large' ? 100_000 : 10));
    },
  });
  expect(reasons(outcomes)).toEqual(Array(5).fill('unavailable'));
  expect(done).toEqual([]);
  expect(ran).toEqual(['a', 'taken', 'large']);
  expect(ids()).toEqual([]);
  expect(reasons(commitTogether(db, ['e'], { run: (id) => insert(id) }).outcomes)).toEqual(['done']);
});

it('a commit that fails refuses the whole group, and leaves nothing of it', () => {
  db.setAuthorizer((action, operation) => (action === constants.SQLITE_TRANSACTION && operation === 'COMMIT' ? constants.SQLITE_DENY : constants.SQLITE_OK));
  const { outcomes } = commitTogether(db, ['a', 'b'], { run: (id) => insert(id) });
  db.setAuthorizer(null);
  expect(reasons(outcomes)).toEqual(['unavailable', 'unavailable']);
  expect(db.isTransaction).toBe(false);
  expect(ids()).toEqual([]);
});

it('what fails just before the commit refuses the whole group', () => {
  const { outcomes } = commitTogether(db, ['a', 'b'], { run: (id) => insert(id), seal: () => { throw new Error('no keys'); } });
  expect(outcomes).toEqual(Array(2).fill({ is: 'refused', reason: 'unavailable', detail: 'no keys' }));
  expect(ids()).toEqual([]);
});

it('a log that was written but could not be made durable is overwritten, or else the outcome is unknown', () => {
  const fsyncFailed = Object.assign(new Error('disk I/O error'), { errcode: 1034 });
  const group = (): string[] => reasons(commitTogether(db, ['a'], { run: (id) => insert(id), seal: () => { throw fsyncFailed; } }).outcomes);
  expect(group()).toEqual(['unavailable']);
  db.setAuthorizer((action) => (action === constants.SQLITE_PRAGMA ? constants.SQLITE_DENY : constants.SQLITE_OK));
  expect(group()).toEqual(['unknown']);
  db.setAuthorizer(null);
});

it('a group of refused members only is no commit at all', () => {
  let isSealed = false;
  commitTogether(db, ['a'], { run: () => { throw new CommitRefused('stale'); }, seal: () => { isSealed = true; } });
  expect(isSealed).toBe(false);
  expect(db.isTransaction).toBe(false);
});
