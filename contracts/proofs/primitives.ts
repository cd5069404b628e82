/** All that checking proofs needs of where it runs; everything else here is the language alone, so that it is the same on a server, on bare Node and in a page. */
export interface Primitives {
  sha256(): Hash;
  /** Whether the Ed25519 key (32 bytes) has signed the text; false as well for what is no key or no signature. */
  isSigned(key: Uint8Array, text: string, signature: Uint8Array): boolean;
}

export interface Hash {
  update(part: string | Uint8Array): Hash;
  digest(): Uint8Array;
}
