import { expect, test, type Page } from '@playwright/test';
import { newServerProcess, type ServerProcess } from '../support/process.ts';
import { signIn } from '../support/tab.ts';
import { findings } from './findings.ts';
import { dialogOf, expectClean, newTab, signUp, watch, type Watched } from './person.ts';

let server: ServerProcess;
let watched: Watched;

test.beforeEach(async ({ context }) => {
  server = await newServerProcess(undefined, { OPENAI_API_KEY: 'user_provided', OPENAI_MODELS: 'gpt-5' });
  watched = await watch(context, server.url);
});
test.afterEach(() => server[Symbol.asyncDispose]());

const security = (page: Page) => page.getByRole('region', { name: 'Security' });
const toast = (page: Page, text: string | RegExp) => page.locator('gorun-toasts .toast').filter({ hasText: text });
/** The dialog that lies over the settings, which are a dialog, too. */
const over = (page: Page, heading: string) => security(page).locator('gorun-dialog').filter({ has: page.getByRole('dialog', { name: heading }) });

test('a sign-in elsewhere is told in every tab; who says that it was not them ends it and takes another password, by keyboard alone', async ({ page }) => {
  await signUp(page, server.url);
  const second = await newTab(page);
  await second.goto(server.url);
  await expect(second.getByRole('textbox', { name: 'Message' })).toBeFocused();
  const elsewhere = await signIn(server.url, 'mara@example.org', 'correct horse battery');
  for (const tab of [page, second]) await expect(toast(tab, /New sign-in/u)).toBeVisible();
  await expect(second.getByRole('button', { name: /1 new about your account/u })).toBeVisible();

  await page.keyboard.press('F8');
  await page.keyboard.press('Enter');
  await expect(security(page)).toBeVisible();
  await expect(security(page).getByRole('list', { name: 'What happened to your account' }).getByRole('listitem')).toHaveText([/New sign-in.*new/su, /This sign-in/u]);
  expect(await findings(page)).toEqual([]);
  await security(page).getByRole('button', { name: /^That was not me/u }).focus();
  await page.keyboard.press('Enter');
  const sure = over(page, 'Somebody else may know your password');
  await sure.getByRole('button', { name: 'Sign out everywhere else' }).focus();
  await page.keyboard.press('Enter');

  const change = dialogOf(page, 'Change password');
  await expect(change.getByLabel('Your password now')).toBeFocused();
  expect((await fetch(`${server.url}/api/sessions`, { headers: { cookie: elsewhere.cookie } })).status).toBe(401);
  expect(await findings(page)).toEqual([]);
  await page.keyboard.type('not the password');
  await page.keyboard.press('Tab');
  await page.keyboard.type('another horse battery');
  await page.keyboard.press('Enter');
  await expect(change.getByRole('alert')).toHaveText('That is not your password.');
  await change.getByLabel('Your password now').fill('correct horse battery');
  await page.keyboard.press('Enter');
  await expect(change).toHaveCount(0);
  await expect(page.getByText('Your password was changed', { exact: true })).toBeAttached();
  await signIn(server.url, 'mara@example.org', 'another horse battery');
  expectClean(watched);
});

test('what was seen in one tab is news in none; what this sign-in did itself is none at all', async ({ page }) => {
  await signUp(page, server.url);
  const second = await newTab(page);
  await second.goto(server.url);
  await expect(second.getByRole('textbox', { name: 'Message' })).toBeFocused();
  await signIn(server.url, 'mara@example.org', 'correct horse battery');
  await expect(second.getByRole('button', { name: /1 new about your account/u })).toBeVisible();
  await page.getByRole('button', { name: /new about your account/u }).click();
  await page.getByRole('menuitem', { name: 'What happened to your account' }).click();
  await security(page).getByRole('button', { name: 'Mark all as seen' }).click();
  await expect(security(page).getByRole('button', { name: 'Mark all as seen' })).toHaveCount(0);
  await expect(second.getByRole('button', { name: /new about your account/u })).toHaveCount(0);

  await page.getByRole('button', { name: 'Models and keys' }).click();
  await page.getByRole('button', { name: 'Add a key for OpenAI' }).click();
  await dialogOf(page, 'Key for OpenAI').getByLabel('Key', { exact: true }).fill('sk-first-0123456789abcd');
  await page.getByRole('button', { name: 'Save key' }).click();
  await page.getByRole('button', { name: 'Security' }).click();
  await expect(security(page).getByRole('listitem').first()).toContainText('A key for openai was added or replaced');
  await expect(second.getByRole('button', { name: /new about your account/u })).toHaveCount(0);
  await security(page).getByRole('button', { name: 'Sign out everywhere else' }).click();
  await expect(security(page).getByRole('button', { name: 'Sign out everywhere else' })).toHaveCount(0);
  expectClean(watched);
});
