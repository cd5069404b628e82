import type { KeptRecord } from '../../../contracts/records.ts';

/** A record with its place in the log over all records. */
export interface Placed {
  readonly place: number;
  readonly record: KeptRecord;
}

/** How far a copy goes: it holds the records of all places below `size`. */
export interface Held {
  readonly size: number;
  /** The last of them, as it is there; `undefined` of none. */
  readonly last: Placed | undefined;
}

/** What the copy holds is not what the log holds: it was tampered with, or it is of another log. Nothing of it is written over. */
export class CopyDiffers extends Error {
  override readonly name = 'CopyDiffers';
  /** The first place that is known to differ. */
  readonly place: number | undefined;

  constructor(message: string, { place, ...options }: ErrorOptions & { readonly place?: number | undefined } = {}) {
    super(message, options);
    this.place = place;
  }
}

/**
 * A copy of the log outside the store. Everything is written once under a name that its content decides, and never again: whatever is put twice is there once, and what is there is
 * not changed. When a call resolves, what it put is durable. Rejects with `CopyDiffers` when something else is there already, and with whatever the place said when it cannot be written.
 *
 * An **archive** (folder, Cloud Storage) is files that `gorunchat verify` reads. A **query copy** (DuckDB, BigQuery) is rows for whoever asks about records; it holds no tiles, and has `digests`.
 */
export interface Sink {
  readonly kind: 'folder' | 'cloud-storage' | 'duckdb' | 'bigquery';
  /** Where the copy is, in words for the operator; no secret. */
  readonly place: string;
  /** As it is now, whoever wrote it. Only the last of the records is looked at. */
  held(): Promise<Held>;
  /** Records that follow each other, the first at `size` of what it holds. When another instance was there first, nothing is written: ask again what it holds. */
  putRecords(records: readonly Placed[]): Promise<void>;
  /** The hashes of a whole tile of the tree. */
  putTile(level: number, index: number, hashes: Uint8Array): Promise<void>;
  /** A signed checkpoint over the first `size` records, which it holds, and the public keys that signed any. */
  putCheckpoint(size: number, note: string, keys: readonly string[]): Promise<void>;
  /** Of a query copy: `digestOf` each record from place `from` up to before `end` that is there, as it is there. */
  digests?(from: number, end: number): Promise<ReadonlyMap<number, string>>;
}
