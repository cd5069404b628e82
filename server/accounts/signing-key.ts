import { errors, jwtVerify, type JWTPayload } from 'jose';
import type { Keys } from '../journal/keys.ts';
import type { Key } from '../journal/seal.ts';
import { CommitRefused } from '../store/refused.ts';
import { UNFENCED, type Store } from '../store/store.ts';

/** A key of the deployment for one purpose, under its master key: the same for all instances. Whoever needs it first makes it; what failed is tried again. */
export function openSigningKey(store: Store, keys: Keys, name: string): () => Promise<Key> {
  let kept: Promise<Key> | undefined;
  return () =>
    (kept ??= keyFor(store, keys, name).catch((error: unknown) => {
      kept = undefined;
      throw error;
    }));
}

async function keyFor(store: Store, keys: Keys, name: string): Promise<Key> {
  const there = await keys.of(name);
  if (there !== undefined) return there;
  const made = keys.make(name, name);
  try {
    await store.commit([made.change], UNFENCED);
    return made.key;
  } catch (error) {
    if (!(error instanceof CommitRefused && (error.reason === 'conflict' || error.reason === 'unknown'))) throw error;
    return keyFor(store, keys, name);
  }
}

/** What a token says, when one of these keys has signed it with HS256 and it has not run out; anything else is nobody's. */
export async function verified(token: string, secrets: readonly Uint8Array[], options: { currentDate: Date; clockTolerance?: number }): Promise<JWTPayload | undefined> {
  for (const secret of secrets) {
    try {
      return (await jwtVerify(token, secret, { ...options, algorithms: ['HS256'], requiredClaims: ['exp', 'sub'] })).payload;
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
    }
  }
  return undefined;
}
