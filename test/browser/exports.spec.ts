import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { expect, test, type Page } from '@playwright/test';
import { newServerProcess } from '../support/process.ts';
import { newSettingsFile } from '../support/settings-file.ts';
import { findings } from './findings.ts';
import { dialogOf, idle, newPerson, send } from './person.ts';
import { makeReviewers, openCase } from './reviewers.ts';

const reason = (page: Page, heading: string) => dialogOf(page, heading).getByRole('textbox', { name: 'Reason' });

test('an export for a recipient waits for another reviewer, is made once they approve it, downloaded, and destroyed', async ({ browser }) => {
  test.setTimeout(180_000);
  using settings = newSettingsFile('secondApprover: true\n');
  await using server = await newServerProcess(undefined, settings.environment);
  const admin = await newPerson(browser, server.url, 'mara@example.org', 'Mara Lindqvist');
  const aino = await newPerson(browser, server.url, 'aino@example.org', 'Aino Virtanen');
  const berit = await newPerson(browser, server.url, 'berit@example.org', 'Berit Sand');
  await send(admin.page, 'The canary sings');
  await idle(admin.page);
  await makeReviewers(admin.page, server.url, 'Aino Virtanen', 'Berit Sand');
  const { page } = aino;
  await openCase(page, server.url, 'Roe v. Kiln', 'Letter of 3 November');
  await page.getByRole('link', { name: 'Exports' }).click();
  await expect(page.getByText('Nothing was exported for this case yet.')).toBeVisible();
  expect(await findings(page)).toEqual([]);

  await page.getByRole('button', { name: 'Order an export…' }).click();
  const ordering = dialogOf(page, 'Order an export');
  await ordering.getByLabel(/^E-mail, name or id/u).fill('mara@example.org, nobody@example.org');
  await ordering.getByLabel('For Relativity (RSMF 2.0)').check();
  await ordering.getByLabel(/^Encrypt to/u).fill(await identityToRecipient(await generateX25519Identity()));
  await reason(page, 'Order an export').fill('Named in the letter');
  await ordering.getByRole('button', { name: 'Order' }).click();
  await expect(ordering.getByRole('alert')).toContainText('Nobody here has this address');
  expect(await findings(page)).toEqual([]);
  await ordering.getByLabel(/^E-mail, name or id/u).fill('mara@example.org');
  await ordering.getByRole('button', { name: 'Order' }).click();
  await expect(page.getByText('It waits for another reviewer.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Approve…' })).toHaveCount(0);
  expect(await findings(page)).toEqual([]);

  await berit.page.goto(page.url());
  await expect(berit.page.getByText('Waits for approval')).toBeVisible();
  await berit.page.getByRole('button', { name: 'Approve…' }).click();
  await reason(berit.page, 'Approve this export?').fill('As agreed with counsel');
  await dialogOf(berit.page, 'Approve this export?').getByRole('button', { name: 'Approve' }).click();
  await expect(berit.page.getByText('Ready')).toBeVisible();

  await page.reload();
  await expect(page.getByText('Ready')).toBeVisible();
  await page.getByRole('button', { name: 'Download…' }).click();
  await reason(page, 'Download this export?').fill('For counsel');
  const downloading = page.waitForEvent('download');
  await dialogOf(page, 'Download this export?').getByRole('button', { name: 'Download' }).click();
  expect((await downloading).suggestedFilename()).toMatch(/^Roe-v-Kiln-.*\.zip\.age$/u);
  await expect(page.getByText(/^age --decrypt/u)).toBeVisible();
  await expect(page.getByRole('link', { name: 'a page that checks it in the browser' })).toHaveAttribute('href', '/verify');
  expect(await findings(page)).toEqual([]);

  await page.getByRole('button', { name: 'Destroy…' }).click();
  await reason(page, 'Destroy this package?').fill('Settled');
  await dialogOf(page, 'Destroy this package?').getByRole('button', { name: 'Destroy' }).click();
  await expect(page.getByText('Cancelled')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Download…' })).toHaveCount(0);
  for (const one of [admin, aino, berit]) await one.leave();
});
