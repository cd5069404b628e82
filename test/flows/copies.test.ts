import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, it } from 'vitest';
import type { RouteReply } from '../../contracts/routes.ts';
import { verifyArchive } from '../../server/journal/verify/archive.ts';
import { verifyDatabase } from '../../server/journal/verify/database.ts';
import { change, filesIn } from '../support/archive-files.ts';
import { BUCKET, newStorageServer } from '../support/storage-server.ts';
import { DATASET, newBigQueryServer, PROJECT, rowsOf } from '../support/bigquery-server.ts';
import { newDeployment, newPlace } from '../support/deployment.ts';
import { newSettingsFile } from '../support/settings-file.ts';
import { newServerProcess, type ServerProcess } from '../support/process.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';
import { talkIn } from '../support/talking.ts';
import { until } from '../support/until.ts';

type Copies = RouteReply<'logCopies'>['copies'];

async function newTalker(server: { readonly url: string }, email?: string): Promise<Account> {
  const account = await newAccount(server.url, email);
  await using tab = await new Tab(account).ready();
  await talkIn(tab, 'Hello');
  return account;
}

async function copiesOf(server: { readonly url: string }, { cookie }: Account): Promise<Copies> {
  const reply = await fetch(`${server.url}/api/log/copies`, { headers: { cookie } });
  return ((await reply.json()) as { copies: Copies }).copies;
}

async function gauges(server: ServerProcess): Promise<number[]> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return ['behind_records', 'failing', 'differs'].map((name) => Number(new RegExp(`^gorunchat_copy_${name}\\{copy="folder"\\} (\\d+)$`, 'mu').exec(text)?.[1] ?? Number.NaN));
}

/** As often as one person may ask, and less. */
const ASKED_EVERY_MS = 250;

/** Resolves when every copy has all that is on record in a folder, which takes half a minute at most, and with how many records that is. */
async function whole(server: { readonly url: string }, account: Account, folder: string): Promise<number> {
  let records = 0;
  const areWhole = async (): Promise<boolean> => {
    ({ records } = verifyDatabase(folder));
    return (await copiesOf(server, account)).every(({ holds }) => holds === records);
  };
  await until(areWhole, 'the copies are whole', ASKED_EVERY_MS);
  return records;
}

/** A file as Google gives it to a service account. */
function newCredentials(url: string): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });
  const file = join(mkdtempSync(join(tmpdir(), 'credentials-')), 'account.json');
  writeFileSync(file, JSON.stringify({ type: 'service_account', project_id: 'p', private_key_id: '1', private_key: privateKey, client_email: 'who@example.org', token_uri: `${url}/token` }));
  return file;
}

/** After some failures it is tried again only a minute later. */
const timesToldIn = (output: string): number => output.split('records could not be copied to').length - 1;
const timesToldOf = ({ output }: ServerProcess): number => timesToldIn(output);

it('[RE9] what a deployment has on record when it ends is in its archive, to the last record', async () => {
  await using server = await newServerProcess();
  const account = await newTalker(server);
  expect(await copiesOf(server, account)).toEqual([expect.objectContaining({ place: join(server.folder, 'archive'), state: expect.stringMatching(/^(?:whole|behind)$/u) })]);
  expect(await server.signal('SIGTERM')).toBe(0);
  const { records, log, findings } = verifyDatabase(server.folder);
  expect([findings, log]).toEqual([[], { sealed: records, unsealed: 0 }]);
  expect(await verifyArchive(join(server.folder, 'archive'))).toMatchObject({ findings: [], records, log: { sealed: records, unsealed: 0 } });
});

