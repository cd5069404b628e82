import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import type { Site, SiteSettings } from '../../contracts/sites.ts';
import { newIdentity, newSite, newSiteKey } from '../support/site.ts';
import { eachEmbedded, strictPolicy, type Embedded } from './host-page.ts';
import { ask, field, findings, launcher, MAIN, replies, tagPage } from './widget-page.ts';

// What comes after the button comes over a network: late, in another order, or not at all.

let { server, host, admin } = {} as Embedded;
eachEmbedded((made) => ({ server, host, admin } = made));

const BOX = '**/assets/widget-box-*.js';
const PANEL = '**/assets/panel-*.js';
const siteHere = (settings: Partial<SiteSettings> = {}): Promise<Site> => newSite(admin, { origins: [host.origin], ...settings });
const pageWith = (element: string): string => host.serve('/', { body: `${MAIN}${element}<script src="${server.url}/widget.js" async></script>` });
const set = (page: Page, name: string, value: string): Promise<void> => page.locator('gorun-chat').evaluate((element, [key, said]) => element.setAttribute(key as string, said as string), [name, value]);
const isOpen = (page: Page): Promise<boolean> => page.evaluate(() => (document.querySelector('gorun-chat') as unknown as { isOpen: boolean }).isOpen);
const openings = (page: Page): Promise<number> => page.evaluate(() => (window as unknown as { openings: number }).openings);

/** The file is not answered before it is let go. */
async function hold(page: Page, file: string): Promise<{ asked: Promise<unknown>; letGo(): void }> {
  const gate = Promise.withResolvers<void>();
  await page.route(file, async (route) => (await gate.promise, await route.continue()));
  return { asked: page.waitForRequest(file), letGo: gate.resolve };
}

for (const [what, file, frame] of [['the box', BOX, ''], ['the panel', PANEL, ''], ['the frame', '**/assets/widget-frame-*.js', 'frame']] as const) {
  test(`a site that is put on the tag while ${what} is on its way leaves one box, of that site, which opens once`, async ({ page }) => {
    const [first, second] = [await siteHere(), await siteHere({ title: 'The second' })];
    const visits: string[] = [];
    page.on('request', (request) => request.url().endsWith('/visit') && visits.push(request.url()));
    await page.addInitScript(() => {
      Object.assign(window, { openings: 0 });
      document.addEventListener('gorun-open', () => ((window as unknown as { openings: number }).openings += 1), true);
    });
    const held = await hold(page, file);
    await page.goto(pageWith(`<gorun-chat site="${first.id}" open ${frame}></gorun-chat>`));
    await held.asked;
    await set(page, 'site', second.id);
    held.letGo();
    const inside = frame === '' ? page.locator('gorun-chat') : page.frameLocator('iframe').locator('body');
    await expect(inside.getByRole('heading', { name: 'The second' })).toBeVisible();
    await expect.poll(() => visits.length).toBe(1);
    expect(visits[0]).toContain(second.id);
    for (const part of ['panel', 'badge']) await expect(page.locator(`gorun-chat [part=${part}]`)).toHaveCount(1);
    expect(await openings(page)).toBe(1);
    await page.locator('gorun-chat').evaluate((chat) => (chat as unknown as { close(): Promise<void> }).close());
    await expect(page.locator('gorun-chat [part=panel]')).toBeHidden();
  });
}

test('an element that is taken out of the page, given another site and put in again shows that one, once', async ({ page }) => {
  const [first, second] = [await siteHere(), await siteHere({ title: 'The second' })];
  await page.goto(pageWith(`<gorun-chat site="${first.id}" open></gorun-chat>`));
  await expect(field(page)).toBeVisible();
  const move = (site: string) => page.locator('gorun-chat').evaluate((chat, id) => {
    chat.remove();
    chat.setAttribute('site', id);
    document.body.append(chat);
  }, site);
  await move(second.id);
  await expect(page.getByRole('heading', { name: 'The second' })).toBeVisible();
  for (const part of ['launcher', 'panel', 'badge']) await expect(page.locator(`gorun-chat [part=${part}]`)).toHaveCount(1);
  await ask(page, 'Where is my order?');
  await expect(replies(page)).toHaveCount(1);
  await move(second.id); // the same one is only moved
  await expect(replies(page)).toHaveCount(1);
  await move(first.id);
  await expect(page.getByRole('heading', { name: 'Ask Kite & Kiln' })).toBeVisible();
  await expect(replies(page)).toHaveCount(0);
});

