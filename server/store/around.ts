import type { Store } from './store.ts';

/** The same store but for what is given: its commits, or also what it reads. */
export function around(store: Store, other: Partial<Store>): Store {
  return {
    get: (kind, id) => store.get(kind, id),
    find: (query) => store.find(query),
    search: (query) => store.search(query),
    behind: (limit) => store.behind(limit),
    commit: (changes, fence) => store.commit(changes, fence),
    close: () => store.close(),
    ...other,
  };
}
