import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { CommitRefused } from '../refused.ts';
import type { Fence } from '../store.ts';
import type { Declarations, WiredChange } from './calls.ts';
import { field, quoted } from './schema.ts';

/** A document before a change. `conversation` is given only for kinds of a conversation. */
export interface Before {
  readonly version: number;
  readonly body: string;
  readonly conversation: string | null;
}

/** Writes documents of one file. Every method runs inside the caller's transaction and throws `CommitRefused` when the change must not be. */
export interface Documents {
  /** Says what was there. An `add` never finds anything. */
  apply(change: WiredChange, chain: string | null): Before | undefined;
  moveHead(fence: Fence): void;
  /** Notes under which mark the words of a document were given. */
  markWords(kind: string, id: string, mark: number): void;
}

interface Table {
  readonly add: StatementSync;
  readonly read: StatementSync;
  readonly write: StatementSync;
  readonly remove: StatementSync;
  readonly isOfConversation: boolean;
}

/** The documents of a file, by prepared statements that are made once. */
export function documentsOf(db: DatabaseSync, kinds: Declarations): Documents {
  const tables = new Map<string, Table>();
  const tableOf = (kind: string): Table => {
    const known = tables.get(kind) ?? prepareTable(db, kind, kinds[kind]?.isOfConversation ?? false);
    tables.set(kind, known);
    return known;
  };
  const heads = 'head' in kinds ? prepareHeads(db) : undefined;
  const marks = new Map<string, StatementSync>();
  return {
    apply: (change, chain) => (change.do === 'add' ? addDocument(tableOf(change.kind), change) : changeDocument(tableOf(change.kind), change, chain)),
    moveHead: (fence) => {
      if (heads === undefined || !heads(fence)) throw new CommitRefused('stale', { detail: `head of ${fence.chain}` });
    },
    markWords: (kind, id, mark) => {
      const statement = marks.get(kind) ?? db.prepare(`UPDATE ${quoted(kind)} SET words = ? WHERE id = ?`);
      marks.set(kind, statement);
      statement.run(mark, id);
    },
  };
}

function prepareTable(db: DatabaseSync, kind: string, isOfConversation: boolean): Table {
  const name = quoted(kind);
  return {
    add: db.prepare(`INSERT INTO ${name} (id, version, body) VALUES (?, 1, ?) ON CONFLICT (id) DO NOTHING`),
    read: db.prepare(`SELECT version, body, ${isOfConversation ? field('conversation') : 'NULL'} AS conversation FROM ${name} WHERE id = ?`),
    write: db.prepare(`UPDATE ${name} SET version = version + 1, body = ? WHERE id = ?`),
    remove: db.prepare(`DELETE FROM ${name} WHERE id = ?`),
    isOfConversation,
  };
}

function addDocument(table: Table, change: WiredChange): undefined {
  if (table.add.run(change.id, change.body).changes === 0) throw new CommitRefused('conflict', { detail: `${change.kind} ${change.id} is there already` });
}

function changeDocument(table: Table, change: WiredChange, chain: string | null): Before | undefined {
  const before = table.read.get(change.id) as Before | undefined;
  if (change.version !== null && change.version !== (before?.version ?? 0)) {
    throw new CommitRefused('conflict', { detail: `${change.kind} ${change.id} has version ${before?.version ?? 0}, not ${change.version}` });
  }
  if (before !== undefined && table.isOfConversation && before.conversation !== chain) {
    throw new CommitRefused('unfenced', { detail: `${change.kind} ${change.id} is of another conversation` });
  }
  if (change.do === 'remove') table.remove.run(change.id);
  else if (before === undefined) addDocument(table, change);
  else table.write.run(change.body, change.id);
  return before;
}

/** One conditional write, never a read and then a write: also true when another process could write in between. */
function prepareHeads(db: DatabaseSync): (fence: Fence) => boolean {
  const begin = db.prepare('INSERT INTO head (id, version, body) VALUES (?, 1, ?) ON CONFLICT (id) DO NOTHING');
  const move = db.prepare(`UPDATE head SET version = version + 1, body = ?
    WHERE id = ? AND ${field('epoch')} = ? AND ${field('number')} = ? AND (${field('epoch')} < ? OR ${field('seq')} <= ?)`);
  return ({ chain, from, to }) => {
    const { epoch, seq, number, hash } = to;
    const body = JSON.stringify({ epoch, seq, number, hash });
    const { changes } = from === null ? begin.run(chain, body) : move.run(body, chain, from.epoch, from.number, epoch, seq);
    return changes === 1;
  };
}
