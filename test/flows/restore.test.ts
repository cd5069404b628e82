import { createHash } from 'node:crypto';
import { appendFileSync, cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it, vi } from 'vitest';
import type { CommandId, ConversationId, FileId, ModelId } from '../../contracts/ids.ts';
import type { DisposedConversation } from '../../contracts/retention.ts';
import type { Position } from '../../contracts/position.ts';
import type { Opened } from '../../contracts/socket.ts';
import { newId } from '../../server/ids.ts';
import { newFakeProvider } from '../support/fake-provider.ts';
import { newDeployment, newPlace, type Deployment, type Place } from '../support/deployment.ts';
import { isOnCluster } from '../support/shared.ts';
import { PIXEL } from '../support/pixel.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';
import { calm, erase, talk } from '../support/talking.ts';

const rename = (tab: Tab, title: string) => tab.ask({ type: 'conversation.change', commandId: newId<CommandId>(), conversation: tab.view!.conversation.id, title });

interface Signed {
  readonly size: number;
  readonly note: string;
}

const signed = async (account: Account): Promise<Signed> => (await (await fetch(`${account.url}/api/log/checkpoint`, { headers: { cookie: account.cookie } })).json()) as Signed;

const PATIENT = { timeout: 60_000, interval: 100 };

/** A checkpoint that is kept elsewhere, over more records than there were. */
async function keep(account: Account, deployment: Deployment, name: string, above = 0): Promise<{ file: string; size: number }> {
  const { size, note } = await vi.waitUntil(async () => {
    const latest = await signed(account);
    return latest.size > above && latest;
  }, PATIENT);
  const file = join(deployment.backups, name);
  writeFileSync(file, note);
  return { file, size };
}

/** What an operator asks: of a folder or of a database. */
const verify = (deployment: Deployment, place: Place, ...args: string[]) => deployment.command(place, 'verify', place.name, ...args);

const openAt = (tab: Tab, conversation: ConversationId, position: Position): Promise<Opened> => new Promise((resolve) => tab.socket.emit('open', { conversation, position }, resolve));

async function found(account: Account, words: string): Promise<string[]> {
  const reply = await fetch(`${account.url}/api/search?words=${words}`, { headers: { cookie: account.cookie } });
  return ((await reply.json()) as { hits: { conversation: string }[] }).hits.map(({ conversation }) => conversation);
}

