import type { Fence } from '../store.ts';
import type { Kind } from '../kinds.ts';
import type { RefusalReason } from '../refused.ts';

/** What the threads need to know of a kind. It is handed to them, so that none of them loads the schemas. */
export interface Declared {
  readonly isOfConversation: boolean;
  readonly indexes: Readonly<Record<string, readonly string[]>>;
  readonly hasText: boolean;
}
export type Declarations = Readonly<Record<string, Declared>>;

export interface WorkerSetup {
  readonly folder: string;
  readonly kinds: Declarations;
  /** Pages the main file may have. Only tests set it, to fill a disk. */
  readonly mostPages: number | null;
}

/** A change as it crosses to the writing thread: its body is text already. */
export interface WiredChange {
  readonly do: 'add' | 'put' | 'remove' | 'words' | 'rewrap';
  readonly kind: Kind;
  readonly id: string;
  readonly body: string | null;
  readonly version: number | null;
  readonly text: { readonly owner: string; readonly words: string } | null;
}

export interface WiredCommit {
  readonly changes: readonly WiredChange[];
  readonly fence: Fence | null;
  /** Ids of drafts to be removed once this commit is durable. */
  readonly drafts: readonly string[];
}

/** `finished` numbers the draft removals that have happened since the last call. */
export type WriterCall =
  | { readonly do: 'commit'; readonly commit: WiredCommit; readonly finished: readonly number[] }
  | { readonly do: 'behind'; readonly limit: number };

/** Draft removals that a committed change asked for and that may not have happened yet. */
export interface Afterwards {
  readonly number: number;
  readonly drafts: readonly string[];
}

export type Outcome =
  | { readonly is: 'done'; readonly value: unknown }
  | { readonly is: 'refused'; readonly reason: RefusalReason; readonly detail: string }
  | { readonly is: 'failed'; readonly message: string };

/** What a thread says: first that it is ready, then answers. Anything else on its port is from Node itself (its watch mode tells of modules there). */
export interface FromWorker<Ready> {
  readonly ready?: Ready;
  readonly replies?: readonly Numbered<Outcome>[];
}

export interface Numbered<T> {
  readonly number: number;
  readonly it: T;
}
