import type { DatabaseSync } from 'node:sqlite';
import type { Declarations, Declared } from './calls.ts';
import type { Migration } from './migrations.ts';

/** The four files of a data folder. `main` holds every kind but drafts; of keys it holds only where each is. */
export const FILES = { main: 'gorunchat.db', keys: 'keys.db', search: 'search.db', drafts: 'drafts.db' } as const;

/** What made each file what it is today, oldest first; the tables of kinds are kept by `declareKinds`. Names with an underscore are no kinds. */
export const MIGRATIONS: Readonly<Record<keyof typeof FILES, readonly Migration[]>> = {
  main: [(db) => db.exec(`
    CREATE TABLE _words (mark INTEGER NOT NULL) STRICT;
    INSERT INTO _words VALUES (0);
    CREATE TABLE _afterwards (number INTEGER PRIMARY KEY AUTOINCREMENT, file TEXT NOT NULL, what TEXT NOT NULL) STRICT;
  `),
  // A key says beside its slot which master key wrapped it, so that those of an earlier one are found.
  (db) => {
    const isThere = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'key'").get() !== undefined;
    if (isThere) db.exec("UPDATE key SET body = json_object('slot', json_extract(body, '$')) WHERE json_type(body) = 'text'");
  }],
  keys: [(db) => db.exec('CREATE TABLE wrapped (id TEXT NOT NULL, slot TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (id, slot)) STRICT')],
  search: [(db) => db.exec(`
    CREATE TABLE mark (mark INTEGER NOT NULL) STRICT;
    INSERT INTO mark VALUES (0);
    CREATE TABLE entry (number INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, owner TEXT NOT NULL, mark INTEGER NOT NULL, UNIQUE (kind, id)) STRICT;
    CREATE TABLE behind (kind TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;
    CREATE VIRTUAL TABLE text USING fts5 (owner, words, tokenize = "unicode61 remove_diacritics 2");
    INSERT INTO text (text, rank) VALUES ('secure-delete', 1);
  `)],
  drafts: [
    () => {},
    (db) => {
      db.exec('CREATE TABLE piece (number INTEGER PRIMARY KEY, id TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL) STRICT');
      const isOld = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'draft'").get() !== undefined;
      if (isOld) db.exec('INSERT INTO piece (id, version, body) SELECT id, version, body FROM draft ORDER BY rowid; DROP TABLE draft');
    },
  ],
};

/** The kinds that live in the main file. */
export function mainKinds(kinds: Declarations): Declarations {
  return Object.fromEntries(Object.entries(kinds).filter(([kind]) => kind !== 'draft'));
}

/** A name as SQL reads it, whatever is in it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The value of a body's field; written the same in an index and in a query, else the index is not used. */
export function field(name: string): string {
  return `json_extract(body, '$.${quoted(name).replaceAll("'", "''")}')`;
}

/** Makes the tables and indexes that are declared and not there, and drops indexes that are declared otherwise or no longer. Run at every start. */
export function declareKinds(db: DatabaseSync, kinds: Declarations): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    for (const [kind, declared] of Object.entries(kinds)) {
      db.exec(`CREATE TABLE IF NOT EXISTS ${quoted(kind)} (id TEXT PRIMARY KEY NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL${declared.hasText ? ', words INTEGER' : ''}) STRICT`);
      declareIndexes(db, kind, declared);
    }
    if ('record' in kinds) keepRecords(db);
    db.exec('COMMIT');
  } finally {
    if (db.isTransaction) db.exec('ROLLBACK');
  }
}

function declareIndexes(db: DatabaseSync, kind: string, declared: Declared): void {
  const wanted = new Map(Object.entries(declared.indexes).map(([name, fields]) => {
    const indexName = `${kind}.${name}`;
    return [indexName, `CREATE INDEX ${quoted(indexName)} ON ${quoted(kind)} (${[...fields.map(field), 'id'].join(', ')})`];
  }));
  const there = db.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL").all(kind);
  for (const { name, sql } of there as { name: string; sql: string }[]) {
    if (wanted.get(name) === sql) wanted.delete(name);
    else db.exec(`DROP INDEX ${quoted(name)}`);
  }
  for (const sql of wanted.values()) db.exec(sql);
}

/** The file itself refuses a changed or removed record, whoever asks; one that would take the place of another is not written. */
function keepRecords(db: DatabaseSync): void {
  for (const change of ['UPDATE', 'DELETE']) {
    db.exec(`CREATE TRIGGER IF NOT EXISTS "record.no-${change.toLowerCase()}" BEFORE ${change} ON record BEGIN SELECT RAISE(ABORT, 'a record is never changed or removed'); END`);
  }
  db.exec('CREATE TRIGGER IF NOT EXISTS "record.no-replace" BEFORE INSERT ON record WHEN EXISTS (SELECT 1 FROM record WHERE id = NEW.id) BEGIN SELECT RAISE(IGNORE); END');
}
