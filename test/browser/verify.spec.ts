import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test, type Page } from '@playwright/test';
import { ZipFile } from 'yazl';
import type { ConversationId } from '../../contracts/ids.ts';
import { zipFile } from '../../server/journal/verify/zip.ts';
import { chosen, contentOf, downloaded, order, shown } from '../support/packages.ts';
import { newServerProcess, type ServerProcess } from '../support/process.ts';
import { give, openCase } from '../support/reviewer.ts';
import { newAccount, Tab } from '../support/tab.ts';
import { findings } from './findings.ts';

const saved = mkdtempSync(join(tmpdir(), 'verify-page-'));

let server: ServerProcess;
let zip: string;
let person: string;
let checkpoint: { readonly size: number; readonly note: string; readonly keys: readonly string[] };
let file: string;
let cookie: string;

test.describe.configure({ mode: 'serial' });
test.beforeAll(async () => {
  server = await newServerProcess();
  const admin = await newAccount(server.url, 'admin@example.org');
  const reviewer = await newAccount(server.url, 'reviewer@example.org');
  await give(admin, reviewer, 'reviewer');
  cookie = admin.cookie;
  const mara = await newAccount(server.url, 'mara@example.org');
  person = mara.person.id;
  const ids: ConversationId[] = [];
  for (const words of ['The canary sings', 'And the nightingale?']) {
    await using tab = await new Tab(mara).ready();
    ids.push(await tab.begin(words));
    await tab.until(() => tab.view?.conversation.titledBy === 'model' && tab.view.turn === null);
  }
  const ordered = await order(reviewer, await openCase(reviewer), chosen(ids[0]!));
  await expect.poll(async () => (await shown(reviewer, ordered)).state).toBe('ready');
  zip = join(saved, 'package.zip');
  writeFileSync(zip, new Uint8Array(await (await downloaded(reviewer, ordered)).arrayBuffer()));
  const [head] = (await contentOf(zip, 'statement.ndjson')).toString().split('\n');
  ({ checkpoint } = JSON.parse(head!) as { checkpoint: typeof checkpoint });
  // As somebody who was given the page has it: on a disk, far from any server.
  file = join(saved, 'gorunchat-verify.html');
  writeFileSync(file, await (await fetch(`${server.url}/verify`)).text());
});
test.afterAll(() => server[Symbol.asyncDispose]());

/** The package put together again, after `change` had its way with the files. */
async function changed(change: (files: Map<string, Buffer>) => void): Promise<string> {
  const files = new Map<string, Buffer>();
  for (const name of (await zipFile(zip)).names) files.set(name, await contentOf(zip, name));
  change(files);
  const made = new ZipFile();
  for (const [name, bytes] of files) made.addBuffer(bytes, name);
  made.end();
  const parts: Buffer[] = [];
  for await (const part of made.outputStream) parts.push(part as Buffer);
  const place = join(mkdtempSync(join(tmpdir(), 'changed-')), 'package.zip');
  writeFileSync(place, Buffer.concat(parts));
  return place;
}

/** The saved page; what it asks of any network fails the test. */
async function opened(page: Page): Promise<string[]> {
  const asked: string[] = [];
  page.on('request', (request) => { if (request.url() !== pathToFileURL(file).href) asked.push(request.url()); });
  page.on('console', (message) => { if (message.type() === 'error') asked.push(message.text()); });
  page.on('pageerror', (error) => asked.push(error.message));
  await page.goto(pathToFileURL(file).href);
  return asked;
}

async function check(page: Page, place: string): Promise<void> {
  await page.getByLabel('Choose a package (.zip) or drop it here').setInputFiles(place);
  await page.getByRole('button', { name: 'Check' }).click();
}

const outcome = (page: Page) => page.locator('section', { has: page.locator('#outcome') });

