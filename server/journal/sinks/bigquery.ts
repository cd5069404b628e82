import { BigQuery, type BigQueryOptions } from '@google-cloud/bigquery';
import { answerOf, googleOptions, type GoogleAccess } from './google.ts';
import { queryCopy, type RecordTable } from './query-copy.ts';
import { COLUMNS, DIGESTED, type RecordRow } from './record-row.ts';
import type { Sink } from './sink.ts';

export interface BigQuerySettings extends GoogleAccess {
  readonly project: string;
  readonly dataset: string;
}

/** Of one request, which may have ten million bytes. */
const MOST_BYTES = 5_000_000;
/** Pieces have at most so many records; of two that were put at once, each may have left a gap. */
const GAP_WITHIN = 1_000;
const QUERY_WITHIN_MS = 60_000;
/** Above all places. */
const END = Number.MAX_SAFE_INTEGER;

/**
 * A query copy in a dataset of BigQuery that `infra/bigquery/` has laid out. Rows are streamed with an id of their own (place and hash), which BigQuery uses to leave out most of what is sent twice; the
 * views leave out the rest. What was put is asked for before it counts as there. It needs to be allowed to add rows, to read them and to run queries. Several instances may have the same.
 */
export function bigquerySink(settings: BigQuerySettings): Sink {
  const { project, dataset } = settings;
  const client = new BigQuery({ ...googleOptions(settings), projectId: project } as BigQueryOptions);
  const where = `${project}.${dataset}`;
  const all = async <Row>(query: string, params: Record<string, number>): Promise<readonly Row[]> => rowsOf<Row>(await answerOf(ask(client, query, params), settings, `BigQuery ${where} could not be asked`), where);
  const insert = async (name: string, rows: readonly object[]): Promise<void> => {
    await answerOf(client.dataset(dataset).table(name).insert(rows, { raw: true, partialRetries: 0 }), settings, `BigQuery ${where} did not take all rows`);
  };
  const table: RecordTable = {
    kind: 'bigquery',
    place: where,
    gapWithin: GAP_WITHIN,
    async span(from, end = END) {
      const [row] = await all<{ places: number; lowest: number | null; highest: number | null }>(`SELECT COUNT(DISTINCT place) AS places, MIN(place) AS lowest, MAX(place) AS highest FROM \`${where}.record_rows\` WHERE place >= @from_place AND place < @end_place`, { from_place: from, end_place: end });
      return { count: row?.places ?? 0, first: row?.lowest ?? undefined, last: row?.highest ?? undefined };
    },
    digests: (from, end) => all(`SELECT DISTINCT place, TO_HEX(SHA256(${DIGESTED})) AS digest FROM \`${where}.record_rows\` WHERE place >= @from_place AND place < @end_place`, { from_place: from, end_place: end }),
    rows: (place) => all(`SELECT DISTINCT ${COLUMNS.join(', ')} FROM \`${where}.record_rows\` WHERE place = @from_place`, { from_place: place }),
    async addRecords(rows) {
      for (const piece of pieces(rows)) await insert('record_rows', piece.map((row) => ({ insertId: `${row.place}:${row.record_hash}`, json: row })));
    },
    addCheckpoint: (row) => insert('checkpoint_rows', [{ insertId: String(row.size), json: row }]),
  };
  return queryCopy(table);
}

/** What BigQuery says to a query (`jobs.query`), as far as it is looked at. */
interface Answer {
  readonly jobComplete?: boolean;
  readonly schema?: { readonly fields?: readonly { readonly name: string; readonly type: string }[] };
  readonly rows?: readonly { readonly f: readonly { readonly v: string | null }[] }[];
  readonly pageToken?: string;
}

/** Without the client's own `query`, which ends the process when what comes is not what it expects. */
function ask(client: BigQuery, query: string, params: Readonly<Record<string, number>>): Promise<Answer | undefined> {
  const queryParameters = Object.entries(params).map(([name, value]) => ({ name, parameterType: { type: 'INT64' }, parameterValue: { value: String(value) } }));
  const json = { query, useLegacySql: false, useQueryCache: false, timeoutMs: QUERY_WITHIN_MS, parameterMode: 'NAMED', queryParameters };
  return new Promise((resolve, reject) => {
    client.request({ method: 'POST', uri: '/queries', json }, (error, body) => (error === null ? resolve(body as Answer | undefined) : reject(error)));
  });
}

/** All of them, with whole numbers as numbers. */
function rowsOf<Row>(answer: Answer | undefined, where: string): readonly Row[] {
  const { jobComplete, schema, rows = [], pageToken } = answer ?? {};
  if (jobComplete !== true || schema?.fields === undefined || pageToken !== undefined) throw new Error(`BigQuery ${where} did not answer a query whole and in time.`);
  const { fields } = schema;
  return rows.map(({ f }) => Object.fromEntries(fields.map(({ name, type }, column) => {
    const value = f[column]?.v ?? null;
    return [name, value !== null && type.startsWith('INT') ? Number(value) : value];
  }))) as Row[];
}

/** In their order, each small enough for one request. */
function* pieces(rows: readonly RecordRow[]): Iterable<readonly RecordRow[]> {
  let piece: RecordRow[] = [];
  let bytes = 0;
  for (const row of rows) {
    const size = row.sealed.length + 1_000;
    if (piece.length > 0 && bytes + size > MOST_BYTES) {
      yield piece;
      [piece, bytes] = [[], 0];
    }
    piece.push(row);
    bytes += size;
  }
  if (piece.length > 0) yield piece;
}
