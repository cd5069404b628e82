import type { Change, Store } from '../store/store.ts';
import { masterKeys, unwrap, wrap, type MasterKeys } from './master-keys.ts';
import { newKey, type Key } from './seal.ts';

export { masterKey } from './master-keys.ts';

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

/** Data keys of this store, wrapped by a master key. */
export function openKeys(store: Store, given: Key | MasterKeys): Keys {
  const masters = given instanceof Uint8Array ? masterKeys(given) : given;
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
      return kept === undefined ? undefined : remember(id, unwrap(id, kept.body, masters));
    },
    ownerOf: async (id) => (await store.get('key', id))?.body.owner,
    make(id, owner) {
      const key = newKey();
      return { key, change: { do: 'add', kind: 'key', id, body: wrap(id, key, owner, masters) } };
    },
    forget: (id) => void cache.delete(id),
  };
}
