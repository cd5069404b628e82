import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Document } from 'mongodb';
import type { CommandId } from '../../contracts/ids.ts';
import { run } from '../../server/cli.ts';
import { newId } from '../../server/ids.ts';
import { openCosigner } from '../../server/journal/cosigner.ts';
import { newDeployment, newPlace, type Deployment, type Place } from '../support/deployment.ts';
import { newTestDatabase } from '../support/mongo-database.ts';
import { newAccount, type Account, type Tab } from '../support/tab.ts';
import { talk } from '../support/talking.ts';
import { until } from '../support/until.ts';

let deployment: Deployment;
let place: Place;
let admin: Account;
let tab: Tab;

async function verify(...args: readonly string[]): Promise<{ code: number; said: string }> {
  let said = '';
  const code = await run(['verify', ...args], (text) => (said += text));
  return { code, said };
}

type Kept = { _id: string; json: string } & Document;

const NAMES = ['record', 'head', 'pending', 'sealed', 'tile', 'checkpoint', 'generation'] as const;
const collection = (name: typeof NAMES[number]) => place.database!.db.collection<Kept>(name);
const documents = () => Promise.all(NAMES.map(async (name) => [name, await collection(name).find().toArray()] as const));
const recordsOf = async (type: string): Promise<Kept[]> => (await collection('record').find().sort({ _id: 1 }).toArray()).filter(({ json }) => json.includes(`"type":"${type}"`));

async function put(all: Awaited<ReturnType<typeof documents>>): Promise<void> {
  for (const [name, kept] of all) {
    await collection(name).deleteMany({});
    if (kept.length > 0) await collection(name).insertMany(kept);
  }
}

/** What is found after `change`, which is taken back. */
async function changed(change: () => Promise<unknown>, ...args: readonly string[]): Promise<{ code: number; said: string }> {
  const before = await documents();
  try {
    await change();
    return await verify(place.name, ...args);
  } finally {
    await put(before);
  }
}

