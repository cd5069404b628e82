import { expect, test, type Locator, type Page } from '@playwright/test';
import { newServerProcess, type ServerProcess } from '../support/process.ts';
import { moving } from './moving.ts';
import { composer, dialogOf, expectClean, idle, send, signUp, thread, watch, type Watched } from './person.ts';
import { newScriptedModel, type ScriptedModel } from './scripted-model.ts';

let model: ScriptedModel;
let server: ServerProcess;
let watched: Watched;

test.beforeEach(async ({ context }) => {
  model = await newScriptedModel();
  server = await newServerProcess(undefined, model.environment);
  watched = await watch(context, server.url);
});
test.afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await model[Symbol.asyncDispose]();
});

const WIDE = `A table, a formula and code that are wider than a telephone:

| First column | Second column | Third column | Fourth column | Fifth column |
|:--|--:|--:|--:|--:|
| one thing | two things | three things | four things | five things |

$$
a_1 + a_2 + a_3 + a_4 + a_5 + a_6 + a_7 + a_8 + a_9 + a_{10} + a_{11} + a_{12} + a_{13} + a_{14} + a_{15} + a_{16}
$$

\`\`\`ts
const aVeryLongName = anotherVeryLongName(withAnArgument, andAnother, andOneMore, untilItIsWiderThanAnyTelephone);
\`\`\`

${'Averyveryverylongwordwithoutanyplacetobreak'.repeat(4)}`;

/** Boxes that are scrolled sideways without being code, a table, a formula or the strip of the settings, anywhere on the page. */
function sideways(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const visit = (root: ParentNode): void => {
      for (const element of root.querySelectorAll('*')) {
        if (element.shadowRoot) visit(element.shadowRoot);
        const { overflowX, textOverflow } = getComputedStyle(element);
        const isOwnBox = element.matches('pre, .table, .formula, .sr, nav > ul, .katex *, input, textarea, html') || textOverflow === 'ellipsis';
        if (!isOwnBox && overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1) found.push(`${element.localName}.${element.className}: ${element.scrollWidth} in ${element.clientWidth}`);
      }
    };
    visit(document);
    const page = document.scrollingElement;
    if (page !== null && page.scrollWidth > page.clientWidth) found.push(`the page: ${page.scrollWidth} in ${page.clientWidth}`);
    return found;
  });
}

for (const [name, dir, width] of [['a telephone', 'ltr', 390], ['a telephone, right to left', 'rtl', 390], ['a desktop at 200 %', 'ltr', 640], ['a desktop, right to left', 'rtl', 1_280]] as const) {
  test(`nothing scrolls sideways but code, tables and formulas on ${name}`, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 });
    await page.addInitScript((dir) => document.addEventListener('DOMContentLoaded', () => (document.documentElement.dir = dir)), dir);
    await page.goto(server.url);
    await expect(page.getByRole('button', { name: 'Create account' })).toBeVisible();
    expect(await sideways(page)).toEqual([]);
    await signUp(page, server.url);
    expect(await sideways(page)).toEqual([]);
    await send(page, `A question with ${'averylongword'.repeat(12)}`);
    await model.answer(WIDE);
    await expect(thread(page)).toContainText('wider than a telephone');
    await expect(thread(page).getByRole('math')).not.toHaveCount(0);
    await expect.poll(() => page.evaluate(() => [...document.fonts].some(({ family, status }) => family.startsWith('KaTeX') && status === 'loaded'))).toBe(true);
    await idle(page);
    await expect(page).toHaveTitle(/A title/u);
    expect(await sideways(page)).toEqual([]);
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('dialog')).toBeVisible();
    expect(await sideways(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+,');
    await expect(page.getByRole('dialog', { name: 'Settings' })).toBeVisible();
    for (const section of ['Writing', 'Reading', 'Models and keys', 'Account', 'Security', 'Keyboard', 'Appearance']) {
      await dialogOf(page, 'Settings').getByRole('button', { name: section, exact: true }).click();
      expect(await sideways(page)).toEqual([]);
    }
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Model parameters' }).click();
    await expect(page.getByRole('complementary', { name: 'Model parameters' })).toBeVisible();
    expect(await sideways(page)).toEqual([]);
    expectClean(watched);
  });
}

/** Where the middle of an element is, from the left side of the window. */
async function middleOf(locator: Locator): Promise<number> {
  const { x = 0, width = 0 } = (await locator.boundingBox()) ?? {};
  return Math.round(x + width / 2);
}

test('what is said in passing stands over the middle of the conversation, whatever stands beside it', async ({ page }) => {
  await page.setViewportSize({ width: 1_440, height: 800 });
  await signUp(page, server.url);
  await send(page, 'First');
  await model.answer('One.');
  await expect(thread(page)).toContainText('One.');
  await idle(page);
  await page.locator('gorun-header').getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Archive' }).click();
  const toast = page.getByRole('status').locator('.toast');
  // Under the pointer it stays for as long as it takes.
  await toast.hover();
  const isOverTheMiddle = async (): Promise<void> => expect.poll(async () => Math.abs((await middleOf(toast)) - (await middleOf(page.getByRole('main'))))).toBeLessThanOrEqual(1);
  await isOverTheMiddle();
  await page.keyboard.press('Control+b');
  await isOverTheMiddle();
  await page.getByRole('button', { name: 'Model parameters' }).press('Enter');
  await expect(page.getByRole('complementary', { name: 'Model parameters' })).toBeVisible();
  await isOverTheMiddle();
  await page.keyboard.press('Control+b');
  await isOverTheMiddle();
  await page.evaluate(() => (document.documentElement.dir = 'rtl'));
  await isOverTheMiddle();
  for (const width of [1_000, 390]) {
    await page.setViewportSize({ width, height: 800 });
    await isOverTheMiddle();
  }
  expectClean(watched);
});

test('on a telephone the parameters have the whole width', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 800 });
  await signUp(page, server.url);
  await page.getByRole('button', { name: 'Model parameters' }).click();
  expect(await page.getByRole('complementary', { name: 'Model parameters' }).boundingBox()).toEqual({ x: 0, y: 0, width: 390, height: 800 });
  expectClean(watched);
});

test('with reduced motion nothing moves: not the caret, not the marks of a running reply, not what opens', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.setViewportSize({ width: 390, height: 800 });
  await signUp(page, server.url);
  await send(page, 'Tell me');
  const reply = await model.next();
  expect(await moving(page)).toEqual([]);
  await reply.say('It grows');
  await expect(thread(page)).toContainText('It grows');
  expect(await moving(page)).toEqual([]);
  await page.getByRole('button', { name: 'Open conversations' }).click();
  await expect(page.getByRole('navigation', { name: 'Conversations' })).toBeVisible();
  expect(await moving(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog')).toBeVisible();
  expect(await moving(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await reply.finish();
  await idle(page);
  await expect(composer(page)).toBeVisible();
  expectClean(watched);
});