it('[RE9] an archive that cannot be written holds up nobody, is told once, and is caught up with when it can be', async () => {
  await using server = await newServerProcess();
  await server.signal('SIGTERM');
  const place = join(server.folder, 'archive');
  rmSync(place, { recursive: true, force: true });
  writeFileSync(place, 'a file stands where the folder belongs');
  await server.start();
  const account = await newTalker(server);
  await until(async () => (await copiesOf(server, account))[0]?.state === 'failing', 'the copy fails', ASKED_EVERY_MS);
  expect([(await copiesOf(server, account))[0], (await gauges(server)).slice(1)]).toEqual([expect.objectContaining({ holds: 0, at: null }), [1, 0]]);
  rmSync(place);
  await until(async () => (await copiesOf(server, account))[0]?.state === 'whole', 'the copy is whole', ASKED_EVERY_MS);
  expect([timesToldOf(server), await gauges(server)]).toEqual([1, [0, 0, 0]]);
  expect((await verifyArchive(place)).findings).toEqual([]);
}, 240_000);

it('[RE9] an archive that somebody changed is told to the operator and to administrators, and left as it is', async () => {
  await using server = await newServerProcess();
  const account = await newTalker(server);
  await server.signal('SIGTERM');
  const place = join(server.folder, 'archive');
  const whole = filesIn(place);
  const [name, bytes] = [...whole].findLast(([one]) => one.startsWith('records/'))!;
  change(place, whole, new Map([...whole, [name, Buffer.from(bytes.toString().replace(/"epoch":(\d+)(?=[^\n]*\n$)/u, '"epoch":9$1'))]]));
  const changed = filesIn(place);
  await server.start();
  await until(async () => (await copiesOf(server, account))[0]?.state === 'differs', 'the copy differs', ASKED_EVERY_MS);
  await using tab = await new Tab(account).ready();
  await tab.begin('Still here');
  await tab.until(() => tab.view?.turn === null && tab.view.messages.length > 1);
  expect([timesToldOf(server), (await gauges(server)).slice(1), filesIn(place)]).toEqual([1, [0, 1], changed]);
});

it('[RE9] several copies are shipped to at once; one that is away holds up nobody, each is told by itself, and no credential leaves or is written down', async () => {
  await using storage = await newStorageServer();
  await using bigquery = await newBigQueryServer();
  using settings = newSettingsFile(`copies:\n  cloudStorage: { bucket: ${BUCKET}, prefix: chat/, endpoint: "${storage.url}" }\n  duckdb: ./copies/records.duckdb\n  bigquery: { project: ${PROJECT}, dataset: ${DATASET}, endpoint: "${bigquery.url}" }\n`);
  storage.faultOf = () => '503';
  await using server = await newServerProcess(undefined, { ...settings.environment, GORUNCHAT_DUCKDB: '', GOOGLE_APPLICATION_CREDENTIALS: newCredentials(storage.url) });
  const account = await newTalker(server);
  await until(async () => (await copiesOf(server, account)).every(({ kind, state }) => state === (kind === 'cloud-storage' ? 'failing' : 'whole')), 'one of them fails', ASKED_EVERY_MS);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect([...metrics.matchAll(/^gorunchat_copy_failing\{copy="([\w-]+)"\} (\d)$/gmu)].map(([, kind, fails]) => [kind, fails])).toEqual([['folder', '0'], ['cloud-storage', '1'], ['duckdb', '0'], ['bigquery', '0']]);
  storage.faultOf = () => undefined;
  await until(async () => (await copiesOf(server, account)).every(({ state, holds, of, differsAt }) => state === 'whole' && holds === of && differsAt === null), 'all are whole', ASKED_EVERY_MS);
  expect((await copiesOf(server, account)).map(({ kind, place, compared }) => [kind, place, compared === null])).toEqual([
    ['folder', join(server.folder, 'archive'), true], ['cloud-storage', `gs://${BUCKET}/chat/`, true],
    ['duckdb', join(dirname(settings.environment.GORUNCHAT_CONFIG), 'copies/records.duckdb'), false], ['bigquery', `${PROJECT}.${DATASET}`, false],
  ]);
  expect(await server.signal('SIGTERM')).toBe(0);
  const { records } = verifyDatabase(server.folder);
  expect(await verifyArchive(join(storage.folder, 'chat'))).toMatchObject({ findings: [], records });
  expect([(await rowsOf(bigquery.run, `${DATASET}.records`)).length, timesToldOf(server)]).toEqual([records, 1]);
  expect([storage.authorizations, bigquery.authorizations, server.output.includes('BEGIN PRIVATE KEY')]).toEqual([[], [], false]);
}, 240_000);

