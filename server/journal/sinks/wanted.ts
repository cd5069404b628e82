import { join, parse } from 'node:path';
import type { Config } from '../../config.ts';
import type { Store } from '../../store/store.ts';
import { sinceRestore } from '../lineage.ts';
import { folderSink } from './folder.ts';
import type { Sink } from './sink.ts';

/** The copies outside that are wanted, each begun anew beside itself after a restore; BigQuery has nowhere beside a dataset. Their clients take a moment to load, so nobody waits for those of others. */
export async function wantedSinks({ archiveFolder, copies: { cloudStorage, duckdbFile, bigquery } }: Config, store: Store): Promise<Sink[]> {
  const since = await sinceRestore(store);
  return [
    ...(archiveFolder === undefined ? [] : [folderSink(join(archiveFolder, since ?? ''))]),
    ...(cloudStorage === undefined ? [] : [(await import('./cloud-storage.ts')).cloudStorageSink({ ...cloudStorage, prefix: cloudStorage.prefix + (since === undefined ? '' : `${since}/`) })]),
    ...(duckdbFile === undefined ? [] : [(await import('./duckdb.ts')).duckdbSink(since === undefined ? duckdbFile : beside(duckdbFile, since))]),
    ...(bigquery === undefined ? [] : [(await import('./bigquery.ts')).bigquerySink(bigquery)]),
  ];
}

function beside(file: string, name: string): string {
  const { dir, name: own, ext } = parse(file);
  return join(dir, `${own}-${name}${ext}`);
}
