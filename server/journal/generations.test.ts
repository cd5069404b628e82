import { describe, expect, it } from 'vitest';
import { commonSize, generationsIn, linesOf, restoreBetween, type Generation } from '../../contracts/proofs/generations.ts';
import { nextEpochs } from './lineage.ts';

const first: Generation = { number: 1, at: 1_796_000_000_000, after: 40 };
const second: Generation = { number: 2, at: 1_796_100_000_000, after: 30 };
/** The same backup, restored another time by somebody who did not know of the first. */
const another: Generation = { number: 1, at: 1_796_000_000_500, after: 40 };

describe('[RE17] two checkpoints of one log', () => {
  it('speak of the same records up to the earliest restore that only one of them knows', () => {
    expect(commonSize([], [])).toBe(Infinity);
    expect(commonSize([first], [first])).toBe(Infinity);
    expect([commonSize([], [first]), commonSize([first], [])]).toEqual([40, 40]);
    expect([commonSize([first], [first, second]), commonSize([], [first, second])]).toEqual([30, 40]);
    expect(commonSize([first], [another])).toBe(40);
  });

  it('are parted by a restore that is named, unless it is the kept one that knows more', () => {
    expect(restoreBetween([], [first, second])).toEqual(first);
    expect(restoreBetween([first], [first, second])).toEqual(second);
    expect(restoreBetween([first], [another])).toEqual(another);
    expect(restoreBetween([first], [])).toBeUndefined();
  });
});

it('[RE17] restores are read from the lines of a checkpoint as they were written, other lines are passed over, and what is not written so is refused', () => {
  expect(generationsIn(['other 1', ...linesOf([first, second]), ''])).toEqual([first, second]);
  for (const line of ['restored', 'restored ', 'restored 0 1 1', 'restored 1 1', 'restored 1 1 01', 'restored 1 1 1 ', 'restored 1 -1 1']) expect(() => generationsIn([`${line}${line === 'restored' ? ' x' : ''}`])).toThrow('cannot be read');
});

it('[RE17] epochs of a generation are above those of every one before, also where nobody knows of it any more, and stay whole numbers for centuries', () => {
  const at = Date.UTC(2026, 10, 30);
  const epoch = nextEpochs(at, 0);
  expect(nextEpochs(at + 1_000, 0) - epoch).toBe(65_536);
  expect(nextEpochs(at, epoch)).toBeGreaterThan(epoch);
  expect(nextEpochs(Date.UTC(2020, 0, 1), epoch)).toBeGreaterThan(epoch); // a clock that is wrong
  expect(Number.isSafeInteger(nextEpochs(Date.UTC(2500, 0, 1), 0) + 1)).toBe(true);
});