test('[PF1] a page that was saved, without server and network, says that a package is intact, whose conversations are in it, and how far to trust that', async ({ page }) => {
  const asked = await opened(page);
  expect(await findings(page)).toEqual([]);
  await page.getByLabel('Choose a package (.zip) or drop it here').focus();
  await page.getByLabel('Choose a package (.zip) or drop it here').setInputFiles(zip);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Intact', exact: true })).toBeFocused();
  await expect(page.getByRole('status')).toHaveText('Intact');
  await expect(outcome(page)).toContainText(person);
  await expect(outcome(page)).toContainText(/1 of 2 conversations are in it, with \d+ records in all of them\./u);
  await expect(outcome(page)).toContainText('You gave no public key');
  await expect(outcome(page)).toContainText(checkpoint.keys[0]!);
  expect(await findings(page)).toEqual([]);

  await page.getByText('What you kept elsewhere (optional)').click();
  await page.getByLabel('Public keys that you trust').fill(checkpoint.keys.join('\n'));
  await page.getByLabel('Checkpoint', { exact: true }).fill(checkpoint.note);
  await page.getByRole('button', { name: 'Check' }).click();
  await expect(outcome(page)).toContainText('It is signed with a public key that you gave.');
  await expect(outcome(page)).toContainText('It is under the checkpoint that you gave.');
  expect(await findings(page)).toEqual([]);

  await page.getByLabel('Language').selectOption('العربية');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('التحقق من حزمة');
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
  expect(await findings(page)).toEqual([]);
  expect(asked).toEqual([]);
});

test('[PF1] the page names what was changed, removed or added, and a checkpoint that was cut or is of another log', async ({ page }) => {
  const asked = await opened(page);
  const records = (await zipFile(zip)).names.find((name) => name.endsWith('records.ndjson'))!;
  const altered = await changed((files) => files.get(records)!.writeUInt8(files.get(records)![400]! ^ 1, 400));
  await check(page, altered);
  await expect(page.getByRole('heading', { name: 'Not intact' })).toBeFocused();
  await expect(outcome(page)).toContainText(`${records} is not the file that the manifest names.`);
  await expect(page.getByRole('status')).toContainText(/Not intact. \d+ problems? (was|were) found\./u);
  expect(await findings(page)).toEqual([]);
  await check(page, await changed((files) => files.delete('README.txt')));
  await expect(outcome(page).getByRole('listitem')).toHaveText([/Missing\s*README.txt cannot be read: it is not in the zip\./u]);
  await check(page, await changed((files) => files.set('more.txt', Buffer.from('more'))));
  await expect(outcome(page).getByRole('listitem')).toHaveText([/more.txt is in the package, and the manifest does not name it\./u]);
  const cut = join(saved, 'cut.zip');
  writeFileSync(cut, readFileSync(zip).subarray(0, -30));
  await check(page, cut);
  await expect(outcome(page)).toContainText('the zip was cut off.');
  await check(page, file);
  await expect(outcome(page)).toContainText('This is no package');
  const encrypted = join(saved, 'package.zip.age');
  writeFileSync(encrypted, 'age-encryption.org/v1\n…');
  await check(page, encrypted);
  await expect(outcome(page)).toContainText('age --decrypt -i KEY.txt -o package.zip package.zip.age');
  expect(await findings(page)).toEqual([]);

  await page.getByText('What you kept elsewhere (optional)').click();
  await page.getByLabel('Checkpoint', { exact: true }).fill(checkpoint.note.trim().slice(0, -12));
  await check(page, zip);
  await expect(outcome(page)).toContainText('the checkpoint does not hold');
  const now = (await (await fetch(`${server.url}/api/log/checkpoint`, { headers: { cookie } })).json()) as typeof checkpoint;
  expect(now.size).toBeGreaterThan(checkpoint.size);
  await page.getByLabel('Checkpoint', { exact: true }).fill(now.note);
  await page.getByRole('button', { name: 'Check' }).click();
  await expect(outcome(page)).toContainText(`The checkpoint that you gave is of another moment (${now.size} records, the package ${checkpoint.size})`);
  await page.getByLabel('Checkpoint', { exact: true }).fill('');
  await page.getByLabel('Public keys that you trust').fill('nobody+00000000+AAAA');
  await page.getByRole('button', { name: 'Check' }).click();
  await expect(outcome(page)).toContainText('this is no public key of a log');
  expect(asked).toEqual([]);
});

