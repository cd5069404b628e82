import { chmod, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { SCHEMA } from './duckdb-schema.ts';
import { queryCopy, type RecordTable } from './query-copy.ts';
import { COLUMNS, DIGESTED, type RecordRow } from './record-row.ts';
import type { Sink } from './sink.ts';

/** It asks for nothing from the network, and takes no more of the machine than this. */
const SETTINGS = { threads: '1', memory_limit: '512MB', autoinstall_known_extensions: 'false', autoload_known_extensions: 'false', enable_external_access: 'false' };
/** Above all places. */
const END = Number.MAX_SAFE_INTEGER;

/**
 * A query copy in a DuckDB file. It is open only while something is read or written, so that others can ask it in between; while one of them has it open, and while another instance does, it cannot be
 * written, and what is missing follows. Each piece is there whole or not at all. Nothing is done before the first call.
 */
export function duckdbSink(file: string): Sink {
  let isMade = false;
  const make = async (connection: DuckDBConnection): Promise<void> => {
    await chmod(file, 0o600);
    await connection.run(SCHEMA);
    isMade = true;
  };
  const use = <T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> => alone(file, async () => {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const instance = await DuckDBInstance.create(file, SETTINGS);
    try {
      const connection = await instance.connect();
      try {
        if (!isMade || !(await hasTable(connection))) await make(connection);
        return await work(connection);
      } finally {
        connection.closeSync();
      }
    } finally {
      instance.closeSync();
    }
  });
  const all = async <Row>(sql: string, values: Record<string, bigint>): Promise<readonly Row[]> => use(async (connection) => (await connection.runAndReadAll(sql, values)).getRowObjectsJS().map(numbered) as Row[]);
  const table: RecordTable = {
    kind: 'duckdb',
    place: file,
    gapWithin: 0,
    async span(from, end = END) {
      const [row] = await all<{ count: number; first: number | null; last: number | null }>('SELECT COUNT(place) AS count, MIN(place) AS first, MAX(place) AS last FROM record_rows WHERE place >= $from AND place < $end', { from: BigInt(from), end: BigInt(end) });
      return { count: row?.count ?? 0, first: row?.first ?? undefined, last: row?.last ?? undefined };
    },
    digests: (from, end) => all(`SELECT place, sha256(${DIGESTED}) AS digest FROM record_rows WHERE place >= $from AND place < $end`, { from: BigInt(from), end: BigInt(end) }),
    rows: (place) => all(`SELECT ${COLUMNS.join(', ')} FROM record_rows WHERE place = $place`, { place: BigInt(place) }),
    addRecords: (rows) => use((connection) => append(connection, rows)),
    addCheckpoint: ({ size, note, signing_keys: keys }) => use(async (connection) => {
      await connection.run('INSERT INTO checkpoint_rows (size, note, signing_keys) VALUES ($size, $note, $keys) ON CONFLICT DO NOTHING', { size: BigInt(size), note, keys });
    }),
  };
  return queryCopy(table);
}

/** The end of what this process does with each file. DuckDB's lock keeps out other processes, and not a second opening in the same one. */
const turns = new Map<string, Promise<unknown>>();

function alone<T>(file: string, work: () => Promise<T>): Promise<T> {
  const mine = (turns.get(file) ?? Promise.resolve()).then(work, work);
  turns.set(file, mine);
  return mine;
}

async function hasTable(connection: DuckDBConnection): Promise<boolean> {
  return (await connection.runAndReadAll("SELECT 1 FROM duckdb_tables() WHERE table_name = 'record_rows'")).currentRowCount > 0;
}

/** All of them or none: what is appended is written when the appender is closed, in one transaction up to 204,800 rows. */
async function append(connection: DuckDBConnection, rows: readonly RecordRow[]): Promise<void> {
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

/** Whole numbers as they are everywhere else; all of them are small enough. */
function numbered(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]));
}
