import { Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import PostalMime from 'postal-mime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Case } from '../../contracts/cases.ts';
import type { ExportScope } from '../../contracts/exports.ts';
import type { CommandId, ConversationId, FileId, UserId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import { openCosigner } from '../../server/journal/cosigner.ts';
import { zipFile } from '../../server/journal/verify/zip.ts';
import { chosen, contentOf, order, packageOf, saved, verified } from '../support/packages.ts';
import { PIXEL } from '../support/pixel.ts';
import { give, openCase } from '../support/reviewer.ts';
import { newServer, type TestServer } from '../support/server.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';

const FORMS = ['csv', 'html', 'eml', 'rsmf'] as const;
const NASTY = '=HYPERLINK("http://evil.example","click"), "quoted"\r\n<script>alert(1)</script> \u05e9\u05dc\u05d5\u05dd 你好 🙂';

let server: TestServer;
let reviewer: Account;
let mara: Account;
const tabs: Tab[] = [];
let opened: Case;
let first: ConversationId;
let second: ConversationId;
let zip: string;

const whole = (person: Account, from: number | null = null, to: number | null = null): ExportScope => ({ type: 'whole', of: [{ type: 'person', id: person.person.id }], from, to });

async function say(words: string, image = false): Promise<ConversationId> {
  const tab = await new Tab(mara).ready();
  tabs.push(tab);
  const conversation = await tab.begin(words);
  await tab.until(() => tab.view?.conversation.titledBy === 'model' && tab.view.turn === null);
  if (!image) return conversation;
  const file = newId<FileId>();
  const reply = await fetch(`${server.url}/api/conversations/${conversation}/files?name=${encodeURIComponent('図 "1".png')}&file=${file}`, { method: 'POST', headers: { origin: server.url, cookie: mara.cookie, 'content-type': 'image/png' }, body: new Uint8Array(PIXEL) });
  if (!reply.ok) throw new Error(await reply.text());
  await tab.send('And this picture?', { files: [file] });
  await tab.until(() => tab.view?.messages.length === 4 && tab.view.turn === null);
  return conversation;
}

beforeAll(async () => {
  server = await newServer({ config: { hasDemo: true, demoWordsPerSecond: 2_000, restoreMs: 0 } });
  const admin = await newAccount(server.url, 'admin@example.org');
  reviewer = await newAccount(server.url, 'reviewer@example.org');
  mara = await newAccount(server.url, 'mara@example.org');
  await give(admin, reviewer, 'reviewer');
  opened = await openCase(reviewer);
  first = await say(NASTY, true);
  second = await say('And the nightingale?');
  zip = await packageOf(reviewer, opened, chosen(first), { forms: FORMS });
});
afterAll(async () => {
  for (const tab of tabs) await tab[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const linesOf = (text: Buffer): Record<string, unknown>[] => text.toString().trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
const dayOf = async (): Promise<string> => (await zipFile(zip)).names.find((name) => name.endsWith('.rsmf'))!;

/** The package as files of a folder. */
async function unpacked(from: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'unpacked-'));
  for (const name of (await zipFile(from)).names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), await contentOf(from, name));
  }
  return folder;
}

describe('[RE13] a package', () => {
  it('holds the records with their proofs, files and every form, and is intact packed and unpacked, without a server', async () => {
    const { names } = await zipFile(zip);
    expect(names.map((name) => name.replace(first, 'ID').replace(/[\w-]{22}\.png|\d{4}-\d\d-\d\d/u, 'X'))).toEqual([
      'statement.ndjson', 'conversations/ID/files/X', 'conversations/ID/records.ndjson', 'conversations/ID/conversation.html', 'conversations/ID/conversation.eml', 'conversations/ID/X.rsmf', 'messages.csv', 'README.txt', 'manifest.json', 'manifest.note',
    ]);
    const records = linesOf(await contentOf(zip, `conversations/${first}/records.ndjson`)).filter((line) => line['record'] !== undefined);
    const packed = await verified(zip);
    expect(packed).toEqual({ code: 0, said: expect.stringMatching(new RegExp(`^Intact: ${records.length} records in 1 chains\\.\\nPerson ${mara.person.id}: 1 of 2 conversations are in it \\(\\d+ records in all of them\\)\\.\\n$`, 'u')) });
    const folder = await unpacked(zip);
    expect(await verified(folder)).toEqual(packed);
    const { keys } = JSON.parse((await contentOf(zip, 'manifest.json')).toString()) as { keys: string[] };
    expect(await verified(zip, '--key', keys[0]!)).toMatchObject({ code: 0 });
    expect(await verified(zip, '--key', 'nobody+00000000+AAAA')).toMatchObject({ code: 1 });
    const alone = join(folder, 'conversations', first, 'records.ndjson');
    expect(await verified(alone)).toMatchObject({ code: 0 });
  });

  it('whose files were put together again with another manifest, or with a statement of another package, is found', async () => {
    const folder = await unpacked(zip);
    const other = await unpacked(await packageOf(reviewer, opened, chosen(second)));
    cpSync(join(other, 'statement.ndjson'), join(folder, 'statement.ndjson'));
    expect(await verified(folder)).toMatchObject({ code: 1 });
    cpSync(join(other, 'manifest.json'), join(folder, 'manifest.json'));
    cpSync(join(other, 'manifest.note'), join(folder, 'manifest.note'));
    const { code, said } = await verified(folder);
    expect([code, said]).toEqual([1, expect.stringContaining('the manifest does not name it')]);
  });
});

describe('[RE13] the statement of completeness', () => {
  it('names every conversation of the person in the period with its records, in the package or not, and counts them', async () => {
    const [head, ...lines] = linesOf(await contentOf(zip, 'statement.ndjson'));
    expect(head).toMatchObject({ statement: 'gorunchat', case: opened.id, checkpoint: { note: expect.any(String) } });
    const named = lines.filter((line) => line['conversation'] !== undefined);
    expect(Object.fromEntries(named.map((line) => [line['conversation'], line['isIncluded']]))).toEqual({ [first]: true, [second]: false });
    const records = linesOf(await contentOf(zip, `conversations/${first}/records.ndjson`)).flatMap((line) => (line['record'] === undefined ? [] : [line['record'] as { hash: string }]));
    expect(named.find((line) => line['conversation'] === first)).toMatchObject({ records: records.length, first: records[0]!.hash, last: records.at(-1)!.hash });
    expect(lines.at(-2)).toMatchObject({ subject: { type: 'person', id: mara.person.id }, conversations: 2, included: 1, records: named.reduce((sum, line) => sum + Number(line['records']), 0) });
  });

  it('of all that a person had counts what is in the period, and nothing of others', async () => {
    const all = await packageOf(reviewer, opened, whole(mara));
    expect((await verified(all)).said).toContain(`Person ${mara.person.id}: 2 of 2 conversations are in it`);
    const none = await packageOf(reviewer, opened, whole(mara, 0, 1_000));
    expect(await verified(none)).toEqual({ code: 0, said: expect.stringContaining(`Intact: 0 records in 0 chains.\nPerson ${mara.person.id}, from 1970-01-01T00:00:00.000Z to 1970-01-01T00:00:01.000Z: 0 of 0 conversations`) });
    const nobody = await packageOf(reviewer, opened, { type: 'whole', of: [{ type: 'person', id: newId<UserId>() }, { type: 'person', id: mara.person.id }], from: null, to: null });
    expect((await verified(nobody)).said).toMatch(/: 0 of 0 conversations.*\n.*: 2 of 2 conversations/u);
  });
});

it('[PF5] a package is what a witness has cosigned only under a checkpoint of the same moment', async () => {
  const cosigner = openCosigner(Buffer.alloc(32, 5), 'w.example.org/1');
  const cosigned = (note: string): string => saved('cosigned.txt', note + cosigner.cosignature(note.slice(0, note.indexOf('\n\n') + 1), 1_796_000_000));
  const withWitness = (place: string, note: string) => verified(place, '--checkpoint', cosigned(note), '--witness', cosigner.verifierKey);
  const [head] = linesOf(await contentOf(zip, 'statement.ndjson'));
  const { note, size } = (head as { checkpoint: { note: string; size: number } }).checkpoint;
  expect(await withWitness(zip, note)).toEqual({ code: 0, said: expect.stringContaining(`w.example.org/1 has cosigned the first ${size} records, on 2026-11-30T`) });
  const other = await packageOf(reviewer, opened, chosen(second));
  expect(await withWitness(other, note)).toEqual({ code: 1, said: expect.stringMatching(/^missing: the package is under the checkpoint over \d+ records, and w\.example\.org\/1 has cosigned the one over \d+: one of the same moment is needed\n/u) });
  expect(await verified(zip, '--witness', cosigner.verifierKey)).toMatchObject({ code: 1, said: expect.stringContaining('was cosigned by w.example.org/1') });
  const alone = saved('records.ndjson', await contentOf(zip, `conversations/${first}/records.ndjson`));
  expect(await withWitness(alone, note)).toEqual({ code: 2, said: expect.stringContaining('Check the package that it is from.') });
});

describe('[RE13] the forms', () => {
  it('as a table: RFC 4180, with nothing that a spreadsheet takes for a formula', async () => {
    const text = (await contentOf(zip, 'messages.csv')).toString();
    const rows = [...text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gu)].reduce<string[][]>((table, [, quoted, plain, end]) => {
      table.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
      if (end === '\r\n') table.push([]);
      return table;
    }, [[]]).slice(0, -1);
    const width = rows[0]!.length;
    expect([rows.length, rows.every((row) => row.length === width), text.charCodeAt(0)]).toEqual([5, true, 0xfeff]);
    const column = rows[0]!.indexOf('text');
    expect(rows[1]![column]).toBe(`'${NASTY}`);
    expect(rows.slice(1).flat().filter((cell) => /^\s*[=+\-@]/u.test(cell))).toEqual([]);
    expect(rows[3]!.at(-1)).toContain('図 "1".png');
  });

  it('as a page: nothing of what was said is markup, nothing runs and nothing is fetched', async () => {
    const page = (await contentOf(zip, `conversations/${first}/conversation.html`)).toString();
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt; \u05e9\u05dc\u05d5\u05dd 你好 🙂');
    expect(page).toContain(`src="data:image/png;base64,${PIXEL.toString('base64')}"`);
    expect(page).toMatch(/<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; img-src data:; style-src &#39;sha256-/u);
    expect(page).not.toMatch(/<script|\son\w+=|https?:\/\/(?!evil)/u);
  });

  it('as a message that other programs read: who, when, what and the file, in every script', async () => {
    const mail = await PostalMime.parse(await contentOf(zip, `conversations/${first}/conversation.eml`));
    expect(mail.from).toMatchObject({ name: mara.person.name, address: 'mara@example.org' });
    expect(mail.to).toEqual([expect.objectContaining({ name: 'demo/demo', address: 'demo-demo@model.invalid' })]);
    expect(mail.text).toContain('=HYPERLINK("http://evil.example","click"), "quoted"');
    expect(mail.text).toContain('\u05e9\u05dc\u05d5\u05dd 你好 🙂');
    expect(mail.attachments.map(({ filename, mimeType, content }) => [filename, mimeType, Buffer.from(content as ArrayBuffer).equals(PIXEL)])).toEqual([['図 "1".png', 'image/png', true]]);
    const raw = (await contentOf(zip, `conversations/${first}/conversation.eml`)).toString('latin1');
    expect([/[\u0080-\u{10ffff}]/u.test(raw), raw.split('\r\n').every((line) => line.length <= 998), raw.includes('\r\n\r\n')]).toEqual([false, true, true]);
  });

  it('as RSMF 2.0.0, whose manifest names everybody, every event and every file of that day', async () => {
    const mail = await PostalMime.parse(await contentOf(zip, await dayOf()));
    const headers = Object.fromEntries(mail.headers.map(({ key, value }) => [key, value]));
    expect(headers).toMatchObject({ 'x-rsmf-version': '2.0.0', 'x-rsmf-eventcount': '4', 'x-rsmf-attachmentcount': '1', 'x-rsmf-eventcollectionid': first });
    expect(mail.attachments.map(({ filename }) => filename)).toEqual(['rsmf.zip']);
    const inner = saved('rsmf.zip', new Uint8Array(mail.attachments[0]!.content as ArrayBuffer));
    const manifest = JSON.parse((await contentOf(inner, 'rsmf_manifest.json')).toString()) as RsmfManifest;
    expect(manifest).toMatchObject({ version: '2.0.0', conversations: [{ id: first, platform: 'GoRunChat', type: 'direct', participants: [mara.person.id, 'model:demo/demo'] }] });
    expect(manifest.participants.map(({ id, display }) => [id, display])).toEqual([[mara.person.id, mara.person.name], ['model:demo/demo', 'demo/demo']]);
    expect(manifest.events.map(({ type, participant, direction }) => [type, participant, direction])).toEqual([['message', mara.person.id, 'outgoing'], ['message', 'model:demo/demo', 'incoming'], ['message', mara.person.id, 'outgoing'], ['message', 'model:demo/demo', 'incoming']]);
    expect(manifest.events[0]!.body).toBe(NASTY);
    expect(manifest.events.slice(1).map(({ parent }, index) => parent === manifest.events[index]!.id)).toEqual([true, true, true]);
    const [{ id, display, size }] = manifest.events[2]!.attachments!;
    expect([display, size, (await contentOf(inner, id)).equals(PIXEL), (await zipFile(inner)).names.length]).toEqual(['図 "1".png', PIXEL.length, true, 2]);
    expect([headers['x-rsmf-begindate'], headers['x-rsmf-enddate']]).toEqual([manifest.events[0]!.timestamp, manifest.events.at(-1)!.timestamp]);
  });
});

interface RsmfManifest {
  readonly participants: readonly { id: string; display: string }[];
  readonly events: readonly { type: string; id: string; parent?: string; participant: string; direction: string; body: string; timestamp: string; attachments?: readonly [{ id: string; display: string; size: number }] }[];
}

describe('[RE13] a package for a recipient', () => {
  it('is opened by the key of that recipient, by nothing else, and is the package then', async () => {
    const identity = await generateX25519Identity();
    const encrypted = await packageOf(reviewer, opened, chosen(first), { recipient: await identityToRecipient(identity) });
    const bytes = readFileSync(encrypted);
    expect([bytes.subarray(0, 21).toString(), bytes.includes('conversations/')]).toEqual(['age-encryption.org/v1', false]);
    expect(await verified(encrypted)).toEqual({ code: 2, said: expect.stringContaining('age --decrypt') });
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    expect(await verified(saved('package.zip', await decrypter.decrypt(bytes)))).toMatchObject({ code: 0 });
    const stranger = new Decrypter();
    stranger.addIdentity(await generateX25519Identity());
    await expect(stranger.decrypt(bytes)).rejects.toThrow('no identity matched');
  });

  it('that is none is refused in words, and nothing is ordered', async () => {
    const real = await identityToRecipient(await generateX25519Identity());
    for (const recipient of ['', 'mara@example.org', real.slice(0, -1), `${real.slice(0, -1)}${real.endsWith('q') ? 'p' : 'q'}`, `${real} ${real}`, 'ssh-ed25519 AAAA', await generateX25519Identity()]) {
      await expect(order(reviewer, opened, chosen(first), { recipient })).rejects.toThrow('invalid-command');
    }
  });
});

it('[RE13] what was erased before is in the package with its records and without a word', async () => {
  const third = await say('Forget the canary');
  const tab = tabs.at(-1)!;
  await tab.ask({ type: 'conversation.delete', commandId: newId<CommandId>(), conversation: third });
  await tab.until(() => tab.view?.isErased === true);
  const erased = await packageOf(reviewer, opened, whole(mara), { forms: FORMS });
  const names = (await zipFile(erased)).names.filter((name) => name.includes(third));
  expect(names).toEqual([`conversations/${third}/records.ndjson`]);
  const records = await contentOf(erased, names[0]!);
  expect([records.includes('Forget'), records.includes('conversation-erased'), (await contentOf(erased, 'messages.csv')).includes('Forget')]).toEqual([false, true, false]);
  expect(await verified(erased)).toMatchObject({ code: 0, said: expect.stringContaining('3 of 3 conversations') });
});
