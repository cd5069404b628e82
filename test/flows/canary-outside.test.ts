import { join } from 'node:path';
import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, it } from 'vitest';
import type { CaseExport } from '../../contracts/exports.ts';
import type { CommandId, ConversationId, FileId, ModelId } from '../../contracts/ids.ts';
import type { AuditFeed } from '../../contracts/records.ts';
import type { RouteReply } from '../../contracts/routes.ts';
import type { z } from '../../contracts/zod.ts';
import { newId } from '../../server/ids.ts';
import { DATASET, newBigQueryServer, PROJECT, type BigQueryServer } from '../support/bigquery-server.ts';
import { filesOf, keptBy, whereStands, withUnpacked, type Kept } from '../support/bytes-kept.ts';
import { newCollector, type Collector } from '../support/collector.ts';
import { newDeployment, newPlace, type Deployment, type Place } from '../support/deployment.ts';
import { newReceiver, newSyslogServer, type Receiver, type SyslogServer } from '../support/event-receiver.ts';
import { newFakeProvider, type FakeProvider } from '../support/fake-provider.ts';
import { chosen, downloaded, order, until as untilExport } from '../support/packages.ts';
import { PIXEL } from '../support/pixel.ts';
import { ask, give, openCase } from '../support/reviewer.ts';
import { newIdentity, newSite, newSiteKey, newVisitorTab, SHOP, visit } from '../support/site.ts';
import { BUCKET, newStorageServer, type StorageServer } from '../support/storage-server.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';
import { askIn, erase } from '../support/talking.ts';
import { until } from '../support/until.ts';

/** Words that stand nowhere but where they are planted: of conversations, and of a person. */
const OF_CONVERSATIONS = ['quinquerememessage', 'xylographreply', 'ytterbiumreasoning', 'zarathustratitle', 'phlogistonfilename', 'brobdingnagbytes', 'vivisepulturevisitor', 'honorificabilitudename', 'floccinaucinattribute', 'sesquipedaliansubject'] as const;
const [MESSAGE, REPLY, REASONING, TITLE, FILE, BYTES, VISITOR, VISITOR_NAME, ATTRIBUTE, SUBJECT] = OF_CONVERSATIONS;
const OF_A_PERSON = ['quagmiremail', 'xylophonename', 'slithymessage'] as const;
const [EMAIL, NAME, OF_MARA] = OF_A_PERSON;
const CANARIES = [...OF_CONVERSATIONS, ...OF_A_PERSON];
/** Where words may be read before anything is erased: those of the search index in it. */
const MAY_STAND = / in (?:search\.db(?:-wal)?|collection words)$/u;
/** What the provider refuses, with words that it was sent in its answer. */
const UNANSWERED = 'Say nothing';
/** As often as one person may ask, and less. */
const ASKED_EVERY_MS = 250;

/** All that a deployment can be connected to, and does not keep itself. */
interface Outside {
  readonly provider: FakeProvider;
  readonly storage: StorageServer;
  readonly bigquery: BigQueryServer;
  readonly webhook: Receiver;
  readonly syslog: SyslogServer;
  readonly collector: Collector;
}

const settingsFor = ({ provider, storage, bigquery, webhook, syslog }: Outside): string => `restoreSeconds: 0
demo: true
providers:
  local: { kind: openai-compatible, baseUrl: ${provider.url}/v1, models: [scripted] }
copies:
  cloudStorage: { bucket: ${BUCKET}, prefix: chat/, endpoint: "${storage.url}" }
  bigquery: { project: ${PROJECT}, dataset: ${DATASET}, endpoint: "${bigquery.url}" }
feeds:
  webhook: { url: "${webhook.url}" }
  syslog: ${syslog.address}
`;

/** What was sent on of the audit log. */
const feedsOf = ({ webhook, syslog }: Outside): Kept => [['the webhook', Buffer.from(JSON.stringify(webhook.requests))], ['syslog', Buffer.from(syslog.messages.join('\n'))]];

/** All that stands anywhere but in the feeds, and in what was sent to the provider, which are told what they are told for good. */
async function everywhere(deployment: Deployment, place: Place, outside: Outside): Promise<Kept> {
  const metrics = await fetch(`${deployment.url}/metrics`).then((reply) => reply.text(), () => ''); // nobody answers any more
  return withUnpacked([
    ...(await keptBy(deployment, place)), ...filesOf(deployment.backups).map(([name, bytes]) => [`backup ${name}`, bytes] as const), ...filesOf(outside.storage.folder).map(([name, bytes]) => [`bucket ${name}`, bytes] as const),
    ['what was sent to the bucket', outside.storage.heard()], ['what was sent to BigQuery', outside.bigquery.heard()], ['the rows of DuckDB', Buffer.from(JSON.stringify(await rowsOf(queryFile(place))))],
    ['traces', Buffer.from(outside.collector.raw)], ['metrics', Buffer.from(metrics)],
  ]);
}

