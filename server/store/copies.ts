import type { Kinds } from './kinds.ts';
import type { Store } from './store.ts';

/** The two parts of a backup, each in a folder of its own: without the keys nobody can read what people wrote. */
export interface Parts {
  readonly content: string;
  readonly keys: string;
}

/** How a store is copied while it is in use, and made anew of such a copy. */
export interface Copies {
  readonly adapter: 'sqlite' | 'mongo';
  /** What this version writes, by file or database. A copy of a higher one is of a newer version. */
  readonly layout: Readonly<Record<string, number>>;
  /**
   * Writes all that was answered before the call into two empty folders, the words of the search index left out. No key that the content needs is missing, but for those that are
   * destroyed meanwhile. Resolves with the signed checkpoint in the copy.
   */
  copy(parts: Parts): Promise<Kinds['checkpoint'] | undefined>;
  /** Takes the place where the store will be, for this process alone. Throws a sentence when somebody uses it, or when there is data that nobody said to put aside. */
  take(): Promise<void>;
  /** Makes a store of the parts, beside what may be there. */
  place(parts: Parts): Promise<Store>;
  /** After that store was closed: from now on it is what the product starts on, whatever happens to this process. Resolves with where what was there before is now, if anything was. */
  keep(): Promise<string | undefined>;
  /** Ends what `take` and `place` began: without `keep` nothing of it stays. */
  close(): Promise<void>;
}
