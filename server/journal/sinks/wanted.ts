import { join, parse } from 'node:path';
import type { Config } from '../../config.ts';
import type { Store } from '../../store/store.ts';
import { sinceRestore } from '../lineage.ts';
import type { Sink } from './sink.ts';

type Copies = Config['copies'];

/** Opens each kind of copy. The clients of most take a moment to load, so nobody waits for those of others. */
export interface OpenSinks {
  folder(folder: string): Sink;
  cloudStorage(settings: NonNullable<Copies['cloudStorage']>): Promise<Sink>;
  duckdb(file: string): Promise<Sink>;
  bigquery(settings: NonNullable<Copies['bigquery']>): Promise<Sink>;
}

/** The copies outside that are wanted, each begun anew beside itself after a restore; BigQuery has nowhere beside a dataset. */
export async function wantedSinks({ archiveFolder, copies: { cloudStorage, duckdbFile, bigquery } }: Config, store: Store, open: OpenSinks): Promise<Sink[]> {
  const since = await sinceRestore(store);
  return [
    ...(archiveFolder === undefined ? [] : [open.folder(join(archiveFolder, since ?? ''))]),
    ...(cloudStorage === undefined ? [] : [await open.cloudStorage({ ...cloudStorage, prefix: cloudStorage.prefix + (since === undefined ? '' : `${since}/`) })]),
    ...(duckdbFile === undefined ? [] : [await open.duckdb(since === undefined ? duckdbFile : beside(duckdbFile, since))]),
    ...(bigquery === undefined ? [] : [await open.bigquery(bigquery)]),
  ];
}

function beside(file: string, name: string): string {
  const { dir, name: own, ext } = parse(file);
  return join(dir, `${own}-${name}${ext}`);
}
