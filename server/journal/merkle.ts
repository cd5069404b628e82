// Hashing and proofs of RFC 9162, sections 2.1.1 to 2.1.4. Without any dependency, since the verifier uses it.
import { createHash } from 'node:crypto';
import { isIncluded, LEAF, NODE } from '../../contracts/proofs/merkle-proof.ts';

/** The root of a tree without leaves. */
export const EMPTY_ROOT = createHash('sha256').digest();

/** Of what a leaf stands for, told apart from nodes by its first byte. */
export function leafHash(bytes: string | Uint8Array): Buffer {
  return createHash('sha256').update(LEAF).update(bytes).digest();
}

/** Of the two hashes below it. RFC 9162, 2.1.1. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return createHash('sha256').update(NODE).update(left).update(right).digest();
}

/** The root of a whole subtree: of `2 ** level` leaves, the first of which is the leaf `index * 2 ** level`. */
export type Subtree = (level: number, index: number) => Promise<Buffer>;

/** The root over leaves that come one after another; holds one hash for each bit of their number. */
export class GrowingRoot {
  size = 0;
  readonly #whole: Buffer[] = [];

  push(leaf: Buffer): void {
    let hash = leaf;
    for (let rest = this.size; rest % 2 === 1; rest = Math.floor(rest / 2)) hash = nodeHash(this.#whole.pop() as Buffer, hash);
    this.#whole.push(hash);
    this.size += 1;
  }

  root(): Buffer {
    return this.#whole.reduceRight<Buffer | undefined>((right, left) => (right === undefined ? left : nodeHash(left, right)), undefined) ?? EMPTY_ROOT;
  }
}

async function rootOfRange(start: number, end: number, subtree: Subtree): Promise<Buffer> {
  const count = end - start;
  const level = Math.log2(count);
  if (Number.isInteger(level) && start % count === 0) return subtree(level, start / count);
  const split = start + halfOf(count);
  return nodeHash(await rootOfRange(start, split, subtree), await rootOfRange(split, end, subtree));
}

/** The largest power of two below it. */
function halfOf(count: number): number {
  return 2 ** Math.floor(Math.log2(count - 1));
}

/** That the leaf `index` is in the tree of `size` leaves: what it is hashed with, from the leaf up. */
export async function inclusionProof(index: number, size: number, subtree: Subtree): Promise<Buffer[]> {
  const path = async (start: number, end: number): Promise<Buffer[]> => {
    if (end - start === 1) return [];
    const split = start + halfOf(end - start);
    return index < split ? [...(await path(start, split)), await rootOfRange(split, end, subtree)] : [...(await path(split, end)), await rootOfRange(start, split, subtree)];
  };
  return path(0, size);
}

/** That the tree of `size` leaves begins with the one of `from` leaves. Empty when there is nothing to prove. */
export async function consistencyProof(from: number, size: number, subtree: Subtree): Promise<Buffer[]> {
  if (from === 0 || from === size) return [];
  const path = async (start: number, end: number, isWhole: boolean): Promise<Buffer[]> => {
    if (from === end) return isWhole ? [] : [await rootOfRange(start, end, subtree)];
    const split = start + halfOf(end - start);
    return from <= split ? [...(await path(start, split, isWhole)), await rootOfRange(split, end, subtree)] : [...(await path(split, end, false)), await rootOfRange(start, split, subtree)];
  };
  return path(0, size, true);
}

/** Whether the proof leads from this leaf to this root. */
export function provesInclusion(leaf: Buffer, index: number, size: number, proof: readonly Buffer[], root: Buffer): boolean {
  return isIncluded(nodeHash, leaf, { index, size, proof }, root);
}

/** Whether the proof leads from the root of the first `from` leaves to the root of all of them. */
export function provesConsistency(from: { size: number; root: Buffer }, to: { size: number; root: Buffer }, proof: readonly Buffer[]): boolean {
  if (from.size > to.size) return false;
  if (from.size === to.size) return proof.length === 0 && from.root.equals(to.root);
  if (from.size === 0) return proof.length === 0;
  const [first, ...rest] = Number.isInteger(Math.log2(from.size)) ? [from.root, ...proof] : proof;
  if (first === undefined) return false;
  let [place, last] = [from.size - 1, to.size - 1];
  while (place % 2 === 1) [place, last] = [half(place), half(last)];
  let [before, after] = [first, first];
  for (const other of rest) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      [before, after] = [nodeHash(other, before), nodeHash(other, after)];
      while (place % 2 === 0 && place !== 0) [place, last] = [half(place), half(last)];
    } else after = nodeHash(after, other);
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && before.equals(from.root) && after.equals(to.root);
}

const half = (number: number): number => Math.floor(number / 2);
