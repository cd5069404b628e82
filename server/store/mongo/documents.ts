import { KINDS } from '../kinds.ts';
import type { Head, Kind, Kinds } from '../kinds.ts';
import type { Stored } from '../store.ts';

/** Values of a body that a declared index orders by. */
export type IndexedValues = Readonly<Record<string, string | number | boolean | null>>;

/** A document of any kind but `head`, as it lies in the collection of its kind. */
export interface KeptDocument {
  readonly _id: string;
  readonly version: number;
  /** The body as JSON text, so that what comes back is exactly what was given: hashes are over it, and BSON has no lone surrogates. */
  readonly json: string;
  /** Copies of what the declared indexes need, made anew with every write. */
  readonly by: IndexedValues;
  /** Only for kinds of a conversation. */
  readonly conversation?: string;
  /** Only when it was given words: the same stamp as its entry of search has. */
  readonly words?: string;
}

/** A chain's head. Its parts are fields, because the fence is a condition on them. */
export interface KeptHead extends Head {
  readonly _id: string;
  readonly version: number;
}

const INDEXED = new Map(Object.entries(KINDS).map(([kind, { indexes }]) => [kind, [...new Set(Object.values(indexes as Readonly<Record<string, readonly string[]>>).flat())]]));

/** A value that is missing and one that is `null` are the same to an index, as to the other adapter. */
export function indexedValues(kind: Kind, body: object): IndexedValues {
  const values = body as Readonly<Record<string, string | number | boolean | null | undefined>>;
  return Object.fromEntries((INDEXED.get(kind) ?? []).map((field) => [field, values[field] ?? null]));
}

/** What of a document a reader needs. */
export const READ_FIELDS = { version: 1, json: 1 } as const;

/** A document as callers of the store see it. */
export function storedOf<K extends Kind>({ _id, version, json }: Pick<KeptDocument, '_id' | 'version' | 'json'>): Stored<K> {
  return { id: _id, version, body: JSON.parse(json) as Kinds[K] };
}

/** A head as callers of the store see it. */
export function storedHead({ _id, version, epoch, seq, number, hash }: KeptHead): Stored<'head'> {
  return { id: _id, version, body: { epoch, seq, number, hash } };
}
