import { expect, it } from 'vitest';
import { bigquerySink } from '../../server/journal/sinks/bigquery.ts';
import { digestOf, placedOf } from '../../server/journal/sinks/record-row.ts';
import { DATASET, newBigQueryServer, PROJECT, rowsOf, type BigQueryServer } from '../support/bigquery-server.ts';
import { querySuite, type QueryPlace } from './sink-query.suite.ts';
import { remoteSuite, type RemotePlace } from './sink-remote.suite.ts';
import { placed, sinkSuite } from './sink.suite.ts';

const ROWS = `${DATASET}.record_rows`;

async function openDataset(): Promise<QueryPlace & RemotePlace & { readonly server: BigQueryServer }> {
  const server = await newBigQueryServer();
  const sink = (answerWithinMs = 30_000) => bigquerySink({ project: PROJECT, dataset: DATASET, endpoint: server.url, answerWithinMs });
  const change = async (sql: string): Promise<void> => void (await server.run(sql));
  return {
    server,
    rows: ROWS,
    change,
    impatient: sink,
    sink: () => sink(),
    ask: (sql) => server.run(sql.replace(/FROM (\w+)/u, `FROM ${DATASET}.$1`)),
    async contents() {
      const checkpoints = (await server.run(`SELECT note, signing_keys FROM ${DATASET}.checkpoints ORDER BY size`)) as { note: string; signing_keys: string }[];
      return {
        records: (await rowsOf(server.run, `${DATASET}.records`)).map(placedOf),
        notes: checkpoints.map(({ note }) => note),
        keys: [...new Set(checkpoints.flatMap(({ signing_keys: keys }) => keys.split('\n')))].map((key) => `${key}\n`),
      };
    },
    alterLast: (epoch) => change(`UPDATE ${ROWS} SET epoch = ${epoch} WHERE place = (SELECT MAX(place) FROM ${ROWS})`),
    removeLast: () => change(`DELETE FROM ${ROWS} WHERE place = (SELECT MAX(place) FROM ${ROWS})`),
    close: async () => server[Symbol.asyncDispose](),
  };
}

sinkSuite('BigQuery', openDataset);
querySuite('BigQuery', openDataset);
remoteSuite('BigQuery', openDataset, ['query', 'insert']);

it('[RE9] of rows that BigQuery takes only in part the others follow, in order, and each is in the views once', async () => {
  const { server, sink: newSink, contents, close } = await openDataset();
  const sink = newSink();
  await sink.putRecords(placed(0, 4));
  server.takesHalfOnce();
  await sink.putRecords(placed(4, 10)); // 4, 6 and 8 were taken
  expect((await sink.held()).size).toBe(5);
  expect((await newSink().held()).size).toBe(5);
  await sink.putRecords(placed(5, 10));
  expect([(await sink.held()).size, (await contents()).records]).toEqual([10, placed(0, 10)]);
  await close();
});

it('[RE9] of rows for which BigQuery has no room those before them stay, it is said why once none is taken, and the others follow when there is room, each once in the table itself', async () => {
  const { server, sink: newSink, contents, close } = await openDataset();
  const sink = newSink();
  await sink.putRecords(placed(0, 4));
  server.hasRoomFor(3);
  await sink.putRecords(placed(4, 10));
  expect([(await sink.held()).size, (await newSink().held()).size]).toEqual([7, 7]);
  for (let times = 0; times < 3; times++) await expect(sink.putRecords(placed(7, 10))).rejects.toThrow(/did not take all rows.*quotaExceeded/u);
  server.hasRoomFor(Infinity);
  await sink.putRecords(placed(7, 10));
  expect([(await sink.held()).size, (await contents()).records, (await rowsOf(server.run, ROWS)).length]).toEqual([10, placed(0, 10), 10]);
  await close();
});

it('[RE9] what BigQuery has taken and does not show yet is not counted, and put again, and is in the views once', async () => {
  const { server, sink: newSink, contents, close } = await openDataset();
  const sink = newSink();
  server.showsLater();
  await expect(sink.putRecords(placed(0, 4))).rejects.toThrow('does not show them yet');
  expect((await sink.held()).size).toBe(0);
  await expect(sink.putRecords(placed(0, 4))).rejects.toThrow('does not show them yet');
  await server.showAll();
  expect([(await sink.held()).size, (await contents()).records, (await rowsOf(server.run, ROWS)).length]).toEqual([4, placed(0, 4), 8]);
  await close();
});

it('[RE9] a second row of a place that says something else is found, wherever it is', async () => {
  const { server, sink: newSink, close } = await openDataset();
  const sink = newSink();
  await sink.putRecords(placed(0, 10));
  await server.run(`INSERT INTO ${ROWS} SELECT * REPLACE (epoch + 1 AS epoch) FROM ${ROWS} WHERE place = 3 OR place = 9`);
  await expect(sink.digests!(0, 5)).rejects.toMatchObject({ name: 'CopyDiffers', place: 3 });
  await expect(sink.held()).rejects.toMatchObject({ name: 'CopyDiffers', place: 9 });
  await close();
});

it('[RE9] more than one request of BigQuery may have goes in several, in order', async () => {
  const { server, sink: newSink, contents, close } = await openDataset();
  const large = placed(0, 9).map(({ place, record }) => ({ place, record: { ...record, sealed: String(place).repeat(1_500_000) } }));
  await newSink().putRecords(large);
  expect([server.asked.filter((what) => what === 'insert').length, (await contents()).records.map(({ record }) => record.sealed.length)]).toEqual([3, large.map(({ record }) => record.sealed.length)]);
  await close();
});

// With a dataset for tests that infra/bigquery has laid out, such as acme-tests.chat, and whatever signs in to it in the environment; else it is not there.
const live = process.env['GORUNCHAT_LIVE_BIGQUERY'];
it.each(live === undefined ? [] : [live])('[RE9] the BigQuery sink holds what it is given in %s', async (named) => {
  const [project = '', dataset = ''] = named.split('.');
  const sink = bigquerySink({ project, dataset });
  const { size } = await sink.held();
  const records = placed(size, size + 3);
  await expect.poll(() => sink.putRecords(records).then(() => sink.held())).toEqual({ size: size + 3, last: records[2] });
  await sink.putCheckpoint(size + 3, 'note\n', ['key']);
  expect(await sink.digests!(size, size + 3)).toEqual(new Map(records.map((one) => [one.place, digestOf(one)])));
});
