import type { Head, IndexOf, Kind, Kinds, TextKind } from './kinds.ts';

/** A document as read, with the version that a later change may insist on. */
export interface Stored<K extends Kind> {
  readonly id: string;
  readonly version: number;
  readonly body: Kinds[K];
}

/** What search finds a document by, and whose it is. */
export interface Text {
  readonly owner: string;
  readonly words: string;
}

/**
 * `add` is refused when the id is taken, `put` writes either way; with `version`, both `put` and `remove` are refused unless the document still has it
 * (0 = is not there). `text` is for kinds that have text. A `put` without `text` keeps the old words.
 *
 * `words` gives only the words again, of a document that `behind` has named. They are derived, so it needs neither record nor fence, and nothing happens when the document is
 * gone or was given words since: whoever repairs never overwrites what is newer.
 *
 * `rewrap` keeps a key as it is, under another master key. Nobody can read more or less than before, so it needs neither record nor gate; it is refused unless the key has that version, so that one that was
 * destroyed meanwhile stays destroyed. What it was wrapped in before is removed as thoroughly as a destroyed key.
 */
export type Change =
  | DocumentChange
  | { readonly do: 'words'; readonly kind: TextKind; readonly id: string; readonly text: Text }
  | { readonly do: 'rewrap'; readonly kind: 'key'; readonly id: string; readonly body: Kinds['key']; readonly version: number; readonly text?: undefined };

type DocumentChange = {
  [K in Exclude<Kind, 'head'>]:
    | { readonly do: 'add'; readonly kind: K; readonly id: string; readonly body: Kinds[K]; readonly text?: Text }
    | { readonly do: 'put'; readonly kind: K; readonly id: string; readonly body: Kinds[K]; readonly version?: number; readonly text?: Text }
    | { readonly do: 'remove'; readonly kind: K; readonly id: string; readonly version?: number };
}[Exclude<Kind, 'head'>];

/** Names the owner that writes: the commit happens only if the chain's head still has the epoch and number of `from` (`null` = no head yet), and moves it to `to`. */
export interface Fence {
  readonly chain: string;
  readonly from: Head | null;
  readonly to: Head;
}

/** Said aloud by whoever changes nothing of any conversation. */
export const UNFENCED = 'unfenced';
export type Unfenced = typeof UNFENCED;

/** All documents of `kind` whose leading index fields equal `where`, ordered by the index's last field and then by id. */
export interface IndexQuery<K extends Kind> {
  readonly kind: K;
  readonly index: IndexOf<K>;
  readonly where: readonly (string | number | boolean | null)[];
  /** Bounds of the last field, inclusive. */
  readonly from?: string | number;
  readonly to?: string | number;
  readonly order?: 'up' | 'down';
  /** At most 1,000. */
  readonly limit: number;
  /** The `cursor` of the page before. */
  readonly after?: string | undefined;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Where the next page begins; `null` when this was the last. */
  readonly cursor: string | null;
}

/** Words found in documents of one owner. All words must be there; the last one may be a beginning. */
export interface TextQuery {
  readonly kinds: readonly Kind[];
  readonly owner: string;
  readonly words: string;
  readonly limit: number;
  readonly after?: string | undefined;
}

export interface DocumentName {
  readonly kind: TextKind;
  readonly id: string;
}

export interface TextHit {
  readonly kind: Kind;
  readonly id: string;
  /** Words around the hit; a found word stands between U+0002 and U+0003. */
  readonly snippet: string;
}

/**
 * Documents under declared kinds and indexes, and one way to change them. It treats all kinds alike: the product's nouns stand in `kinds.ts`.
 *
 * A commit is all or nothing, answered only when it is durable, at most 1,000 changes or 8 MB. It is refused (`CommitRefused`) when the fence's head has moved
 * (`stale`), a stated version has moved or an id is taken (`conflict`), a covered kind comes without an `add` of a record, or a kind of a conversation without
 * that conversation's fence (`uncovered`, `unfenced`: mistakes of ours), when it erases without writing a gate with its version (`ungated`, another one), and when the engine cannot write (`unavailable`): then it is known that nothing of it
 * happened. Only when the answer was lost is that not known (`unknown`): read again before telling anybody anything.
 *
 * What a reader sees is committed; a read that begins after a commit was answered sees it.
 */
export interface Store {
  get<K extends Kind>(kind: K, id: string): Promise<Stored<K> | undefined>;
  find<K extends Kind>(query: IndexQuery<K>): Promise<Page<Stored<K>>>;
  search(query: TextQuery): Promise<Page<TextHit>>;
  commit(changes: readonly Change[], fence: Fence | Unfenced): Promise<void>;
  /** At most `limit` (1 to 1,000) documents whose last words search does not have, after a crash between two files: whoever has the keys gives them again with `words`. */
  behind(limit: number): Promise<readonly DocumentName[]>;
  close(): Promise<void>;
}
