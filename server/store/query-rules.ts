import type { Kind } from './kinds.ts';
import type { IndexQuery } from './store.ts';

/** Most documents on one page. */
export const MOST_ITEMS = 1_000;

/** A query whose index is not known to the compiler: what a caller without types could ask. */
export type AnyQuery = Omit<IndexQuery<Kind>, 'index'> & { readonly index: string };

type Indexes = Readonly<Record<string, { readonly indexes: Readonly<Record<string, readonly string[]>> }>>;

/** The fields of the index that a query names, in order. Throws for anything that is not declared; every adapter asks this first. */
export function fieldsOf({ kind, index, where, limit }: AnyQuery, kinds: Indexes): readonly string[] {
  const fields = kinds[kind]?.indexes[index];
  if (fields === undefined) throw new Error(`kind ${kind} declares no index ${index}`);
  if (where.length !== fields.length - 1) throw new Error(`index ${index} of ${kind} takes ${fields.length - 1} values, not ${where.length}`);
  checkLimit(limit);
  return fields;
}

/** Throws unless the limit is a whole number from 1 to 1,000. */
export function checkLimit(limit: number): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_ITEMS) throw new Error(`a page has 1 to ${MOST_ITEMS} items, not ${limit}`);
}
