import { join, parse } from 'node:path';
import type { Config } from './config.ts';
import { sinceRestore } from './journal/lineage.ts';
import { folderSink } from './journal/sinks/folder.ts';
import type { Sink } from './journal/sinks/sink.ts';
import type { Store } from './store/store.ts';

/** The copies outside that are wanted, each begun anew beside itself after a restore; BigQuery has nowhere beside a dataset. Their clients take a moment to load, so nobody waits for those of others. */
export async function sinksOf({ archiveFolder, copies: { cloudStorage, duckdbFile, bigquery } }: Config, store: Store): Promise<Sink[]> {
  const since = await sinceRestore(store);
  return [
    ...(archiveFolder === undefined ? [] : [folderSink(join(archiveFolder, since ?? ''))]),
    ...(cloudStorage === undefined ? [] : [(await import('./journal/sinks/cloud-storage.ts')).cloudStorageSink({ ...cloudStorage, prefix: cloudStorage.prefix + (since === undefined ? '' : `${since}/`) })]),
    ...(duckdbFile === undefined ? [] : [(await import('./journal/sinks/duckdb.ts')).duckdbSink(since === undefined ? duckdbFile : beside(duckdbFile, since))]),
    ...(bigquery === undefined ? [] : [(await import('./journal/sinks/bigquery.ts')).bigquerySink(bigquery)]),
  ];
}

function beside(file: string, name: string): string {
  const { dir, name: own, ext } = parse(file);
  return join(dir, `${own}-${name}${ext}`);
}
