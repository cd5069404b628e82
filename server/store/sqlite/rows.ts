import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { ReadStep } from './read-calls.ts';

export type Prepare = (sql: string) => StatementSync;

/** Queries have few shapes, so each is compiled once. Rows come as arrays. */
export function preparedOnce(db: DatabaseSync): Prepare {
  const known = new Map<string, StatementSync>();
  return (sql) => {
    const statement = known.get(sql) ?? db.prepare(sql);
    if (!known.has(sql)) statement.setReturnArrays(true);
    known.set(sql, statement);
    return statement;
  };
}

/** What the steps find, in their order, until `limit` rows are there. `first` are the values that every step takes before its own. */
export function rowsOf(prepare: Prepare, steps: readonly ReadStep[], limit: number, ...first: readonly SQLInputValue[]): unknown[] {
  const rows: unknown[] = [];
  for (const { sql, values } of steps) {
    if (rows.length >= limit) break;
    rows.push(...prepare(sql).all(...first, ...values, limit - rows.length));
  }
  return rows;
}
