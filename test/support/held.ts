import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isCovered, KINDS, type Kind } from '../../server/store/kinds.ts';
import type { TestDatabase } from './mongo-database.ts';

/** What no commit without a record may change, the records, and every key. A head moves with its records, or with whoever owns a conversation next, which is nothing that happens in it. */
const KEPT = (Object.keys(KINDS) as Kind[]).filter((kind) => isCovered(kind) || kind === 'record' || kind === 'key');

/** All of that as it lies in the files of a data folder, or in a database, one line a document: read past the store, also while somebody runs on it. */
export async function heldIn({ folder, database }: { readonly folder: string; readonly database: TestDatabase | undefined }): Promise<readonly string[]> {
  if (database === undefined) return [...rowsOf(join(folder, 'gorunchat.db'), KEPT), ...rowsOf(join(folder, 'keys.db'), ['wrapped'])];
  const held = await Promise.all(KEPT.map(async (kind) => (await database.db.collection(kind).find().toArray()).map((document) => `${kind} ${JSON.stringify(document)}`)));
  return held.flat().toSorted();
}

function rowsOf(file: string, tables: readonly string[]): string[] {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return tables.flatMap((table) => db.prepare(`SELECT * FROM "${table}" ORDER BY id`).all().map((row) => `${table} ${JSON.stringify(row)}`));
  } finally {
    db.close();
  }
}
