/** Two dates, of which the first and the last may be open: what happened between them. */
export interface Range {
  readonly from: number | null;
  readonly to: number | null;
}

export function isInOrder({ from, to }: Range): boolean {
  return from === null || to === null || from <= to;
}

/** What is asked of everybody has one date at least: nobody is named there, so that without one it would be everything there is. */
export function isBounded({ of, from, to }: Range & { readonly of: object }): boolean {
  return !('type' in of && of.type === 'everybody') || from !== null || to !== null;
}

export const OUT_OF_ORDER = 'the end comes before the beginning';
export const UNBOUNDED = 'of everybody there has to be a date: from when, up to when, or both';
