import { expect, test, type Page } from '@playwright/test';
import { newServerProcess } from '../support/process.ts';
import { newSettingsFile } from '../support/settings-file.ts';
import { findings } from './findings.ts';
import { dialogOf, idle, newPerson, send } from './person.ts';
import { makeReviewers, openCase } from './reviewers.ts';

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
  await makeReviewers(admin.page, server.url, 'Aino Virtanen', 'Berit Sand');
  const { page } = aino;
  await openCase(page, server.url, 'Roe v. Kiln', 'Named in the letter');
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
