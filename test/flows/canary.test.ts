import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it, vi } from 'vitest';
import type { CommandId, ConversationId, FileId, ModelId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import { filesOf, keptBy, whereStands } from '../support/bytes-kept.ts';
import { newDeployment, newPlace, type Place } from '../support/deployment.ts';
import { newFakeProvider } from '../support/fake-provider.ts';
import { PIXEL } from '../support/pixel.ts';
import { newSite, newVisitorTab, SHOP, visit } from '../support/site.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';
import { ask } from '../support/reviewer.ts';
import { erase, talk } from '../support/talking.ts';
import { until } from '../support/until.ts';

/** Words that stand nowhere but where they are planted. */
const CANARIES = ['quinquerememessage', 'xylographreply', 'zarathustratitle', 'jabberwockqueue', 'kwashiorkornote', 'phlogistonfilename', 'brobdingnagpixels', 'vivisepulturevisitor', 'ytterbiumreasoning'] as const;
const [MESSAGE, REPLY, TITLE, QUEUED, NOTE, FILE, PIXELS, VISITOR, REASONING] = CANARIES;

/** What somebody writes in every way there is, while the reply to the last of it still grows. */
async function plant(account: Account): Promise<Tab> {
  const tab = await new Tab(account).ready();
  const conversation = newId<ConversationId>();
  const file = newId<FileId>();
  const headers = { 'cookie': account.cookie, 'origin': account.url, 'content-type': 'image/png' };
  const body = new Uint8Array(Buffer.concat([PIXEL, Buffer.from(PIXELS)]));
  expect((await fetch(`${account.url}/api/conversations/${conversation}/files?name=${FILE}.png&file=${file}`, { method: 'POST', headers, body })).status).toBe(200);
  const model = 'local/scripted' as ModelId;
  expect(await tab.send(`Look, ${MESSAGE}`, { conversation, files: [file], model })).toMatchObject({ ok: true, did: 'started' });
  await tab.open(conversation);
  await tab.until(() => tab.view?.turn === null && tab.view.messages.length === 2);
  expect(await tab.ask({ type: 'conversation.change', commandId: newId<CommandId>(), conversation, title: TITLE })).toMatchObject({ ok: true });
  expect(await tab.send('and again', { model })).toMatchObject({ ok: true });
  await tab.until(() => tab.shown.includes(REPLY));
  expect(await tab.send(QUEUED, { model })).toMatchObject({ ok: true, did: 'queued' });
  return tab;
}

async function plantAsVisitor(admin: Account): Promise<Tab> {
  const site = await newSite(admin);
  const visitor = await newVisitorTab(admin.url, site.id, await visit(admin.url, site.id, {}, SHOP)).ready();
  const conversation = await visitor.begin(`Help, ${VISITOR}`);
  await visitor.until(() => visitor.view?.turn === null && visitor.view.messages.length === 2);
  await using member = await new Tab(admin).ready();
  expect(await member.socket.emitWithAck('inbox', true)).toBe(true);
  expect(await member.ask({ type: 'handoff.note', commandId: newId<CommandId>(), conversation, text: NOTE })).toMatchObject({ ok: true });
  return visitor;
}

it('[RE18] what was erased stands in no byte that is kept, wherever and in whatever form it was written', async () => {
  await using provider = await newFakeProvider((asked) => ({ text: `${REPLY}, ${'and so on '.repeat(asked.question.includes('again') ? 400 : 1)}`, reasoning: REASONING }), { latencyMs: 20, chunkSize: 12 });
  await using deployment = await newDeployment(`restoreSeconds: 0\ndemo: true\nproviders:\n  local:\n    kind: openai-compatible\n    baseUrl: ${provider.url}/v1\n    models: [scripted]\n`);
  await using place = await newPlace();
  await deployment.start(place, { GORUNCHAT_DUCKDB: join(place.folder, 'query.duckdb') });
  const admin = await newAccount(deployment.url);
  await using visitor = await plantAsVisitor(admin);
  await using tab = await plant(admin);
  const inSearch = whereStands(CANARIES, await keptBy(deployment, place));
  expect(inSearch).toEqual(expect.arrayContaining([expect.stringContaining(MESSAGE), expect.stringContaining(TITLE), expect.stringContaining(VISITOR)]));
  expect(inSearch.filter((where) => !/ in (?:search\.db(?:-wal)?|collection words)$/u.test(where))).toEqual([]);
  const ids = [tab, visitor].map(({ view }) => view!.conversation.id as string);
  expect(await keysKept(place)).toEqual(expect.arrayContaining(ids));
  const wrapped = await wrappedKeys(place, ids);
  expect(wrapped).toHaveLength(2);

  await erase(tab);
  await erase(visitor);
  // The copy outside follows within half a minute, and has what was said about it, which nobody can read.
  await vi.waitUntil(() => readsErased(place) === 2, { timeout: 60_000, interval: 200 });
  // Files are written anew soon after: that takes long where they are large, so it is not done for each erasure.
  await vi.waitUntil(async () => whereStands([...CANARIES, ...wrapped], await keptBy(deployment, place)).length === 0, { timeout: 30_000, interval: 500 }).catch(() => undefined);
  const after = await keptBy(deployment, place);
  expect(whereStands(CANARIES, after)).toEqual([]);
  expect((await keysKept(place)).filter((id) => ids.includes(id))).toEqual([]);
  expect(whereStands(wrapped, after)).toEqual([]);
  await deployment.kill();
  expect(whereStands([...CANARIES, ...wrapped], await keptBy(deployment, place))).toEqual([]);
});

const keysKept = async (place: Place): Promise<string[]> => (await readKeys(place)).map(({ id }) => id);

/** As they are kept: a piece of each that is long enough to be no other. */
const wrappedKeys = async (place: Place, ids: readonly string[]): Promise<string[]> => (await readKeys(place)).filter(({ id }) => ids.includes(id)).map(({ wrapped }) => wrapped.slice(20, 60));

async function readKeys({ folder, database }: Place): Promise<{ id: string; wrapped: string }[]> {
  const wrappedIn = (body: string): string => (JSON.parse(body) as { wrapped: string }).wrapped;
  if (database !== undefined) return (await database.db.collection<{ _id: string; json: string }>('key').find().toArray()).map(({ _id, json }) => ({ id: _id, wrapped: wrappedIn(json) }));
  const db = new DatabaseSync(join(folder, 'keys.db'), { readOnly: true });
  try {
    return db.prepare('SELECT id, body FROM wrapped').all().map(({ id, body }) => ({ id: String(id), wrapped: wrappedIn(String(body)) }));
  } finally {
    db.close();
  }
}

/** How many conversations the copy says to be erased. */
function readsErased({ folder }: Place): number {
  return filesOf(folder).filter(([name]) => name.startsWith(join('archive', 'records'))).flatMap(([, bytes]) => [...bytes.toString().matchAll(/"type":"conversation-erased"/gu)]).length;
}

/** Of a person, in everything that they give of themselves. */
const OF_A_PERSON = ['quagmiremail', 'xylophonename', 'kwyjiboagent', 'mimsyinstructions', 'brilligkey', 'slithymessage'] as const;

it('[RE18] [RE11] of a person who was removed nothing stands in any byte that is kept: neither who they were, what they set and gave, nor what they wrote', async () => {
  const [email, name, agent, instructions, secret, message] = OF_A_PERSON;
  await using deployment = await newDeployment();
  await using place = await newPlace();
  await deployment.start(place, { GORUNCHAT_DUCKDB: join(place.folder, 'query.duckdb'), OPENAI_API_KEY: 'user_provided' });
  const admin = await newAccount(deployment.url);
  const mara = await newAccount(deployment.url, `${email}@example.org`);
  const send = async (method: string, path: string, body: object): Promise<void> => {
    const headers = { 'content-type': 'application/json', 'origin': deployment.url, 'cookie': mara.cookie, 'user-agent': agent };
    expect((await fetch(deployment.url + path, { method, headers, body: JSON.stringify(body) })).status).toBe(200);
  };
  await send('POST', '/api/sign-in', { email: `${email}@example.org`, password: 'correct horse' });
  await send('PUT', '/api/person', { name });
  await send('PUT', '/api/settings', { parameters: { instructions } });
  await send('PUT', '/api/keys/openai', { key: `sk-${secret}`, expiresInDays: null });
  const { tab } = await talk(mara, message);
  await tab[Symbol.asyncDispose]();
  const before = whereStands(OF_A_PERSON, await keptBy(deployment, place));
  expect(before).toEqual(expect.arrayContaining([expect.stringContaining(`${message} in `)]));
  const [wrapped] = await wrappedKeys(place, [`person:${mara.person.id}`]);
  expect(wrapped).toMatch(/^[\w+/]{40}$/u);

  await ask(admin, 'removePerson', { user: mara.person.id });
  const left = async () => whereStands([...OF_A_PERSON, wrapped!], await keptBy(deployment, place));
  await until(async () => (await left()).length === 0, 'nothing is left').catch(() => undefined);
  expect(await left()).toEqual([]);
  await deployment.kill();
  expect(await left()).toEqual([]);
  expect(await deployment.command(place, 'verify', place.name)).toMatchObject({ code: 0 });
});
