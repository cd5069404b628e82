import { createHash } from 'node:crypto';
import type { KeptRecord } from '../../../contracts/records.ts';
import type { Placed } from './sink.ts';

/**
 * A record as a query copy holds it: all of it that is no secret in columns of their own, and what it says as the cipher text that is kept. So nothing in a query copy can be read
 * once the key is destroyed. No name is a reserved word of BigQuery or DuckDB.
 */
export interface RecordRow {
  readonly place: number;
  readonly chain: string;
  readonly number: number;
  readonly epoch: number;
  /** Milliseconds since the epoch. */
  readonly at_ms: number;
  readonly type: string;
  readonly key_id: string;
  readonly sealed: string;
  readonly previous_hash: string;
  readonly record_hash: string;
}

/** In the order in which tables have them. */
export const COLUMNS = ['place', 'chain', 'number', 'epoch', 'at_ms', 'type', 'key_id', 'sealed', 'previous_hash', 'record_hash'] as const satisfies readonly (keyof RecordRow)[];

/** What is digested of a row, in the SQL of both databases. No column may hold a line break, and none of a record does: so no two rows of as many columns have the same text. */
export const DIGESTED = `CONCAT(${COLUMNS.map((column) => `CAST(${column} AS STRING)`).join(', CHR(10), ')})`;

/** A record with its place, as a row of a table. */
export function rowOf({ place, record }: Placed): RecordRow {
  const { chain, number, epoch, at, type, key, sealed, previous, hash } = record;
  return { place, chain, number, epoch, at_ms: at, type, key_id: key, sealed, previous_hash: previous, record_hash: hash };
}

/** The record that a row stands for. */
export function placedOf(row: RecordRow): Placed {
  const { place, chain, number, epoch, at_ms: at, type, key_id: key, sealed, previous_hash: previous, record_hash: hash } = row;
  return { place, record: { chain: chain as KeptRecord['chain'], number, epoch, at, type, key, sealed, previous, hash } };
}

/** Stands for a record with its place: SHA-256 over all columns, one a line, in hex. */
export function digestOf(placed: Placed): string {
  const row = rowOf(placed);
  return createHash('sha256').update(COLUMNS.map((column) => row[column]).join('\n')).digest('hex');
}
