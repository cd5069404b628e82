import { mongoStore } from '../../server/store/mongo.ts';
import { sqliteStore } from '../../server/store/sqlite.ts';
import type { Store } from '../../server/store/store.ts';

/** Where the data of a product is that does not run: a folder, or a database beside one. */
export interface Kept {
  readonly folder: string;
  readonly database: { readonly uri: string } | undefined;
}

/** Gives `use` the store of what is kept there, for as long as it takes. */
export async function withStore<T>({ folder, database }: Kept, use: (store: Store) => Promise<T>): Promise<T> {
  const store = database === undefined ? await sqliteStore({ folder }) : await mongoStore({ uri: database.uri, report: () => undefined });
  return use(store).finally(() => store.close());
}
