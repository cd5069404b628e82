// Notes and checkpoints that public tools can read: c2sp.org/signed-note and c2sp.org/tlog-checkpoint.
import { base64Of, bytesOf, hexOf, isSame } from './bytes.ts';
import { commonSize, generationsIn, type Generation } from './generations.ts';
import type { Primitives } from './primitives.ts';

/** What is signed: how many records there are, in their order, and the root of the tree over them. */
export interface Checkpoint {
  /** The name of the log; two logs never have the same. */
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  /** The restores that it came through. */
  readonly generations: readonly Generation[];
}

/** Whether two checkpoints of one log must have the same root: they speak of as many records, all of which are in both. */
export function isOfSameMoment(one: Checkpoint, other: Checkpoint): boolean {
  return one.origin === other.origin && one.size === other.size && one.size <= commonSize(one.generations, other.generations);
}

export const ED25519 = 1;
export const KEY_HASH_BYTES = 4;
const NO_KEY: Readonly<Record<number, string>> = { [ED25519]: 'this is no public key of a log', 4: 'this is no public key of a witness' };

/** By which a signature says whose it is. */
export function keyHash({ sha256 }: Pick<Primitives, 'sha256'>, name: string, key: Uint8Array, algorithm = ED25519): Uint8Array {
  return sha256().update(`${name}\n`).update(Uint8Array.of(algorithm)).update(key).digest().subarray(0, KEY_HASH_BYTES);
}

/** Whoever signs, as others know them. */
export interface Verifier {
  readonly name: string;
  readonly hash: Uint8Array;
  readonly key: Uint8Array;
}

/** What a public key as signed-note writes it says. Throws a sentence when it is none of this algorithm. */
export function verifierOf(primitives: Primitives, text: string, algorithm = ED25519): Verifier {
  const [, name, hex, base64] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/u.exec(text.trim()) ?? [];
  const bytes = bytesOf(base64 ?? '');
  const key = bytes.subarray(1);
    if (name === undefined || bytes[0] !== algorithm || bytes.length !== 33) throw new Error(NO_KEY[algorithm]);
  const hash = keyHash(primitives, name, key, algorithm);
  if (hexOf(hash) !== hex) throw new Error(NO_KEY[algorithm]);
  return { name, hash, key };
}

/** The checkpoint of a note that one of these keys has signed. Throws a sentence when none has, or when it is no checkpoint. */
export function checkpointIn(primitives: Primitives, note: string, verifierKeys: readonly string[]): Checkpoint {
  const [origin = '', size = '', root = '', ...more] = signedTextIn(primitives, note, verifierKeys).split('\n');
  const hash = bytesOf(root);
  if (origin === '' || !/^(?:0|[1-9]\d{0,15})$/u.test(size) || hash.length !== 32 || base64Of(hash) !== root) throw new Error('this is no checkpoint');
  return { origin, size: Number(size), root: hash, generations: generationsIn(more) };
}

/** The text of a note that one of these keys has signed; signatures of others are passed over. Throws a sentence when there is none. */
export function signedTextIn(primitives: Primitives, note: string, verifierKeys: readonly string[]): string {
  const split = note.indexOf('\n\n');
  if (split < 0 || !note.endsWith('\n')) throw new Error('this is no signed note');
  const text = note.slice(0, split + 1);
  const signatures = note.slice(split + 2, -1).split('\n');
  const isSigned = verifierKeys.map((key) => verifierOf(primitives, key)).some((verifier) => signatures.some((line) => isOf(primitives, verifier, line, text)));
  if (!isSigned) throw new Error('no key that is known has signed this');
  return text;
}

function isOf(primitives: Primitives, { name, hash, key }: Verifier, line: string, text: string): boolean {
  const [, by, base64 = ''] = /^— (\S+) ([A-Za-z0-9+/=]+)$/u.exec(line) ?? [];
  const bytes = bytesOf(base64);
  // The one way to write these bytes: base64 has others, that a change could hide in.
  return by === name && base64Of(bytes) === base64 && isSame(bytes.subarray(0, KEY_HASH_BYTES), hash) && primitives.isSigned(key, text, bytes.subarray(KEY_HASH_BYTES));
}
