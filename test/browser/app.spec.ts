import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { newServerProcess, type ServerProcess } from '../support/process.ts';
import { listed, remove, rename } from './conversation-list.ts';
import { composer, expectClean, newTab, send, signUp, thread, watch, type Watched } from './person.ts';
import { words, wordsOf } from './words.ts';

let server: ServerProcess;
let watched: Watched;

test.beforeEach(async ({ context }) => {
  server = await newServerProcess();
  watched = await watch(context, server.url);
});
test.afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`)).toEqual([]);
}

/** What stands in the last reply. */
const reply = (page: Page): Promise<string> => wordsOf(thread(page).locator('gorun-part-text').last());

test('two tabs that send at once both see one reply and one message waiting, then both replies in one order', async ({ page }) => {
  await signUp(page, server.url);
  await send(page, 'Hello');
  await expect(thread(page)).toContainText('to think first');
  const second = await newTab(page);
  await second.goto(page.url());
  await expect(thread(second)).toContainText('to think first');
  await composer(page).fill('Show me a table');
  await composer(second).fill('Show me math');
  await Promise.all([composer(page).press('Enter'), composer(second).press('Enter')]);
  for (const tab of [page, second]) {
    await expect(thread(tab).getByRole('table')).toBeVisible();
    await expect(thread(tab).getByRole('math')).not.toHaveCount(0);
    await expect(thread(tab).getByText('This was a scripted demo.')).toHaveCount(2);
    await expect(tab.getByRole('button', { name: 'Stop the reply' })).toHaveCount(0);
  }
  expect(await words(second)).toBe(await words(page));
  expectClean(watched);
});

test('a server that is killed under an open page and comes back: the reply is kept as far as it was shown, and Continue works', async ({ page }) => {
  await signUp(page, server.url);
  await send(page, 'Write something long');
  await expect(thread(page)).toContainText('Part 2');
  const shown = await reply(page);
  await server.kill();
  await expect(page.getByText('Reconnecting…')).toBeVisible();
  await composer(page).fill('Are you there?');
  await server.start();
  await expect(thread(page)).toContainText('The reply was interrupted');
  expect(await reply(page)).toContain(shown);
  await expect(composer(page)).toHaveValue('Are you there?');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(thread(page)).toContainText('goes on where it was cut off');
  expectClean(watched);
});

test('what is typed in one tab and what is done to the list shows in the other by itself', async ({ page }) => {
  await signUp(page, server.url);
  const second = await newTab(page);
  await second.goto(server.url);
  await expect(composer(second)).toBeVisible();
  await send(page, 'Hello');
  await listed(second, 'Hello').click();
  await composer(page).fill('half a thought');
  await expect(second.getByText(/half a thought|another tab/iu).first()).toBeVisible();
  await rename(page, 'Hello', 'Renamed here');
  await expect(listed(second, 'Renamed here')).toBeVisible();
  await remove(page, 'Renamed here');
  await expect(listed(second, 'Renamed here')).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(listed(second, 'Renamed here')).toBeVisible();
  expectClean(watched);
});

for (const theme of ['light', 'dark'] as const) {
  test(`nothing for axe to find, ${theme}: signed out, empty, thread, search, settings, wide and narrow`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await page.goto(server.url);
    await expect(page.getByRole('button', { name: 'Create account' })).toBeVisible();
    await expectAccessible(page);
    await signUp(page, server.url);
    await expectAccessible(page);
    await send(page, 'Show me code, a table and math');
    await expect(thread(page)).toContainText('Here is a small function');
    await expectAccessible(page);
    await expect(thread(page)).toContainText('This was a scripted demo.');
    await expect(page.getByRole('button', { name: 'Stop the reply' })).toHaveCount(0);
    await expectAccessible(page);
    await page.setViewportSize({ width: 390, height: 844 });
    await expectAccessible(page);
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('dialog')).toBeVisible();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+,');
    await expect(page.getByRole('heading', { name: /Settings|Appearance|General/u }).first()).toBeVisible();
    await expectAccessible(page);
    expectClean(watched);
  });
}
