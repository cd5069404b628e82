/** So many at once, refilled evenly over the time. */
export interface Allowance {
  readonly count: number;
  readonly perMs: number;
}

/** Counts what each key does. */
export interface Limiter {
  /** 0 when it may go ahead (and that is counted), else the milliseconds until it may. */
  take(key: string): number;
}

const MOST_KEYS = 50_000;

/** A token bucket for each key; beyond 50,000 keys the longest unused one is forgotten. */
export function limiter(allowance: Allowance, now: () => number): Limiter {
  const buckets = new Map<string, { left: number; at: number }>();
  const perToken = allowance.perMs / allowance.count;
  return {
    take(key) {
      const at = now();
      const bucket = buckets.get(key);
      const left = bucket === undefined ? allowance.count : Math.min(allowance.count, bucket.left + (at - bucket.at) / perToken);
      buckets.delete(key);
      buckets.set(key, { left: left < 1 ? left : left - 1, at });
      if (buckets.size > MOST_KEYS) buckets.delete(buckets.keys().next().value as string);
      return left >= 1 ? 0 : Math.ceil((1 - left) * perToken);
    },
  };
}
