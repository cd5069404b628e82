import { setImmediate } from 'node:timers/promises';
import { SimulatedClock } from 'xstate';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LOOK_MS, MOST_WAIT_MS, type Shipped } from '../../machines/shipping.ts';
import { atMost, startShipper, type Shipper } from './shipper.ts';

class ForGood extends Error {}

describe('[RE9] a shipper', () => {
  let shipper: Shipper;
  let clock: SimulatedClock;
  let steps: (() => Promise<Shipped>)[];
  const warnings: string[] = [];
  const wentWell = async (): Promise<Shipped> => ({ holds: 1, of: 1 });
  const fails = (error: Error) => (): Promise<Shipped> => Promise.reject(error);

  beforeEach(() => {
    warnings.length = 0;
    clock = new SimulatedClock();
  });
  afterEach(() => shipper.end());

  const start = (...all: typeof steps): void => {
    steps = all;
    const ship = (): Promise<Shipped> => (steps.shift() ?? wentWell)();
    shipper = startShipper({ ship, timers: clock, warn: (error) => warnings.push((error as Error).message), isForGood: (problem) => problem instanceof ForGood });
  };
  const allDone = (): Promise<unknown> => vi.waitUntil(() => (clock.increment(MOST_WAIT_MS), steps.length === 0 && shipper.problem() === undefined), { interval: 1 });

  it('tells a run of failures once, and again when they turn out to be of the other sort', async () => {
    start(fails(new Error('away')), fails(new Error('still away')), fails(new ForGood('another log')), fails(new ForGood('another log still')), fails(new Error('away again')));
    await allDone();
    expect(warnings).toEqual(['away', 'another log', 'away again']);
  });

  it('tells the next failure after it went well', async () => {
    start(fails(new Error('away')), wentWell, fails(new Error('away again')));
    await allDone();
    expect(warnings).toEqual(['away', 'away again']);
  });

  it('begins nothing more once it is to end, and has ended when what was under way has', async () => {
    const underWay = Promise.withResolvers<Shipped>();
    start(() => underWay.promise, wentWell);
    let hasEnded = false;
    const ended = shipper.end().then(() => (hasEnded = true));
    await setImmediate();
    expect(hasEnded).toBe(false);
    underWay.reject(new Error('away'));
    await ended;
    clock.increment(LOOK_MS + MOST_WAIT_MS);
    expect([steps.length, warnings]).toEqual([1, []]);
  });
});

it('[RE9] what takes longer than it may is left', async () => {
  await atMost(1, new Promise(() => undefined));
  await expect(atMost(60_000, Promise.reject(new Error('refused')))).rejects.toThrow('refused');
});
