import { readFile } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { newServerProcess, type ServerProcess } from '../support/process.ts';
import { newHostSite } from './host-page.ts';
import { dialogOf, expectClean, newTab, signUp, watch, type Watched } from './person.ts';

let server: ServerProcess;
let watched: Watched;

test.beforeEach(async ({ context }) => {
  server = await newServerProcess();
  watched = await watch(context, server.url);
});
test.afterEach(() => server[Symbol.asyncDispose]());

async function findings(page: Page): Promise<string[]> {
  return (await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

const tab = (page: Page, name: string) => page.getByRole('navigation', { name: 'Site settings' }).getByRole('button', { name });

test('an admin makes a site, sees what a visitor would see, copies the tag, and the tag works; closing it ends the chat', async ({ page, browser }) => {
  await using shop = await newHostSite();
  await signUp(page, server.url);
  await page.getByRole('button', { name: 'Mara Lindqvist' }).click();
  await page.getByRole('menuitem', { name: 'Sites' }).click();
  await expect(page.getByText('Your sites will stand here.')).toBeVisible();
  expect(await findings(page)).toEqual([]);
  await page.getByRole('link', { name: 'Add a site' }).click();
  await page.getByLabel('Name of the site').fill('Kite & Kiln shop');
  await page.getByLabel('Title').fill('Ask Kite & Kiln');
  await page.getByLabel('Greeting').fill('Hello!');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByLabel('starter 1', { exact: true }).fill('Where is my order?');
  const preview = page.getByRole('region', { name: 'Preview' });
  await expect(preview.locator('gorun-chat-panel')).toContainText('Ask Kite & Kiln');
  await expect(preview.locator('gorun-chat-panel')).toContainText('Where is my order?');
  expect(await findings(page)).toEqual([]);
  await preview.getByRole('button', { name: 'Phone' }).click();
  await expect(preview.locator('gorun-chat-panel')).toHaveJSProperty('clientWidth', 390);
  expect(await findings(page)).toEqual([]);
  await preview.getByRole('button', { name: 'Desktop' }).click();
  await expect(preview.locator('gorun-chat-panel')).not.toHaveJSProperty('clientWidth', 390);
  await page.getByLabel('Theme').selectOption('Dark');
  expect(await preview.locator('gorun-chat-panel .chat').evaluate((element) => getComputedStyle(element).colorScheme)).toBe('dark');
  await tab(page, 'Behaviour').click();
  await page.getByLabel('origin 1', { exact: true }).fill('not an origin');
  await page.getByRole('button', { name: 'Add the site' }).click();
  await expect(page.getByRole('alert')).toContainText('could not be understood');
  await page.getByLabel('origin 1', { exact: true }).fill(shop.origin);
  await expect(page.getByLabel('Model', { exact: true })).toHaveValue('demo/demo');
  await page.getByRole('button', { name: 'Add the site' }).click();
  await expect(page.getByText('Live')).toBeVisible();
  await tab(page, 'Install').click();
  const tag = await page.locator('pre').first().innerText();
  expect(await findings(page)).toEqual([]);

  const visitor = await (await browser.newContext()).newPage();
  await visitor.goto(shop.serve('/', { body: `<h1>Coffee</h1>${tag}` }));
  await visitor.getByRole('button', { name: 'Open the chat' }).click();
  await visitor.getByRole('button', { name: 'Where is my order?' }).click();
  await expect(visitor.locator('gorun-message[author=model]')).toContainText(/\w{3}/u);
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await expect(page.getByText('Closed')).toBeVisible();
  await expect(visitor.getByText('This chat is closed.')).toBeVisible();
  await visitor.context().close();
  expectClean(watched);
});

test('an admin changes a site, makes and removes a key that is shown once, and removes the site; a reload shows what was saved', async ({ page }) => {
  await signUp(page, server.url);
  await page.goto(`${server.url}/admin/sites/new`);
  await page.getByLabel('Name of the site').fill('Roastery');
  await page.getByLabel('Title').fill('Ask us');
  await tab(page, 'Behaviour').click();
  await page.getByLabel('origin 1', { exact: true }).fill('https://roastery.example.org');
  const becoming = Promise.withResolvers<void>();
  await page.route('**/api/sites', (route) => becoming.promise.then(() => route.continue()), { times: 1 });
  await page.getByRole('button', { name: 'Add the site' }).click();
  await expect(page.locator('gorun-site-editor .cols')).toHaveAttribute('inert'); // nothing can be written that would be lost
  becoming.resolve();
  await tab(page, 'Appearance').click();
  const languages = page.getByRole('group', { name: 'Languages' });
  for (const name of ['English', 'Français', 'Español', '日本語', 'العربية']) await languages.getByLabel(name).uncheck();
  await expect(languages.getByLabel('Deutsch')).toBeDisabled(); // one has to stay
  await languages.getByLabel('English').check();
  await expect(languages).toContainText('Where a page has none of these: Deutsch.');
  expect(await findings(page)).toEqual([]);
  await tab(page, 'Limits').click();
  await page.getByLabel('For each visitor').fill('6');
  const save = page.getByRole('button', { name: 'Save', exact: true });
  const gate = Promise.withResolvers<void>();
  await page.route('**/api/sites/*', (route) => gate.promise.then(() => route.continue()), { times: 1 });
  await save.click();
  await page.getByLabel('For each visitor').fill('7'); // while the first is on its way
  gate.resolve();
  await expect(save).not.toHaveAttribute('aria-disabled', 'true');
  await expect(page.getByLabel('For each visitor')).toHaveValue('7');
  await save.click();
  await expect(page.getByRole('status').filter({ hasText: 'Saved' })).toBeVisible();
  await expect(save).toHaveAttribute('aria-disabled', 'true');
  await page.reload();
  await tab(page, 'Limits').click();
  await expect(page.getByLabel('For each visitor')).toHaveValue('7');
  await tab(page, 'Appearance').click();
  expect(await languages.getByRole('checkbox').evaluateAll((boxes) => boxes.map((box) => (box as HTMLInputElement).checked))).toEqual([true, true, false, false, false, false]);
  await tab(page, 'Identity').click();
  await page.getByRole('button', { name: 'Make a key' }).click();
  await expect(page.getByText('It is shown only now.')).toBeVisible();
  await expect(page.locator('pre')).toHaveText(/^[A-Za-z0-9_-]{43}$/u);
  expect(await findings(page)).toEqual([]);
  await page.getByRole('button', { name: /^Remove key/u }).click();
  await expect(page.getByRole('button', { name: /^Remove key/u })).toHaveCount(0);
  await tab(page, 'Numbers').click();
  await expect(page.getByRole('img', { name: /^Conversations begun: 0 in 30 days/u })).toBeVisible();
  await expect(page.getByRole('img', { name: /^Cost/u })).toHaveCount(0);
  expect(await findings(page)).toEqual([]);
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download as CSV' }).click();
  expect((await saved).suggestedFilename()).toMatch(/^chat-.*\.csv$/u);
  await page.route('**/numbers', async (route) => {
    const { days, isWhole } = await (await route.fetch()).json() as { days: object[]; isWhole: boolean };
    await route.fulfill({ json: { days: days.map((day) => ({ ...day, cost: 0.05 })), isWhole, currency: 'EUR' } });
  });
  await tab(page, 'Limits').click();
  await tab(page, 'Numbers').click();
  await expect(page.getByRole('img', { name: 'Cost of replies: €1.50 in 30 days, at most €0.05 on one' })).toBeVisible();
  expect(await findings(page)).toEqual([]);
  const priced = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download as CSV' }).click();
  expect((await readFile(await (await priced).path(), 'utf8')).split('\r\n').slice(0, 2)).toEqual([expect.stringMatching(/,costEUR$/u), expect.stringMatching(/,0\.05$/u)]);
  await tab(page, 'Install').click();
  await page.getByRole('button', { name: 'Remove site…' }).click();
  await dialogOf(page, 'Remove Roastery?').getByRole('button', { name: 'Remove site' }).click();
  await expect(page.getByText('Your sites will stand here.')).toBeVisible();
  await expect(page.getByText('Roastery was removed')).toBeVisible();
  const second = await newTab(page);
  await second.goto(`${server.url}/admin/sites`);
  await expect(second.getByText('Your sites will stand here.')).toBeVisible();
  expectClean(watched);
});

test('who is no admin is told so, and finds no way there', async ({ page, browser }) => {
  await signUp(page, server.url);
  const other = await (await browser.newContext()).newPage();
  await signUp(other, server.url, 'jens@example.org', 'Jens');
  await other.getByRole('button', { name: 'Jens' }).click();
  await expect(other.getByRole('menuitem', { name: 'Settings' })).toBeVisible();
  await expect(other.getByRole('menuitem', { name: 'Sites' })).toHaveCount(0);
  await other.goto(`${server.url}/admin/sites`);
  await expect(other.getByRole('alert')).toHaveText('You may not do this.');
  await other.context().close();
});
