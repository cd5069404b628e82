import { sign } from 'node:crypto';
import { COSIGNATURE, cosignedText } from '../../contracts/proofs/cosignature.ts';
import { keyHash } from '../../contracts/proofs/note.ts';
import { nodePrimitives } from './node-primitives.ts';
import { keyPairOf } from './signed-note.ts';

/** Cosigns checkpoints of others under one key. */
export interface Cosigner {
  /** With which others check: name, hash and public key. */
  readonly verifierKey: string;
  /** The line that says so under the text of a checkpoint. */
  cosignature(text: string, seconds: number): string;
}

/** A cosigner whose private key is made of these 32 bytes. */
export function openCosigner(seed: Buffer, name: string): Cosigner {
  const { key, bytes } = keyPairOf(seed);
  const hash = Buffer.from(keyHash(nodePrimitives, name, bytes, COSIGNATURE));
  return {
    verifierKey: `${name}+${hash.toString('hex')}+${Buffer.concat([Buffer.of(COSIGNATURE), bytes]).toString('base64')}`,
    cosignature(text, seconds) {
      const time = Buffer.alloc(8);
      time.writeBigUInt64BE(BigInt(seconds));
      return `— ${name} ${Buffer.concat([hash, time, sign(null, Buffer.from(cosignedText(text, seconds)), key)]).toString('base64')}\n`;
    },
  };
}
