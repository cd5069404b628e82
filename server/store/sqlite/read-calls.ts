import type { SQLInputValue } from 'node:sqlite';
import type { Kind } from '../kinds.ts';

/** A statement of a read. The last value it takes, the limit, is added by whoever runs it. */
export interface ReadStep {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

/** `find` runs its steps in order until `limit` rows are there. Questions are planned on the asking side, where their mistakes belong. */
export type ReaderCall =
  | { readonly do: 'get'; readonly kind: Kind; readonly id: string }
  | { readonly do: 'find'; readonly kind: Kind; readonly steps: readonly ReadStep[]; readonly limit: number }
  | { readonly do: 'search'; readonly step: ReadStep; readonly limit: number };

/** Id, version, body; and when found by an index the value of its last field. A key that is lost is found with no body. */
export type WiredDocument = readonly [id: string, version: number, body: string];
export type FoundDocument = readonly [id: string, version: number, body: string | null, last: string | number | null];
export type FoundWords = readonly [kind: Kind, id: string, snippet: string];
