import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { consistencyProof, EMPTY_ROOT, GrowingRoot, inclusionProof, leafHash, nodeHash, provesConsistency, provesInclusion, type Subtree } from './merkle.ts';
import { Edge, packed, subtreesIn, tileId, unpacked } from './tiles.ts';

const leaves = (count: number): Buffer[] => Array.from({ length: count }, (_, place) => leafHash(`record ${place}`));

/** As RFC 9162 defines it, word for word. */
function rootOf(all: readonly Buffer[]): Buffer {
  if (all.length === 0) return EMPTY_ROOT;
  if (all.length === 1) return all[0] as Buffer;
  let split = 1;
  while (split * 2 < all.length) split *= 2;
  return nodeHash(rootOf(all.slice(0, split)), rootOf(all.slice(split)));
}

const subtreeOf = (all: readonly Buffer[]): Subtree => (level, index) => Promise.resolve(rootOf(all.slice(index * 2 ** level, (index + 1) * 2 ** level)));

describe('the tree of all records', () => {
  it('hashes as others do: the roots of the test vectors of certificate transparency', () => {
    // Of the leaves '', 00, 10, 2021, … that implementations of RFC 6962 share.
    const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map((hex) => leafHash(Buffer.from(hex, 'hex')));
    const growing = new GrowingRoot();
    const roots = inputs.map((leaf) => (growing.push(leaf), growing.root().toString('hex')));
    expect([EMPTY_ROOT.toString('hex'), roots[0], roots[1], roots[7]]).toEqual([
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    ]);
  });

  it('grows tile by tile to the root that the whole of it has', async () => {
    const all = leaves(66_100);
    const growing = new GrowingRoot();
    const kept = new Map<string, string>();
    let edge = await Edge.of(0, () => Promise.resolve([]));
    for (const count of [1, 2, 253, 1, 255, 300, 44, 65_000, 200, 44]) {
      const more = all.slice(edge.size, edge.size + count);
      for (const leaf of more) growing.push(leaf);
      const grown = edge.grown(more);
      for (const [id, hashes] of grown.changed) kept.set(id, packed(hashes));
      const read = (level: number, index: number) => Promise.resolve(unpacked(kept.get(tileId(level, index))!));
      edge = grown.edge;
      expect([edge.size, edge.root()]).toEqual([growing.size, growing.root()]);
      expect((await Edge.of(edge.size, read)).root()).toEqual(growing.root());
      const path = await inclusionProof(edge.size - 1, edge.size, subtreesIn(read));
      expect(provesInclusion(more.at(-1)!, edge.size - 1, edge.size, path, edge.root())).toBe(true);
    }
  });

  it('proves that a leaf is in it, and nothing else', async () => {
    const all = leaves(70);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 70 }), fc.nat(69), fc.nat(), async (size, at, which) => {
        const index = at % size;
        const root = rootOf(all.slice(0, size));
        const proof = await inclusionProof(index, size, subtreeOf(all));
        expect(provesInclusion(all[index]!, index, size, proof, root)).toBe(true);
        const other = which % 70;
        expect(provesInclusion(all[other]!, index, size, proof, root)).toBe(other === index);
        expect(provesInclusion(all[index]!, other, size, proof, root)).toBe(other === index);
        expect(provesInclusion(all[index]!, index, size, [...proof, root], root)).toBe(false);
        for (const place of proof.keys()) expect(provesInclusion(all[index]!, index, size, proof.toSpliced(place, 1), root)).toBe(false);
      }),
      { numRuns: 300, seed: 5 },
    );
  });

  it('proves that it begins with what it was, and finds a fork', async () => {
    const all = leaves(70);
    const forked = all.with(3, leafHash('another'));
    for (let size = 1; size <= 70; size++) {
      for (let from = 0; from <= size; from++) {
        const before = { size: from, root: rootOf(all.slice(0, from)) };
        const after = { size, root: rootOf(all.slice(0, size)) };
        const proof = await consistencyProof(from, size, subtreeOf(all));
        expect(provesConsistency(before, after, proof)).toBe(true);
        const isBeforeFork = from <= 3;
        expect(provesConsistency({ size: from, root: rootOf(forked.slice(0, from)) }, after, proof)).toBe(isBeforeFork);
        const other = { size, root: rootOf(forked.slice(0, size)) };
        expect(provesConsistency(before, other, await consistencyProof(from, size, subtreeOf(forked)))).toBe(isBeforeFork);
      }
    }
  });
});
