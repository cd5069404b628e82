import { readFile } from 'node:fs/promises';
import { expect, test, type Page } from '@playwright/test';
import type { Site, SiteSettings } from '../../contracts/sites.ts';
import { changeSite, newSite } from '../support/site.ts';
import { eachEmbedded, type Embedded } from './host-page.ts';
import { newTab } from './person.ts';
import { ask, done, field, launcher, MAIN, panel, replies, say } from './widget-page.ts';

let { server, host, admin } = {} as Embedded;
eachEmbedded((made) => ({ server, host, admin } = made));

const siteHere = (settings: Partial<SiteSettings> = {}): Promise<Site> => newSite(admin, { origins: [host.origin], ...settings });

/** A page with the element in it, which notes what it hears. */
function pageWith(element: string): string {
  const heard = `<script>window.heard = []; for (const name of ['handoff', 'failure', 'open-link']) document.addEventListener('gorun-' + name, (event) => heard.push([name, event.state ?? event.code ?? event.href]), true);</script>`;
  return host.serve('/', { head: heard, body: `${MAIN}${element}<script src="${server.url}/widget.js" async></script>` });
}
const heardOn = (page: Page): Promise<unknown[]> => page.evaluate(() => (window as unknown as { heard: unknown[] }).heard);
const call = (page: Page, what: 'forget' | 'startConversation' | 'downloadTranscript'): Promise<void> => page.evaluate((name) => (document.querySelector('gorun-chat') as unknown as Record<string, () => Promise<void>>)[name]!(), what);
const set = (page: Page, name: string, value: string): Promise<void> => page.locator('gorun-chat').evaluate((element, [key, said]) => element.setAttribute(key as string, said as string), [name, value]);

for (const frame of ['', 'frame']) {
  test(`a page begins another conversation, takes what was said away, and forgets who it was${frame && ', in a frame'}`, async ({ page }) => {
    const site = await siteHere();
    await page.goto(pageWith(`<gorun-chat site="${site.id}" open ${frame}></gorun-chat>`));
    const inside = frame === '' ? page.locator('gorun-chat') : page.frameLocator('iframe').locator('body');
    const [text, answers] = [inside.getByRole('textbox', { name: 'Message' }), inside.locator('gorun-message[author=model]')];
    const finish = () => expect(inside.getByRole('button', { name: 'Stop the reply' })).toHaveCount(0);
    await text.fill('Where is my order?');
    await text.press('Enter');
    await expect(answers).toHaveCount(1);
    await finish();
    const saved = page.waitForEvent('download');
    await call(page, 'downloadTranscript');
    expect(await readFile(await (await saved).path(), 'utf8')).toContain('Where is my order?');
    await call(page, 'startConversation');
    await expect(answers).toHaveCount(0);
    await text.fill('Something else');
    await text.press('Enter');
    await expect(answers).toHaveCount(1);
    await finish();
    await call(page, 'forget');
    await expect(answers).toHaveCount(0);
    await page.reload();
    await expect(text).toBeVisible();
    await expect(answers).toHaveCount(0);
  });
}

test('inline: it stands in the page, open, without a button; what the page puts into its slots stands there', async ({ page }) => {
  const site = await siteHere();
  const slots = '<b slot="header">Kite &amp; Kiln</b><p slot="notice">Back at nine.</p><p slot="footer">Made in Aarhus.</p>';
  await page.goto(pageWith(`<div style="width: 500px"><gorun-chat site="${site.id}" mode="inline">${slots}</gorun-chat></div>`));
  await expect(page.getByRole('region', { name: 'Ask Kite & Kiln' })).toBeVisible();
  await expect(launcher(page)).toHaveCount(0);
  for (const text of ['Kite & Kiln', 'Back at nine.', 'Made in Aarhus.']) await expect(page.getByText(text, { exact: true })).toBeVisible();
  expect((await page.locator('gorun-chat [part=panel]').boundingBox())!.width).toBe(500);
  await ask(page, 'Where is my order?');
  await expect(replies(page)).toHaveCount(1);
  await done(page);
  await page.keyboard.press('Escape');
  await expect(field(page)).toBeVisible();
});

test('its own button: what the page puts there opens the chat', async ({ page }) => {
  const site = await siteHere();
  await page.goto(pageWith(`<gorun-chat site="${site.id}"><span slot="launcher">Help</span></gorun-chat>`));
  await page.getByText('Help', { exact: true }).click();
  await expect(panel(page)).toBeVisible();
});

