import { expect, test } from '@playwright/test';
import { newServerProcess, type ServerProcess } from '../support/process.ts';
import { findings } from './findings.ts';
import { composer, expectClean, newTab, send, signUp, watch } from './person.ts';

let server: ServerProcess;
test.beforeEach(async () => {
  server = await newServerProcess();
});
test.afterEach(() => server[Symbol.asyncDispose]());

test('a temporary chat says what it is, stands in no list in either tab, and is there under its address', async ({ browser }) => {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'UTC', reducedMotion: 'reduce' });
  const watched = await watch(context, server.url);
  const page = await context.newPage();
  await signUp(page, server.url);
  const second = await newTab(page);
  await second.goto(server.url);
  const turn = page.getByRole('button', { name: 'Temporary chat' });
  await turn.click();
  await expect(turn).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByRole('heading', { level: 2, name: 'Temporary chat' })).toBeVisible();
  await expect(page.getByText('Not in your list, not in search, deleted 24 hours after the last message.')).toBeVisible();
  await expect(composer(page)).toHaveAttribute('placeholder', 'Message, kept for 24 hours');
  expect(await findings(page)).toEqual([]);
  await composer(page).fill('What do the');
  await page.keyboard.press('Control+,');
  await expect(page.getByRole('dialog', { name: 'Settings' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog', { name: 'Settings' })).toHaveCount(0);
  await expect(page).not.toHaveURL(/settings/u);
  await page.reload();
  await expect(page.getByRole('heading', { level: 2, name: 'Temporary chat' })).toBeVisible();
  await expect(composer(page)).toHaveValue('What do the');
  await expect(second.getByRole('button', { name: 'Temporary chat' })).toHaveAttribute('aria-pressed', 'false');
  await expect(composer(second)).toHaveValue('');
  await expect(second.getByText('What do the')).toHaveCount(0);
  await send(page, 'What do the neighbours pay?');
  await expect(page.locator('gorun-message[author=model]')).toHaveCount(1);
  await expect(page.getByRole('button', { name: 'Stop the reply' })).toHaveCount(0);
  await expect(page.getByRole('heading', { level: 1, name: 'Temporary chat' })).toBeVisible();
  await second.goto(page.url());
  await expect(second.locator('gorun-message[author=person]')).toHaveText(/What do the neighbours pay/u);
  await expect(second.getByRole('heading', { level: 1, name: 'Temporary chat' })).toBeVisible();
  expect(await findings(second)).toEqual([]);
  await page.getByRole('link', { name: 'New chat' }).click();
  await expect(page.getByRole('button', { name: 'Temporary chat' })).toHaveAttribute('aria-pressed', 'false');
  await send(page, 'To be kept');
  for (const tab of [page, second]) {
    await expect(tab.locator('gorun-conversation-row')).toHaveCount(1);
    await expect(tab.locator('gorun-conversation-row')).toContainText('To be kept');
  }
  await page.keyboard.press('Control+k');
  await page.getByRole('option', { name: 'Temporary chat' }).click();
  await expect(page.getByRole('heading', { level: 2, name: 'Temporary chat' })).toBeVisible();
  await page.locator('gorun-conversation-row').getByRole('link').click();
  await expect(page.getByRole('heading', { level: 1, name: 'To be kept' })).toBeVisible();
  await second.getByRole('button', { name: 'More', exact: true }).click();
  await expect(second.getByRole('menuitem')).toHaveText([/Delete/u]);
  await second.getByRole('menuitem', { name: 'Delete' }).click();
  await expect(second.getByRole('button', { name: 'Undo' }).first()).toBeVisible();
  await context.close();
  expectClean(watched);
});
