import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { newServerProcess, type ServerProcess } from '../support/process.ts';
import { newSite } from '../support/site.ts';
import { signIn } from '../support/tab.ts';
import { newHostSite, strictPolicy } from './host-page.ts';
import { signUp } from './person.ts';

let server: ServerProcess;
test.beforeEach(async () => void (server = await newServerProcess()));
test.afterEach(() => server[Symbol.asyncDispose]());

test('a visitor asks for a person; a member sees it at once, takes over, both talk, and it goes back to the model', async ({ page, browser }) => {
  await using shop = await newHostSite();
  await signUp(page, server.url);
  const site = await newSite(await signIn(server.url, 'mara@example.org', 'correct horse battery'), { origins: [shop.origin] });
  await page.goto(`${server.url}/admin/inbox`);
  await expect(page.getByText('What visitors of your sites write will stand here.')).toBeVisible();

  const context = await browser.newContext({ viewport: { width: 390, height: 780 }, reducedMotion: 'reduce' });
  const visitor = await context.newPage();
  await visitor.goto(shop.serve('/', { body: `<main><h1>Coffee</h1></main><script src="${server.url}/widget.js" data-site="${site.id}" async></script>`, policy: strictPolicy(server.url) }));
  await visitor.getByRole('button', { name: 'Open the chat' }).click();
  await visitor.getByRole('textbox', { name: 'Message' }).fill('Where is my order?');
  await visitor.getByRole('textbox', { name: 'Message' }).press('Enter');
  await expect(visitor.getByRole('button', { name: 'Good reply' })).toBeVisible({ timeout: 30_000 });
  const row = page.getByRole('link', { name: /Where is my order\?/u });
  await expect(row).toBeVisible();
  await visitor.getByRole('button', { name: 'More' }).click();
  await visitor.getByRole('menuitem', { name: 'Ask for a person' }).click();
  await expect(visitor.getByText('A person was asked for.')).toBeVisible();
  await expect(row).toContainText('Asks for a person');

  await row.click();
  await expect(page.locator('gorun-message[author=model]')).toContainText(/\w{3}/u);
  await page.getByRole('button', { name: 'Answer yourself' }).click();
  await expect(visitor.getByText('Mara Lindqvist answers')).toBeVisible();
  await expect(visitor.getByText('Answered by people')).toBeVisible();
  expect((await new AxeBuilder({ page: visitor }).analyze()).violations.map(({ id }) => id)).toEqual([]);
  expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)).toEqual([]);
  await page.getByRole('textbox', { name: 'Message' }).fill('Hello, your parcel is in Aarhus.');
  await page.getByRole('textbox', { name: 'Message' }).press('Enter');
  await expect(visitor.locator('gorun-message[author=model]').last()).toContainText('Hello, your parcel is in Aarhus.');
  await expect(visitor.locator('gorun-message[author=model]').last()).toContainText('Mara Lindqvist');
  await visitor.getByRole('textbox', { name: 'Message' }).fill('Thank you!');
  await visitor.getByRole('textbox', { name: 'Message' }).press('Enter');
  await expect(page.locator('gorun-message[author=person]').last()).toContainText('Thank you!');
  await expect(page.locator('gorun-message')).toHaveCount(4);
  await page.reload();
  await expect(page.locator('gorun-message')).toHaveCount(4);
  await page.getByRole('button', { name: 'Back to the model' }).click();
  await expect(visitor.getByText('AI assistant')).toBeVisible();
  await visitor.getByRole('textbox', { name: 'Message' }).fill('And now?');
  await visitor.getByRole('textbox', { name: 'Message' }).press('Enter');
  await expect(page.locator('gorun-message[author=model]')).toHaveCount(3, { timeout: 30_000 });
  await context.close();
});
