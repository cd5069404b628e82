import { readFile } from 'node:fs/promises';
import { expect, test, type Page } from '@playwright/test';
import { newServerProcess, type ServerProcess } from '../support/process.ts';
import { findings } from './findings.ts';
import { newPerson } from './person.ts';

let server: ServerProcess;
test.beforeEach(async () => void (server = await newServerProcess()));
test.afterEach(() => server[Symbol.asyncDispose]());

/** Entries that are shown, without what was opened under them. */
const entries = (page: Page) => page.locator('tbody tr:not(.facts-row)');
const entry = (page: Page, sentence: string | RegExp) => page.getByRole('button', { name: sentence });

async function openLog(page: Page): Promise<void> {
  await page.goto(server.url);
  await page.getByRole('button', { name: 'Mara Lindqvist' }).click();
  await page.getByRole('menuitem', { name: 'Audit log' }).click();
  await expect(entries(page).first()).toContainText('Read the audit log');
}

/** Renames whoever looks at the page so many times: each is an entry. */
function rename(page: Page, ...names: readonly string[]): Promise<void> {
  return page.evaluate(async (all) => {
    for (const name of all) await fetch('/api/person', { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name }) });
  }, names);
}

test('an admin finds out in the audit log who did what, sees all of it, and takes it away', async ({ browser }) => {
  test.setTimeout(120_000);
  const admin = await newPerson(browser, server.url, 'mara@example.org', 'Mara Lindqvist');
  const pelle = await newPerson(browser, server.url, 'pelle@example.org', 'Pelle');
  const { page } = admin;
  await openLog(page);
  expect(await page.title()).toContain('Audit log');
  await expect(entries(page)).toHaveCount(8); // the settings of these tests are on record as well, and that the names were read
  await expect(entries(page).filter({ hasText: 'signing-key-made' })).toContainText('GoRunChat itself');
  await expect(entries(page).filter({ hasText: 'Account made: pelle@example.org, member' })).toContainText('Not signed in');

  // A row opens and closes by the keyboard.
  await entry(page, 'Account made: pelle@example.org, member').focus();
  await page.keyboard.press('Enter');
  const facts = page.getByRole('group', { name: /^Account made: pelle/u });
  await expect(facts).toContainText('Rolemember');
  await expect(facts).toContainText('ResultDone');
  await expect(facts).toContainText('127.0.0.1');
  expect(await findings(page)).toEqual([]);
  await page.keyboard.press('Enter');
  await expect(facts).toHaveCount(0);

  // By kind and person, in an address that opens the same view.
  await page.getByText('Kinds: all').click();
  await page.getByRole('checkbox', { name: 'Sign-ins' }).check();
  await page.getByRole('checkbox', { name: 'Sign-in refused' }).uncheck();
  expect(await findings(page)).toEqual([]);
  await page.getByLabel('Done by').fill('pelle');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await expect(entries(page)).toHaveCount(1);
  await expect(entries(page)).toContainText(['pelle@example.org']);
  expect(new URL(page.url()).search).toMatch(/^\?types=signed-in,signed-out,password-changed&user=[\w-]{22}$/u);
  await page.reload();
  await expect(entries(page)).toHaveCount(1);
  await expect(page.getByLabel('Done by')).toHaveValue('pelle@example.org');
  await expect(page.getByText('Kinds: Signed in, Signed out')).toBeVisible();

  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'CSV' }).click();
  const file = await downloading;
  expect(file.suggestedFilename()).toMatch(/^audit-\d{4}-\d\d-\d\d\.csv$/u);
  const [head, ...lines] = (await readFile(await file.path(), 'utf8')).trimEnd().split('\r\n');
  expect([head, lines.length]).toEqual(['number,time,type,result,user,address,agent,says', 1]);

  await page.getByLabel('To', { exact: true }).fill('2020-01-01');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await expect(page.getByText('Nothing in the log is like that.')).toBeVisible();
  expect(await findings(page)).toEqual([]);
  await page.goBack();
  await expect(entries(page)).toHaveCount(1);
  await page.getByRole('button', { name: 'Clear' }).click();
  await expect(entry(page, 'Took the audit log away as CSV')).toBeVisible();
  await expect(page.getByLabel('Done by')).toHaveValue('');
  expect(new URL(page.url()).search).toBe('');

  await rename(page, ...Array.from({ length: 100 }, (_, at) => `Mara ${at}`));
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await expect(entries(page)).toHaveCount(100);
  await page.getByRole('button', { name: 'Load more' }).click();
  await expect(entries(page).last()).toContainText('Key made that signs the log');
  await expect(page.getByText('The log begins here.')).toBeVisible();

  await pelle.page.goto(`${server.url}/admin/audit`);
  await expect(pelle.page.getByRole('alert')).toHaveText('You may not do this.');
  expect(await findings(pelle.page)).toEqual([]);
  for (const one of [admin, pelle]) await one.leave();
});

test('an admin follows the audit log: what others do comes to the top, also after the server was away, and ends with their role', async ({ browser }) => {
  test.setTimeout(120_000);
  const admin = await newPerson(browser, server.url, 'mara@example.org', 'Mara Lindqvist');
  const { page } = admin;
  await openLog(page);
  const follow = page.getByRole('switch', { name: 'Follow' });
  await follow.check();
  await expect(entries(page).first()).toContainText('Followed the audit log');
  const pelle = await newPerson(browser, server.url, 'pelle@example.org', 'Pelle');
  await expect(entries(page).nth(0)).toContainText('Signed in');
  await expect(entries(page).nth(0)).toContainText('pelle@example.org');
  await expect(entries(page).nth(1)).toContainText('Account made: pelle@example.org, member');
  await expect(page.getByRole('status').filter({ hasText: '3 new entries' })).toBeAttached();
  expect(await findings(page)).toEqual([]);

  await server.kill();
  await expect(page.getByText('Reconnecting. What came meanwhile comes then.')).toBeVisible();
  expect(await findings(page)).toEqual([]);
  await server.start();
  await rename(pelle.page, 'Pelle the Second');
  await expect(entries(page).filter({ hasText: 'Name changed to “Pelle the Second”' })).toHaveCount(1);
  await expect(page.getByText(/^\d+ new entries$/u).first()).toBeVisible();
  const numbers = await page.locator('.what button').evaluateAll((buttons) => buttons.map(({ id }) => Number(id.replace('entry-', ''))));
  expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, at) => numbers.length - at));

  const roleOf = (email: string, role: string) => page.evaluate(async ([of, as]) => {
    const { people } = (await (await fetch('/api/people')).json()) as { people: { id: string; email: string }[] };
    const { status } = await fetch(`/api/people/${people.find((one) => one.email === of)!.id}/role`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ role: as }) });
    return status;
  }, [email, role] as const);
  expect([await roleOf('pelle@example.org', 'admin'), await roleOf('mara@example.org', 'member')]).toEqual([200, 200]);
  await expect(page.getByRole('alert')).toHaveText('You may not see the audit log any more. Nothing new is shown.');
  await expect(follow).not.toBeChecked();
  for (const one of [admin, pelle]) await one.leave();
});
