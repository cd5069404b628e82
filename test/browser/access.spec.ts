import { expect, test, type Browser, type Page } from '@playwright/test';
import { newServerProcess } from '../support/process.ts';
import { newSettingsFile } from '../support/settings-file.ts';
import { findings } from './findings.ts';
import { dialogOf, expectClean, idle, send, signUp, watch } from './person.ts';

async function newPerson(browser: Browser, url: string, email: string, name: string): Promise<{ page: Page; leave(): Promise<void> }> {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'UTC', reducedMotion: 'reduce' });
  const watched = await watch(context, url);
  const page = await context.newPage();
  await signUp(page, url, email, name);
  return { page, leave: async () => (await context.close(), expectClean(watched)) };
}

/** Says why, in the dialog with this heading, and goes on with it. */
async function because(page: Page, heading: string, verb: string, why = 'Named in the letter'): Promise<void> {
  const dialog = dialogOf(page, heading);
  await dialog.getByRole('textbox', { name: 'Reason' }).fill(why);
  await dialog.getByRole('button', { name: verb, exact: true }).click();
}

test('a reviewer reads for a case once another one has granted it, and sees nothing any more as soon as it is withdrawn', async ({ browser }) => {
  test.setTimeout(180_000);
  using settings = newSettingsFile('secondApprover: reading\n');
  await using server = await newServerProcess(undefined, settings.environment);
  const admin = await newPerson(browser, server.url, 'mara@example.org', 'Mara Lindqvist');
  const aino = await newPerson(browser, server.url, 'aino@example.org', 'Aino Virtanen');
  const berit = await newPerson(browser, server.url, 'berit@example.org', 'Berit Sand');
  await send(admin.page, 'The canary sings');
  await idle(admin.page);
  await admin.page.goto(`${server.url}/admin/people`);
  for (const name of ['Aino Virtanen', 'Berit Sand']) {
    const role = admin.page.getByLabel(`Role of ${name}`);
    const given = admin.page.waitForResponse((reply) => reply.url().endsWith('/role') && reply.ok());
    await role.selectOption('Reviewer');
    await given;
    await expect(role).not.toHaveAttribute('aria-busy'); // one role is changed at a time
  }
  const { page } = aino;
  await page.goto(`${server.url}/admin/cases`);
  await page.getByRole('button', { name: 'Open a case…' }).click();
  await dialogOf(page, 'Open a case').getByLabel('Case or reference').fill('Roe v. Kiln');
  await because(page, 'Open a case', 'Open case');
  await page.getByRole('link', { name: 'Review' }).click();
  await expect(page.getByText('Here another reviewer has to grant it')).toBeVisible();
  await expect(page.getByText('Nothing is shown without a reason')).toHaveCount(0);
  expect(await findings(page)).toEqual([]);
  await page.getByRole('button', { name: 'Ask for access…' }).click();
  await dialogOf(page, 'Ask for access').getByLabel('For how many hours').fill('2');
  expect(await findings(page)).toEqual([]);
  await because(page, 'Ask for access', 'Ask');
  await expect(page.getByText('You have asked to read for this case.')).toBeVisible();

  await berit.page.goto(page.url());
  await expect(berit.page.getByText('Waits for approval')).toBeVisible();
  await berit.page.getByRole('button', { name: 'Grant…' }).click();
  await because(berit.page, 'Grant this access?', 'Grant', 'As agreed with counsel');
  await expect(berit.page.getByText('Waits for approval')).toHaveCount(0);

  await because(page, 'Why do you need to read this?', 'Go on');
  await expect(page.getByText('Access granted')).toBeVisible();
  const searching = page.getByRole('form', { name: 'What to look for' });
  await searching.getByLabel(/^E-mail, name or id/u).fill('mara@example.org');
  await searching.getByRole('button', { name: 'Search' }).click();
  await page.getByRole('row').filter({ has: page.getByRole('link') }).getByRole('link').click();
  const sung = page.getByRole('listitem').filter({ hasText: 'The canary sings' });
  await expect(sung).toBeVisible();
  expect(await findings(page)).toEqual([]);

  await berit.page.getByRole('button', { name: 'Withdraw…' }).click();
  await because(berit.page, 'Withdraw this access?', 'Withdraw', 'Settled');
  await expect(sung).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Ask for access…' })).toBeVisible();
  expect(await findings(page)).toEqual([]);
  for (const one of [admin, aino, berit]) await one.leave();
});
