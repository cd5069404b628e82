import { expect, it } from 'vitest';
import { dayBegins, dayEnds, fieldOf, secondEnds } from './dates.ts';

it('a day is whole, and so is a second, in the zone of who reads', () => {
  expect([dayBegins(''), dayEnds(''), secondEnds('')]).toEqual([null, null, null]);
  expect(dayEnds('2026-11-20')! - dayBegins('2026-11-20')!).toBe(86_400_000 - 1);
  expect(new Date(dayBegins('2026-11-20')!).getHours()).toBe(0);
  const at = new Date(2026, 10, 20, 14, 21, 5, 300).getTime();
  expect(fieldOf(at)).toBe('2026-11-20T14:21:05');
  expect(secondEnds(fieldOf(at))).toBe(at + 699);
});
