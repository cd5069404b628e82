/** What happened between two dates, each of which may be open. */
export interface Range {
  readonly from: number | null;
  readonly to: number | null;
}

export function isInOrder({ from, to }: Range): boolean {
  return from === null || to === null || from <= to;
}

/** Whether what is asked of everybody has a date: nobody is named there, so without one it would be everything there is. */
export function isBounded({ of, from, to }: Range & { readonly of: object }): boolean {
  return !('type' in of && of.type === 'everybody') || from !== null || to !== null;
}

/** What schemas say of the others. */
export const OUT_OF_ORDER = 'the end comes before the beginning';
export const UNBOUNDED = 'of everybody there has to be a date: from when, up to when, or both';