test('[PF1] a package that is dropped on the page is the one that is checked', async ({ page }) => {
  await opened(page);
  const bytes = readFileSync(zip).toString('base64');
  const dropped = await page.evaluateHandle((base64) => {
    const files = new DataTransfer();
    files.items.add(new File([Uint8Array.from(atob(base64), (one) => one.charCodeAt(0))], 'dropped.zip'));
    return files;
  }, bytes);
  await page.locator('.drop').dispatchEvent('drop', { dataTransfer: dropped });
  await expect(page.getByLabel('Choose a package (.zip) or drop it here')).toHaveValue(/dropped\.zip$/u);
  await page.getByRole('button', { name: 'Check' }).click();
  await expect(page.getByRole('heading', { name: 'Intact', exact: true })).toBeFocused();
});

test('[PF1] a check shows how far it is while a slow disk gives one file after another, and can be cancelled', async ({ page }) => {
  // Each file of the package is read from a disk that waits to be told.
  await page.addInitScript(() => {
    const waiting: (() => void)[] = [];
    const stream = Blob.prototype.stream;
    Blob.prototype.stream = function () {
      return stream.call(this).pipeThrough(new TransformStream({ start: () => new Promise((resolve) => waiting.push(resolve as () => void)) }));
    };
    let now = 0;
    performance.now = () => (now += 100);
    Object.assign(globalThis, { giveOne: () => (waiting.length > 0 ? (waiting.shift()!(), true) : false) });
  });
  await opened(page);
  const giveOne = () => expect.poll(() => page.evaluate(() => (globalThis as unknown as { giveOne(): boolean }).giveOne())).toBe(true);
  await check(page, zip);
  const progress = page.getByRole('progressbar', { name: 'Checking package.zip' });
  await expect(progress).toHaveJSProperty('value', 0);
  await expect(page.getByRole('status')).toHaveText('Checking package.zip 0%');
  await expect(page.getByRole('button', { name: 'Check' })).toHaveAttribute('aria-disabled', 'true');
  expect(await findings(page)).toEqual([]);
  for (let given = 0; given < 4; given += 1) await giveOne(); // the manifest, its signature, the statement, and the records
  await expect.poll(() => progress.evaluate((shown: HTMLProgressElement) => shown.value)).toBeGreaterThan(0.5);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await giveOne();
  await expect(page.getByRole('heading', { name: 'Cancelled. Nothing was found out.' })).toBeFocused();
  await expect(progress).toHaveCount(0);
});

test('[PF1] the deployment gives the page under a policy that lets its one script run and nothing be fetched; administrators find it', async ({ page, context }) => {
  const reply = await fetch(`${server.url}/verify`);
  const policy = reply.headers.get('content-security-policy')!;
  expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-[\w+/]{43}='; connect-src 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types lit-html; frame-ancestors 'none'$/u);
  const text = await reply.text();
  expect([text.match(/<script/gu)?.length, /\ssrc=|<link|https?:\/\/(?!www\.w3\.org|c2sp\.org)/u.exec(text)?.[0]]).toEqual([1, undefined]);
  await page.goto(`${server.url}/verify`);
  await check(page, zip);
  await expect(page.getByRole('heading', { name: 'Intact', exact: true })).toBeFocused();
  const [name, value] = cookie.split(';')[0]!.split('=') as [string, string];
  await context.addCookies([{ name, value, url: server.url }]);
  await page.goto(`${server.url}/admin/records`);
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download the page' }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe('gorunchat-verify.html');
  expect(readFileSync(await download.path(), 'utf8')).toBe(text);
  await expect(page.getByRole('link', { name: 'Open the page' })).toHaveAttribute('href', '/verify');
});