const queryFile = ({ folder }: Place): string => join(folder, 'query.duckdb');

/** Every row of the records and checkpoints in a file for questions: DuckDB packs columns in ways of its own. It is read in a moment in which it is not written, and is not written meanwhile. */
async function rowsOf(file: string): Promise<Record<string, string>[]> {
  const opened: { instance?: DuckDBInstance } = {};
  await until(() => DuckDBInstance.create(file, { access_mode: 'READ_ONLY' }).then((instance) => ((opened.instance = instance), true), () => false), 'nobody writes the file');
  try {
    const connection = await opened.instance!.connect();
    const rows = await Promise.all(['record_rows', 'checkpoint_rows'].map(async (table) => (await connection.runAndReadAll(`SELECT * FROM ${table}`)).getRowObjectsJson()));
    connection.closeSync();
    return rows.flat() as Record<string, string>[];
  } finally {
    opened.instance?.closeSync();
  }
}

/** How many records of an archive say this of themselves. */
const linesIn = (archive: string, name: string, value: string): number => filesOf(join(archive, 'records')).flatMap(([, bytes]) => [...bytes.toString().matchAll(new RegExp(`"${name}":"${value}"`, 'gu'))]).length;

/** Of each copy outside the number of records of this chain, or of this type. */
async function recordsIn(place: Place, { storage, bigquery }: Outside, of: { readonly chain?: string; readonly type?: string }): Promise<Record<string, number>> {
  const [[name, value]] = Object.entries(of) as [[string, string]];
  const [{ count }] = (await bigquery.run(`SELECT count(*)::INTEGER AS count FROM ${DATASET}.records WHERE ${name} = '${value}'`)) as [{ count: number }];
  return { folder: linesIn(join(place.folder, 'archive'), name, value), bucket: linesIn(join(storage.folder, 'chat'), name, value), duckdb: (await rowsOf(queryFile(place))).filter((row) => row[name] === value).length, bigquery: count };
}

const sizeOf = async (admin: Account): Promise<number> => (await ask<{ size: number }>(admin, 'logCheckpoint')).size;
const feedsStand = async (admin: Account) => (await ask<{ feeds: z.infer<typeof AuditFeed>[] }>(admin, 'auditFeeds')).feeds;

/** Resolves when every copy there is has so many records. */
async function copied(admin: Account, size: number): Promise<void> {
  const copies = async () => (await ask<RouteReply<'logCopies'>>(admin, 'logCopies')).copies;
  await until(async () => (await copies()).every(({ state, holds }) => state !== 'failing' && state !== 'differs' && holds >= size), 'the copies have it', ASKED_EVERY_MS);
  expect((await copies()).map(({ kind }) => kind).toSorted()).toEqual(['bigquery', 'cloud-storage', 'duckdb', 'folder']);
}

/** Resolves when all that is on record now is in every copy, and all of the audit log has been sent on. What was said a moment ago has its place in the log when what was said later has it. */
async function caughtUp(admin: Account): Promise<void> {
  const before = await sizeOf(admin);
  await ask(admin, 'settings', {}, { theme: 'dark' });
  await until(async () => (await sizeOf(admin)) > before, 'what was said is in the log', ASKED_EVERY_MS);
  await copied(admin, await sizeOf(admin));
  await until(async () => (await feedsStand(admin)).every(({ sent, of }) => sent === of), 'the feeds were sent it', ASKED_EVERY_MS);
}

/** A conversation with a file, a title and a reply that thought before it said something. */
async function plant(account: Account): Promise<Tab> {
  const tab = await new Tab(account).ready();
  const [conversation, file] = [newId<ConversationId>(), newId<FileId>()];
  const headers = { 'cookie': account.cookie, 'origin': account.url, 'content-type': 'image/png' };
  const body = new Uint8Array(Buffer.concat([PIXEL, Buffer.from(BYTES)]));
  expect((await fetch(`${account.url}/api/conversations/${conversation}/files?name=${FILE}.png&file=${file}`, { method: 'POST', headers, body })).status).toBe(200);
  expect(await tab.send(`Look, ${MESSAGE}`, { conversation, files: [file], model: 'local/scripted' as ModelId })).toMatchObject({ ok: true });
  await tab.open(conversation);
  await tab.until(() => tab.view?.turn === null && tab.view.messages.length === 2);
  await tab.send(`${UNANSWERED}, ${MESSAGE}`, { model: 'local/scripted' as ModelId });
  await tab.until(() => tab.view?.turn === null && tab.thread.at(-1)?.includes('[failed]') === true);
  expect(await tab.ask({ type: 'conversation.change', commandId: newId<CommandId>(), conversation, title: TITLE })).toMatchObject({ ok: true });
  return tab;
}