it('[RE15] [RE16] [RE17] the drill: a backup while people work, an erasure, a crash; restored elsewhere, all of before is there, what was erased stays erased, and nobody takes one time for the other', async () => {
  await using deployment = await newDeployment();
  await using old = await newPlace();
  await using fresh = await newPlace();
  await deployment.start(old);
  const admin = await newAccount(deployment.url, 'admin@example.org');
  const mara = await newAccount(deployment.url, 'mara@example.org');
  const { tab, conversation } = await talk(mara, 'Where do whales sleep');
  const jens = await newAccount(deployment.url, 'jens@example.org');
  const { tab: doomed, conversation: secret } = await talk(jens, 'my quinquereme secret');
  const before = await keep(admin, deployment, 'before', 10);

  // Titles are given again and again while it is copied, as often as one person may; the last one that was answered before has to be in it.
  let given = 0;
  let isOver = false;
  const writing = (async () => {
    while (!isOver) if ((await rename(tab, `Title ${given + 1}`)).ok) given += 1; // too many at once are refused
  })();
  await vi.waitUntil(() => given > 5, PATIENT);
  const answered = given;
  const made = await deployment.command(old, 'backup', deployment.backups);
  isOver = true;
  await writing;
  expect(made).toMatchObject({ code: 0, said: expect.stringMatching(/^Backup \d{8}T\d{6}Z is in /u) });

  // The lost time: an erasure, more of what was there, something new, and another activation of both.
  await erase(doomed);
  await deployment.kill();
  await deployment.start(old);
  await tab.until(() => tab.socket.connected && tab.resumes > 1);
  const { size } = await signed(admin);
  await tab.send('and do they dream of narwhals');
  const { tab: late, conversation: lost } = await talk(mara, 'begun too late');
  await tab.until(() => tab.view?.turn === null && tab.thread.length === 4);
  const after = await keep(admin, deployment, 'after', size);
  const [seen, seenLate] = [tab.view!.position, late.view!.position];
  await deployment.kill();

  expect(await deployment.command(old, 'restore', deployment.backups)).toMatchObject({ code: 1, said: expect.stringContaining('holds data') });
  const restored = await deployment.command(fresh, 'restore', deployment.backups, '--erased-since', old.name);
  expect(restored).toMatchObject({ code: 0, said: expect.stringMatching(/Erased again: 1 conversation that/u) });
  await deployment.start(fresh);

  await tab.until(() => tab.view !== undefined && tab.view.position.epoch > seen.epoch, 'it is given the view of the new generation');
  expect(tab.thread).toHaveLength(2);
  expect(Number(/^Title (\d+)$/u.exec(tab.view!.conversation.title)?.[1])).toBeGreaterThanOrEqual(answered);
  expect(await openAt(tab, conversation, seen)).toMatchObject({ ok: true, view: { messages: { length: 2 } } });
  await tab.open(conversation);
  await tab.send('and where do they eat');
  await tab.until(() => tab.view?.turn === null && tab.thread.length === 4, 'it goes on');

  await expect(new Tab(jens).ready().then((one) => one.open(secret))).rejects.toThrow('erased');
  expect([await found(jens, 'quinquereme'), await found(mara, 'narwhals')]).toEqual([[], []]);
  expect(await found(mara, 'whales')).toContain(conversation);

  // What was begun in the lost time is begun again by somebody who still has it, and whoever has seen it then is shown all of it anew.
  const again = await new Tab(mara).ready();
  expect(await openAt(again, lost, seenLate)).toMatchObject({ ok: false, refusal: { code: 'not-found' } });
  expect(await late.send('begun once more', { parent: null })).toMatchObject({ ok: true });
  await again.open(lost);
  await again.until(calm(again));
  expect(await openAt(again, lost, { ...seenLate, seq: 1 })).toMatchObject({ ok: true, view: { messages: { length: 2 } } });

  const { entries } = (await (await fetch(`${admin.url}/api/audit`, { headers: { cookie: admin.cookie } })).json()) as { entries: { type: string; said: object }[] };
  expect(entries.find(({ type }) => type === 'restored')?.said).toMatchObject({ generation: 1, erased: 1, checked: [old.name], checkpoint: expect.stringContaining('gorunchat/') });
  const { disposed } = (await (await fetch(`${admin.url}/api/retention`, { headers: { cookie: admin.cookie } })).json()) as { disposed: DisposedConversation[] };
  expect(disposed.map(({ conversation: one, certificate }) => [one, certificate?.why])).toEqual([[secret, 'restored']]);
  expect(await deployment.end()).toBe(0);
  expect(await verify(deployment, fresh)).toMatchObject({ code: 0, said: expect.stringMatching(/^Intact/u) });
  expect(await verify(deployment, fresh, '--checkpoint', before.file)).toMatchObject({ code: 0 });
  expect(await verify(deployment, fresh, '--checkpoint', after.file)).toMatchObject({ code: 1, said: expect.stringMatching(/^restored: \d+ records .* are gone: .* a backup was restored .* on record \(restore 1\)/u) });
  await Promise.all([tab, doomed, late, again].map((one) => one[Symbol.asyncDispose]()));
});

/** The only backup there is of a kind. */
const folderOf = (deployment: Deployment, part: 'content' | 'keys', name = readdirSync(join(deployment.backups, part)).at(-1)!): string => join(deployment.backups, part, name);

/** Nothing has begun there: no data, and nothing that is half of it. */
async function isUntouched(place: Place): Promise<boolean> {
  const files = readdirSync(place.folder).filter((name) => !['owner.lock', 'archive'].includes(name));
  const documents = place.database === undefined ? [] : await Promise.all((await place.database.db.listCollections().toArray()).map(({ name }) => place.database!.db.collection<{ _id: string }>(name).countDocuments({ _id: { $nin: ['layout', 'whole'] } })));
  return files.length === 0 && documents.every((count) => count === 0);
}

