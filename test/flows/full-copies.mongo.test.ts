import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, it } from 'vitest';
import type { RouteReply } from '../../contracts/routes.ts';
import { KEPT_APART } from '../../server/journal/sinks/folder.ts';
import { verifyArchive } from '../../server/journal/verify/archive.ts';
import { DATASET, newBigQueryServer, PROJECT, rowsOf } from '../support/bigquery-server.ts';
import { newDeployment, newPlace } from '../support/deployment.ts';
import { limitFiles } from '../support/full-disk.ts';
import { ask } from '../support/reviewer.ts';
import { BUCKET, newStorageServer } from '../support/storage-server.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';
import { askIn, calm } from '../support/talking.ts';
import { until } from '../support/until.ts';

type Copies = RouteReply<'logCopies'>['copies'];
const copiesOf = async (admin: Account): Promise<Copies> => (await ask<RouteReply<'logCopies'>>(admin, 'logCopies')).copies;
const ALL = ['folder', 'cloud-storage', 'duckdb', 'bigquery'];
/** As often as one person may ask, and less. */
const ASKED_EVERY_MS = 250;
/** So many long messages at once that a piece of them is cut, whenever a copy is looked at meanwhile: of two pieces one has a megabyte. */
const MESSAGES = 24;
const LONG = 'all the rest of it '.repeat(4_000);

/** Each row of the table itself, not of a view that leaves out what is there twice. */
async function rowsIn(file: string): Promise<number> {
  const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' });
  try {
    return Number((await (await instance.connect()).runAndReadAll('SELECT count(*) FROM record_rows')).getRows()[0]?.[0]);
  } finally {
    instance.closeSync();
  }
}

/** On MongoDB the copies are the only files that the product writes, so that a limit of its files is one of theirs. */
it('[RE9] copies of every kind that are full in the middle of a piece hold up nobody; how far each is behind is said, nothing of the piece is seen, and with room again each goes on by itself, with nothing lost or doubled', async () => {
  await using storage = await newStorageServer();
  await using bigquery = await newBigQueryServer();
  await using deployment = await newDeployment(`copies:\n  cloudStorage: { bucket: ${BUCKET}, prefix: chat, endpoint: "${storage.url}" }\n  bigquery: { project: ${PROJECT}, dataset: ${DATASET}, endpoint: "${bigquery.url}" }\n`, 'cluster');
  await using place = await newPlace('cluster');
  const [archive, file] = [join(place.folder, 'archive'), join(place.folder, 'query.duckdb')];
  await deployment.start(place, { GORUNCHAT_DUCKDB: file });
  const admin = await newAccount(deployment.url);
  await using tab = await new Tab(admin).ready();
  await askIn(tab, 'Hello');
  await tab.until(calm(tab));
  await until(async () => (await copiesOf(admin)).every(({ state, holds }) => state === 'whole' && holds > 5), 'all are whole', ASKED_EVERY_MS);
  const before = (await verifyArchive(archive)).records;

  // No file grows beyond the largest that is there: what a full disk has of a file can be written over.
  const { size: room } = statSync(file);
  expect(room).toBeLessThan((MESSAGES / 2) * LONG.length);
  limitFiles(deployment.pid, room);
  storage.fullWith = 403;
  bigquery.hasRoomFor(2);
  await Promise.all(Array.from({ length: MESSAGES }, async () => {
    await using other = await new Tab(admin).ready();
    await askIn(other, LONG); // nobody is held up
  }));
  await until(async () => (await copiesOf(admin)).every(({ state }) => state === 'failing'), 'none can be written', ASKED_EVERY_MS);
  const full = await copiesOf(admin);
  expect(full.map(({ kind, holds, of, differsAt }) => [kind, of > holds, differsAt])).toEqual(ALL.map((kind) => [kind, true, null]));
  expect(full.map(({ holds }) => holds)).toEqual([before, before, before, before + 2]);
  const metrics = await (await fetch(`${deployment.url}/metrics`)).text();
  const gauge = (name: string) => [...metrics.matchAll(new RegExp(`^gorunchat_copy_${name}\\{copy="([\\w-]+)"\\} (\\d+)$`, 'gmu'))].map(([, kind, value]) => [kind, Number(value) > 0]);
  expect([gauge('behind_records'), gauge('failing')]).toEqual([ALL.map((kind) => [kind, true]), ALL.map((kind) => [kind, true])]);
  expect([await verifyArchive(archive), await verifyArchive(join(storage.folder, 'chat'))]).toMatchObject(Array(2).fill({ findings: [], records: before }));

  limitFiles(deployment.pid, undefined);
  storage.fullWith = undefined;
  bigquery.hasRoomFor(Infinity);
  await until(async () => (await copiesOf(admin)).every(({ state, holds, of, compared }) => state === 'whole' && holds === of && of > before && (compared ?? of) === of), 'all are whole again, and were compared', ASKED_EVERY_MS);
  for (const why of ['file too large', 'could not be written: 403', 'File too large', 'quotaExceeded']) expect(deployment.output).toContain(why);
  expect(deployment.output.split('records could not be copied to').length - 1).toBe(ALL.length);
  expect(await deployment.end()).toBe(0);
  const { records, findings } = await verifyArchive(archive);
  expect([findings, readdirSync(join(archive, KEPT_APART)), await verifyArchive(join(storage.folder, 'chat'))]).toMatchObject([[], [], { findings: [], records }]);
  expect([await rowsIn(file), (await rowsOf(bigquery.run, `${DATASET}.record_rows`)).length]).toEqual([records, records]);
  expect(await deployment.command(place, 'verify', place.name)).toEqual({ code: 0, said: expect.stringContaining(`Intact: ${records} records`) });
});
