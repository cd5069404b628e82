import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { KINDS } from '../kinds.ts';
import { declareKinds } from './schema.ts';

const indexesOf = (db: DatabaseSync): unknown[] => db.prepare("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name").all().map(({ name }) => name);

it('the file follows the declarations: indexes come, change and go, documents stay', () => {
  const db = new DatabaseSync(':memory:');
  const declared = (indexes: Record<string, readonly string[]>) => ({ thing: { isOfConversation: false, hasText: false, indexes } });
  declareKinds(db, declared({ one: ['a'], two: ['b'] }));
  db.exec(`INSERT INTO thing VALUES ('x', 1, '{"a":1}')`);
  declareKinds(db, declared({ two: ['b', 'a'], three: ['c'] }));
  expect(indexesOf(db)).toEqual(['thing.three', 'thing.two']);
  expect(db.prepare("SELECT sql FROM sqlite_schema WHERE name = 'thing.two'").get()?.['sql']).toContain('"a"');
  expect(db.prepare('SELECT count(*) AS count FROM thing').get()?.['count']).toBe(1);
});

it('an index that is declared as before is not built again', () => {
  const db = new DatabaseSync(':memory:');
  declareKinds(db, KINDS);
  const version = (): unknown => db.prepare('PRAGMA schema_version').get()?.['schema_version'];
  const before = version();
  declareKinds(db, KINDS);
  expect(version()).toBe(before);
});

it('the file itself refuses a changed or removed record', () => {
  const db = new DatabaseSync(':memory:');
  declareKinds(db, KINDS);
  db.exec(`INSERT INTO record VALUES ('r', 1, '{}')`);
  for (const sql of [`UPDATE record SET body = '{"a":1}'`, 'DELETE FROM record']) {
    expect(() => db.exec(sql)).toThrow('a record is never changed or removed');
  }
  db.exec(`INSERT OR REPLACE INTO record VALUES ('r', 2, '{"a":1}')`);
  expect({ ...db.prepare('SELECT * FROM record').get() }).toEqual({ id: 'r', version: 1, body: '{}' });
});