/** Writes the manifest as somebody does who changes the backup with care. */
function rewrite(folder: string, change: (manifest: { format: number; product: string; layout: Record<string, number>; files: { name: string; bytes: number; sha256: string }[] }) => void): void {
  const file = join(folder, 'manifest.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Parameters<typeof change>[0];
  change(manifest);
  writeFileSync(file, JSON.stringify(manifest));
}

/** Changes one record where it is kept. */
function alterRecord(folder: string): string {
  if (isOnCluster) {
    const file = join(folder, 'record.ndjson');
    writeFileSync(file, readFileSync(file, 'utf8').replace('account-made', 'account-mads'));
    return file;
  }
  const file = join(folder, 'gorunchat.db');
  const db = new DatabaseSync(file);
  db.exec('DROP TRIGGER "record.no-update"');
  db.exec("UPDATE record SET body = replace(body, 'account-made', 'account-mads')");
  db.exec('PRAGMA journal_mode = DELETE');
  db.close();
  return file;
}

const REFUSALS: readonly (readonly [what: string, change: (deployment: Deployment) => void, says: string])[] = [
  ['a file of the content that was changed', (deployment) => appendFileSync(join(folderOf(deployment, 'content'), isOnCluster ? 'message.ndjson' : 'gorunchat.db'), ' '), 'is not what it was when the backup was made'],
  ['a file of the content that is missing', (deployment) => rmSync(join(folderOf(deployment, 'content'), isOnCluster ? 'draft.ndjson' : 'drafts.db')), 'is missing'],
  ['a file that is not of it', (deployment) => writeFileSync(join(folderOf(deployment, 'content'), 'search.db'), ''), 'is not of this backup'],
  ['keys that were changed', (deployment) => appendFileSync(join(folderOf(deployment, 'keys'), isOnCluster ? 'key.ndjson' : 'keys.db'), ' '), 'is not what it was when the backup was made'],
  ['keys that are no longer there', (deployment) => rmSync(folderOf(deployment, 'keys'), { recursive: true }), 'cannot be read without them'],
  ['keys that are older than it', (deployment) => renameSync(folderOf(deployment, 'keys'), join(deployment.backups, 'keys', '20200101T000000Z')), 'cannot be read without them'],
  ['parts that were exchanged', (deployment) => {
    const name = readdirSync(join(deployment.backups, 'keys'))[0]!;
    rmSync(folderOf(deployment, 'keys'), { recursive: true });
    cpSync(folderOf(deployment, 'content'), join(deployment.backups, 'keys', name), { recursive: true });
  }, 'were exchanged'],
  ['another form', (deployment) => rewrite(folderOf(deployment, 'content'), (manifest) => (manifest.format = 2)), 'made by a newer version'],
  ['a newer layout', (deployment) => rewrite(folderOf(deployment, 'keys'), (manifest) => Object.keys(manifest.layout).forEach((name) => (manifest.layout[name] = 99))), 'made by a newer version'],
  ['a manifest that is none', (deployment) => writeFileSync(join(folderOf(deployment, 'content'), 'manifest.json'), '{"format":1'), 'cannot be read'],
  ['no manifest', (deployment) => rmSync(join(folderOf(deployment, 'content'), 'manifest.json')), 'is no part of a backup'],
  ['a record that was changed, and the manifest with it', (deployment) => {
    const file = alterRecord(folderOf(deployment, 'content'));
    const bytes = readFileSync(file);
    rewrite(folderOf(deployment, 'content'), ({ files }) => Object.assign(files.find(({ name }) => file.endsWith(name))!, { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }));
  }, 'are not intact'],
];

it('[RE15] what cannot be restored is refused with a sentence, and nothing is changed', async () => {
  await using deployment = await newDeployment();
  await using old = await newPlace();
  await using fresh = await newPlace();
  expect(await deployment.command(old, 'restore', deployment.backups)).toMatchObject({ code: 1, said: expect.stringContaining('There is no backup') });
  await deployment.start(old);
  const { tab } = await talk(await newAccount(deployment.url), 'Hello');
  await deployment.end();
  expect(await deployment.command(old, 'backup', deployment.backups)).toMatchObject({ code: 0 });
  const kept = join(old.folder, 'kept');
  cpSync(deployment.backups, kept, { recursive: true });
  for (const [what, change, says] of REFUSALS) {
    change(deployment);
    expect({ what, ...(await deployment.command(fresh, 'restore', deployment.backups)) }).toEqual({ what, code: 1, said: expect.stringMatching(new RegExp(`^Nothing was restored: .*${says}`, 'u')) });
    expect({ what, isUntouched: await isUntouched(fresh) }).toEqual({ what, isUntouched: true });
    rmSync(deployment.backups, { recursive: true });
    cpSync(kept, deployment.backups, { recursive: true });
  }
  const otherKey = { ...fresh, environment: { ...fresh.environment, GORUNCHAT_MASTER_KEY: 'ab'.repeat(32) } };
  expect(await deployment.command(otherKey, 'restore', deployment.backups)).toMatchObject({ code: 1, said: expect.stringContaining('The master key is not the one') });
  expect(await deployment.command(fresh, 'restore', deployment.backups, '--erased-since', join(fresh.folder, 'nowhere'))).toMatchObject({ code: 1, said: expect.stringContaining('is not there') });
  expect(await deployment.command(fresh, 'restore', deployment.backups, '--backup', '20200101T000000Z')).toMatchObject({ code: 1, said: expect.stringContaining('There are: ') });
  expect(await isUntouched(fresh)).toBe(true);

  expect(await deployment.command(fresh, 'restore', deployment.backups)).toMatchObject({ code: 0, said: expect.stringContaining('It could not be checked what was erased') });
  await deployment.start(fresh);
  await tab.until(() => tab.socket.connected && tab.view!.position.epoch > 65_536 && tab.thread.length === 2);
  await tab[Symbol.asyncDispose]();
});

it('[RE15] [RE16] a reply that was growing is there as far as it was shown, a file reads, and what was erased before a later backup of the keys is not in an earlier one of the content', async () => {
  // It grows for as long as a backup may take on a machine that is full.
  await using provider = await newFakeProvider(() => ({ text: 'and so on '.repeat(1_000) }), { latencyMs: 100, chunkSize: 10 });
  await using deployment = await newDeployment(`restoreSeconds: 0\ndemo: true\nproviders:\n  local:\n    kind: openai-compatible\n    baseUrl: ${provider.url}/v1\n    models: [scripted]\n`);
  await using old = await newPlace();
  await using fresh = await newPlace();
  await deployment.start(old);
  const account = await newAccount(deployment.url);
  const { tab: doomed, conversation: secret } = await talk(account, 'to be erased');
  await using tab = await new Tab(account).ready();
  const conversation = newId<ConversationId>();
  const file = newId<FileId>();
  const headers = { 'cookie': account.cookie, 'origin': deployment.url, 'content-type': 'image/png' };
  expect((await fetch(`${deployment.url}/api/conversations/${conversation}/files?name=canary.png&file=${file}`, { method: 'POST', headers, body: new Uint8Array(PIXEL) })).status).toBe(200);
  expect(await tab.send('look at this and give a long answer', { conversation, files: [file], model: 'local/scripted' as ModelId })).toMatchObject({ ok: true });
  await tab.open(conversation);
  await tab.until(() => tab.shown.length > 20);
  // Where the bus keeps what is shown, the store has it within a second.
  if (old.database !== undefined) await vi.waitUntil(async () => (await old.database!.db.collection('draft').countDocuments()) > 0, PATIENT);
  const least = old.database === undefined ? tab.shown.length : 1;
  const first = await deployment.command(old, 'backup', deployment.backups);
  expect(first).toMatchObject({ code: 0 });
  const name = readdirSync(join(deployment.backups, 'content'))[0]!;
  await erase(doomed);
  await vi.waitUntil(async () => (await deployment.command(old, 'backup', deployment.backups)).code === 0, PATIENT); // of another second
  const shown = tab.shown;
  await deployment.kill();

  const restored = await deployment.command(fresh, 'restore', deployment.backups, '--backup', name);
  expect(restored).toMatchObject({ code: 0, said: expect.stringMatching(/Erased again: 1 conversation that had been erased since, as far as that is known from its keys\.\nIt could not be checked/u) });
  await deployment.start(fresh);
  await tab.until(() => tab.view!.position.epoch > 65_536 && tab.view!.turn === null);
  const [, reply = ''] = /^model: (.*) \[interrupted\]$/su.exec(tab.thread.at(-1) ?? '') ?? [];
  expect([reply.length >= least, shown.startsWith(reply)]).toEqual([true, true]);
  expect(Buffer.from(await (await fetch(`${deployment.url}/api/files/${file}`, { headers: { cookie: account.cookie } })).arrayBuffer())).toEqual(PIXEL);
  await expect(new Tab(account).ready().then((one) => one.open(secret))).rejects.toThrow('erased');
  await doomed[Symbol.asyncDispose]();
});
