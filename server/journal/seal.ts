import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, randomFillSync, type KeyObject } from 'node:crypto';

/** 256 bits for AES-GCM. */
export type Key = Buffer;

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A key for AES-256 from the system’s random source. */
export function newKey(): Key {
  return randomBytes(32);
}

/** Making the engine's form of a key costs several times as much as sealing a few words with it. It goes when the key goes. */
const preparedKeys = new WeakMap<Key, KeyObject>();

function prepared(key: Key): KeyObject {
  const known = preparedKeys.get(key);
  if (known !== undefined) return known;
  const made = createSecretKey(key);
  preparedKeys.set(key, made);
  return made;
}

/** Random bytes for many nonces are drawn at once. Each is used for one sealing, within the call. */
const nonces = Buffer.alloc(NONCE_BYTES * 512);
let nextAt = nonces.length;

function nextNonce(): Buffer {
  if (nextAt === nonces.length) {
    randomFillSync(nonces);
    nextAt = 0;
  }
  const nonce = nonces.subarray(nextAt, nextAt + NONCE_BYTES);
  nextAt += NONCE_BYTES;
  return nonce;
}

/** Encrypts bytes with AES-256-GCM. `place` says where they belong; they cannot be opened as if they stood elsewhere. Base64 of nonce, tag, cipher text. */
export function sealBytes(bytes: Uint8Array, key: Key, place: string): string {
  const nonce = nextNonce();
  const cipher = createCipheriv('aes-256-gcm', prepared(key), nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(place));
  const body = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64');
}

/** Opens what `sealBytes` made; throws when key, place or content differ. */
export function openBytes(sealed: string, key: Key, place: string): Buffer {
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', prepared(key), bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(place));
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
}

/** The value as JSON, encrypted and authenticated; it can be opened only for the same `place`. */
export function seal(value: unknown, key: Key, place: string): string {
  return sealBytes(Buffer.from(JSON.stringify(value)), key, place);
}

/** The value that was sealed. It was made by us and cannot have been changed since (GCM), so its shape is taken as given. */
export function open<T>(sealed: string, key: Key, place: string): T {
  return JSON.parse(openBytes(sealed, key, place).toString()) as T;
}
