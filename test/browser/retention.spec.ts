import { expect, test } from '@playwright/test';
import { newServerProcess, type ServerProcess } from '../support/process.ts';
import { newSettingsFile, type SettingsFile } from '../support/settings-file.ts';
import { findings } from './findings.ts';
import { expectClean, signUp, watch } from './person.ts';

let settings: SettingsFile;
let server: ServerProcess;
test.beforeEach(async () => {
  settings = newSettingsFile('restoreSeconds: 0\nretention:\n  visitor: { keepDays: 30, deleteAfterDays: 90 }\n');
  server = await newServerProcess(undefined, settings.environment);
});
test.afterEach(async () => {
  await server[Symbol.asyncDispose]();
  settings[Symbol.dispose]();
});

test('an admin sees how long what is kept, and a certificate of what was erased', async ({ browser }) => {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'UTC', reducedMotion: 'reduce' });
  const watched = await watch(context, server.url);
  const page = await context.newPage();
  await signUp(page, server.url);
  const field = page.getByRole('textbox', { name: 'Message' });
  await field.fill('What does the roastery charge for a kilo?');
  await field.press('Enter');
  await expect(page.locator('gorun-message[author=model]')).toHaveCount(1);
  await expect(page.getByRole('button', { name: 'Stop the reply' })).toHaveCount(0);
  const id = new URL(page.url()).pathname.slice('/c/'.length);
  await page.keyboard.press('Control+k');
  await page.getByRole('option', { name: 'Delete conversation' }).click();
  await expect(page.getByText(/deleted/u).first()).toBeVisible();
  await page.getByRole('button', { name: 'Mara Lindqvist' }).click();
  await page.getByRole('menuitem', { name: 'Retention' }).click();
  await expect(page.getByText('Kept for 30 days at least; deleted after 90 days.')).toBeVisible();
  await expect.poll(async () => {
    await page.reload();
    return page.locator('tbody tr').count();
  }).toBe(1);
  const row = page.locator('tbody tr');
  await expect(row).toContainText(`${id}:`);
  await expect(row).toContainText('Deleted');
  await expect(row).not.toContainText('roastery');
  expect(await findings(page)).toEqual([]);
  await context.close();
  expectClean(watched);
});
