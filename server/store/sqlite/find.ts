import type { SQLInputValue } from 'node:sqlite';
import { readPlace } from '../cursor.ts';
import { fieldsOf } from '../query-rules.ts';
import type { AnyQuery } from '../query-rules.ts';
import type { Declarations } from './calls.ts';
import type { ReadStep } from './read-calls.ts';
import { field, quoted } from './schema.ts';

/**
 * The statements of a query, to be run in order until the page is full. A page that begins in the middle takes two where documents without a value follow or
 * lead those with one, so that each is a plain walk along the index. Throws for anything that is not declared.
 */
export function planFind(query: AnyQuery, kinds: Declarations): readonly ReadStep[] {
  const { kind, index, where, order = 'up' } = query;
  const fields = fieldsOf(query, kinds);
  const last = field(fields.at(-1) as string);
  const leading = conjunction(where.map((value, place) => equals(field(fields[place] as string), value)));
  const bounds = conjunction([
    ...(query.from === undefined ? [] : [term(`${last} >= ?`, query.from)]),
    ...(query.to === undefined ? [] : [term(`${last} <= ?`, query.to)]),
  ]);
  const direction = order === 'up' ? 'ASC' : 'DESC';
  return segments(query, last).map((segment) => {
    const all = conjunction([leading, bounds, segment]);
    const condition = all.sql === '' ? '' : `WHERE ${all.sql}`;
    const ordering = [...(segment.isWithoutValue === true ? [] : [last]), 'id'].map((sql) => `${sql} ${direction}`).join(', ');
    return { sql: `SELECT id, version, body, ${last} AS last FROM ${source(kind, index)} ${condition} ORDER BY ${ordering} LIMIT ?`, values: all.values };
  });
}

/** Drafts have no index in their file; the thread that knows where they stand gives the numbers as the first value. */
function source(kind: string, index: string): string {
  if (kind === 'draft') return '(SELECT * FROM piece WHERE number IN (SELECT value FROM json_each(?)))';
  return `${quoted(kind)} INDEXED BY ${quoted(`${kind}.${index}`)}`;
}

interface Term {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

/** Where no document has a value they are ordered by id alone: SQLite does not see that an order by nothing needs no sorting. */
interface Segment extends Term {
  readonly isWithoutValue?: boolean;
}

const term = (sql: string, ...values: SQLInputValue[]): Term => ({ sql, values });

/** What is left of the index after the cursor. Documents without a value come before all others. */
function segments({ after, from, to, order = 'up' }: AnyQuery, last: string): readonly Segment[] {
  if (after === undefined) return [term('')];
  const [value, id] = readPlace(after);
  const isBounded = from !== undefined || to !== undefined;
  if (order === 'up') {
    if (value !== null) return [term(`${last} >= ? AND (${last} > ? OR id > ?)`, value, value, id)];
    return [{ ...term(`${last} IS NULL AND id > ?`, id), isWithoutValue: true }, term(`${last} IS NOT NULL`)];
  }
  if (value === null) return [{ ...term(`${last} IS NULL AND id < ?`, id), isWithoutValue: true }];
  const rest = term(`${last} <= ? AND (${last} < ? OR id < ?)`, value, value, id);
  return isBounded ? [rest] : [rest, { ...term(`${last} IS NULL`), isWithoutValue: true }];
}

function equals(sql: string, value: string | number | boolean | null): Term {
  if (value === null) return term(`${sql} IS NULL`);
  return term(`${sql} = ?`, typeof value === 'boolean' ? Number(value) : value);
}

function conjunction(terms: readonly Term[]): Term {
  const there = terms.filter(({ sql }) => sql !== '');
  return { sql: there.map(({ sql }) => sql).join(' AND '), values: there.flatMap(({ values }) => values) };
}
