// Runs without any dependency, as everything of `gorunchat verify` does.
import { createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { linesOf } from '../../byte-lines.ts';

/** What the verifier looks at, and the checkpoints that witnesses have cosigned. */
const KINDS = ['record', 'head', 'pending', 'sealed', 'tile', 'checkpoint', 'generation', 'cosigned'] as const;
export type CheckedKind = (typeof KINDS)[number];

/** A document as a MongoDB database keeps it: its body, or a head as it is. */
interface Copied {
  readonly _id: unknown;
  readonly json?: unknown;
  readonly version: number;
}
/** All documents of a kind; none of one that the version did not have yet. */
export type ReadKind = (kind: CheckedKind) => AsyncIterable<Copied>;

/** Whether this folder is the content of a backup of a MongoDB database. */
export function isCopied(folder: string): boolean {
  return existsSync(join(folder, 'record.ndjson'));
}

/** The documents of such a folder. */
export function copiedIn(folder: string): ReadKind {
  return async function* (kind) {
    const file = join(folder, `${kind}.ndjson`);
    if (!existsSync(file)) return;
    for await (const line of linesOf(createReadStream(file))) yield JSON.parse(line.toString()) as Copied;
  };
}

const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A file that the verifier reads as it reads that of a data folder, with what `fill` puts into it; beside the system's temporary ones, for as long as `use` takes or until somebody ends the process. */
export async function inFile<T>(fill: (file: string) => Promise<void>, use: (file: string) => Promise<T>): Promise<T> {
  const beside = mkdtempSync(join(tmpdir(), 'gorunchat-verify-'));
  const remove = (): void => rmSync(beside, { recursive: true, force: true });
  const end = (): never => {
    remove();
    process.exit(2);
  };
  for (const signal of ENDING) process.once(signal, end);
  try {
    const file = join(beside, 'gorunchat.db');
    await fill(file);
    return await use(file);
  } finally {
    for (const signal of ENDING) process.off(signal, end);
    remove();
  }
}

/** What somebody else has put there is no text; whoever reads it says so. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

/** Puts all that is read into a file, which begins anew. Throws a sentence where there is nothing, which would otherwise be intact. */
export async function fillFrom(read: ReadKind, file: string): Promise<void> {
  rmSync(file, { force: true });
  const db = new DatabaseSync(file);
  try {
    db.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN');
    let isEmpty = true;
    for (const kind of KINDS) {
      db.exec(`CREATE TABLE ${kind} (id TEXT PRIMARY KEY NOT NULL, body TEXT NOT NULL) STRICT`);
      const add = db.prepare(`INSERT INTO ${kind} (id, body) VALUES (?, ?)`);
      for await (const { _id, json, version: _version, ...head } of read(kind)) {
        isEmpty = false;
        add.run(textOf(_id), textOf(json ?? head));
      }
    }
    db.exec('COMMIT');
    if (isEmpty) throw new Error('there is no data of the product');
  } finally {
    db.close();
  }
}
