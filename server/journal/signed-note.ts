// Notes and checkpoints that public tools can read: c2sp.org/signed-note and c2sp.org/tlog-checkpoint. Without any dependency, since the verifier uses it.
import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { checkpointIn, ED25519, keyHash, type Checkpoint as CheckedCheckpoint } from '../../contracts/proofs/note.ts';
import { linesOf } from '../../contracts/proofs/generations.ts';
import { nodePrimitives } from './node-primitives.ts';

/** What is signed: how many records there are, in their order, and the root of the tree over them. */
export interface Checkpoint extends CheckedCheckpoint {
  readonly root: Buffer;
}

const SEED_BEFORE = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_BEFORE = Buffer.from('302a300506032b6570032100', 'hex');

/** Signs checkpoints under one key. */
export interface Signer {
  readonly origin: string;
  /** With which others check: name, hash and public key, as signed-note writes them. */
  readonly verifierKey: string;
  /** The line that says so under a text of whole lines. */
  signature(text: string): string;
}

/** The private key that is made of these 32 bytes, and the bytes of the public one. */
export function keyPairOf(seed: Buffer): { key: KeyObject; bytes: Buffer } {
  const key = createPrivateKey({ key: Buffer.concat([SEED_BEFORE, seed]), format: 'der', type: 'pkcs8' });
  return { key, bytes: createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(PUBLIC_BEFORE.length) };
}

/** A signer whose private key is made of these 32 bytes. Without a name it is named after its public key. */
export function openSigner(seed: Buffer, name?: string): Signer {
  const { key, bytes } = keyPairOf(seed);
  const origin = name ?? `gorunchat/${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`;
  const hash = Buffer.from(keyHash(nodePrimitives, origin, bytes));
  return {
    origin,
    verifierKey: `${origin}+${hash.toString('hex')}+${Buffer.concat([Buffer.of(ED25519), bytes]).toString('base64')}`,
    signature: (text) => `— ${origin} ${Buffer.concat([hash, sign(null, Buffer.from(text), key)]).toString('base64')}\n`,
  };
}

/** A text of whole lines that all of these have signed. */
export function signedText(text: string, signers: readonly Signer[]): string {
  return `${text}\n${signers.map((signer) => signer.signature(text)).join('')}`;
}

/** A checkpoint that all of these have signed, at least one: so many records, the root over them, and the restores that they came through. */
export function signedCheckpoint({ size, root, generations = [] }: Pick<Checkpoint, 'size' | 'root'> & Partial<Checkpoint>, signers: readonly Signer[]): string {
  return signedText([signers[0]?.origin, size, root.toString('base64'), ...linesOf(generations), ''].join('\n'), signers);
}

/** What the log of a checkpoint is called; it is not looked at who has signed that. */
export function originOf(note: string): string {
  return note.slice(0, note.indexOf('\n'));
}

/** The checkpoint of a note that one of these keys has signed. Throws a sentence when none has, or when it is no checkpoint. */
export function readCheckpoint(note: string, verifierKeys: readonly string[]): Checkpoint {
  const checkpoint = checkpointIn(nodePrimitives, note, verifierKeys);
  return { ...checkpoint, root: Buffer.from(checkpoint.root) };
}
