// Proofs of RFC 9162, sections 2.1.3.2 and 2.1.4.2.
import { isSame } from './bytes.ts';
import type { Primitives } from './primitives.ts';

/** What a leaf and a node begin with, so that neither can be taken for the other. */
export const LEAF = Uint8Array.of(0);
export const NODE = Uint8Array.of(1);

/** The hash of what has these two below it. */
export type NodeHash = (left: Uint8Array, right: Uint8Array) => Uint8Array;

/** With the SHA-256 that there is here: a browser’s page has its own. RFC 9162, 2.1.1. */
export function nodeHashWith({ sha256 }: Pick<Primitives, 'sha256'>): NodeHash {
  return (left, right) => sha256().update(NODE).update(left).update(right).digest();
}

/** A place in a tree and the proof of it: the hashes beside the way up. */
export interface Place {
  readonly index: number;
  readonly size: number;
  readonly proof: readonly Uint8Array[];
}

/** Whether the proof leads from this leaf to this root. */
export function isIncluded(nodeHash: NodeHash, leaf: Uint8Array, { index, size, proof }: Place, root: Uint8Array): boolean {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) return false;
  let [place, last, hash] = [index, size - 1, leaf];
  for (const other of proof) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      hash = nodeHash(other, hash);
      while (place % 2 === 0 && place !== 0) [place, last] = [half(place), half(last)];
    } else hash = nodeHash(hash, other);
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && isSame(hash, root);
}

const half = (number: number): number => Math.floor(number / 2);
