import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { Hash, Primitives } from '../../contracts/proofs/primitives.ts';

const utf8 = new TextEncoder();

/** What proofs are checked with in a page. Not the browser's own: that hashes nothing piece by piece, and is not there on a page that came without https. */
export const pagePrimitives: Primitives = {
  sha256: newHash,
  isSigned: (key, text, signature) => {
    try {
      return ed25519.verify(signature, utf8.encode(text), key, { zip215: false });
    } catch {
      return false; // what is no key, or no signature, has signed nothing
    }
  },
};

function newHash(): Hash {
  const hash = sha256.create();
  const growing: Hash = {
    update: (part) => {
      hash.update(typeof part === 'string' ? utf8.encode(part) : part);
      return growing;
    },
    digest: () => hash.digest(),
  };
  return growing;
}
