import type { DatabaseSync } from 'node:sqlite';
import type { Declarations } from './calls.ts';
import { quoted } from './schema.ts';
import { ownerToken } from './text-query.ts';
import { emptyLog, inTransaction, writeAnew } from './write-ahead.ts';

/** What a commit means for search: words given, or a document with words gone. */
export interface WordsChange {
  readonly kind: string;
  readonly id: string;
  readonly text: { readonly owner: string; readonly words: string } | null;
  /** Given again: passed over when nothing is missing any more, so that what came meanwhile stays. */
  readonly isAgain?: boolean;
}

/**
 * The file of searchable words, written after the main file's commit. The main file says under which mark each document's words were given last; both files keep the
 * last mark. Marks that differ mean a crash in between: then words of documents that are gone are removed here, and documents whose words are missing are listed
 * as behind until somebody gives them again.
 */
export interface Words {
  /** Never throws: what could not be written is found by the marks, at the latest with the next change. */
  write(changes: readonly WordsChange[], mark: number): void;
  /** Documents whose words are missing, at most `limit`. Throws when the file cannot be compared with the main file. */
  behind(limit: number): readonly { readonly kind: string; readonly id: string }[];
  isBehindWith(kind: string, id: string): boolean;
  /** Leaves no byte of what was removed. Throws when somebody else holds the file. */
  scrub(): void;
}

/** `mainMark` is the mark of the main file, whose path is `mainPath`. */
export function wordsIn(db: DatabaseSync, { mainPath, mainMark, kinds }: { mainPath: string; mainMark: number; kinds: Declarations }): Words {
  const readMark = db.prepare('SELECT mark FROM mark');
  const writeMark = db.prepare('UPDATE mark SET mark = ?');
  const firstBehind = db.prepare('SELECT kind, id FROM behind ORDER BY kind, id LIMIT ?');
  const oneBehind = db.prepare('SELECT 1 FROM behind WHERE kind = ? AND id = ?');
  const writeOne = prepareWrite(db);
  let reached = mainMark;
  let isLogDue = false;
  const isInStep = (): boolean => (readMark.get() as { mark: number }).mark === reached;
  const catchUp = (): void => {
    inAttached(db, mainPath, () => inTransaction(db, () => {
      for (const [kind, declared] of Object.entries(kinds)) if (declared.hasText) compare(db, kind);
      writeMark.run(reached);
    }));
  };
  if (!isInStep()) catchUp();
  return {
    write: (changes, mark) => {
      try {
        if (!isInStep()) catchUp();
        inTransaction(db, () => {
          for (const change of changes) writeOne(change, mark);
          writeMark.run(mark);
        });
        isLogDue ||= changes.some((change) => change.text === null);
        if (isLogDue) emptyLog(db);
        isLogDue = false;
      } catch {
        // The documents are committed and stay so. The mark was not written, so the next call, or the next start, compares the files.
        // A log that could not be emptied of removed words is due again with the next call.
      }
      reached = mark;
    },
    behind: (limit) => {
      if (!isInStep()) catchUp();
      return firstBehind.all(limit).map((row) => ({ kind: String(row['kind']), id: String(row['id']) }));
    },
    isBehindWith: (kind, id) => oneBehind.get(kind, id) !== undefined,
    scrub: () => {
      if (!isInStep()) catchUp();
      writeAnew(db);
    },
  };
}

function prepareWrite(db: DatabaseSync): (change: WordsChange, mark: number) => void {
  const find = db.prepare('SELECT number FROM entry WHERE kind = ? AND id = ?');
  const addEntry = db.prepare('INSERT INTO entry (kind, id, owner, mark) VALUES (?, ?, ?, ?)');
  const changeEntry = db.prepare('UPDATE entry SET owner = ?, mark = ? WHERE number = ?');
  const removeEntry = db.prepare('DELETE FROM entry WHERE number = ?');
  const addText = db.prepare('INSERT INTO text (rowid, owner, words) VALUES (?, ?, ?)');
  const removeText = db.prepare('DELETE FROM text WHERE rowid = ?');
  const notBehind = db.prepare('DELETE FROM behind WHERE kind = ? AND id = ?');
  return ({ kind, id, text, isAgain = false }, mark) => {
    const found = (find.get(kind, id) as { number: number } | undefined)?.number;
    const wasBehind = notBehind.run(kind, id).changes > 0;
    if (isAgain && !wasBehind) return;
    if (found !== undefined) removeText.run(found);
    if (text === null) {
      if (found !== undefined) removeEntry.run(found);
      return;
    }
    if (found !== undefined) changeEntry.run(text.owner, mark, found);
    const number = found ?? addEntry.run(kind, id, text.owner, mark).lastInsertRowid;
    addText.run(number, ownerToken(text.owner), text.words.replaceAll('\u0002', ' ').replaceAll('\u0003', ' '));
  };
}

/** Removes the words of documents of a kind that are gone, and lists those whose last words are not here. */
function compare(db: DatabaseSync, kind: string): void {
  const documents = `content.${quoted(kind)}`;
  const gone = `SELECT number FROM entry WHERE kind = ? AND NOT EXISTS (SELECT 1 FROM ${documents} AS document WHERE document.id = entry.id AND document.words IS NOT NULL)`;
  db.prepare(`DELETE FROM text WHERE rowid IN (${gone})`).run(kind);
  db.prepare(`DELETE FROM entry WHERE number IN (${gone})`).run(kind);
  db.prepare('DELETE FROM behind WHERE kind = ?').run(kind);
  db.prepare(`INSERT INTO behind SELECT ?, id FROM ${documents} AS document WHERE document.words IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM entry WHERE entry.kind = ? AND entry.id = document.id AND entry.mark = document.words)`).run(kind, kind);
}

function inAttached(db: DatabaseSync, path: string, run: () => void): void {
  db.prepare('ATTACH ? AS content').run(path);
  try {
    run();
  } finally {
    db.exec('DETACH content');
  }
}
