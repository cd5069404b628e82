import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBResultReader, type DuckDBValue } from '@duckdb/node-api';
import type { RecordRow } from '../../server/journal/sinks/record-row.ts';
import { newFaultyServer, refusal, type Asked, type FaultyServer, type Reply } from './faulty-server.ts';

export const PROJECT = 'project-of-tests';
export const DATASET = 'gorunchat';

/**
 * DuckDB behind the routes of BigQuery that the sink asks for: `queries` and `insertAll`, with the tables and views of `infra/bigquery/schema.sql`. Every row that is sent is there as often as it was sent: the
 * worst that BigQuery does. It does not cover sign-in, roles, quotas, jobs that take long, partitions and clusters, and what is peculiar to BigQuery's SQL beyond what both databases understand.
 */
export interface BigQueryServer extends FaultyServer {
  /** Of the next insertion only every second row is taken, and the others are named as errors. */
  takesHalfOnce(): void;
  /** So many more rows are taken, and those after them named as errors, until another number is given. */
  hasRoomFor(rows: number): void;
  /** What is sent from now on is taken, and shown only later. */
  showsLater(): void;
  /** Shows it. */
  showAll(): Promise<void>;
  /** Runs a statement as somebody does who may. */
  run(sql: string): Promise<readonly Record<string, unknown>[]>;
}

type Sent = { readonly insertId: string; readonly json: Record<string, string | number> };

export async function newBigQueryServer(): Promise<BigQueryServer> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  /** One after another, as one connection wants it. */
  let turn: Promise<unknown> = Promise.resolve();
  const database = {
    runAndReadAll: (sql: string, values: Record<string, DuckDBValue> = {}): Promise<DuckDBResultReader> => {
      const mine = turn.then(() => connection.runAndReadAll(sql, values));
      turn = mine.catch(() => undefined);
      return mine;
    },
  };
  await database.runAndReadAll(`CREATE SCHEMA ${DATASET}; CREATE MACRO to_hex(hex) AS hex; CREATE MACRO timestamp_millis(ms) AS make_timestamp(ms * 1000);`);
  await database.runAndReadAll(inDuckDb(readFileSync(join(import.meta.dirname, '../../infra/bigquery/schema.sql'), 'utf8')));
  let takesHalf = false;
  let room = Infinity;
  let aside: [string, readonly Sent[]][] | undefined;
  const add = async (table: string, rows: readonly Sent[]): Promise<void> => {
    const [first] = rows;
    if (first === undefined) return;
    const literal = (value: string | number | undefined): string => (typeof value === 'number' ? String(value) : `'${String(value).replaceAll("'", "''")}'`);
    const names = Object.keys(first.json);
    await database.runAndReadAll(`INSERT INTO ${DATASET}.${table} (${names.join(', ')}) VALUES ${rows.map(({ json }) => `(${names.map((name) => literal(json[name])).join(', ')})`).join(', ')}`);
  };
  const insert = async ({ url, body }: Asked): Promise<Reply> => {
    const table = url.pathname.split('/').at(-2) ?? '';
    const { rows } = JSON.parse(body.toString()) as { rows: readonly Sent[] };
    if (rows.some(({ insertId }) => insertId === undefined)) return refusal(400, 'rows without an id', 'invalid');
    const taken = takesHalf ? rows.filter((_, index) => index % 2 === 0) : rows.slice(0, room);
    const because = takesHalf ? { reason: 'timeout', message: 'this row was not taken in time' } : { reason: 'quotaExceeded', message: 'There is no room for more.' };
    const insertErrors = rows.flatMap((row, index) => (taken.includes(row) ? [] : [{ index, errors: [because] }]));
    takesHalf = false;
    room -= taken.length;
    if (aside === undefined) await add(table, taken);
    else aside.push([table, taken]);
    return { status: 200, body: JSON.stringify({ kind: 'bigquery#tableDataInsertAllResponse', ...(insertErrors.length > 0 && { insertErrors }) }) };
  };
  const query = async ({ body }: Asked): Promise<Reply> => {
    const { query: sql, queryParameters = [] } = JSON.parse(body.toString()) as { query: string; queryParameters?: readonly { name: string; parameterValue: { value: string } }[] };
    const result = await database.runAndReadAll(inDuckDb(sql), Object.fromEntries(queryParameters.map(({ name, parameterValue }) => [name, BigInt(parameterValue.value)])));
    const fields = result.columnNames().map((name, index) => ({ name, type: /INT/u.test(String(result.columnType(index))) ? 'INTEGER' : 'STRING', mode: 'NULLABLE' }));
    const rows = result.getRowsJS().map((row) => ({ f: row.map((value) => ({ v: typeof value === 'bigint' ? value.toString() : value })) }));
    return { status: 200, body: JSON.stringify({ kind: 'bigquery#queryResponse', jobComplete: true, schema: { fields }, totalRows: String(rows.length), rows }) };
  };
  const what = ({ method, url: { pathname } }: Asked): string => {
    if (method !== 'POST') return `${method} ${pathname}`;
    if (pathname === `/bigquery/v2/projects/${PROJECT}/queries`) return 'query';
    return /^\/bigquery\/v2\/projects\/project-of-tests\/datasets\/gorunchat\/tables\/\w+\/insertAll$/u.test(pathname) ? 'insert' : `${method} ${pathname}`;
  };
  const server = await newFaultyServer(what, (asked) => ({ insert, query })[what(asked) as 'insert']?.(asked) ?? Promise.resolve(refusal(404, 'nothing like that is here', 'notFound')));
  const end = server[Symbol.asyncDispose].bind(server);
  return Object.assign(server, {
    takesHalfOnce: () => void (takesHalf = true),
    hasRoomFor: (rows: number) => void (room = rows),
    showsLater: () => void (aside = []),
    async showAll() {
      const later = aside ?? [];
      aside = undefined;
      for (const [table, rows] of later) await add(table, rows);
    },
    run: async (sql: string) => (await database.runAndReadAll(inDuckDb(sql))).getRowObjectsJS(),
    async [Symbol.asyncDispose]() {
      await end();
      connection.closeSync();
      instance.closeSync();
    },
  });
}

/** As far as the two differ in what is asked here. */
function inDuckDb(sql: string): string {
  return sql.replaceAll(/`[^`]*?(\w+)\.(\w+)`/gu, '$1.$2').replaceAll(/@(\w+)/gu, '$$$1').replaceAll(/--.*$/gmu, '').replaceAll(/^(?:PARTITION|CLUSTER) BY .*?(;?) *$/gmu, '$1');
}

/** The rows of a query copy as its columns have them, in their order; `ask` runs a statement there. */
export async function rowsOf(ask: (sql: string) => Promise<readonly Record<string, unknown>[]>, from: string): Promise<RecordRow[]> {
  const rows = await ask(`SELECT place, chain, number, epoch, at_ms, type, key_id, sealed, previous_hash, record_hash FROM ${from} ORDER BY place`);
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value])) as unknown as RecordRow);
}
