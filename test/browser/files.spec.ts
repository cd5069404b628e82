import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { newServerProcess, type ServerProcess } from '../support/process.ts';
import { composer, dialogOf, expectClean, idle, newTab, send, signUp, stopButton, thread, watch, type Watched } from './person.ts';
import { dropPicture, pastePicture } from './pictures.ts';
import { newScriptedModel, type ScriptedModel } from './scripted-model.ts';

let model: ScriptedModel;
let server: ServerProcess;
let watched: Watched;

test.beforeEach(async ({ context }) => {
  model = await newScriptedModel();
  server = await newServerProcess(undefined, { ...model.environment, OPENAI_MODELS: 'gpt-5' });
  watched = await watch(context, server.url);
});
test.afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await model[Symbol.asyncDispose]();
});

test('pasted and dropped pictures go with the message, are there after a reload and in the other tab, and open large', async ({ page }) => {
  await signUp(page, server.url);
  await pastePicture(page, 'chart.png');
  await expect(page.getByText('chart.png')).toBeVisible();
  await dropPicture(page, page.getByRole('navigation', { name: 'Conversations' }), 'leaf.png', async () => {
    await expect(page.getByText('Drop files to attach them')).toBeVisible();
    await expect(page.getByText('Images, up to 5 MB each')).toBeVisible();
  });
  await expect(page.getByText('Drop files to attach them')).toHaveCount(0);
  await expect(page.getByText('leaf.png')).toBeVisible();
  await expect(page.getByRole('progressbar')).toHaveCount(0);
  await send(page, 'What is on these?');
  await model.answer('Two green fields.');
  await expect(thread(page)).toContainText('Two green fields.');
  await page.reload();
  const second = await newTab(page);
  await second.goto(page.url());
  for (const tab of [page, second]) {
    for (const name of ['chart.png', 'leaf.png']) {
      const picture = thread(tab).getByAltText(name);
      await expect(picture).toBeVisible();
      await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(640);
    }
  }
  await thread(page).getByRole('button', { name: 'Open chart.png' }).click();
  const large = dialogOf(page, 'chart.png');
  await expect(large.getByAltText('chart.png')).toBeVisible();
  expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)).toEqual([]);
  expect((await large.getByAltText('chart.png').boundingBox())?.width).toBeGreaterThan(500);
  await page.keyboard.press('Escape');
  await expect(large).toHaveCount(0);
  await expect(thread(page).getByRole('button', { name: 'Open chart.png' })).toBeFocused();
  expectClean(watched);
});

test('pictures that wait in the composer are there after a reload, go with the message, and leave the composers of other tabs', async ({ page }) => {
  await signUp(page, server.url);
  await pastePicture(page, 'chart.png');
  await composer(page).fill('What is on this?');
  await expect(page.getByRole('progressbar')).toHaveCount(0);
  await page.reload();
  await expect(page.getByText('chart.png')).toBeVisible();
  await expect(composer(page)).toHaveValue('What is on this?');
  const second = await newTab(page);
  await second.goto(server.url);
  await expect(second.getByText('chart.png')).toBeVisible();
  await composer(page).press('Enter');
  await model.answer('A green field.');
  await expect(thread(page)).toContainText('A green field.');
  await expect(thread(page).getByAltText('chart.png')).toBeVisible();
  await expect(page.getByText('chart.png', { exact: true })).toHaveCount(0);
  await expect(second.getByText('chart.png', { exact: true })).toHaveCount(0);
  await send(second, 'Another chat');
  await model.answer('Another answer.');
  await expect(thread(second)).toContainText('Another answer.');
  await expect(thread(page)).not.toContainText('Another');
  expect(second.url()).not.toBe(page.url());

  await pastePicture(page, 'leaf.png');
  await expect(page.getByRole('progressbar')).toHaveCount(0);
  await page.keyboard.press('Control+Shift+O');
  await expect(page.getByText('leaf.png')).toHaveCount(0);
  await page.goBack();
  await expect(page.getByText('leaf.png')).toBeVisible();
  await page.reload();
  await page.getByRole('button', { name: 'Remove leaf.png' }).click();
  await page.reload();
  await expect(thread(page)).toContainText('A green field.');
  await expect(page.getByText('leaf.png')).toHaveCount(0);
  expectClean(watched);
});

test('a picture can be taken out again, and a message with one that was refused says why and keeps its text', async ({ page }) => {
  await signUp(page, server.url);
  await pastePicture(page, 'chart.png');
  await page.getByRole('button', { name: 'Remove chart.png' }).click();
  await expect(page.getByText('chart.png')).toHaveCount(0);
  await expect(composer(page)).toBeFocused();
  await page.getByLabel('Add images').locator('xpath=preceding-sibling::input').setInputFiles({ name: 'film.mov', mimeType: 'video/quicktime', buffer: Buffer.from('not a picture') });
  await expect(page.getByText('This kind of file cannot be read')).toBeVisible();
  await send(page, 'Look at this');
  await expect(page.getByText('Remove the file that was refused')).toBeVisible();
  await expect(composer(page)).toHaveValue('Look at this');
  await page.getByRole('button', { name: 'Remove film.mov' }).click();
  await composer(page).press('Enter');
  await expect(stopButton(page)).toBeVisible();
  await model.answer('At what?');
  await idle(page);
  expectClean(watched);
});
