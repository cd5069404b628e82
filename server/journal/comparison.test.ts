import { expect, it } from 'vitest';
import type { KeptRecord } from '../../contracts/records.ts';
import type { Store } from '../store/store.ts';
import { openComparison } from './comparison.ts';
import { digestOf } from './sinks/record-row.ts';
import type { Sink } from './sinks/sink.ts';

const recordAt = (number: number): KeptRecord => ({ chain: 'audit', number, epoch: 1, at: 1, type: 'signed-in', key: 'k', sealed: '', previous: '', hash: String(number) });

/** A log of any size, each of whose records is what its number says. */
const store = {
  find: ({ from, to, limit }: { from: number; to: number; limit: number }) => Promise.resolve({ items: Array.from({ length: Math.min(limit, to - from + 1) }, (_, index) => ({ id: '', version: 1, body: { chain: 'audit', number: from + index + 1, place: from + index } })), cursor: null }),
  get: (_kind: string, id: string) => Promise.resolve({ id, version: 1, body: recordAt(Number(id.slice('audit:'.length))) }),
} as unknown as Store;

const copyWithout = (gone?: number) => ({
  place: 'the copy',
  digests: (from: number, to: number) => Promise.resolve(new Map(Array.from({ length: to - from }, (_, index) => from + index).filter((place) => place !== gone).map((place) => [place, digestOf({ place, record: recordAt(place + 1) })]))),
}) as unknown as Sink;

it.each([100, 5_000, 3_000_000, 40_000_000])('[RE9] all of %d records are compared within half a day, with two looks in a minute', async (size) => {
  const comparison = openComparison(store, copyWithout(), () => 0);
  await comparison.step(size);
  const looks = Math.ceil(size / comparison.upTo!);
  expect(looks / 2 / 60).toBeLessThanOrEqual(12);
  expect(comparison.upTo).toBeGreaterThanOrEqual(Math.min(size, 2_000));
});

it('[RE9] the first place that differs is told wherever in a look it is, and looked at again at the next', async () => {
  const comparison = openComparison(store, copyWithout(1_777), () => 0);
  await expect(comparison.step(3_000_000)).rejects.toMatchObject({ place: 1_777, message: 'Record 1777 in the copy is missing: it was removed.' });
  await expect(comparison.step(3_000_000)).rejects.toMatchObject({ place: 1_777 });
});