test('a page hears of a person who answers, and of what fails', async ({ page }) => {
  const site = await siteHere();
  await page.goto(pageWith(`<gorun-chat site="${site.id}" open></gorun-chat>`));
  await ask(page, 'Where is my order?');
  await done(page);
  await expect(replies(page)).toHaveCount(1);
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Ask for a person' }).click();
  await expect.poll(() => heardOn(page)).toEqual([['handoff', 'asked']]);
  const member = await newTab(page);
  const [name, value] = admin.cookie.split('=') as [string, string];
  await member.context().addCookies([{ name, value, url: server.url }]);
  await member.goto(`${server.url}/admin/inbox`);
  await member.getByRole('link', { name: /Where is my order/u }).click();
  await member.getByRole('button', { name: 'Answer yourself' }).click();
  await expect.poll(() => heardOn(page)).toEqual([['handoff', 'asked'], ['handoff', 'joined']]);
  await member.getByRole('button', { name: 'Back to the model' }).click();
  await expect.poll(() => heardOn(page)).toEqual([['handoff', 'asked'], ['handoff', 'joined'], ['handoff', 'ended']]);
  await changeSite(admin, site.id, { isLive: false });
  await expect.poll(async () => (await heardOn(page)).at(-1)).toEqual(['failure', 'site-closed']);
  expect(await say(page, 'Too late').then(() => 'sent', (error: Error) => error.message)).toContain('site-closed');
});

for (const frame of ['', 'frame'] as const) {
  test(`what is said is told to the page only where the site has it so${frame && ', from a frame'}`, async ({ page }) => {
    for (const [tellsText, told] of [[false, [undefined, undefined]], [true, ['Where i', 'This is']]] as const) {
      const site = await siteHere({ tellsText });
      await page.goto(pageWith(`<gorun-chat site="${site.id}" open ${frame}></gorun-chat>`));
      await page.evaluate(() => {
        const said: unknown[] = ((window as unknown as { said: unknown[] }).said = []);
        document.querySelector('gorun-chat')?.addEventListener('gorun-message', (event) => said.push((event as unknown as { text?: string }).text?.slice(0, 7)));
      });
      await say(page, 'Where is my order?');
      await expect.poll(() => page.evaluate(() => (window as unknown as { said: unknown[] }).said)).toEqual(told);
    }
  });
}

test('what was said before is not told again to the next page, also when it says something at once', async ({ page }) => {
  const site = await siteHere({ tellsText: true });
  await page.goto(pageWith(`<gorun-chat site="${site.id}" open></gorun-chat>`));
  await ask(page, 'Where is my order?');
  await expect(replies(page)).toHaveCount(1);
  await done(page);
  await page.reload();
  await page.evaluate(() => {
    const said: unknown[] = ((window as unknown as { said: unknown[] }).said = []);
    document.querySelector('gorun-chat')?.addEventListener('gorun-message', (event) => said.push((event as unknown as { text?: string }).text?.slice(0, 7)));
  });
  await say(page, 'And the one before?');
  await expect(replies(page)).toHaveCount(2);
  await done(page);
  expect(await page.evaluate(() => (window as unknown as { said: unknown[] }).said)).not.toContain('Where i');
});

test('a page and its visitor are told when nobody has come for a minute, and when somebody does', async ({ page }) => {
  const site = await siteHere({ hours: 'Weekdays from 9 to 5.' });
  await page.clock.install();
  await page.goto(pageWith(`<gorun-chat site="${site.id}" open></gorun-chat>`));
  await ask(page, 'Where is my order?');
  await expect(replies(page)).toHaveCount(1);
  await done(page);
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Ask for a person' }).click();
  await expect.poll(() => heardOn(page)).toEqual([['handoff', 'asked']]);
  await page.clock.fastForward(61_000);
  await expect(page.getByText('Nobody has come yet.')).toContainText('Weekdays from 9 to 5.');
  expect(await heardOn(page)).toEqual([['handoff', 'asked'], ['handoff', 'waiting']]);
});

for (const [how, minutes] of [['ahead', 11], ['behind', -11]] as const) {
  test(`where the clock of the browser is ${how}, nobody has come once a minute has gone by, and not before`, async ({ page }) => {
    await page.clock.install({ time: Date.now() + minutes * 60_000 });
    await page.goto(pageWith(`<gorun-chat site="${(await siteHere()).id}" open></gorun-chat>`));
    await ask(page, 'Where is my order?');
    await expect(replies(page)).toHaveCount(1);
    await done(page);
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Ask for a person' }).click();
    await expect(page.getByText('A person was asked for.')).toBeVisible();
    await page.clock.runFor(20_000);
    expect(await heardOn(page)).toEqual([['handoff', 'asked']]);
    await page.clock.fastForward(41_000);
    await expect(page.getByText('Nobody has come yet.')).toBeVisible();
    expect(await heardOn(page)).toEqual([['handoff', 'asked'], ['handoff', 'waiting']]);
  });
}