/** Somebody who was anonymous at first, and of whom the site then says who they are. */
async function plantAsVisitor(admin: Account): Promise<Tab> {
  const site = await newSite(admin);
  const { key } = await newSiteKey(admin, site.id);
  const { keep } = await visit(admin.url, site.id, {}, SHOP);
  const identity = await newIdentity(key, { sub: SUBJECT, name: VISITOR_NAME, attributes: { plan: ATTRIBUTE } });
  const tab = await newVisitorTab(admin.url, site.id, await visit(admin.url, site.id, { keep, identity }, SHOP)).ready();
  await askIn(tab, `Help, ${VISITOR}`);
  return tab;
}

/** A package of these that lies ready, and what is in it. */
async function newPackage(reviewer: Account, ...conversations: string[]): Promise<{ ready: CaseExport; bytes: Buffer }> {
  const ready = await untilExport(reviewer, await order(reviewer, await openCase(reviewer), chosen(...conversations), { forms: ['csv', 'html', 'eml', 'rsmf'] }), 'ready');
  return { ready, bytes: Buffer.from(await (await downloaded(reviewer, ready)).arrayBuffer()) };
}

const codeOf = async (reply: Response): Promise<string> => ((await reply.json()) as { refusal: { code: string } }).refusal.code;

it('[RE18] the look for canaries finds them in every form in which one may be kept, packed ones among them', () => {
  const around = Buffer.concat([Buffer.from('before it '), Buffer.from(MESSAGE), Buffer.from(' and after')]);
  const name = Buffer.from('a.txt');
  const header = Buffer.alloc(30);
  header.write('PK\x03\x04', 'latin1');
  header.writeUInt16LE(name.length, 26);
  const forms: Kept = Object.entries({
    text: around, utf16: Buffer.from(around.toString(), 'utf16le'), hex: Buffer.from(around.toString('hex')), HEX: Buffer.from(around.toString('hex').toUpperCase()),
    ...Object.fromEntries([0, 1, 2].map((at) => [`base64 ${at}`, Buffer.from(around.subarray(at).toString('base64'))])),
    gzip: gzipSync(around), zlib: deflateSync(around), best: deflateSync(around, { level: 9 }), zip: Buffer.concat([header, name, deflateRawSync(around)]), zstd: zstdCompressSync(around),
  }).map(([where, bytes]) => [where, Buffer.concat([Buffer.from('something else\x78\x9c\x1f\x8b\x08'), bytes, Buffer.from('and more')])]);
  const found = whereStands([MESSAGE], withUnpacked(forms)).map((where) => where.replace(`${MESSAGE} in `, '').replace(', unpacked', ''));
  expect([...new Set(found)]).toEqual(forms.map(([where]) => where).toSorted());
  expect(whereStands([REPLY], withUnpacked(forms))).toEqual([]);
});

