import { randomBytes } from 'node:crypto';
import { existsSync, openSync, readFileSync, writeSync, fsyncSync, closeSync } from 'node:fs';
import { Failure } from '../../contracts/failures.ts';
import type { Change, Store } from '../store/store.ts';
import { newKey, openBytes, sealBytes, type Key } from './seal.ts';

/** Keys of conversations and persons, each wrapped by the deployment's master key. Destroying one makes everything under it unreadable. */
export interface Keys {
  /** The key of a conversation or person; `undefined` when it was destroyed or never made, which is not told apart. */
  of(id: string): Promise<Key | undefined>;
  /** Who the key was made for: nobody else may bring content under it. */
  ownerOf(id: string): Promise<string | undefined>;
  /** A new key with the change that keeps it; until that is committed only the caller has it. */
  make(id: string, owner: string): { key: Key; change: Change };
  forget(id: string): void;
}

/** Under which the key of a person is kept. */
export const personKey = (user: string): string => `person:${user}`;

/** Keys kept unwrapped in memory: the most recently used ones. */
const CACHED = 10_000;

/** Data keys of this store, wrapped by the master key. */
export function openKeys(store: Store, master: Key): Keys {
  const cache = new Map<string, Key>();
  const remember = (id: string, key: Key): Key => {
    cache.delete(id);
    cache.set(id, key);
    if (cache.size > CACHED) cache.delete(cache.keys().next().value as string);
    return key;
  };
  return {
    async of(id) {
      const known = cache.get(id);
      if (known !== undefined) return remember(id, known);
      const kept = await store.get('key', id);
      return kept === undefined ? undefined : remember(id, openBytes(kept.body.wrapped, master, `key:${id}`));
    },
    ownerOf: async (id) => (await store.get('key', id))?.body.owner,
    make(id, owner) {
      const key = newKey();
      return { key, change: { do: 'add', kind: 'key', id, body: { owner, wrapped: sealBytes(key, master, `key:${id}`) } } };
    },
    forget: (id) => void cache.delete(id),
  };
}

/** The master key: 64 hex digits from the environment, else from a file that is made at the first start, readable by its owner only. */
export function masterKey(file: string, fromEnvironment: string | undefined): Key {
  const read = fromEnvironment ?? (existsSync(file) ? readFileSync(file, 'utf8') : makeMasterKey(file));
  if (!/^[0-9a-f]{64}$/i.test(read.trim())) {
    throw new Failure('internal', { detail: fromEnvironment === undefined ? `${file} does not hold a master key (64 hex digits)` : 'GORUNCHAT_MASTER_KEY must be 64 hex digits' });
  }
  return Buffer.from(read.trim(), 'hex');
}

function makeMasterKey(file: string): string {
  const made = randomBytes(32).toString('hex');
  const handle = openSync(file, 'wx', 0o600);
  writeSync(handle, `${made}\n`);
  fsyncSync(handle);
  closeSync(handle);
  return made;
}
