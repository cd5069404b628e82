import { expect, test, type Locator, type Page } from '@playwright/test';
import { run } from '../../server/cli.ts';
import { newServerProcess, type ServerProcess } from '../support/process.ts';
import { findings } from './findings.ts';
import { dialogOf, idle, newPerson, send } from './person.ts';
import { makeReviewers, openCase as openCaseAt } from './reviewers.ts';

let server: ServerProcess;
test.beforeEach(async () => void (server = await newServerProcess()));
test.afterEach(() => server[Symbol.asyncDispose]());

async function goVia(page: Page, name: string, item: string): Promise<void> {
  await page.goto(server.url);
  await page.getByRole('button', { name }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

const reason = (dialog: Locator) => dialog.getByRole('textbox', { name: 'Reason' });

async function openCase(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Open a case…' }).click();
  const opening = dialogOf(page, 'Open a case');
  await opening.getByLabel('Case or reference').fill('Roe v. Kiln');
  await reason(opening).fill('Letter of 3 November');
  expect(await findings(page)).toEqual([]);
  await opening.getByRole('button', { name: 'Open case' }).click();
  await expect(page.getByRole('heading', { name: 'Roe v. Kiln' })).toBeFocused();
}

/** A refusal is said where it happened, and what was written stays. */
async function holdNobody(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Place a hold…' }).click();
  const holding = dialogOf(page, 'Place a hold');
  await holding.getByLabel('E-mail, name or id').fill('nobody@example.org');
  await reason(holding).fill('Named in the letter');
  await holding.getByRole('button', { name: 'Place hold' }).click();
  await expect(holding.getByRole('alert')).toContainText('Nobody here has this address');
  await expect(reason(holding)).toHaveValue('Named in the letter');
  expect(await findings(page)).toEqual([]);
  await holding.getByRole('button', { name: 'Cancel' }).click();
}

const askingWhy = (page: Page) => dialogOf(page, 'Why do you need to read this?');

async function sayWhy(page: Page, words: string): Promise<void> {
  await reason(askingWhy(page)).fill(words);
  await askingWhy(page).getByRole('button', { name: 'Go on' }).click();
  await expect(page.getByText(`Reason for this access: “${words}”`)).toBeVisible();
}

const searchIn = (page: Page) => page.getByRole('form', { name: 'What to look for' });
/** What was found. */
const row = (page: Page) => page.getByRole('row').filter({ has: page.getByRole('link') });

async function holdFound(page: Page): Promise<void> {
  await row(page).getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Place a hold…' }).click();
  const holding = dialogOf(page, 'Hold what is selected?');
  await reason(holding).fill('Named in the letter');
  await holding.getByRole('button', { name: 'Place hold' }).click();
  await expect(page.getByText('The selected conversations are held.')).toBeVisible();
}

/** As it is, as it was before it was, and not without a reason. */
async function readFound(page: Page): Promise<void> {
  await row(page).getByRole('link').click();
  const sung = page.getByRole('listitem').filter({ hasText: 'The canary sings' });
  await expect(sung).toBeVisible();
  await expect(page.getByText('As it is now: 2 messages')).toBeVisible();
  await expect(page.getByRole('heading', { level: 2 })).toBeFocused();
  expect(await findings(page)).toEqual([]);
  await page.getByLabel('As it was at').fill('2020-01-01T00:00:00');
  await page.getByRole('button', { name: 'Show that moment' }).click();
  await expect(page.getByText(/As it was on .*: 0 messages\./u)).toBeVisible();
  await expect(sung).toHaveCount(0);
  await page.getByRole('link', { name: 'Back to what was found' }).click();
  await expect(row(page).getByRole('link')).toBeFocused();
  await page.reload();
  await expect(reason(askingWhy(page))).toBeFocused();
  await askingWhy(page).getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByText('Nothing is shown without a reason')).toBeVisible();
}

/** Ordered from what was found, made, and taken away with a reason. */
async function exportFound(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Export…' }).click();
  const ordering = dialogOf(page, 'Export what is selected?');
  await ordering.getByLabel('Pages to print (HTML)').check();
  await ordering.getByLabel(/^Encrypt to/u).fill('age1nobody');
  await reason(ordering).fill('For counsel');
  await ordering.getByRole('button', { name: 'Order' }).click();
  await expect(ordering.getByRole('alert')).toContainText('This is no recipient of age.');
  expect(await findings(page)).toEqual([]);
  await ordering.getByLabel(/^Encrypt to/u).fill('');
  await ordering.getByRole('button', { name: 'Order' }).click();
  await page.getByRole('link', { name: 'How far it is stands under Exports' }).click();
  await expect(page.getByText('Ready')).toBeVisible();
  expect(await findings(page)).toEqual([]);
  await page.getByRole('button', { name: 'Download…' }).click();
  const downloading = dialogOf(page, 'Download this export?');
  await reason(downloading).fill('For counsel');
  const file = await saved(page, downloading.getByRole('button', { name: 'Download' }));
  await expect(page.getByText(/gorunchat verify Roe-v-Kiln-.*\.zip/u)).toBeVisible();
  expect(await findings(page)).toEqual([]);
  return file;
}

async function release(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Holds' }).click();
  expect(await findings(page)).toEqual([]);
  await page.getByRole('button', { name: /^Release/u }).click();
  const releasing = dialogOf(page, 'Release this hold?');
  await reason(releasing).fill('Settled');
  await releasing.getByRole('button', { name: 'Release hold' }).click();
  await expect(page.getByText('Nothing is held for this case yet.')).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
}

async function saved(page: Page, button: Locator): Promise<string> {
  const downloading = page.waitForEvent('download');
  await button.click();
  return (await downloading).path();
}

async function verified(...args: string[]): Promise<{ code: number; said: string }> {
  let said = '';
  const code = await run(['verify', ...args], (text) => (said += text));
  return { code, said };
}

test('an admin makes a reviewer, who holds a conversation for a case, reads and exports what its owner deleted, and releases it; then it is gone', async ({ browser }) => {
  test.setTimeout(180_000);
  const admin = await newPerson(browser, server.url, 'mara@example.org', 'Mara Lindqvist');
  const reviewer = await newPerson(browser, server.url, 'aino@example.org', 'Aino Virtanen');
  const owner = await newPerson(browser, server.url, 'pelle@example.org', 'Pelle');

  await goVia(admin.page, 'Mara Lindqvist', 'People');
  await expect(admin.page.getByRole('row')).toHaveCount(4);
  await admin.page.getByLabel('Role of Mara Lindqvist').selectOption('Member');
  await dialogOf(admin.page, 'Change your own role?').getByRole('button', { name: 'Change my role' }).click();
  await expect(admin.page.getByRole('alert')).toHaveText('There has to be one administrator.');
  await expect(admin.page.getByLabel('Role of Mara Lindqvist')).toHaveValue('admin');
  expect(await findings(admin.page)).toEqual([]);
  await admin.page.getByLabel('Role of Aino Virtanen').selectOption('Reviewer');
  await expect(admin.page.getByRole('alert')).toHaveCount(0);

  await send(owner.page, 'The canary sings');
  await expect(owner.page.getByRole('button', { name: 'Good reply' })).toBeVisible();
  await idle(owner.page);

  const { page } = reviewer;
  await goVia(page, 'Aino Virtanen', 'Cases');
  await expect(page.getByText('Your cases will stand here.')).toBeVisible();
  expect(await findings(page)).toEqual([]);
  await openCase(page);
  await holdNobody(page);

  await page.getByRole('link', { name: 'Review' }).click();
  await expect(reason(askingWhy(page))).toBeFocused();
  expect(await findings(page)).toEqual([]);
  await sayWhy(page, 'Named in the letter');
  await searchIn(page).getByLabel('E-mail, name or id').fill('pelle@example.org');
  await searchIn(page).getByLabel('Words').fill('CANARY');
  await searchIn(page).getByRole('button', { name: 'Search' }).click();
  await expect(row(page)).toHaveCount(1);
  await holdFound(page);

  await owner.page.keyboard.press('Control+k');
  await owner.page.getByRole('option', { name: 'Delete conversation' }).click();
  await expect(owner.page.getByText(/deleted/u).first()).toBeVisible();

  await searchIn(page).getByRole('button', { name: 'Search' }).click();
  await expect(row(page)).toContainText('Deleted by its owner');
  expect(await findings(page)).toEqual([]);
  await row(page).getByRole('checkbox').check();
  const file = await exportFound(page);
  const { code, said } = await verified(file);
  expect([code, said]).toEqual([0, expect.stringMatching(/^Intact: \d+ records in 1 chains\.\nPerson [\w-]{22}: 1 of 1 conversations are in it/u)]);
  await page.getByRole('link', { name: 'Review', exact: true }).click();
  await readFound(page);
  await release(page);

  await page.getByRole('link', { name: 'Review' }).click();
  await sayWhy(page, 'Is it gone?');
  await searchIn(page).getByLabel('E-mail, name or id').fill('Pelle');
  await expect(async () => {
    await searchIn(page).getByRole('button', { name: 'Search' }).click();
    await expect(page.getByText('Nothing found.')).toBeVisible({ timeout: 1_000 });
  }).toPass();
  expect(await verified(file)).toMatchObject({ code: 0 });
  await page.getByRole('button', { name: 'Close case…' }).click();
  const closing = dialogOf(page, 'Close Roe v. Kiln?');
  await reason(closing).fill('Settled');
  await closing.getByRole('button', { name: 'Close case' }).click();
  await expect(page.getByText('The case is closed, so nothing is shown for it any more.')).toBeVisible();
  for (const one of [admin, reviewer, owner]) await one.leave();
});

/** What is held or exported of everybody, first without a date, which is refused in the dialog, and then from this day on. */
async function askOfEverybody(page: Page, { button, heading, choice, verb }: { button: string; heading: string; choice: string; verb: string }): Promise<void> {
  await page.getByRole('button', { name: button }).click();
  const dialog = dialogOf(page, heading);
  await dialog.getByLabel(choice).selectOption('Everybody, in a time range');
  await expect(dialog.getByLabel(/^E-mail, name or id/u)).toHaveCount(0);
  await reason(dialog).fill('Named in the letter');
  await dialog.getByRole('button', { name: verb, exact: true }).click();
  await expect(dialog.getByRole('alert')).toContainText('Of everybody there has to be a date');
  expect(await findings(page)).toEqual([]);
  await dialog.getByLabel('From').fill('2026-01-01');
  await dialog.getByRole('button', { name: verb, exact: true }).click();
  await expect(dialog.getByRole('button', { name: verb, exact: true })).toBeHidden();
}

test('a reviewer holds, finds and exports what everybody has between two dates, and nothing without a date', async ({ browser }) => {
  test.setTimeout(180_000);
  const admin = await newPerson(browser, server.url, 'mara@example.org', 'Mara Lindqvist');
  const reviewer = await newPerson(browser, server.url, 'aino@example.org', 'Aino Virtanen');
  await send(admin.page, 'The canary sings');
  await idle(admin.page);
  await makeReviewers(admin.page, server.url, 'Aino Virtanen');
  const { page } = reviewer;
  await openCaseAt(page, server.url, 'Roe v. Kiln', 'Letter of 3 November');

  await askOfEverybody(page, { button: 'Place a hold…', heading: 'Place a hold', choice: 'What is held', verb: 'Place hold' });
  await expect(page.getByRole('heading', { name: 'All conversations of everybody' })).toBeVisible();
  await expect(page.getByText('From 1 January 2026 to today, and everything new')).toBeVisible();
  expect(await findings(page)).toEqual([]);

  await page.getByRole('link', { name: 'Review' }).click();
  await sayWhy(page, 'Named in the letter');
  await searchIn(page).getByLabel('Conversations of').selectOption('Everybody, in a time range');
  await searchIn(page).getByLabel('Words').fill('CANARY');
  await searchIn(page).getByRole('button', { name: 'Search' }).click();
  await expect(page.getByRole('alert')).toContainText('Of everybody there has to be a date');
  await searchIn(page).getByLabel('From').fill('2026-01-01');
  await searchIn(page).getByRole('button', { name: 'Search' }).click();
  await expect(row(page)).toHaveCount(1);
  await expect(row(page)).toContainText('Mara Lindqvist');
  expect(await findings(page)).toEqual([]);

  await page.getByRole('link', { name: 'Exports' }).click();
  await askOfEverybody(page, { button: 'Order an export…', heading: 'Order an export', choice: 'All conversations of', verb: 'Order' });
  await expect(page.getByRole('heading', { name: 'All conversations of everybody from 1 January 2026 on' })).toBeVisible();
  await expect(page.getByText('Ready')).toBeVisible();
  await page.getByRole('button', { name: 'Download…' }).click();
  const downloading = dialogOf(page, 'Download this export?');
  await reason(downloading).fill('For counsel');
  const file = await saved(page, downloading.getByRole('button', { name: 'Download' }));
  expect(await verified(file)).toEqual({ code: 0, said: expect.stringMatching(/^Intact: \d+ records in 1 chains\.(?=[^]*: 1 of 1 conversations)(?=[^]*: 0 of 0 conversations)/u) });
  for (const one of [admin, reviewer]) await one.leave();
});

test('an admin keeps a checkpoint, with which the data folder is verified', async ({ browser }) => {
  const admin = await newPerson(browser, server.url, 'mara@example.org', 'Mara Lindqvist');
  await goVia(admin.page, 'Mara Lindqvist', 'Records');
  const signed = admin.page.getByRole('heading', { name: /^\d+ (?:record has its|records have their) place in the log, signed$/u });
  const again = admin.page.getByRole('button', { name: 'Try again' }); // in the first seconds nothing is sealed
  await expect(async () => {
    if (await again.isVisible()) await again.click();
    await expect(signed).toBeVisible({ timeout: 1_000 });
  }).toPass();
  expect(await findings(admin.page)).toEqual([]);
  const checkpoint = await saved(admin.page, admin.page.getByRole('button', { name: 'Download checkpoint' }));
  const key = await admin.page.locator('dd.mono').innerText();
  const { code, said } = await verified(server.folder, '--checkpoint', checkpoint, '--key', key);
  expect([code, said]).toEqual([0, expect.stringContaining('Intact')]);
  await admin.page.getByRole('button', { name: 'Change the signing key' }).click();
  await expect(async () => {
    await admin.page.reload();
    await expect(admin.page.locator('dd.mono')).toHaveCount(2, { timeout: 1_000 });
  }).toPass();
  await admin.leave();
});

test('an admin is told in words how the copy outside stands, whatever is wrong with it', async ({ browser }) => {
  const admin = await newPerson(browser, server.url, 'mara@example.org', 'Mara Lindqvist');
  const { page } = admin;
  const copy = { place: `/mnt/elsewhere/${'a-long-name/'.repeat(9)}archive`, holds: 12_480, of: 12_503, at: 1_750_000_000_000, kind: 'folder', differsAt: null, compared: null };
  const query = { ...copy, kind: 'bigquery', place: 'acme.chat', compared: 8_000 };
  let copies: object[] = [];
  await page.route('**/api/log/copies', (route) => route.fulfill({ json: { copies } }));
  await page.route('**/api/log/checkpoint', (route) => route.fulfill({ json: { size: 12_503, at: copy.at, note: 'gorunchat/0\n12503\n', keys: ['gorunchat/0+00000000+key'], cosigned: [] } }));
  for (const [given, words] of [
    [[], 'There is none.'],
    [[{ ...copy, state: 'whole', holds: copy.of }], '12,503 of 12,503 records'],
    [[{ ...copy, state: 'behind' }], '12,480 of 12,503 records'],
    [[{ ...copy, state: 'failing', holds: 0, at: null }], 'It cannot be written at the moment'],
    [[{ ...copy, state: 'differs' }], 'It does not hold what the log holds'],
    [[{ ...copy, state: 'whole' }, { ...query, state: 'differs', differsAt: 1_217 }], 'The first place that differs is 1,217.'],
    [[{ ...copy, kind: 'cloud-storage', place: 'gs://acme/chat/', state: 'behind' }, { ...query, state: 'whole' }], '8,000 of 12,480 with the log'],
    [[{ ...copy, kind: 'cloud-storage', place: 'gs://acme/chat/', state: 'failing' }, { ...query, kind: 'duckdb', state: 'behind' }], 'gcloud storage cp --recursive "gs://acme/chat/*" ARCHIVE'],
  ] as const) {
    copies = [...given];
    await page.goto(`${server.url}/admin/records`);
    await expect(page.locator('section').filter({ has: page.getByRole('heading', { name: /^(?:Copy|Copies) outside$/u }) })).toContainText(words);
    expect(await findings(page)).toEqual([]);
  }
  await admin.leave();
});

test('an admin is told in words how far witnesses have cosigned the log, and what is cosigned here for others', async ({ browser }) => {
  const admin = await newPerson(browser, server.url, 'mara@example.org', 'Mara Lindqvist');
  const { page } = admin;
  const witness = { name: `witness.example.org/${'a-long-name/'.repeat(6)}w1`, place: 'https://witness.example.org/api/witness', size: 12_480, of: 12_503, at: 1_750_000_000_000, note: 'gorunchat/0\n12480\n' };
  let answer: object = {};
  await page.route('**/api/log/witnesses', (route) => route.fulfill({ json: answer }));
  await page.route('**/api/log/checkpoint', (route) => route.fulfill({ json: { size: 12_503, at: witness.at, note: 'gorunchat/0\n12503\n', keys: ['gorunchat/0+00000000+key'], cosigned: [] } }));
  const own = { key: `w1+00000000+${'B'.repeat(44)}`, logs: [{ origin: 'gorunchat/1', size: 7, at: witness.at, isRefused: true }, { origin: 'gorunchat/2', size: 0, at: null, isRefused: false }] };
  for (const [given, words] of [
    [{ witnesses: [{ ...witness, state: 'behind' }, { ...witness, state: 'failing', at: null, note: null }], own: null }, '12,480 of 12,503 records'],
    [{ witnesses: [{ ...witness, state: 'refused' }], own }, 'It refuses the log: it has cosigned another one'],
    [{ witnesses: [{ ...witness, size: witness.of, state: 'whole' }], own }, 'All records are cosigned'],
  ] as const) {
    answer = given;
    await page.goto(`${server.url}/admin/records`);
    await expect(page.locator('section').filter({ has: page.getByRole('heading', { name: /^Witness(?:es)?$/u }) })).toContainText(words);
    expect(await findings(page)).toEqual([]);
  }
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download what it cosigned' }).click();
  expect((await downloading).suggestedFilename()).toBe('cosigned-12503.txt');
  await admin.leave();
});

test('who is no reviewer finds no way to cases, and is told why: an admin, too', async ({ browser }) => {
  const admin = await newPerson(browser, server.url, 'mara@example.org', 'Mara Lindqvist');
  const member = await newPerson(browser, server.url, 'pelle@example.org', 'Pelle');
  for (const [{ page }, name, words] of [[admin, 'Mara Lindqvist', 'no administrator is a reviewer'], [member, 'Pelle', 'Cases are for reviewers.']] as const) {
    await page.getByRole('button', { name }).click();
    await expect(page.getByRole('menuitem', { name: 'Settings' })).toBeVisible();
    await expect(page.getByRole('menuitem', { name: 'Cases' })).toHaveCount(0);
    await page.goto(`${server.url}/admin/cases`);
    await expect(page.getByRole('alert')).toContainText(words);
    expect(await findings(page)).toEqual([]);
  }
  for (const path of ['people', 'records']) {
    await member.page.goto(`${server.url}/admin/${path}`);
    await expect(member.page.getByRole('alert')).toHaveText('You may not do this.');
  }
  for (const one of [admin, member]) await one.leave();
});
