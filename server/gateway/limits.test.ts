import { expect, it } from 'vitest';
import { limiter } from './limits.ts';

const one = () => limiter({ count: 1, perMs: 1_000 }, () => 0);

it('a visitor with a whole /64 of addresses has one allowance, and the neighbour another', () => {
  const limit = one();
  expect(limit.take('2001:db8:1:2::1')).toBe(0);
  expect(limit.take('2001:db8:1:2:ffff:ffff:ffff:ffff')).toBeGreaterThan(0);
  expect(limit.take('2001:0DB8:0001:0002::7')).toBeGreaterThan(0);
  expect(limit.take('2001:db8:1:3::1')).toBe(0);
});

it('an IPv4 address is one visitor, also when it is written as IPv6', () => {
  const limit = one();
  expect(limit.take('::ffff:192.0.2.1')).toBe(0);
  expect(limit.take('192.0.2.1')).toBeGreaterThan(0);
  expect(limit.take('::ffff:c000:201')).toBeGreaterThan(0);
  expect(limit.take('::ffff:192.0.2.2')).toBe(0);
});

it('what is no address counts as it is', () => {
  const limit = one();
  expect([limit.take('mara@example.org'), limit.take('jens@example.org'), limit.take('fe80::1%eth0'), limit.take('::1')]).toEqual([0, 0, 0, 0]);
});

it('a clock that is set back keeps nobody out for longer than the allowance says', () => {
  const clock = { at: 3_600_000 };
  const limit = limiter({ count: 2, perMs: 2_000 }, () => clock.at);
  expect(limit.take('mara')).toBe(0);
  clock.at = 0;
  expect(limit.take('mara')).toBe(0);
  expect(limit.take('mara')).toBe(1_000);
  clock.at = 1_000;
  expect(limit.take('mara')).toBe(0);
});