it('[RE9] a deployment has a file for questions by itself, with a row for each record, and it is no part of a backup; after a restore it is begun anew beside itself, as the archives are', async () => {
  await using storage = await newStorageServer();
  const own = { GORUNCHAT_DUCKDB: '', GOOGLE_APPLICATION_CREDENTIALS: newCredentials(storage.url) };
  await using deployment = await newDeployment(`copies:\n  cloudStorage: { bucket: ${BUCKET}, prefix: chat, endpoint: "${storage.url}" }\n`, 'folder');
  await using place = await newPlace('folder');
  await deployment.start(place, own);
  const account = await newTalker(deployment);
  const file = join(place.folder, 'query.duckdb');
  expect((await copiesOf(deployment, account)).map(({ kind, place: where }) => [kind, where])).toEqual([['folder', join(place.folder, 'archive')], ['cloud-storage', `gs://${BUCKET}/chat/`], ['duckdb', file]]);
  const before = await whole(deployment, account, place.folder);
  expect(await deployment.end()).toBe(0);
  expect([await recordsIn(file), statSync(file).mode & 0o777]).toEqual([before, 0o600]);

  expect(await deployment.command(place, 'backup', deployment.backups)).toMatchObject({ code: 0 });
  expect([...filesIn(deployment.backups).keys()].filter((name) => name.includes('duckdb'))).toEqual([]);
  await deployment.start(place, own);
  await newTalker(deployment, 'later@example.org');
  const lost = await whole(deployment, account, place.folder);
  await deployment.end();
  expect(await deployment.command(place, 'restore', deployment.backups, '--replace')).toMatchObject({ code: 0 });
  await deployment.start(place, own);
  const places = (await copiesOf(deployment, account)).map(({ place: where }) => where);
  expect(places).toEqual([
    expect.stringMatching(/\/archive\/restored-\d{8}T\d{6}Z$/u), expect.stringMatching(new RegExp(`^gs://${BUCKET}/chat/restored-\\d{8}T\\d{6}Z/$`, 'u')), expect.stringMatching(/\/query-restored-\d{8}T\d{6}Z\.duckdb$/u),
  ]);
  const records = await whole(deployment, account, place.folder);
  await deployment.end();
  expect([await recordsIn(file), await recordsIn(places[2]!), timesToldIn(deployment.output)]).toEqual([lost, records, 0]);
  for (const archive of [join(place.folder, 'archive'), join(storage.folder, 'chat')]) expect(await deployment.command(place, 'verify', archive)).toEqual({ code: 0, said: expect.stringMatching(new RegExp(`^Intact: ${records} records`, 'mu')) });
});

async function recordsIn(file: string): Promise<number> {
  const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' });
  try {
    const connection = await instance.connect();
    return Number((await connection.runAndReadAll('SELECT count(DISTINCT place) FROM records')).getRows()[0]?.[0]);
  } finally {
    instance.closeSync();
  }
}

it('[RE9] without a copy outside there is none, and nothing of it is told', async () => {
  await using server = await newServerProcess(undefined, { GORUNCHAT_ARCHIVE: 'off' });
  const account = await newTalker(server);
  expect([await copiesOf(server, account), await gauges(server)]).toEqual([[], [Number.NaN, Number.NaN, Number.NaN]]);
  await server.signal('SIGTERM');
  expect([...filesIn(server.folder).keys()].filter((name) => name.startsWith('archive'))).toEqual([]);
});
