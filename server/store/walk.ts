import type { Kind } from './kinds.ts';
import type { IndexQuery, Store, Stored } from './store.ts';

/** Every document of a query in its order, read a page at a time. */
export async function* walk<K extends Kind>(store: Store, query: IndexQuery<K>): AsyncGenerator<Stored<K>> {
  for (let after = query.after; ; ) {
    const page = await store.find({ ...query, after });
    yield* page.items;
    if (page.cursor === null) return;
    after = page.cursor;
  }
}

/** All of them at once. */
export async function all<K extends Kind>(store: Store, query: IndexQuery<K>): Promise<Stored<K>[]> {
  const found: Stored<K>[] = [];
  for await (const one of walk(store, query)) found.push(one);
  return found;
}
