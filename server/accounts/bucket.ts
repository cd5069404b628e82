/** So many at once, refilled evenly over the time. */
export interface Allowance {
  readonly count: number;
  readonly perMs: number;
}

/** What was left of an allowance, and when. */
export interface Bucket {
  readonly left: number;
  readonly at: number;
}

/** Takes one more out of a bucket; `undefined` is a full one. `waitMs` is 0 when it may be had, else how long it takes until it may. */
export function draw(bucket: Bucket | undefined, { count, perMs }: Allowance, at: number): { after: Bucket; waitMs: number } {
  const perToken = perMs / count;
  // A clock that is set back gives nothing, and takes nothing either: else everybody would be kept out for as long as it was set back.
  const left = bucket === undefined ? count : Math.min(count, bucket.left + Math.max(0, at - bucket.at) / perToken);
  return left >= 1 ? { after: { left: left - 1, at }, waitMs: 0 } : { after: { left, at }, waitMs: Math.ceil((1 - left) * perToken) };
}
