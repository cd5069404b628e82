// What a witness says of a checkpoint: c2sp.org/tlog-cosignature, with Ed25519.
import { base64Of, bytesOf, isSame } from './bytes.ts';
import { KEY_HASH_BYTES, verifierOf } from './note.ts';
import type { Primitives } from './primitives.ts';

export const COSIGNATURE = 4;
const TIME_BYTES = 8;
const SIGNATURE_BYTES = 64;

/** What a witness signs: that at this second (since the epoch) nothing that it had seen of the log before was missing in it. */
export function cosignedText(text: string, seconds: number): string {
  return `cosignature/v1\ntime ${seconds}\n${text}`;
}

/** When the witness with this key has cosigned the checkpoint of a note, in seconds since the epoch; `undefined` when it has not. Throws a sentence for what is no key of a witness. */
export function cosignedAt(primitives: Primitives, note: string, witnessKey: string): number | undefined {
  const { name, hash, key } = verifierOf(primitives, witnessKey, COSIGNATURE);
  const split = note.indexOf('\n\n');
  if (split < 0) return undefined;
  const text = note.slice(0, split + 1);
  for (const line of note.slice(split + 2).split('\n')) {
    const [, by, base64 = ''] = /^— (\S+) ([A-Za-z0-9+/=]+)$/u.exec(line) ?? [];
    const bytes = bytesOf(base64);
    if (by !== name || bytes.length !== KEY_HASH_BYTES + TIME_BYTES + SIGNATURE_BYTES || base64Of(bytes) !== base64 || !isSame(bytes.subarray(0, KEY_HASH_BYTES), hash)) continue;
    const seconds = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(KEY_HASH_BYTES));
    if (Number.isSafeInteger(seconds) && primitives.isSigned(key, cosignedText(text, seconds), bytes.subarray(KEY_HASH_BYTES + TIME_BYTES))) return seconds;
  }
  return undefined;
}

/** Who a key is said to be of. */
export function nameIn(verifierKey: string): string {
  return verifierKey.slice(0, verifierKey.indexOf('+'));
}
