import { expect, test } from '@playwright/test';
import { composer, expectClean, idle, newTab, send, signUp, thread, watch, type Watched } from './person.ts';
import { newScriptedModel, type ScriptedModel } from './scripted-model.ts';
import { words } from './words.ts';

/** The product at one address, whatever it keeps its data in and however many processes it has. */
export interface Served extends AsyncDisposable {
  readonly url: string;
}

/** What each pair of a store and a bus must show to a person in a browser. */
export function coreSuite(pair: string, serve: (environment: Record<string, string>) => Promise<Served>): void {
  test.describe(pair, () => {
    let model: ScriptedModel;
    let server: Served;
    let watched: Watched;

    test.beforeEach(async ({ context }) => {
      model = await newScriptedModel();
      server = await serve({ ...model.environment, OPENAI_MODELS: 'tiny,small' });
      watched = await watch(context, server.url);
    });
    test.afterEach(async () => {
      await server[Symbol.asyncDispose]();
      await model[Symbol.asyncDispose]();
    });

    test('a person signs up, picks a model, asks, sees the reply grow in two tabs, reloads in the middle, sees it end, stops the next, and loses nothing', async ({ page }) => {
      await signUp(page, server.url);
      await page.getByRole('button', { name: 'Model: tiny' }).click();
      await page.getByRole('option', { name: 'small' }).click();
      await send(page, 'Tell me about pears');
      const reply = await model.next();
      expect(reply.model).toBe('small');
      await reply.say('Pears grow on trees. ');
      await expect(page).toHaveURL(/\/c\/[\w-]{22}$/u);
      const second = await newTab(page);
      await second.goto(page.url());
      for (const tab of [page, second]) await expect(thread(tab)).toContainText('Pears grow on trees.');
      await Promise.all([page.reload(), reply.say(...'They are picked green and ripen in the dark. '.split(/(?= )/u))]);
      for (const tab of [page, second]) await expect(thread(tab)).toContainText('Pears grow on trees. They are picked green and ripen in the dark.');
      await reply.say('That is all.');
      await reply.finish();
      for (const tab of [page, second]) {
        await expect(thread(tab)).toContainText('ripen in the dark. That is all.');
        await idle(tab);
      }

      await send(page, 'And quinces?');
      await (await model.next()).say('Quinces are hard');
      for (const tab of [page, second]) await expect(thread(tab)).toContainText('Quinces are hard');
      await composer(page).press('Escape');
      for (const tab of [page, second]) await expect(thread(tab)).toContainText('You stopped this reply.');
      expect(await words(second)).toBe(await words(page));
      await expect(second.getByRole('navigation').getByRole('link', { name: 'A title' })).toBeVisible();
      expectClean(watched);
    });

    test('editing a message makes a branch, the choice between branches is the same in every tab, and a search finds what stands on the other', async ({ page }) => {
      await signUp(page, server.url);
      await send(page, 'What are apples?');
      await model.answer('They are round.');
      await expect(thread(page)).toContainText('They are round.');
      await idle(page);
      await thread(page).getByText('What are apples?').hover();
      await thread(page).getByRole('button', { name: 'Edit' }).first().click();
      await thread(page).getByRole('textbox', { name: 'Edit your message' }).fill('What are medlars?');
      await thread(page).getByRole('button', { name: 'Send as new version' }).click();
      await model.answer('They are brown.');
      await expect(thread(page)).toContainText('They are brown.');
      await idle(page);
      const second = await newTab(page);
      await second.goto(page.url());
      await expect(thread(second).getByText('Version 2 of 2')).toBeAttached();
      await thread(second).getByText('What are medlars?').hover();
      await thread(second).getByRole('button', { name: 'Previous version' }).click();
      for (const tab of [page, second]) await expect(thread(tab)).toContainText('They are round.');

      await page.keyboard.press('Control+Shift+f');
      await page.getByRole('searchbox', { name: 'Search conversations' }).fill('medlars');
      await page.getByRole('main').getByRole('link', { name: /medlars/u }).click();
      for (const tab of [page, second]) await expect(thread(tab)).toContainText('They are brown.');
      expect(await words(second)).toBe(await words(page));
      expectClean(watched);
    });
  });
}
