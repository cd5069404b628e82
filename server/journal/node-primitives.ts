// Runs without any dependency, as everything of `gorunchat verify` does.
import { createHash, createPublicKey, verify } from 'node:crypto';
import type { Primitives } from '../../contracts/proofs/primitives.ts';

const PUBLIC_BEFORE = Buffer.from('302a300506032b6570032100', 'hex');

/** What proofs are checked with on Node. */
export const nodePrimitives = {
  sha256: () => createHash('sha256'),
  isSigned: (key, text, signature) => verify(null, Buffer.from(text), createPublicKey({ key: Buffer.concat([PUBLIC_BEFORE, key]), format: 'der', type: 'spki' }), signature),
} as const satisfies Primitives;
