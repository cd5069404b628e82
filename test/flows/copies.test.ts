import { generateKeyPairSync } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import type { RouteReply } from '../../contracts/routes.ts';
import { verifyArchive } from '../../server/journal/verify-archive.ts';
import { verifyDatabase } from '../../server/journal/verify.ts';
import { change, filesIn } from '../support/archive-files.ts';
import { BUCKET, newStorageServer } from '../support/storage-server.ts';
import { DATASET, newBigQueryServer, PROJECT, rowsOf } from '../support/bigquery-server.ts';
import { newSettingsFile } from '../support/settings-file.ts';
import { newServerProcess, type ServerProcess } from '../support/process.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';
import { talkIn } from '../support/talking.ts';
import { until } from '../support/until.ts';

type Copies = RouteReply<'logCopies'>['copies'];

async function newTalker(server: ServerProcess): Promise<Account> {
  const account = await newAccount(server.url);
  await using tab = await new Tab(account).ready();
  await talkIn(tab, 'Hello');
  return account;
}

async function copiesOf(server: ServerProcess, { cookie }: Account): Promise<Copies> {
  const reply = await fetch(`${server.url}/api/log/copies`, { headers: { cookie } });
  return ((await reply.json()) as { copies: Copies }).copies;
}

async function gauges(server: ServerProcess): Promise<number[]> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return ['behind_records', 'failing', 'differs'].map((name) => Number(new RegExp(`^gorunchat_copy_${name}\\{copy="folder"\\} (\\d+)$`, 'mu').exec(text)?.[1] ?? Number.NaN));
}

/** After some failures it is tried again only a minute later. */
const timesToldOf = (server: ServerProcess): number => server.output.split('records could not be copied to').length - 1;

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
  await until(async () => (await copiesOf(server, account))[0]?.state === 'failing');
  expect([(await copiesOf(server, account))[0], (await gauges(server)).slice(1)]).toEqual([expect.objectContaining({ holds: 0, at: null }), [1, 0]]);
  rmSync(place);
  await until(async () => (await copiesOf(server, account))[0]?.state === 'whole');
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
  await until(async () => (await copiesOf(server, account))[0]?.state === 'differs');
  await using tab = await new Tab(account).ready();
  await tab.begin('Still here');
  await tab.until(() => tab.view?.turn === null && tab.view.messages.length > 1);
  expect([timesToldOf(server), (await gauges(server)).slice(1), filesIn(place)]).toEqual([1, [0, 1], changed]);
});

it('[RE9] several copies are shipped to at once; one that is away holds up nobody, each is told by itself, and no credential leaves or is written down', async () => {
  await using storage = await newStorageServer();
  await using bigquery = await newBigQueryServer();
  using settings = newSettingsFile(`copies:\n  cloudStorage: { bucket: ${BUCKET}, prefix: chat/, endpoint: "${storage.url}" }\n  duckdb: ./copies/records.duckdb\n  bigquery: { project: ${PROJECT}, dataset: ${DATASET}, endpoint: "${bigquery.url}" }\n`);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });
  const credentials = `${settings.environment.GORUNCHAT_CONFIG}.credentials.json`;
  writeFileSync(credentials, JSON.stringify({ type: 'service_account', project_id: 'p', private_key_id: '1', private_key: privateKey, client_email: 'who@example.org', token_uri: `${storage.url}/token` }));
  storage.faultOf = () => '503';
  await using server = await newServerProcess(undefined, { ...settings.environment, GOOGLE_APPLICATION_CREDENTIALS: credentials });
  const account = await newTalker(server);
  await until(async () => (await copiesOf(server, account)).every(({ kind, state }) => state === (kind === 'cloud-storage' ? 'failing' : 'whole')));
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect([...metrics.matchAll(/^gorunchat_copy_failing\{copy="([\w-]+)"\} (\d)$/gmu)].map(([, kind, fails]) => [kind, fails])).toEqual([['folder', '0'], ['cloud-storage', '1'], ['duckdb', '0'], ['bigquery', '0']]);
  storage.faultOf = () => undefined;
  await until(async () => (await copiesOf(server, account)).every(({ state, holds, of, differsAt }) => state === 'whole' && holds === of && differsAt === null));
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

it('[RE9] without a copy outside there is none, and nothing of it is told', async () => {
  await using server = await newServerProcess(undefined, { GORUNCHAT_ARCHIVE: 'off' });
  const account = await newTalker(server);
  expect([await copiesOf(server, account), await gauges(server)]).toEqual([[], [Number.NaN, Number.NaN, Number.NaN]]);
  await server.signal('SIGTERM');
  expect([...filesIn(server.folder).keys()].filter((name) => name.startsWith('archive'))).toEqual([]);
});
