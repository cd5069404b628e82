import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { expect, it } from 'vitest';
import { duckdbSink } from '../../server/journal/sinks/duckdb.ts';
import { placedOf } from '../../server/journal/sinks/record-row.ts';
import { rowsOf } from '../support/bigquery-server.ts';
import { writeWhileFull } from '../support/full-disk.ts';
import { beginningInOtherProcess, inOtherProcess, killedWriter } from '../support/duckdb-processes.ts';
import { querySuite, type QueryPlace } from './sink-query.suite.ts';
import { placed, sinkSuite } from './sink.suite.ts';

async function openFile(): Promise<QueryPlace & { readonly file: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'duckdb-'));
  const file = join(folder, 'copies', 'records.duckdb');
  /** As somebody who has the file opens it. */
  const use = async <T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> => {
    const instance = await DuckDBInstance.create(file);
    const connection = await instance.connect();
    const result = await work(connection);
    connection.closeSync();
    instance.closeSync();
    return result;
  };
  await duckdbSink(file).held(); // makes the tables
  const change = (sql: string): Promise<void> => use(async (connection) => void (await connection.run(sql)));
  return {
    file,
    rows: 'record_rows',
    change,
    sink: () => duckdbSink(file),
    ask: (sql) => use(async (connection) => (await connection.runAndReadAll(sql)).getRowObjectsJS()),
    contents: () => use(async (connection) => {
      const checkpoints = (await connection.runAndReadAll('SELECT note, signing_keys FROM checkpoints ORDER BY size')).getRowObjectsJS() as { note: string; signing_keys: string }[];
      return {
        records: (await rowsOf(async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJS(), 'records')).map(placedOf),
        notes: checkpoints.map(({ note }) => note),
        keys: [...new Set(checkpoints.flatMap(({ signing_keys: keys }) => keys.split('\n')))].map((key) => `${key}\n`),
      };
    }),
    alterLast: (epoch) => change(`UPDATE record_rows SET epoch = ${epoch} WHERE place = (SELECT MAX(place) FROM record_rows)`),
    removeLast: () => change('DELETE FROM record_rows WHERE place = (SELECT MAX(place) FROM record_rows)'),
    close: async () => rmSync(folder, { recursive: true }),
  };
}

sinkSuite('DuckDB', openFile);
querySuite('DuckDB', openFile);

it('[RE9] the DuckDB sink leaves a file that only its owner reads, and that others can ask in between; while they do it is not written, and what is missing follows', async () => {
  const place = await openFile();
  const sink = place.sink();
  await sink.putRecords(placed(0, 3));
  expect(statSync(place.file).mode & 0o777).toBe(0o600);
  const reader = await inOtherProcess(place.file);
  expect(reader.count).toBe(3);
  await expect(sink.putRecords(placed(3, 5))).rejects.toThrow(/lock/u);
  await reader.close();
  await sink.putRecords(placed(3, 5));
  expect([(await sink.held()).size, (await place.contents()).records]).toEqual([5, placed(0, 5)]);
  await place.close();
});

it.each([1, 2, 3, 4, 5])('[RE9] the DuckDB sink holds whole pieces, in order, when its process is killed after so many (%i), and goes on', async (pieces) => {
  const place = await openFile();
  const { size } = await killedWriter(place.file, 40, pieces);
  const held = await place.sink().held();
  expect([size >= pieces * 40, held.size >= size, held.size % 40, (await place.contents()).records]).toEqual([true, true, 0, placed(0, held.size)]);
  await place.sink().putRecords(placed(held.size, held.size + 7));
  expect((await place.contents()).records).toEqual(placed(0, held.size + 7));
  await place.close();
});

