import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { paced } from './paced.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** Work that takes two seconds each time. */
function newWork() {
  const clock = { at: 0 };
  const began: number[] = [];
  let failures = 0;
  const work = paced(() => {
    began.push(clock.at);
    clock.at += 2_000;
    if (failures-- > 0) throw new Error('the disk is full');
  }, () => clock.at);
  const pass = (ms: number): void => {
    clock.at += ms;
    vi.advanceTimersByTime(ms);
  };
  return { work, began, pass, fail: (times: number) => (failures = times) };
}

it('is done at once when it is wanted first, and then no more than a fiftieth of the time, however often it is wanted', () => {
  const { work, began, pass } = newWork();
  for (let wanted = 0; wanted < 300; wanted++) {
    work.want();
    pass(1_000);
  }
  expect(began[0]).toBe(0);
  expect(began.length).toBeGreaterThan(2);
  expect(began.slice(1).filter((at, index) => at - began[index]! < 100_000)).toEqual([]);
});

it('what was wanted while it rested is done by the next one, once; nothing is done when nothing is wanted', () => {
  const { work, began, pass } = newWork();
  work.want();
  work.want();
  work.want();
  pass(200_000);
  expect(began).toHaveLength(2);
  pass(500_000);
  expect(began).toHaveLength(2);
});

it('what failed is tried again by itself, and what is still wanted at the end is done then', () => {
  const { work, began, pass, fail } = newWork();
  fail(1);
  work.want();
  pass(5_000);
  expect(began).toHaveLength(2);
  work.want();
  work.finish();
  work.finish();
  expect(began).toHaveLength(3);
});
