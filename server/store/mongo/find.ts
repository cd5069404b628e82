import type { Document, Filter } from 'mongodb';
import { readPlace } from '../cursor.ts';
import { KINDS } from '../kinds.ts';
import { fieldsOf } from '../query-rules.ts';
import type { AnyQuery } from '../query-rules.ts';
import type { KeptDocument } from './documents.ts';

/** One walk along an index. */
export interface Walk {
  readonly filter: Filter<KeptDocument>;
  readonly sort: Readonly<Record<string, 1 | -1>>;
}

export interface FindPlan {
  /** To be walked in order until the page is full. */
  readonly walks: readonly Walk[];
  /** The field by which pages are ordered. */
  readonly last: string;
}

/** Where an index field lies in a document. */
export function pathOf(field: string): string {
  return `by.${field}`;
}

/**
 * A page that begins in the middle takes two walks where documents without a value follow or lead those with one. Every value stands behind an operator of ours,
 * so that none can be one. Throws for anything that is not declared.
 */
export function planFind(query: AnyQuery): FindPlan {
  const fields = fieldsOf(query, KINDS);
  const { where, from, to, order = 'up' } = query;
  const last = fields.at(-1) as string;
  const direction = order === 'up' ? 1 : -1;
  const leading = where.map((value, place) => ({ [pathOf(fields[place] as string)]: { $eq: value } }));
  const bounds = [...(from === undefined ? [] : [{ [pathOf(last)]: { $gte: from } }]), ...(to === undefined ? [] : [{ [pathOf(last)]: { $lte: to } }])];
  return {
    last,
    walks: segments(query, pathOf(last)).map((segment) => {
      const all = [...leading, ...bounds, ...segment];
      return { filter: all.length === 0 ? {} : { $and: all }, sort: { [pathOf(last)]: direction, _id: direction } };
    }),
  };
}

/** What is left of the index after the cursor. Documents without a value come before all others. */
function segments({ after, from, to, order = 'up' }: AnyQuery, last: string): Document[][] {
  if (after === undefined) return [[]];
  const [value, id] = readPlace(after);
  if (order === 'up') {
    if (value === null) return [[{ [last]: { $eq: null } }, { _id: { $gt: id } }], [{ [last]: { $ne: null } }]];
    return [[{ [last]: { $gte: value } }, { $or: [{ [last]: { $gt: value } }, { _id: { $gt: id } }] }]];
  }
  if (value === null) return [[{ [last]: { $eq: null } }, { _id: { $lt: id } }]];
  const rest = [{ [last]: { $lte: value } }, { $or: [{ [last]: { $lt: value } }, { _id: { $lt: id } }] }];
  return from !== undefined || to !== undefined ? [rest] : [rest, [{ [last]: { $eq: null } }]];
}