type Methods = Record<'identify' | 'send' | 'setContext', (said: unknown) => Promise<void>>;

for (const [when, file] of [['its files load', PANEL], ['it is not answered', '**/visit']] as const) {
  test(`what a page asks of one site while ${when} goes to no other that it puts there meanwhile: it is refused, and what it told of itself goes along`, async ({ page }) => {
    const [first, second] = [await siteHere(), await siteHere({ title: 'The second' })];
    const { key } = await newSiteKey(admin, first.id);
    const visits: string[] = [];
    page.on('request', (request) => request.url().endsWith('/visit') && visits.push(`${request.url()} ${request.postData()}`));
    const held = await hold(page, file);
    await page.goto(pageWith(`<gorun-chat site="${first.id}" open></gorun-chat>`));
    await held.asked;
    await page.locator('gorun-chat').evaluate((element, token) => {
      const chat = element as unknown as Methods;
      const asked = [chat.identify(token), chat.send('For the first alone')].map((done) => done.then(() => 'done', ({ code }: { code: string }) => code));
      Object.assign(window, { outcomes: Promise.all(asked) });
      void chat.setContext({ product: 'Huila' });
    }, await newIdentity(key));
    await set(page, 'site', second.id);
    held.letGo();
    const outcomes = page.evaluate(() => (window as unknown as { outcomes: Promise<string[]> }).outcomes);
    expect(await outcomes).toEqual(['moved-on', 'moved-on']);
    await expect(page.getByRole('heading', { name: 'The second' })).toBeVisible();
    await expect(page.getByText('What the site tells us')).toBeVisible();
    await ask(page, 'For the second');
    await expect(replies(page)).toHaveCount(1);
    await expect(page.locator('gorun-message[author=person]')).toHaveText(/For the second/u);
    const told = visits.filter((visit) => visit.includes(second.id));
    expect(told).not.toEqual([]);
    expect(told.join()).not.toContain('identity');
  });
}

test('what was unread of one site is told to be read no longer once another site stands there', async ({ page }) => {
  const [first, second] = [await siteHere(), await siteHere({ title: 'The second' })];
  await page.addInitScript(() => {
    const counts: number[] = [];
    Object.assign(window, { counts });
    document.addEventListener('gorun-unread', (event) => counts.push((event as unknown as { count: number }).count), true);
  });
  await page.goto(pageWith(`<gorun-chat site="${first.id}"></gorun-chat>`));
  await launcher(page).click();
  await field(page).fill('Where is my order?');
  await field(page).press('Enter');
  await page.locator('gorun-chat').evaluate((chat) => (chat as unknown as { close(): Promise<void> }).close());
  const counts = () => page.evaluate(() => (window as unknown as { counts: number[] }).counts);
  await expect.poll(counts).toEqual([1]);
  await set(page, 'site', second.id);
  expect(await counts()).toEqual([1, 0]);
});

test('after another site the button looks as before', async ({ page }) => {
  const [first, second] = [await siteHere(), await siteHere({ title: 'The second' })];
  await page.goto(pageWith(`<gorun-chat site="${first.id}" open></gorun-chat>`));
  await expect(field(page)).toBeVisible();
  const before = await page.locator('gorun-chat [part=launcher]').boundingBox();
  await set(page, 'site', second.id);
  await expect(page.getByRole('heading', { name: 'The second' })).toBeVisible();
  expect(await page.locator('gorun-chat [part=launcher]').boundingBox()).toEqual(before);
});

for (const [what, file] of [['the box', BOX], ['the panel', PANEL], ['what draws it', '**/assets/chat-panel-*.js']] as const) {
  test(`where ${what} cannot be fetched the visitor is told in words, and the next press tries again, without a frame`, async ({ page, context }) => {
    const failed = page.getByRole('alert').filter({ hasText: 'No connection' });
    await page.goto(tagPage(host, server.url, await siteHere()));
    const fails = { isOn: true };
    await page.route(file, (route) => (fails.isOn ? route.fulfill({ status: 503 }) : route.continue()));
    const press = async (): Promise<void> => {
      await launcher(page).click();
      await expect.poll(() => isOpen(page)).toBe(false);
      await expect(failed).toBeVisible();
      await expect(launcher(page)).toHaveAttribute('aria-expanded', 'false');
    };
    await press();
    expect(await findings(page)).toEqual([]);
    await press();
    fails.isOn = false;
    await context.setOffline(true);
    await press();
    await context.setOffline(false);
    await launcher(page).click();
    await expect(field(page)).toBeFocused();
    await expect(failed).toHaveCount(0);
    await expect(page.locator('gorun-chat iframe')).toHaveCount(0);
    await ask(page, 'Where is my order?');
    await expect(replies(page)).toHaveCount(1);
  });
}

