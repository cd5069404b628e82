import { expect, test } from '@playwright/test';
import { newServerProcess, type ServerProcess } from '../support/process.ts';
import { composer, expectClean, idle, newTab, send, signUp, thread, watch, type Watched } from './person.ts';
import { lines, newScriptedModel, type ScriptedModel } from './scripted-model.ts';

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

test('reading further up while the reply grows stays put, and “New reply” leads to the end and follows it', async ({ page }) => {
  await signUp(page, server.url);
  await send(page, 'Tell me');
  const reply = await model.next();
  await reply.say(...lines(1, 61));
  await expect(thread(page).getByText('Line 60 of the reply.')).toBeInViewport();
  await thread(page).hover();
  await page.mouse.wheel(0, -600);
  const read = thread(page).getByText('Line 45 of the reply.');
  await expect(read).toBeInViewport();
  const before = await read.boundingBox();
  await reply.say(...lines(61, 91));
  await expect(thread(page)).toContainText('Line 90 of the reply.');
  const toEnd = page.getByRole('button', { name: 'New reply' });
  await expect(toEnd).toBeVisible();
  expect(await read.boundingBox()).toEqual(before);
  await toEnd.click();
  await expect(thread(page).getByText('Line 90 of the reply.')).toBeInViewport();
  await expect(toEnd).toHaveCount(0);
  await reply.say(...lines(91, 121));
  await expect(thread(page).getByText('Line 120 of the reply.')).toBeInViewport();
  await reply.finish();
  await idle(page);
  expectClean(watched);
});

test('a server that is killed while a reply runs and messages wait: what broke off, and the way to continue it, stays in sight while the queue goes on', async ({ page }) => {
  await signUp(page, server.url);
  await send(page, 'First');
  const first = await model.next();
  await first.say(...lines(1, 41));
  await expect(thread(page)).toContainText('Line 40 of the reply.');
  for (const text of ['Second', 'Third']) await send(page, text);
  await expect(page.getByRole('list', { name: 'Waiting to be sent' })).toContainText('Third');
  await server.kill();
  await expect(page.getByText('Reconnecting…')).toBeVisible();
  await server.start();
  const notice = thread(page).getByText('The reply was interrupted');
  await expect(notice).toBeInViewport();
  await model.answer('Short.');
  const third = await model.next();
  await third.say(...lines(41, 81));
  await expect(thread(page)).toContainText('Line 80 of the reply.');
  const toEnd = page.getByRole('button', { name: 'New reply' });
  await expect(toEnd).toBeVisible();
  await third.finish();
  await idle(page);
  await expect(notice).toBeInViewport();
  await expect(thread(page).getByRole('button', { name: 'Continue' })).toBeInViewport();
  await toEnd.click();
  await expect(thread(page).getByText('Line 80 of the reply.')).toBeInViewport();
  expectClean(watched);
});

test('finished blocks of a growing reply keep their elements, so that a selection in them stays', async ({ page }) => {
  await signUp(page, server.url);
  await send(page, 'Tell me');
  const reply = await model.next();
  await reply.say('The first paragraph.\n\n', 'The second one.\n\n', '- and a list\n\n', 'More');
  await expect(thread(page)).toContainText('More');
  const first = await thread(page).getByText('The first paragraph.').elementHandle();
  await reply.say(' text\n\n', '```js\nconst a = 1;\n```\n\n', 'The end.');
  await reply.finish();
  await expect(thread(page)).toContainText('The end.');
  await idle(page);
  expect(await first?.evaluate((element) => element.isConnected)).toBe(true);
  expectClean(watched);
});

test('a search hit opens the conversation on the branch that holds the message, shows it and marks it, in every tab', async ({ page }) => {
  await signUp(page, server.url);
  await send(page, 'About quinces');
  await model.answer(lines(1, 41).join(''));
  await expect(thread(page)).toContainText('Line 40 of the reply.');
  await idle(page);
  await send(page, 'And medlars?');
  await model.answer(lines(41, 81).join(''));
  await expect(thread(page)).toContainText('Line 80 of the reply.');
  await idle(page);
  const first = thread(page).getByText('About quinces');
  await first.scrollIntoViewIfNeeded();
  await first.hover();
  await thread(page).getByRole('button', { name: 'Edit' }).first().click();
  const editor = thread(page).getByRole('textbox', { name: 'Edit your message' });
  await editor.fill('About plums');
  await editor.press('Control+Enter');
  await model.answer('Plums are fruit.');
  await expect(thread(page)).toContainText('Plums are fruit.');
  await idle(page);
  const second = await newTab(page);
  await second.goto(page.url());
  await expect(thread(second)).toContainText('Plums are fruit.');
  await page.keyboard.press('Control+Shift+f');
  await page.getByRole('searchbox', { name: 'Search conversations' }).fill('medlars');
  await page.getByRole('main').getByRole('link', { name: /medlars/u }).click();
  const found = thread(page).getByText('And medlars?');
  await expect(found).toBeInViewport();
  await expect(page.locator('gorun-message[marked]')).toContainText('And medlars?');
  await expect(page.locator('gorun-message[marked]')).toBeFocused();
  await expect(page).toHaveURL(/\/c\/[\w-]{22}$/u);
  await expect(thread(page)).not.toContainText('Plums are fruit.');
  await expect(thread(second)).toContainText('And medlars?');
  expectClean(watched);
});

const HOSTILE = [
  '<script>window.hacked = 1</script>',
  '<img src="x" onerror="window.hacked = 1">',
  '[click](javascript:window.hacked=1) [data](data:text/html,<script>window.hacked=1</script>)',
  '<iframe srcdoc="<script>parent.hacked=1</script>"></iframe><svg onload="window.hacked=1"></svg>',
  '![picture](https://elsewhere.example/track.png)',
  '<a href="javascript:window.hacked=1" style="position:fixed;inset:0">over everything</a>',
  '$\\href{javascript:window.hacked=1}{x}$ $\\htmlStyle{position:fixed}{y}$',
].join('\n\n');

test('what is hostile in a message or a reply runs nothing, fetches nothing and stands there as text', async ({ page }) => {
  await signUp(page, server.url);
  await send(page, HOSTILE);
  await model.answer(HOSTILE);
  await expect(thread(page).getByText('<script>window.hacked = 1</script>')).toHaveCount(2);
  await idle(page);
  await expect(thread(page).getByText('over everything')).toHaveCount(2);
  await expect(thread(page).locator('script, iframe, object, img, [onerror], [onload], a[href^="javascript" i], a[href^="data" i]')).toHaveCount(0);
  expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
  expectClean(watched);
});

test('a conversation that is too long for its model can be asked again without what came before', async ({ page }) => {
  await signUp(page, server.url);
  await send(page, 'First');
  await model.answer('One.');
  await expect(thread(page)).toContainText('One.');
  await idle(page);
  await send(page, 'Second');
  await model.refuse(400, 'context_length_exceeded', 'This model has a context of 10 tokens.');
  await expect(thread(page)).toContainText('This conversation is too long for tiny');
  await expect(thread(page).getByRole('button', { name: 'Choose another model' })).toBeVisible();
  await thread(page).getByRole('button', { name: 'Shorten the context' }).click();
  await model.answer('Two.');
  await expect(thread(page)).toContainText('Two.');
  await expect(thread(page)).not.toContainText('One.');
  await expect(thread(page).getByText('Version 2 of 2')).toBeAttached();
  await expect(composer(page)).toBeVisible();
  expectClean(watched);
});
