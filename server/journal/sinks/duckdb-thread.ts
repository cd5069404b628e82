// Runs in a thread of its own: DuckDB writes and syncs a file when it is closed, and whoever calls that waits.
import { randomUUID } from 'node:crypto';
import { existsSync, readlinkSync } from 'node:fs';
import { chmod, link, mkdir, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import type { DuckDbAnswer, DuckDbCall } from './duckdb.ts';
import { SCHEMA } from './duckdb-schema.ts';
import type { CheckpointRow } from './query-copy.ts';
import { COLUMNS, DIGESTED, type RecordRow } from './record-row.ts';

/** It asks for nothing from the network, and takes no more of the machine than this. */
const SETTINGS = { threads: '1', memory_limit: '512MB', autoinstall_known_extensions: 'false', autoload_known_extensions: 'false', enable_external_access: 'false' };

/** Where a link says: DuckDB may open what it is given and what lies beside that, and nothing else. */
const file = placeOf(workerData as string);
let isMade = false;

/** The file is open for this work alone, and closed after it. */
async function use<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  if (!isMade) await removeLeft();
  if (!existsSync(file)) await begin();
  return opened(file, async (connection) => {
    if (!isMade || (await rowsOf(connection, "SELECT 1 FROM duckdb_tables() WHERE table_name = 'record_rows'")).length === 0) await layOut(file, connection);
    isMade = true;
    return work(connection);
  });
}

/** A file appears under its name when it is whole: one of which the disk took only the first bytes is no database, and could never be opened again. */
async function begin(): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const beginning = `${file}.${randomUUID()}`;
  try {
    await opened(beginning, (connection) => layOut(beginning, connection));
    if (existsSync(`${beginning}.wal`)) throw new Error(`${file} could not be begun: the disk did not take all of it.`);
    if (!existsSync(file)) await rm(`${file}.wal`, { force: true }); // of a file that somebody removed
    await link(beginning, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error; // somebody else was first
    });
  } finally {
    for (const left of [beginning, `${beginning}.wal`]) await rm(left, { force: true });
  }
}

const BEGINNING = /^\.[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}(?=\.wal$|$)/u;

/**
 * Removes what whoever was killed while they began left beside the file. The system keeps a lock on such a file for as long as a process has it open, and ends it with the process, so one that can be opened is nobody's; where somebody
 * was about to give it its name, they find it gone and begin again.
 */
async function removeLeft(): Promise<void> {
  if (!existsSync(dirname(file))) return;
  const beginnings = (await readdir(dirname(file))).filter((name) => name.startsWith(basename(file))).map((name) => BEGINNING.exec(name.slice(basename(file).length))?.[0]);
  for (const beginning of new Set(beginnings.filter((one) => one !== undefined))) {
    const path = join(dirname(file), basename(file) + beginning);
    const isOpen = await opened(path, () => Promise.resolve(false)).catch((error: Error) => /lock on file/iu.test(error.message)); // what is no database can be opened by nobody
    if (!isOpen) for (const left of [path, `${path}.wal`]) await rm(left, { force: true });
  }
}

function placeOf(given: string): string {
  try {
    return resolve(dirname(given), readlinkSync(given));
  } catch {
    return given; // no link
  }
}

async function layOut(path: string, connection: DuckDBConnection): Promise<void> {
  await chmod(path, 0o600);
  await connection.run(SCHEMA);
}

async function opened<T>(path: string, work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(path, SETTINGS);
  try {
    const connection = await instance.connect();
    try {
      return await work(connection);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

/** With whole numbers as they are everywhere else; all of them are small enough. */
async function rowsOf(connection: DuckDBConnection, sql: string, values: Readonly<Record<string, number>> = {}): Promise<Record<string, unknown>[]> {
  const result = await connection.runAndReadAll(sql, Object.fromEntries(Object.entries(values).map(([name, value]) => [name, BigInt(value)])));
  return result.getRowObjectsJS().map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value])));
}

/** All of them or none: what is appended is written when the appender is closed, in one transaction up to 204,800 rows. Nobody else has the file open, so what is asked first still holds then. */
async function append(connection: DuckDBConnection, rows: readonly RecordRow[]): Promise<void> {
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined) return;
  const there = await rowsOf(connection, 'SELECT place FROM record_rows WHERE place >= $from AND place <= $last LIMIT 1', { from: first.place, last: last.place });
  if (there.length > 0) throw new Error(`Another instance has written record ${String(there[0]?.['place'])} meanwhile.`);
  const appender = await connection.createAppender('record_rows');
  for (const row of rows) {
    for (const column of COLUMNS) {
      const value = row[column];
      if (typeof value === 'number') appender.appendBigInt(BigInt(value));
      else appender.appendVarchar(value);
    }
    appender.endRow();
  }
  appender.closeSync();
}

async function addCheckpoint(connection: DuckDBConnection, { size, note, signing_keys: keys }: CheckpointRow): Promise<void> {
  if ((await rowsOf(connection, 'SELECT size FROM checkpoint_rows WHERE size = $size', { size })).length > 0) return;
  await connection.run('INSERT INTO checkpoint_rows (size, note, signing_keys) VALUES ($size, $note, $keys)', { size: BigInt(size), note, keys });
}

function doneOf(call: DuckDbCall): Promise<unknown> {
  switch (call.do) {
    case 'span':
      return use((connection) => rowsOf(connection, 'SELECT COUNT(DISTINCT place) AS count, MIN(place) AS first, MAX(place) AS last FROM record_rows WHERE place >= $from AND place < $end', { from: call.from, end: call.end }));
    case 'digests':
      return use((connection) => rowsOf(connection, `SELECT place, sha256(${DIGESTED}) AS digest FROM record_rows WHERE place >= $from AND place < $end`, { from: call.from, end: call.end }));
    case 'rows':
      return use((connection) => rowsOf(connection, `SELECT ${COLUMNS.join(', ')} FROM record_rows WHERE place = $place`, { place: call.place }));
    case 'addRecords':
      return use((connection) => append(connection, call.rows));
    case 'addCheckpoint':
      return use((connection) => addCheckpoint(connection, call.row));
  }
}

let turn: Promise<unknown> = Promise.resolve();
parentPort?.on('message', ({ id, call }: { readonly id: number; readonly call: DuckDbCall }) => {
  const answer = (one: DuckDbAnswer): void => parentPort?.postMessage(one);
  turn = turn.then(() => doneOf(call)).then((result) => answer({ id, result }), (error: unknown) => answer({ id, failed: error instanceof Error ? error.message : String(error) }));
});
