import { isIPv6 } from 'node:net';
import { Failure } from '../../contracts/failures.ts';
import { draw, type Allowance, type Bucket } from '../accounts/bucket.ts';

/** Counts what each key does. */
export interface Limiter {
  /** 0 when it may go ahead (and that is counted), else the milliseconds until it may. */
  take(key: string): number;
  /** The same; throws `rate-limited` when it may not. */
  admit(key: string): void;
}

const MOST_KEYS = 50_000;

/** A token bucket for each key; beyond 50,000 keys the longest unused one is forgotten. An IPv6 address counts as its /64: whoever has one has all of it. */
export function limiter(allowance: Allowance, now: () => number): Limiter {
  const buckets = new Map<string, Bucket>();
  const take = (given: string): number => {
    const key = networkAt(given);
    const { after, waitMs } = draw(buckets.get(key), allowance, now());
    buckets.delete(key);
    buckets.set(key, after);
    if (buckets.size > MOST_KEYS) buckets.delete(buckets.keys().next().value as string);
    return waitMs;
  };
  return {
    take,
    admit(key) {
      const retryAfterMs = take(key);
      if (retryAfterMs > 0) throw new Failure('rate-limited', { retryAfterMs });
    },
  };
}

/** What stands for whoever is at this address; the same for the whole /64 of an IPv6 one, and anything else as it is. */
export function networkAt(address: string): string {
  return isIPv6(address) ? networkOf(address) : address;
}

/** The first half of an IPv6 address, or the IPv4 address that it stands for. */
function networkOf(address: string): string {
  const [start = '', end = ''] = new URL(`http://[${address.replace(/%.*/u, '')}]`).hostname.slice(1, -1).split('::');
  const first = start.split(':').filter(Boolean);
  const last = end.split(':').filter(Boolean);
  const groups = [...first, ...Array.from({ length: 8 - first.length - last.length }, () => '0'), ...last].map((group) => Number.parseInt(group, 16));
  const [high = 0, low = 0] = groups.slice(6);
  if (groups.slice(0, 6).join() === '0,0,0,0,0,65535') return [high >> 8, high & 255, low >> 8, low & 255].join('.');
  return groups.slice(0, 4).join(':');
}
