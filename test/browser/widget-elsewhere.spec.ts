import { expect, test, type Page } from '@playwright/test';
import type { ShownSite } from '../../contracts/sites.ts';
import { changeSite, newSite } from '../support/site.ts';
import { newTab } from './person.ts';
import { eachEmbedded, type Embedded } from './host-page.ts';
import { ask, done, field, findings, fresh, launcher, MAIN, replies, say, tagPage } from './widget-page.ts';

// What reaches a visitor who looks elsewhere, with the chat closed or in another tab, and one who speaks another language.

let { server, host, admin } = {} as Embedded;
eachEmbedded((made) => ({ server, host, admin } = made));

/** Notes that were begun in a page. */
const notes = (page: Page): Promise<number> => page.evaluate(() => (window as unknown as { notes: number }).notes);
const TONE = 2;

test('sound: off until a visitor switches it on; then once for a reply that nobody looks at, in one of their tabs, also on the next page', async ({ page, context }) => {
  await context.addInitScript(() => {
    const { start } = OscillatorNode.prototype;
    Object.assign(window, { notes: 0 });
    OscillatorNode.prototype.start = function (when) {
      (window as unknown as { notes: number }).notes += 1;
      start.call(this, when);
    };
  });
  await page.goto(tagPage(host, server.url, await newSite(admin, { origins: [host.origin] })));
  await launcher(page).click();
  await ask(page, 'Nobody hears of this one');
  await page.getByRole('button', { name: 'Close the chat' }).first().click();
  await fresh(page, 1);
  await launcher(page).click();
  await page.getByRole('button', { name: 'More' }).click();
  const sound = page.getByRole('menuitemcheckbox', { name: 'Sound' });
  await expect(sound).toHaveAttribute('aria-checked', 'false');
  await sound.click();
  await expect.poll(() => notes(page)).toBe(TONE);
  await ask(page, 'This one is seen as it comes');
  await done(page);
  await page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await say(page, 'This one in a tab that is hidden');
  await expect.poll(() => notes(page)).toBe(2 * TONE);
  await page.reload();
  await launcher(page).click();
  await page.getByRole('button', { name: 'More' }).click();
  await expect(sound).toHaveAttribute('aria-checked', 'true');
  await page.keyboard.press('Escape');
  const second = await newTab(page);
  await second.goto(`${host.origin}/`);
  await launcher(second).click();
  await expect(replies(second)).toHaveCount(3);
  await page.getByRole('button', { name: 'Close the chat' }).first().click();
  await say(page, 'This one is looked at in the other tab');
  await fresh(page, 1);
  await done(second);
  await second.getByRole('button', { name: 'Close the chat' }).first().click();
  const sum = async () => (await notes(page)) + (await notes(second));
  for (const time of [1, 2]) {
    await say(page, 'And these in none');
    await fresh(second, time);
    await expect.poll(sum).toBe(time * TONE);
  }
});

test('teaser: what came while the chat was closed is told beside it once, can be put away, and opens the chat; without movement where none is wanted, and from right to left', async ({ page }) => {
  const site = await newSite(admin, { origins: [host.origin] });
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto(tagPage(host, server.url, site));
  const teaser = page.locator('gorun-chat [part=teaser]');
  const close = () => page.getByRole('button', { name: 'Close the chat' }).first().click();
  await launcher(page).click();
  await ask(page, 'And this one?');
  await expect(replies(page)).toHaveCount(1);
  await done(page);
  await close();
  await say(page, 'Where is my order?');
  await expect(teaser).toContainText(/Ask Kite & Kiln\S*\w{3}/u);
  await expect(teaser).toHaveRole('status');
  expect(await findings(page)).toEqual([]);
  const { width, height } = page.viewportSize()!;
  const box = (await teaser.boundingBox())!;
  expect(box.width).toBeLessThanOrEqual(300);
  expect([box.x + box.width <= width - 20, box.y + box.height < height - 20 - 56]).toEqual([true, true]);
  expect(await teaser.evaluate((element) => getComputedStyle(element).animationName)).toBe('none');
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await expect(teaser).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Open the chat, new messages: 1' })).toBeFocused();
  await say(page, 'And when does it come?');
  await fresh(page, 2);
  await teaser.getByRole('button').first().click();
  await expect(page.getByRole('textbox', { name: 'Message' })).toBeFocused();
  await expect(teaser).toHaveCount(0);
  await close();
  await expect(launcher(page)).toBeFocused();
  await expect(teaser).toHaveCount(0);

  await page.goto(tagPage(host, server.url, site, { body: `<div dir="rtl"><gorun-chat site="${site.id}" lang="ar"></gorun-chat></div><script src="${server.url}/widget.js" async></script>` }));
  await page.getByRole('button', { name: 'فتح المحادثة' }).click();
  await expect(replies(page)).toHaveCount(3);
  await page.getByRole('button', { name: 'إغلاق المحادثة' }).first().click();
  await say(page, 'أين طلبي؟');
  await expect(page.getByRole('button', { name: 'إخفاء' })).toBeVisible();
  expect((await teaser.boundingBox())!.x).toBe(20);
  expect((await page.getByRole('button', { name: 'إخفاء' }).boundingBox())!.x).toBeLessThan(40);
  await page.getByRole('button', { name: 'إخفاء' }).press('Escape');
  await expect(teaser).toHaveCount(0);
});

