import { describe, expect, it } from 'vitest';
import { LoopLag, watchLoop } from './loop-lag.ts';

function after(...looks: number[]): LoopLag {
  const lag = new LoopLag();
  for (const lateMs of looks) lag.note(lateMs);
  return lag;
}

describe('the event loop counts as behind', () => {
  it('after three looks in a row that were late by more than a second', () => {
    expect(after(5, 5, 5, 5, 5, 1_100, 1_100).isBehind).toBe(false);
    expect(after(5, 5, 5, 5, 5, 1_100, 1_100, 1_100).isBehind).toBe(true);
  });

  it('never for one hiccup or two, however long', () => {
    expect(after(5, 5, 5, 60_000, 5).isBehind).toBe(false);
    expect(after(60_000, 5, 5, 5, 60_000).isBehind).toBe(false);
  });

  it('never for a machine on which everything is late by less than a second', () => {
    expect(after(900, 950, 999, 900, 950).isBehind).toBe(false);
  });

  it('not before there are looks enough, so that a slow start refuses nobody', () => {
    expect(after(5_000, 5_000, 5_000, 5_000).isBehind).toBe(false);
  });

  it('no longer once three looks were in time', () => {
    expect(after(2_000, 2_000, 2_000, 2_000, 2_000, 1, 1).isBehind).toBe(true);
    expect(after(2_000, 2_000, 2_000, 2_000, 2_000, 1, 1, 1).isBehind).toBe(false);
  });
});

it('a loop that is held up is seen to be late by about as long', async () => {
  const { promise, resolve } = Promise.withResolvers<number>();
  const lag = new LoopLag();
  const note = lag.note.bind(lag);
  lag.note = (lateMs) => {
    note(lateMs);
    resolve(lateMs);
  };
  const stop = watchLoop(lag);
  const held = performance.now() + 400;
  while (performance.now() < held); // 250 ms until the look, and 150 too late
  expect(await promise).toBeGreaterThan(140);
  stop();
});
