import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { newServerProcess, type ServerProcess } from '../support/process.ts';
import { composer, expectClean, newTab, send, signUp, watch, type Watched } from './person.ts';

let server: ServerProcess;
let watched: Watched;

test.beforeEach(async ({ context }) => {
  server = await newServerProcess(undefined, { OPENAI_API_KEY: 'user_provided', ANTHROPIC_API_KEY: 'user_provided', OPENAI_MODELS: 'gpt-5', ANTHROPIC_MODELS: 'claude-sonnet-5' });
  watched = await watch(context, server.url);
});
test.afterEach(() => server[Symbol.asyncDispose]());

/** The dialog that lies over the settings, which are a dialog, too. */
const over = (page: Page, heading: string) => page.getByRole('region', { name: 'Models and keys' }).locator('gorun-dialog').filter({ has: page.getByRole('dialog', { name: heading }) });

async function openKeys(page: Page): Promise<void> {
  await page.goto(`${server.url}/settings`);
  await page.getByRole('button', { name: 'Models and keys' }).click();
}

async function giveKey(page: Page, provider: string, key: string): Promise<void> {
  await page.getByRole('button', { name: `Add a key for ${provider}` }).click();
  const dialog = over(page, `Key for ${provider}`);
  await dialog.getByLabel('Key', { exact: true }).fill(key);
  await dialog.getByRole('button', { name: 'Save key' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByText(`Your key: …${key.slice(-4)}`)).toBeVisible();
}

test('a person gives keys, removes one, and removes all of them at once; other tabs see it', async ({ page }) => {
  await signUp(page, server.url);
  const second = await newTab(page);
  for (const tab of [page, second]) await openKeys(tab);
  await expect(second.getByText('No key of yours')).toHaveCount(2);
  await giveKey(page, 'OpenAI', 'sk-first-0123456789abcd');
  await expect(page.getByRole('button', { name: 'Remove all keys…' })).toHaveCount(0);
  await giveKey(page, 'Anthropic', 'sk-second-0123456789efgh');
  await expect(second.getByText('Your key: …efgh')).toBeVisible();

  await page.getByRole('button', { name: 'Remove the key for OpenAI' }).click();
  await over(page, 'Remove the key for OpenAI?').getByRole('button', { name: 'Remove key' }).click();
  await expect(page.getByText('No key of yours')).toHaveCount(1);
  await giveKey(page, 'OpenAI', 'sk-third-0123456789ijkl');

  await page.getByRole('button', { name: 'Remove all keys…' }).click();
  const dialog = over(page, 'Remove all your keys?');
  await expect(dialog).toContainText(/Models of (OpenAI and Anthropic|Anthropic and OpenAI) cannot be asked/u);
  expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)).toEqual([]);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByText('No key of yours')).toHaveCount(0);
  await page.getByRole('button', { name: 'Remove all keys…' }).click();
  await dialog.getByRole('button', { name: 'Remove all keys' }).click();
  for (const tab of [page, second]) await expect(tab.getByText('No key of yours')).toHaveCount(2);
  await expect(dialog).toHaveCount(0);
  expectClean(watched);
});

test('a model without a key is said once, with the way to give one; the composer only says what comes first', async ({ page }) => {
  await signUp(page, server.url);
  await page.getByRole('button', { name: /^Model: / }).click();
  await page.getByRole('option', { name: /gpt-5/ }).click();
  await expect(page.getByText('There is no key for OpenAI yet')).toBeVisible();
  await send(page, 'Hello');
  await expect(composer(page)).toHaveValue('Hello');
  await expect(page.getByText('Add a key first')).toBeVisible();
  await expect(page.getByText('a key', { exact: false })).toHaveCount(1);
  await page.locator('gorun-notice').getByRole('button', { name: 'Settings' }).click();
  await expect(page.getByRole('region', { name: 'Models and keys' })).toBeVisible();
  expectClean(watched);
});
