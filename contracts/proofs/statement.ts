import type { Subject } from '../cases.ts';
import type { ExportScope } from '../exports.ts';

/** A conversation as the statement names it: how many records it has under the checkpoint, from the first to the last. `isIncluded`: they are in the package. */
export interface Planned {
  readonly conversation: string;
  readonly owner: string;
  readonly site: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly deletedAt: number | null;
  readonly isErased: boolean;
  readonly records: number;
  readonly first: string;
  readonly last: string;
  readonly isIncluded: boolean;
}

/** The first line of a statement. Everything in the package is as it was under its checkpoint. */
export interface StatementHead {
  readonly statement: 'gorunchat';
  readonly v: 1;
  readonly at: number;
  readonly export: string;
  readonly case: string;
  readonly reason: string;
  readonly scope: ExportScope;
  readonly checkpoint: { readonly size: number; readonly at: number; readonly note: string; readonly keys: readonly string[] };
}

/** The line after the conversations of a person or a site: all that they had in the period, counted. */
export interface Counted {
  readonly subject: Subject;
  readonly from: number | null;
  readonly to: number | null;
  readonly conversations: number;
  readonly included: number;
  readonly records: number;
}
