import { expect, test } from '@playwright/test';
import { newServerProcess, type ServerProcess } from '../support/process.ts';
import { composer, dialogOf, expectClean, idle, newTab, send, signUp, thread, watch, type Watched } from './person.ts';
import { newScriptedModel, type ScriptedModel } from './scripted-model.ts';
import { wireOf } from './wire.ts';

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

test('what is written offline waits where it stands, and goes out once when the network is back', async ({ page, context }) => {
  const wire = await wireOf(page);
  await signUp(page, server.url);
  await send(page, 'First');
  await model.answer('One.');
  await expect(thread(page)).toContainText('One.');
  await idle(page);
  await context.setOffline(true);
  await wire.cut();
  await expect(page.getByText('You are offline. You can write on; what you send goes out when you are back.')).toBeVisible();
  await send(page, 'Written in a tunnel');
  await expect(thread(page).getByText('Goes out when you are back')).toBeVisible();
  await expect(composer(page)).toHaveValue('');
  wire.mend();
  await context.setOffline(false);
  await model.answer('Out of the tunnel.');
  await expect(thread(page)).toContainText('Out of the tunnel.');
  await expect(thread(page).getByText('Goes out when you are back')).toHaveCount(0);
  await expect(thread(page).getByText('Written in a tunnel')).toHaveCount(1);
  const second = await newTab(page);
  await second.goto(page.url());
  await expect(thread(second)).toContainText('Out of the tunnel.');
  await expect(thread(second).getByText('Written in a tunnel')).toHaveCount(1);
  expectClean(watched);
});

test('a message that came too late is not sent, says why, and goes out as it is when the person wants it anyway', async ({ page }) => {
  const second = await newTab(page);
  const wire = await wireOf(second);
  await signUp(page, server.url);
  await send(page, 'First');
  await model.answer('One.');
  await expect(thread(page)).toContainText('One.');
  await idle(page);
  await second.goto(page.url());
  await expect(thread(second)).toContainText('One.');
  wire.hold();
  await send(page, 'From here');
  await model.answer('Two.');
  await expect(thread(page)).toContainText('Two.');
  await idle(page);
  await send(second, 'From there');
  wire.release();
  await expect(thread(second)).toContainText('The conversation has moved on');
  await expect(thread(second)).toContainText('Someone answered in another tab first. Your text is kept.');
  await expect(thread(second)).toContainText('Not sent');
  await second.reload();
  await expect(thread(second)).toContainText('From there');
  await thread(second).getByRole('button', { name: 'Send anyway' }).click();
  await model.answer('Three.');
  for (const tab of [page, second]) {
    await expect(thread(tab)).toContainText('Three.');
    await expect(thread(tab).getByText('From there')).toHaveCount(1);
  }
  expectClean(watched);
});

test('what is sent before the models are known goes out once they are, without a second press', async ({ page }) => {
  const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>();
  await page.route('**/api/models', async (route) => {
    await mayAnswer;
    await route.continue();
  });
  await signUp(page, server.url);
  await send(page, 'Quick');
  await expect(page.getByText('The models are being loaded. Your message goes out then.')).toBeVisible();
  await expect(composer(page)).toHaveValue('Quick');
  answer();
  await model.answer('Quicker.');
  await expect(thread(page)).toContainText('Quicker.');
  await expect(thread(page).getByText('Quick', { exact: true })).toHaveCount(1);
  await expect(composer(page)).toHaveValue('');
  expectClean(watched);
});

test('a text that is too long stays where it was written, with the reason beside it', async ({ page }) => {
  await signUp(page, server.url);
  await composer(page).fill('x'.repeat(200_001));
  await expect(page.getByText('Too long by 1 character')).toBeVisible();
  await composer(page).press('Enter');
  await expect(page).toHaveURL(`${server.url}/`);
  expect((await composer(page).inputValue()).length).toBe(200_001);
  expectClean(watched);
});