it('[RE18] [RE11] [RE9] [RE12] with every copy, feed, trace and package there is, nothing of what was erased stands anywhere, nor of a person who was removed; the feeds never had a word of what people wrote, and everything is intact', async () => {
  await using provider = await newFakeProvider(({ question }) => (question.startsWith(UNANSWERED) ? { status: 400, message: `This is not taken: ${question}` } : { text: `It is ${REPLY}.`, reasoning: REASONING }));
  await using storage = await newStorageServer();
  await using bigquery = await newBigQueryServer();
  await using webhook = await newReceiver();
  await using syslog = await newSyslogServer();
  await using collector = await newCollector();
  // What goes wrong is said in the log.
  webhook.answers.push(503);
  const fail = new Set(['upload', 'insert']);
  for (const server of [storage, bigquery]) server.faultOf = (what) => (fail.delete(what) ? '503' : undefined);
  const outside: Outside = { provider, storage, bigquery, webhook, syslog, collector };
  await using deployment = await newDeployment(settingsFor(outside));
  await using place = await newPlace();
  await deployment.start(place, { GORUNCHAT_DUCKDB: queryFile(place), OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, LOG_LEVEL: 'trace' });
  const admin = await newAccount(deployment.url);
  const [reviewer, mara] = [await newAccount(deployment.url, 'reviewer@example.org'), await newAccount(deployment.url, `${EMAIL}@example.org`)];
  await give(admin, reviewer, 'reviewer');
  await ask(mara, 'rename', {}, { name: NAME });
  await using tab = await plant(mara);
  await using visitor = await plantAsVisitor(admin);
  await using stays = await new Tab(mara).ready();
  await askIn(stays, OF_MARA);
  const [planted, ofVisitor, ofMara] = [tab, visitor, stays].map(({ view }) => view!.conversation.id) as [string, string, string];
  const erased = await newPackage(reviewer, planted, ofVisitor);
  const removed = await newPackage(reviewer, ofMara);
  expect(await deployment.command(place, 'backup', deployment.backups)).toMatchObject({ code: 0 });
  await caughtUp(admin);

  // Every place was reached, and the look finds each word where it may be read.
  for (const chain of [planted, ofVisitor, ofMara]) for (const [where, count] of Object.entries(await recordsIn(place, outside, { chain }))) expect([where, count]).toEqual([where, expect.toSatisfy((records: number) => records >= 3)]);
  expect(new Set(CANARIES.filter((word) => whereStands([word], withUnpacked([['', Buffer.concat([erased.bytes, removed.bytes])]])).length > 0))).toEqual(new Set(CANARIES));
  const told = whereStands(CANARIES, feedsOf(outside));
  expect(told).toEqual([EMAIL, NAME].flatMap((word) => [`${word} in syslog`, `${word} in the webhook`]));
  const reached = new Map(await everywhere(deployment, place, outside));
  for (const where of ['output', 'what was sent to the bucket', 'what was sent to BigQuery', 'the rows of DuckDB', 'traces', 'metrics']) expect([where, reached.get(where)?.length]).toEqual([where, expect.toSatisfy((bytes: number) => bytes > 500)]);
  const look = async (): Promise<string[]> => whereStands(CANARIES, await everywhere(deployment, place, outside));
  const before = await look();
  expect(before).toEqual(expect.arrayContaining([MESSAGE, TITLE, VISITOR, OF_MARA].map((word) => expect.stringContaining(`${word} in `))));
  expect(before.filter((where) => !MAY_STAND.test(where))).toEqual([]);

  await erase(tab);
  await erase(visitor);
  expect(await codeOf(await downloaded(reviewer, erased.ready))).toBe('erased');
  await ask(admin, 'removePerson', { user: mara.person.id });
  await until(() => !stays.socket.connected, 'she is signed out');
  await until(() => linesIn(join(place.folder, 'archive'), 'type', 'conversation-erased') === 3, 'the copy in the folder has the three erasures');
  await copied(admin, await sizeOf(admin));
  expect(await recordsIn(place, outside, { type: 'conversation-erased' })).toEqual({ folder: 3, bucket: 3, duckdb: 3, bigquery: 3 });
  expect(await codeOf(await downloaded(reviewer, removed.ready))).toBe('erased');
  await until(() => feedsOf(outside).every(([, bytes]) => bytes.includes('person-removed')), 'the removal was sent on');
  await until(() => collector.spans.some(({ name, facts }) => name === 'command' && facts['type'] === 'conversation.delete'), 'the deletions were traced');
  await until(async () => (await look()).length === 0, 'nothing is left').catch(() => undefined);
  expect(await look()).toEqual([]);
  // Nor in anything that can still be asked for.
  const said = await Promise.all(['audit/export?format=ndjson', 'audit/export?format=csv', 'people', 'retention', 'sites', 'inbox', 'log/copies'].map(async (path) => {
    const reply = await fetch(`${deployment.url}/api/${path}`, { headers: { cookie: admin.cookie } });
    return [path, Buffer.from(await reply.arrayBuffer())] as const;
  }));
  expect(whereStands(CANARIES, said)).toEqual([]);
  expect(said.find(([path]) => path.endsWith('ndjson'))?.[1].toString()).toContain('person-removed');
  expect(whereStands(OF_CONVERSATIONS, feedsOf(outside))).toEqual([]);

  expect(await deployment.end()).toBe(0);
  expect(await look()).toEqual([]);
  for (const one of [place.name, join(place.folder, 'archive'), join(storage.folder, 'chat')]) expect(await deployment.command(place, 'verify', one)).toEqual({ code: 0, said: expect.stringMatching(/^Intact/u) });
});