it('[RE9] the DuckDB sink takes a piece whole or not at all, finds a record that was removed near the end, and says what no database is', async () => {
  const place = await openFile();
  const sink = place.sink();
  await sink.putRecords(placed(0, 10));
  await place.change('DELETE FROM record_rows WHERE place = 5');
  await expect(place.sink().held()).rejects.toMatchObject({ name: 'CopyDiffers', place: 5 });
  await place.change('DELETE FROM record_rows WHERE place < 9');
  await expect(sink.putRecords(placed(0, 10).map((one) => (one.place === 8 ? { ...one, record: { ...one.record, type: null as unknown as string } } : one)))).rejects.toThrow(/string/u);
  expect((await place.contents()).records).toEqual(placed(9, 10));
  writeFileSync(place.file, 'this is no database, whatever it is called; it is text of more than a few bytes'.repeat(200));
  await expect(place.sink().held()).rejects.toThrow(/not a valid DuckDB database/u);
  await place.close();
});

it.each([['of which nothing is there yet', 1, false], ['that is being begun', 4_096, false], ['that is being begun', 10_000, false], ['that is there', 0, true], ['that is there', 1_000, true], ['that is there', 100_000, true]] as const)('[RE9] the DuckDB sink holds whole pieces of a file %s while a full disk cuts what is written after %i more bytes, says why, and goes on from there once there is room', async (_what, more, isThere) => {
  const place = await openFile();
  if (!isThere) rmSync(place.file);
  const bytes = isThere ? statSync(place.file).size + more : more; // what is there of it can be written over on a full disk
  const { refused, answered, held, size } = await writeWhileFull('duckdb', place.file, { piece: 20, bytes, size: 8_000 });
  expect([refused, isThere ? held : [], size]).toEqual([expect.stringMatching(/File too large/u), isThere ? [answered, answered] : [], 8_000]);
  expect([(await place.contents()).records, await place.ask('SELECT count(*)::INTEGER AS rows FROM record_rows'), readdirSync(dirname(place.file))]).toEqual([placed(0, 8_000), [{ rows: 8_000 }], [basename(place.file)]]);
  await place.close();
});

/** As a process does that has just been started: a link has a thread of its own. */
function newThread(file: string): ReturnType<typeof duckdbSink> {
  const alias = join(mkdtempSync(join(tmpdir(), 'alias-')), 'records.duckdb');
  symlinkSync(file, alias);
  return duckdbSink(alias);
}

it.each([['was begun by somebody else', true], ['nobody has begun since', false]])('[RE9] the DuckDB sink removes what whoever was killed while they began a file that %s left beside it, and nothing that somebody still has open or that is called something else', async (_what, isThere) => {
  const place = await openFile();
  if (!isThere) rmSync(place.file);
  const [killed, living] = [`${place.file}.${randomUUID()}`, `${place.file}.${randomUUID()}`];
  const [dying, beginning] = await Promise.all([killed, living].map(beginningInOtherProcess));
  const [cut, other] = [`${place.file}.${randomUUID()}`, `${place.file}.before`];
  for (const file of [cut, other]) writeFileSync(file, 'the first bytes of it');
  await dying!.kill();
  const left = () => readdirSync(dirname(place.file)).map((name) => join(dirname(place.file), name)).filter((file) => !file.endsWith('.wal')).toSorted();
  expect(left()).toEqual([...(isThere ? [place.file] : []), killed, living, cut, other].toSorted());
  await newThread(place.file).putRecords(placed(0, 3));
  expect(left()).toEqual([place.file, living, other].toSorted());
  await beginning!.kill();
  await newThread(place.file).putRecords(placed(3, 5));
  expect(readdirSync(dirname(place.file)).toSorted()).toEqual([basename(place.file), basename(other)].toSorted());
  expect((await place.contents()).records).toEqual(placed(0, 5));
  await place.close();
});

it('[RE9] the DuckDB sink begins a file where a link says, and the link stays', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'duckdb-'));
  const [file, elsewhere] = [join(folder, 'query.duckdb'), join(folder, 'elsewhere', 'records.duckdb')];
  symlinkSync(elsewhere, file);
  await duckdbSink(file).putRecords(placed(0, 3));
  expect([readlinkSync(file), statSync(elsewhere).isFile(), (await duckdbSink(file).held()).size]).toEqual([elsewhere, true, 3]);
  rmSync(folder, { recursive: true });
});