test('unread: what came while the chat was closed is counted on the next page too, without a touch, until it is looked at', async ({ page }) => {
  const address = tagPage(host, server.url, await newSite(admin, { origins: [host.origin] }));
  await page.goto(address);
  await launcher(page).click();
  await ask(page, 'Where is my order?');
  await expect(replies(page)).toHaveCount(1);
  await done(page);
  await page.getByRole('button', { name: 'Close the chat' }).first().click();
  await say(page, 'And when does it come?');
  await fresh(page, 1);
  await page.goto(address);
  await fresh(page, 1);
  await launcher(page).click();
  await expect(replies(page)).toHaveCount(2);
  await page.getByRole('button', { name: 'Close the chat' }).first().click();
  await page.reload();
  await expect.poll(() => page.evaluate(() => (document.querySelector('gorun-chat') as unknown as { connection: string }).connection)).toBe('live');
  await expect(page.getByRole('button', { name: 'Open the chat', exact: true })).toBeVisible();
});

test('the chat speaks the language of its page: German, and Arabic from right to left; what it cannot speak, or a site does not let it, it says in the first that it may', async ({ page }) => {
  const site = await newSite(admin, { origins: [host.origin] });
  const open = (lang: string): Promise<unknown> => page.goto(host.serve('/', { body: `${MAIN}<gorun-chat site="${site.id}" lang="${lang}" open></gorun-chat><script src="${server.url}/widget.js" async></script>` }));
  // The words come after what the site says of itself, as they may on a slow line.
  const visit = page.waitForResponse((response) => response.url().endsWith(`/${site.id}/visit`));
  await page.route(/\/assets\/de-/u, async (route) => (await visit, await route.continue()));
  await open('de');
  await page.getByRole('textbox', { name: 'Nachricht' }).fill('Wo ist meine Bestellung?');
  await page.getByRole('button', { name: 'Senden' }).click();
  await expect(page.getByRole('button', { name: 'Gute Antwort' })).toBeVisible();
  await expect(page.getByText(/Assistent · \d\d:\d\d · \d+ s/u)).toBeVisible();
  await open('ar');
  await expect(page.getByRole('textbox', { name: 'رسالة' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'رد جيد' })).toBeVisible();
  const [face, more] = [await page.locator('.face').boundingBox(), await page.getByRole('button', { name: 'المزيد' }).boundingBox()];
  expect(face!.x).toBeGreaterThan(more!.x);
  expect(await findings(page)).toEqual([]);
  await open('xx');
  await expect(field(page)).toBeVisible();
  await changeSite(admin, site.id, { settings: { languages: ['fr', 'de'] } });
  await expect.poll(async () => ((await (await page.request.get(`${server.url}/api/widget/${site.id}`, { headers: { origin: host.origin } })).json()) as ShownSite).languages).toEqual(['fr', 'de']);
  await open('de');
  await expect(page.getByRole('textbox', { name: 'Nachricht' })).toBeVisible();
  await open('ja');
  await expect(page.getByRole('textbox', { name: 'Message' })).toHaveAttribute('placeholder', 'Écrire un message');
  await page.getByRole('button', { name: 'Fermer la discussion' }).first().click();
  await expect(page.getByRole('button', { name: 'Ouvrir la discussion' })).toBeFocused();
});