test('a sign-out in one tab signs out the other, which says so, shows nothing any more, and keeps its draft until the same person is signed in again', async ({ page }) => {
  await signUp(page, server.url);
  await send(page, 'First');
  await model.answer('One.');
  await expect(thread(page)).toContainText('One.');
  await idle(page);
  const second = await newTab(page);
  await second.goto(page.url());
  await expect(thread(second)).toContainText('One.');
  await composer(second).fill('half a thought');
  await expect(page.getByText('You are writing here in another tab')).toBeVisible();
  await page.bringToFront();
  await page.getByRole('button', { name: 'Mara Lindqvist' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await dialogOf(page, 'Sign out and remove what is unsent?').getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await second.bringToFront();
  const again = dialogOf(second, 'Please sign in again');
  await expect(again).toContainText('You signed out in another tab or on another device, or your sign-in has run out. Your draft is kept.');
  await expect(again.getByLabel('Password')).toBeFocused();
  for (const key of ['Escape', 'Escape', 'Control+k', 'Control+,']) await second.keyboard.press(key);
  await second.mouse.click(5, 5);
  await expect(again.getByLabel('Password')).toBeVisible();
  await expect(again.getByRole('button', { name: 'Close' })).toHaveCount(0);
  for (const text of ['One.', '2 tabs', 'half a thought', 'Mara Lindqvist', 'A title']) await expect(second.getByText(text).filter({ visible: true })).toHaveCount(0);
  await expect(composer(second)).toHaveCount(0);
  await expect(second).toHaveTitle('GoRunChat');
  await again.getByLabel('Password').fill('correct horse battery');
  await again.getByRole('button', { name: 'Sign in' }).click();
  await expect(again).toHaveCount(0);
  await expect(composer(second)).toHaveValue('half a thought');
  await expect(composer(second)).toBeFocused();
  await expect(thread(second).getByText('One.')).toBeVisible();
  await composer(second).press('Enter');
  await model.answer('Two.');
  await expect(thread(second)).toContainText('Two.');
  expectClean(watched);
});

test('the list says where a reply runs and where there is a new one, until the person has looked', async ({ page }) => {
  await signUp(page, server.url);
  const second = await newTab(page);
  await second.goto(server.url);
  await expect(composer(second)).toBeVisible();
  await send(page, 'First');
  const reply = await model.next();
  await reply.say('It begins');
  const row = second.getByRole('navigation', { name: 'Conversations' }).getByRole('listitem');
  await expect(row.getByRole('img', { name: 'Replying' })).toBeVisible();
  await page.goto(server.url);
  await expect(composer(page)).toBeVisible();
  await reply.finish();
  await expect(row.getByRole('img', { name: 'Replying' })).toHaveCount(0);
  const here = page.getByRole('navigation', { name: 'Conversations' }).getByRole('listitem');
  for (const one of [row, here]) await expect(one.getByRole('img', { name: 'New reply' })).toBeVisible();
  await here.getByRole('link').click();
  await expect(thread(page)).toContainText('It begins');
  await page.keyboard.press('Control+Shift+O');
  await expect(page.getByRole('heading', { name: 'What shall we get done, Mara?' })).toBeVisible();
  await expect(here.getByRole('img', { name: 'New reply' })).toHaveCount(0);
  expectClean(watched);
});

test('what another tab writes shows here as words, can be taken over, and is gone when it was sent', async ({ page }) => {
  await signUp(page, server.url);
  await send(page, 'First');
  await model.answer('One.');
  await expect(thread(page)).toContainText('One.');
  await idle(page);
  const second = await newTab(page);
  await second.goto(page.url());
  await expect(thread(second)).toContainText('One.');
  await expect(page.getByText('2 tabs')).toBeVisible();
  await composer(page).fill('half a thought');
  await expect(second.getByText('You are writing here in another tab')).toBeVisible();
  await second.getByRole('button', { name: 'Take over the draft' }).click();
  await expect(composer(second)).toHaveValue('half a thought');
  await expect(composer(second)).toBeFocused();
  await expect(second.getByText('You are writing here in another tab')).toHaveCount(0);
  await composer(page).press('Enter');
  await model.answer('Two.');
  await expect(thread(second)).toContainText('Two.');
  await expect(composer(second)).toHaveValue('half a thought');
  expectClean(watched);
});

test('a server that goes and comes back under an open page doubles nothing and moves nothing', async ({ page }) => {
  await signUp(page, server.url);
  await send(page, 'First');
  await model.answer(Array.from({ length: 40 }, (_, index) => `Line ${index + 1} of the reply.`).join('\n\n'));
  await expect(thread(page)).toContainText('Line 40 of the reply.');
  await idle(page);
  await thread(page).hover();
  await page.mouse.wheel(0, -700);
  const line = thread(page).getByText('Line 20 of the reply.');
  await expect(line).toBeInViewport();
  const before = await line.boundingBox();
  await server.kill();
  await expect(page.getByText('Reconnecting…')).toBeVisible();
  await server.start();
  await expect(page.getByText('Reconnecting…')).toHaveCount(0);
  expect(await line.boundingBox()).toEqual(before);
  await expect(thread(page).getByText('First', { exact: true })).toHaveCount(1);
  await expect(line).toHaveCount(1);
  await send(page, 'Second');
  await model.answer('Two.');
  await expect(thread(page)).toContainText('Two.');
  await expect(thread(page).getByText('Second', { exact: true })).toHaveCount(1);
  expectClean(watched);
});