const CLOSED = { en: ['Open the chat', 'No connection'], de: ['Chat öffnen', 'Keine Verbindung'], fr: ['Ouvrir la discussion', 'Pas de connexion'], es: ['Abrir el chat', 'Sin conexión'], ja: ['チャットを開く', '接続なし'], ar: ['فتح المحادثة', 'لا اتصال'] } as const;
const alertIn = (page: Page) => page.locator('gorun-chat [role=alert]');

test('in the page, too, a button under the words tries again, with the keys alone, and the focus goes where one writes, in each language', async ({ page }) => {
  const site = await siteHere();
  const fails = { isOn: true };
  await page.route(PANEL, (route) => (fails.isOn ? route.fulfill({ status: 503 }) : route.continue()));
  for (const [lang, [open, failed]] of Object.entries(CLOSED)) {
    await page.goto(pageWith(`<gorun-chat site="${site.id}" mode="inline" lang="${lang}"></gorun-chat>`));
    const again = page.getByRole('button', { name: open });
    for (const comes of [false, true]) {
      await expect(alertIn(page)).toHaveText(failed);
      if (!comes) expect(await findings(page)).toEqual([]);
      fails.isOn = !comes;
      if (!comes) await page.keyboard.press('Tab');
      await expect(again).toBeFocused();
      await page.keyboard.press('Enter');
      await expect.poll(() => isOpen(page)).toBe(comes);
    }
    await expect(page.locator('gorun-chat').getByRole('textbox')).toBeFocused();
    await expect(again).toHaveCount(0);
    await expect(alertIn(page)).toHaveCount(0);
    fails.isOn = true;
  }
  await set(page, 'mode', 'launcher');
  await expect(page.locator('gorun-chat [part=launcher]')).toBeVisible();
});

test('what is said where nothing came stands over the button and not beside it, in each language, at both sides', async ({ page }) => {
  const site = await siteHere();
  await page.route(BOX, (route) => route.abort());
  for (const [lang, [, failed]] of Object.entries(CLOSED)) {
    for (const position of ['start', 'end'] as const) {
      await page.goto(pageWith(`<gorun-chat site="${site.id}" lang="${lang}" position="${position}" dir="${lang === 'ar' ? 'rtl' : 'ltr'}"></gorun-chat>`));
      await page.locator('gorun-chat [part=launcher]').click();
      await expect(alertIn(page)).toHaveText(failed);
      const [words, ground, button] = await alertIn(page).evaluate((alert) => {
        const range = document.createRange();
        range.selectNodeContents(alert);
        return [range, alert, (alert.getRootNode() as ShadowRoot).querySelector('button')!].map((one) => one.getBoundingClientRect().toJSON() as DOMRect) as [DOMRect, DOMRect, DOMRect];
      });
      const isLeft = (position === 'start') !== (lang === 'ar');
      const looks = { isInside: words.left >= ground.left && words.right <= ground.right, isOver: ground.bottom <= button.top, isOneLine: words.height < 24, isInLine: isLeft ? ground.left === button.left : ground.right === button.right };
      expect(looks, `${lang}, ${position}`).toEqual({ isInside: true, isOver: true, isOneLine: true, isInLine: true });
    }
  }
});

test('where the page’s policy names the box’s files and not the panel’s, the frame stands there, also for another site', async ({ page }) => {
  const [first, second] = [await siteHere(), await siteHere({ title: 'The second' })];
  const assets = readdirSync(join(import.meta.dirname, '../../client/dist/assets')).filter((name) => /^(?:widget|frame)-.*\.js$/u.test(name));
  const scripts = ['widget.js', ...assets.map((name) => `assets/${name}`)].map((name) => `${server.url}/${name}`).join(' ');
  await page.goto(tagPage(host, server.url, first, { policy: strictPolicy(server.url).replace(`script-src 'self' ${server.url}`, `script-src ${scripts}`) }));
  await launcher(page).click();
  for (const title of ['Ask Kite & Kiln', 'The second']) {
    await expect(page.frameLocator('iframe').getByRole('heading', { name: title })).toBeVisible();
    await set(page, 'site', second.id);
  }
});
