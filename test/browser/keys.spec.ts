import { expect, test } from '@playwright/test';
import { newServerProcess, type ServerProcess } from '../support/process.ts';
import { composer, expectClean, idle, send, signUp, stopButton, thread, watch, type Watched } from './person.ts';
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

test('while a reply runs Enter queues and Esc stops it; the arrow up edits what was said last', async ({ page }) => {
  await signUp(page, server.url);
  await send(page, 'First question');
  const reply = await model.next();
  await reply.say('The answer begins');
  await expect(thread(page)).toContainText('The answer begins');
  await send(page, 'Second question');
  const waiting = page.getByRole('list', { name: 'Waiting to be sent' });
  await expect(waiting).toContainText('Second question');
  await waiting.getByRole('button', { name: 'Remove' }).click();
  await expect(waiting).toHaveCount(0);
  await expect(page.getByText('Removed from the queue')).toBeVisible();
  await composer(page).press('Escape');
  await expect(thread(page)).toContainText('You stopped this reply.');
  await composer(page).press('ArrowUp');
  const editor = thread(page).getByRole('textbox', { name: 'Edit your message' });
  await expect(editor).toBeFocused();
  await expect(editor).toHaveValue('First question');
  await editor.press('Escape');
  await expect(composer(page)).toBeFocused();
  await composer(page).press('ArrowUp');
  await editor.fill('Better question');
  await editor.press('Control+Enter');
  await model.answer('A better answer.');
  await expect(thread(page)).toContainText('A better answer.');
  await expect(thread(page)).not.toContainText('The answer begins');
  expectClean(watched);
});

test('everything has a key: the palette, a new chat, the name, the sidebar, the list of keys, the three stops', async ({ page }) => {
  await signUp(page, server.url);
  await send(page, 'About pears');
  await model.answer('Pears are fruit.');
  await expect(thread(page)).toContainText('Pears are fruit.');
  await idle(page);
  await page.keyboard.press('F2');
  const name = page.getByRole('textbox', { name: 'Name of the conversation' });
  await expect(name).toBeFocused();
  await name.fill('Orchard');
  await name.press('Enter');
  await expect(page.getByRole('navigation').getByRole('link', { name: 'Orchard' })).toBeVisible();
  await page.keyboard.press('Control+Shift+O');
  await expect(page.getByRole('heading', { name: 'What shall we get done, Mara?' })).toBeVisible();
  await expect(composer(page)).toBeFocused();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('orch');
  await page.keyboard.press('Enter');
  await expect(thread(page)).toContainText('Pears are fruit.');
  await page.keyboard.press('Control+b');
  await expect(page.getByRole('navigation', { name: 'Conversations' })).toBeHidden();
  await page.keyboard.press('Control+b');
  await expect(page.getByRole('navigation', { name: 'Conversations' })).toBeVisible();
  await expect(composer(page)).toBeFocused();
  await page.keyboard.press('F6');
  await expect(page.getByRole('navigation').getByRole('link', { name: 'Orchard' })).toBeFocused();
  await page.keyboard.press('F6');
  await expect(thread(page)).toBeFocused();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(thread(page)).toBeFocused();
  await page.keyboard.press('/');
  await expect(composer(page)).toBeFocused();
  await composer(page).fill('? and / are letters here');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.keyboard.press('Control+,');
  await expect(page.getByRole('dialog', { name: 'Settings' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(composer(page)).toBeFocused();
  expectClean(watched);
});

test('Enter that ends a composition of characters does not send', async ({ page, context }) => {
  await signUp(page, server.url);
  const keys = await context.newCDPSession(page);
  await keys.send('Input.imeSetComposition', { text: 'かな', selectionStart: 2, selectionEnd: 2 });
  await expect(composer(page)).toHaveValue('かな');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`${server.url}/`);
  await keys.send('Input.insertText', { text: '仮名' });
  await expect(composer(page)).toHaveValue(/仮名/u);
  await expect(stopButton(page)).toHaveCount(0);
  await composer(page).press('Enter');
  await expect(page).toHaveURL(/\/c\//u);
  await model.answer('はい');
  await expect(thread(page)).toContainText('はい');
  expectClean(watched);
});
