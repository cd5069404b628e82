import { expect, it } from 'vitest';
import type { Store } from '../store/store.ts';
import { openHealth } from './health.ts';

const WRITES = { work: () => Promise.resolve(true) };

/** A store whose next reads end as a test says. */
function newRead(how: () => Promise<undefined>): { store: Pick<Store, 'get'>; reads: () => number } {
  let count = 0;
  return { store: { get: () => ((count += 1), how()) }, reads: () => count };
}

it('a server is ready while its store answers, its bus is there and it stays', async () => {
  const bus = { isAway: false };
  const health = openHealth(newRead(() => Promise.resolve(undefined)).store, WRITES, bus);
  expect(await health.problems()).toEqual([]);
  bus.isAway = true;
  expect(await health.problems()).toEqual(['The bus is away.']);
  bus.isAway = false;
  expect(await health.problems()).toEqual([]);
  health.leave();
  expect(await health.problems()).toEqual(['The server is leaving.']);
});

it('why a server is not ready is said without a word of what the store said', async () => {
  const health = openHealth(newRead(() => Promise.reject(new Error('mongodb://mara:hunter2@db'))).store, WRITES, { isAway: true });
  expect(await health.problems()).toEqual(['The store does not answer.', 'The bus is away.']);
});

it('a store that hangs makes nobody wait for long, and is asked once, however many want to know', async () => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const { store, reads } = newRead(() => promise);
  const health = openHealth(store, WRITES, { isAway: false }, 5);
  expect(await Promise.all([health.problems(), health.problems()])).toEqual([['The store does not answer.'], ['The store does not answer.']]);
  expect(await health.problems()).toEqual(['The store does not answer.']);
  expect(reads()).toBe(1);
  resolve(undefined);
  await promise;
  expect(await health.problems()).toEqual([]);
});

it('a store that can be read and takes no writes is told of as that; one that cannot be read either, as one that does not answer', async () => {
  let reads = true;
  const writes = { work: (): Promise<boolean> => Promise.resolve(false) };
  const health = openHealth(newRead(() => (reads ? Promise.resolve(undefined) : Promise.reject(new Error('gone')))).store, writes, { isAway: false }, 5);
  expect(await health.problems()).toEqual(['The store takes no writes.']);
  writes.work = () => new Promise<boolean>(() => undefined);
  expect(await health.problems()).toEqual(['The store takes no writes.']);
  reads = false;
  expect(await health.problems()).toEqual(['The store does not answer.']);
});