beforeAll(async () => {
  deployment = await newDeployment('', 'cluster');
  place = await newPlace('cluster');
  await deployment.start(place);
  admin = await newAccount(deployment.url);
  ({ tab } = await talk(admin, 'Hello'));
});
afterAll(async () => {
  await tab[Symbol.asyncDispose]();
  await deployment[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

it('[RE4] a database is intact while the product writes to it, and nothing of it is left beside', async () => {
  vi.stubEnv('TMPDIR', mkdtempSync(join(tmpdir(), 'beside-'))); // others of the same name come and go in the one that all share
  let isDone = false;
  const writing = (async () => {
    for (let sent = 0; sent < 25; sent++) await tab.ask({ type: 'conversation.change', commandId: newId<CommandId>(), conversation: tab.view!.conversation.id, title: `Title ${sent}` });
  })().finally(() => (isDone = true));
  const verdicts: { code: number; said: string }[] = [];
  while (!isDone) verdicts.push(await verify(place.name));
  await writing;
  expect(verdicts).toEqual(verdicts.map(() => ({ code: 0, said: expect.stringMatching(/^Intact: \d+ records in 2 chains\./u) })));
  expect(readdirSync(tmpdir())).toEqual([]);
  vi.unstubAllEnvs();
});

it('[RE4] what is no database of the product, or cannot be reached, is said in a sentence without the password', async () => {
  await using empty = await newTestDatabase();
  expect(await verify(empty.uri)).toEqual({ code: 2, said: expect.stringMatching(/^This could not be verified: there is no data of the product\n$/u) });
  const unreachable = await verify('mongodb://somebody:secret-word@127.0.0.1:9/gorunchat?serverSelectionTimeoutMS=200');
  expect(unreachable).toEqual({ code: 2, said: expect.stringMatching(/^This could not be verified: /u) });
  expect(unreachable.said).not.toContain('secret-word');
});

it('[RE4] [RE9] whoever changes the database is found out, each by what was done, and a database that was put back by a checkpoint that was kept elsewhere', async () => {
  await deployment.end();
  const earlier = await documents();
  await deployment.start(place);
  const { tab: more } = await talk(admin, 'Later');
  await more[Symbol.asyncDispose]();
  await until(async () => (await signed()).size === await collection('record').countDocuments(), 'all is sealed');
  const latest = await signed();
  const kept = join(mkdtempSync(join(tmpdir(), 'kept-')), 'checkpoint');
  writeFileSync(kept, latest.note);
  await deployment.end();
  vi.stubEnv('MONGODB_URI', place.name);
  expect(await verify()).toMatchObject({ code: 0 }); // as the settings name it, so that no password stands in a list of processes
  vi.unstubAllEnvs();
  expect(await verify(place.name, '--checkpoint', kept)).toEqual({ code: 0, said: expect.stringMatching(/^Intact: (\d+) records in 3 chains\.\nThe log holds \1 records under its signed checkpoint\.\n$/u) });
  const { verifierKey, cosignature } = openCosigner(Buffer.alloc(32, 5), 'w.example.org/1');
  const { note, size } = latest;
  const cosigned = { note: note + cosignature(note.slice(0, note.indexOf('\n\n') + 1), 1_796_000_000), size };
  expect(await verify(place.name, '--witness', verifierKey)).toMatchObject({ code: 1, said: expect.stringContaining('was cosigned by w.example.org/1') });
  await place.database!.db.collection<Kept>('cosigned').insertOne({ _id: 'w', version: 1, json: JSON.stringify(cosigned) });
  expect(await verify(place.name, '--witness', verifierKey)).toEqual({ code: 0, said: expect.stringContaining(`w.example.org/1 has cosigned the first ${size} records`) });

  expect(await changed(() => put(earlier))).toMatchObject({ code: 0 });
  expect(await changed(() => put(earlier), '--checkpoint', kept)).toEqual({ code: 1, said: expect.stringMatching(/^truncated: /u) });

  const [begun] = await recordsOf('turn-begun') as [Kept];
  const chain = begun._id.slice(0, begun._id.lastIndexOf(':'));
  const ended = (await recordsOf('turn-ended')).find(({ _id }) => _id.startsWith(chain))!;
  const last = `${chain}:${String((await collection('head').findOne({ _id: chain }))?.['number'])}`;
  const set = (id: string, json: string) => () => collection('record').updateOne({ _id: id }, { $set: { json } });
  const found = async (change: () => Promise<unknown>): Promise<string> => {
    const { code, said } = await changed(change);
    expect(code).toBe(1);
    return said;
  };
  expect(await found(set(ended._id, JSON.stringify({ ...JSON.parse(ended.json) as object, at: 1 })))).toContain(`altered: record ${ended._id} was altered\n`);
  expect(await found(set(begun._id, ended.json))).toContain(`swapped: record ${begun._id} says that it is ${ended._id}\n`);
  expect(await found(set(begun._id, '{'))).toContain(`unreadable: record ${begun._id} cannot be read\n`);
  expect(await found(() => collection('record').deleteOne({ _id: begun._id }))).toMatch(new RegExp(`^missing: record \\d+ is missing in ${chain}\n`, 'u'));
  expect(await found(() => collection('record').deleteOne({ _id: last }))).toContain(`truncated: ${chain} was cut off after record`);
  expect(await found(() => collection('head').deleteOne({ _id: chain }))).toContain(`missing: the head of ${chain} is missing\n`);
  for (const odd of [{ json: { at: 1 } }, { json: 7 }, { json: null }]) expect(await found(() => collection('record').updateOne({ _id: begun._id }, { $set: odd as never }))).toContain(`record ${begun._id}`);
  expect(await found(() => place.database!.db.collection('record').insertOne({ json: '{}' }))).toMatch(/^(?:swapped|unreadable|missing): /u); // under an id that is no text
  expect(await found(() => Promise.all((['sealed', 'tile', 'checkpoint', 'pending'] as const).map((name) => collection(name).deleteMany({})).concat(collection('head').deleteOne({ _id: 'log' }) as never)))).toMatch(/missing: \d+ records have no place in the log and wait for none\n/u);
  expect(await found(() => collection('tile').deleteMany({}))).toContain('missing: the hashes of the log end after record 0');
  expect(await found(() => collection('checkpoint').deleteMany({}))).toContain('missing: the signed checkpoint of the log is missing\n');
});

interface Signed {
  readonly size: number;
  readonly note: string;
}

async function signed(): Promise<Signed> {
  return (await (await fetch(`${deployment.url}/api/log/checkpoint`, { headers: { cookie: admin.cookie } })).json()) as Signed;
}