test('a site that is put on the tag while the one before is being asked for is the one that shows', async ({ page }) => {
  const [first, second] = [await siteHere(), await siteHere({ title: 'The second' })];
  await changeSite(admin, first.id, { isLive: false });
  const asked = Promise.withResolvers<void>();
  const goesOn = Promise.withResolvers<void>();
  await page.route(`**/api/widget/${first.id}`, async (route) => {
    asked.resolve();
    await goesOn.promise;
    await route.continue();
  });
  await page.goto(pageWith(`<gorun-chat site="${first.id}"></gorun-chat>`));
  await asked.promise;
  await page.locator('gorun-chat').evaluate((chat, site) => chat.setAttribute('site', site), second.id);
  await page.evaluate(() => (document.querySelector('gorun-chat') as unknown as { ready: Promise<void> }).ready);
  const refused = page.waitForResponse(`**/api/widget/${first.id}`);
  goesOn.resolve();
  await refused;
  await launcher(page).click();
  await expect(page.getByRole('heading', { name: 'The second' })).toBeVisible();
});

test('what stands on the tag may change: language, colours, side, place and site', async ({ page }) => {
  const [site, other] = [await siteHere(), await siteHere({ title: 'Ask the roastery' })];
  await page.goto(pageWith(`<gorun-chat site="${site.id}" open></gorun-chat>`));
  await ask(page, 'Where is my order?');
  await expect(replies(page)).toHaveCount(1);
  await done(page);
  await set(page, 'lang', 'de');
  await expect(page.getByRole('textbox', { name: 'Nachricht' })).toBeVisible();
  await expect(replies(page)).toHaveCount(1);
  await expect(page.getByRole('button', { name: 'Chat schließen' }).first()).toBeVisible();
  await set(page, 'theme', 'dark');
  expect(await page.locator('gorun-chat-panel .chat').evaluate((one) => getComputedStyle(one).colorScheme)).toBe('dark');
  const leftOf = async (): Promise<number> => (await page.locator('gorun-chat [part=panel]').boundingBox())!.x;
  const right = await leftOf();
  await set(page, 'position', 'start');
  await expect.poll(leftOf).toBeLessThan(right);
  await set(page, 'mode', 'inline');
  await expect(page.getByRole('region', { name: 'Ask Kite & Kiln' })).toBeVisible();
  await expect(replies(page)).toHaveCount(1);
  await set(page, 'site', other.id);
  await expect(page.getByRole('region', { name: 'Ask the roastery' })).toBeVisible();
  await expect(replies(page)).toHaveCount(0);
});

test('in a frame the language and the colours change as the tag does, and what is being said stays', async ({ page }) => {
  const site = await siteHere();
  await page.goto(pageWith(`<gorun-chat site="${site.id}" open frame></gorun-chat>`));
  const inside = page.frameLocator('iframe');
  await inside.getByRole('textbox', { name: 'Message' }).fill('Half a sent');
  await set(page, 'lang', 'ar');
  await expect(inside.locator('.chat')).toHaveAttribute('dir', 'rtl');
  await expect(inside.getByRole('textbox')).toHaveValue('Half a sent');
  await set(page, 'theme', 'dark');
  await expect.poll(() => inside.locator('.chat').evaluate((one) => getComputedStyle(one).colorScheme)).toBe('dark');
});

for (const frame of ['', 'frame'] as const) {
  test(`what is said that cannot be fetched is refused with a code of the failure table${frame && ', from a frame'}`, async ({ page }) => {
    await page.route('**/assets/transcript-*.js', (route) => route.abort());
    await page.goto(pageWith(`<gorun-chat site="${(await siteHere()).id}" open ${frame}></gorun-chat>`));
    const refused = await page.evaluate(() => (document.querySelector('gorun-chat') as unknown as { downloadTranscript(): Promise<void> }).downloadTranscript().then(() => undefined, (error: Error & { code: string }) => [error instanceof Error, error.code]));
    expect(refused).toEqual([true, 'server-busy']);
  });
}

test('what a page has told last goes along when the chat takes another place', async ({ page }) => {
  const site = await siteHere();
  await page.goto(pageWith(`<gorun-chat site="${site.id}"></gorun-chat>`));
  const tell = (product: string) => page.locator('gorun-chat').evaluate((element, told) => (element as unknown as { setContext(told: object): Promise<void> }).setContext({ product: told }), product);
  await tell('Huila');
  await launcher(page).click();
  await page.getByText('What the site tells us').click();
  await expect(page.getByText('Huila')).toBeVisible();
  await tell('Yirgacheffe');
  await page.locator('gorun-chat').evaluate((element) => element.setAttribute('mode', 'inline'));
  await page.getByText('What the site tells us').click();
  await expect(page.getByText('Yirgacheffe')).toBeVisible();
});
