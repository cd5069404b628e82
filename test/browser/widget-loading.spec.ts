import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import type { Site, SiteSettings } from '../../contracts/sites.ts';
import { newSite } from '../support/site.ts';
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
      await expect.poll(() => page.evaluate(() => (document.querySelector('gorun-chat') as unknown as { isOpen: boolean }).isOpen)).toBe(false);
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
