import { expect, test } from '@playwright/test';
import type { ConversationId, ModelId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import { newServerProcess, type ServerProcess } from '../support/process.ts';
import { changeSite, newSite } from '../support/site.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';
import { newHostSite, type HostSite } from './host-page.ts';
import { newScriptedModel, type ScriptedModel } from './scripted-model.ts';
import { ask, done, findings, launcher, MAIN, replies, tagPage } from './widget-page.ts';

let model: ScriptedModel;
let server: ServerProcess;
let host: HostSite;
let admin: Account;

test.beforeEach(async () => {
  model = await newScriptedModel();
  server = await newServerProcess(undefined, model.environment);
  host = await newHostSite();
  admin = await newAccount(server.url);
});
test.afterEach(async () => {
  await host[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await model[Symbol.asyncDispose]();
});

const TABLE = '| Bean | Taste |\n|---|---|\n| Huila | plum |\n\n```ts\nconst beans = 3; // a day\n```\n\n';

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1_280, 390]) {
    test(`no accessibility findings, ${colorScheme}, ${width} wide: closed, consent, open, streaming, offline, failed, refused, with the colours of the system, handoff, the site closed`, async ({ browser }) => {
      const site = await newSite(admin, { origins: [host.origin], model: 'openai/tiny' as ModelId, privacy: { note: 'You are writing with an AI.', address: 'https://example.org/privacy', asks: true }, limits: { visitor: 2, address: 1_000, site: 1_000 } });
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 }, reducedMotion: 'reduce' }); // what is half faded in has half its contrast
      const page = await context.newPage();
      const clean = async (state: string): Promise<void> => expect([state, await findings(page)]).toEqual([state, []]);
      await page.goto(tagPage(host, server.url, site, { head: '<meta name="color-scheme" content="light dark">' }));
      await expect(launcher(page)).toBeVisible();
      await clean('closed');
      await launcher(page).click();
      await expect(page.getByRole('button', { name: 'Agree and start' })).toBeVisible();
      await clean('consent');
      await page.getByRole('button', { name: 'Agree and start' }).click();
      await clean('open');
      await ask(page, 'Show me a table and some code');
      const reply = await model.next();
      await reply.say('Here they are.\n\n', TABLE);
      await expect(replies(page).getByRole('table')).toBeVisible();
      await expect(page.locator('gorun-code')).toBeVisible();
      await clean('streaming');
      await context.setOffline(true);
      await expect(page.getByText('You are offline. You can write on')).toBeVisible();
      await clean('offline');
      await context.setOffline(false);
      await expect(page.getByText('You are offline. You can write on')).toHaveCount(0);
      await reply.finish();
      await done(page);
      await ask(page, 'And this?');
      await model.refuse(400, 'content_filter', 'No.');
      await expect(page.getByRole('log').getByText('declined to answer')).toBeVisible();
      await clean('failed');
      await ask(page, 'And one more');
      await expect(page.getByRole('log').getByText('That was a lot for one day')).toBeVisible();
      await clean('refused');
      await page.emulateMedia({ forcedColors: 'active' });
      await clean('forced colours');
      await page.emulateMedia({ forcedColors: 'none' });
      await using mara = await new Tab(admin).ready();
      const conversation = (await page.locator('gorun-chat').evaluate((element) => (element as unknown as { conversationId: string }).conversationId)) as ConversationId;
      await mara.open(conversation);
      await mara.ask({ type: 'handoff.join', commandId: newId(), conversation });
      await mara.ask({ type: 'handoff.say', commandId: newId(), conversation, message: newId(), text: 'I look for it.' });
      await expect(page.getByText('I look for it.')).toBeVisible();
      await expect(page.getByText('Answered by people')).toBeVisible();
      await clean('handoff');
      await changeSite(admin, site.id, { isLive: false });
      await expect(page.getByText('This chat is closed.')).toBeVisible();
      await clean('site closed');
      await context.close();
    });
  }
}

for (const [colorScheme, lang, more, person] of [['light', 'en', 'More', 'Ask for a person'], ['dark', 'ar', 'المزيد', 'اطلب شخصًا']] as const) {
  test(`no accessibility findings, ${colorScheme}, in the language ${lang}: with a frame, open, waiting for a person`, async ({ browser }) => {
    const site = await newSite(admin, { origins: [host.origin], model: 'openai/tiny' as ModelId, hours: 'Weekdays from 9 to 5.' });
    const context = await browser.newContext({ colorScheme, reducedMotion: 'reduce' });
    const page = await context.newPage();
    await page.clock.install();
    const clean = async (state: string): Promise<void> => expect([state, await findings(page)]).toEqual([state, []]);
    const show = (attributes: string) => page.goto(host.serve('/', { head: '<meta name="color-scheme" content="light dark">', body: `${MAIN}<gorun-chat site="${site.id}" lang="${lang}" open ${attributes}></gorun-chat><script src="${server.url}/widget.js" async></script>` }));
    await show('frame');
    await expect(page.frameLocator('iframe').getByRole('textbox')).toBeVisible();
    await clean('frame');
    await show('');
    const composer = page.getByRole('textbox');
    await expect(composer).toBeVisible();
    await clean('open');
    await composer.fill('Where is my order?');
    await composer.press('Enter');
    const reply = await model.next();
    await reply.say('It left on Tuesday.');
    await reply.finish();
    await expect(replies(page)).toContainText('It left on Tuesday.');
    await page.getByRole('button', { name: more }).click();
    await page.getByRole('menuitem', { name: person }).click();
    await expect(page.locator('gorun-chat-panel .strip')).toHaveCount(1);
    await page.clock.fastForward(61_000);
    await expect(page.locator('gorun-chat-panel .strip')).toContainText('Weekdays from 9 to 5.');
    await clean('waiting');
    await context.close();
  });
}
