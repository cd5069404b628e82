// Notes and checkpoints that public tools can read: c2sp.org/signed-note and c2sp.org/tlog-checkpoint. Without any dependency, since the verifier uses it.
import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { generationsIn, linesOf, type Generation } from './generations.ts';

/** What is signed: how many records there are, in their order, and the root of the tree over them. */
export interface Checkpoint {
  /** The name of the log; two logs never have the same. */
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
  /** The restores that it came through. */
  readonly generations: readonly Generation[];
}

const ED25519 = 1;
const SEED_BEFORE = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_BEFORE = Buffer.from('302a300506032b6570032100', 'hex');
const HASH_BYTES = 4;

/** Signs checkpoints under one key. */
export interface Signer {
  readonly origin: string;
  /** With which others check: name, hash and public key, as signed-note writes them. */
  readonly verifierKey: string;
  /** The line that says so under a text of whole lines. */
  signature(text: string): string;
}

/** A signer whose private key is made of these 32 bytes. Without a name it is named after its public key. */
export function openSigner(seed: Buffer, name?: string): Signer {
  const key = createPrivateKey({ key: Buffer.concat([SEED_BEFORE, seed]), format: 'der', type: 'pkcs8' });
  const bytes = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(PUBLIC_BEFORE.length);
  const origin = name ?? `gorunchat/${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`;
  const hash = keyHash(origin, bytes);
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

function keyHash(name: string, bytes: Uint8Array): Buffer {
  return createHash('sha256').update(`${name}\n`).update(Buffer.of(ED25519)).update(bytes).digest().subarray(0, HASH_BYTES);
}

interface Verifier {
  readonly name: string;
  readonly hash: Buffer;
  readonly key: KeyObject;
}

function verifierOf(text: string): Verifier {
  const [, name, hex, base64] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/u.exec(text.trim()) ?? [];
  const bytes = Buffer.from(base64 ?? '', 'base64');
  if (name === undefined || bytes[0] !== ED25519 || bytes.length !== 33 || keyHash(name, bytes.subarray(1)).toString('hex') !== hex) throw new Error('this is no public key of a log');
  return { name, hash: Buffer.from(hex, 'hex'), key: createPublicKey({ key: Buffer.concat([PUBLIC_BEFORE, bytes.subarray(1)]), format: 'der', type: 'spki' }) };
}

/** The checkpoint of a note that one of these keys has signed. Throws a sentence when none has, or when it is no checkpoint. */
export function readCheckpoint(note: string, verifierKeys: readonly string[]): Checkpoint {
  const [origin = '', size = '', root = '', ...more] = readNote(note, verifierKeys).split('\n');
  const hash = Buffer.from(root, 'base64');
  if (origin === '' || !/^(?:0|[1-9]\d{0,15})$/u.test(size) || hash.length !== 32 || hash.toString('base64') !== root) throw new Error('this is no checkpoint');
  return { origin, size: Number(size), root: hash, generations: generationsIn(more) };
}

/** The text of a note that one of these keys has signed; signatures of others are passed over. Throws a sentence when there is none. */
export function readNote(note: string, verifierKeys: readonly string[]): string {
  const split = note.indexOf('\n\n');
  if (split < 0 || !note.endsWith('\n')) throw new Error('this is no signed note');
  const text = note.slice(0, split + 1);
  const signatures = note.slice(split + 2, -1).split('\n');
  const isSigned = verifierKeys.map(verifierOf).some((verifier) => signatures.some((line) => isOf(verifier, line, text)));
  if (!isSigned) throw new Error('no key that is known has signed this');
  return text;
}

function isOf({ name, hash, key }: Verifier, line: string, text: string): boolean {
  const [, by, base64] = /^— (\S+) ([A-Za-z0-9+/=]+)$/u.exec(line) ?? [];
  const bytes = Buffer.from(base64 ?? '', 'base64');
  // The one way to write these bytes: base64 has others, that a change could hide in.
  return by === name && bytes.toString('base64') === base64 && bytes.subarray(0, HASH_BYTES).equals(hash) && verify(null, Buffer.from(text), key, bytes.subarray(HASH_BYTES));
}
