import { expect, test, type Page } from '@playwright/test';
import type { Site } from '../../contracts/sites.ts';
import { changeSite, newIdentity, newSite, newSiteKey } from '../support/site.ts';
import { eachEmbedded, strictPolicy, type Embedded } from './host-page.ts';
import { launcher, MAIN, tagPage } from './widget-page.ts';

// The chat in a frame of the deployment, for pages that do not let it run in themselves.

let { server, host, admin } = {} as Embedded;
eachEmbedded((made) => ({ server, host, admin } = made));

const framed = (site: Site, attributes = ''): string => host.serve('/', { body: `${MAIN}<gorun-chat site="${site.id}" frame ${attributes}></gorun-chat><script src="${server.url}/widget.js" async></script>` });
const inside = (page: Page) => page.frameLocator('iframe');
const field = (page: Page) => inside(page).getByRole('textbox', { name: 'Message' });
const replies = (page: Page) => inside(page).locator('gorun-message[author=model]');

test('an origin that is taken from the site closes the frame on its pages; also where the browser does not tell frames what is around them', async ({ browser }) => {
  const site = await newSite(admin, { origins: [host.origin] });
  const page = await browser.newPage();
  const other = await (await browser.newContext()).newPage();
  const told: boolean[] = [];
  await other.route('**/assets/embed-*.js', async (route) => {
    const reply = await route.fetch();
    const text = await reply.text();
    told.push(text.includes('location.ancestorOrigins'));
    await route.fulfill({ response: reply, body: text.replace('location.ancestorOrigins', 'undefined') }); // no page can take that from the browser
  });
  for (const one of [page, other]) {
    await one.goto(framed(site));
    await launcher(one).click();
    await field(one).fill('Where is my order?');
    await field(one).press('Enter');
    await expect(replies(one)).toContainText(/\w{3}/u);
  }
  expect(told).toEqual([true]);
  await changeSite(admin, site.id, { settings: { origins: ['https://other.example.org'] } });
  for (const one of [page, other]) await expect(inside(one).getByText('This chat is closed.')).toBeVisible();
  expect(await replies(page).count()).toBe(0);
});

test('in a frame as in a page: opening puts the focus into the composer with the starter in it, Escape closes and gives the focus back, and what is refused rejects with its code', async ({ page }) => {
  const site = await newSite(admin, { origins: [host.origin] });
  await page.goto(framed(site, 'starter="I need help with "'));
  const isOpen = () => page.evaluate(() => (document.querySelector('gorun-chat') as unknown as { isOpen: boolean }).isOpen);
  const ask = (what: string, said?: string) => page.evaluate(async ([name, given]) => (document.querySelector('gorun-chat') as unknown as Record<string, (said?: string) => Promise<void>>)[name!]!(given).then(() => 'done', (error: { code?: string }) => error.code), [what, said]);
  await launcher(page).click();
  await expect(field(page)).toHaveValue('I need help with ');
  await expect(field(page)).toBeFocused();
  await page.keyboard.type('my order');
  await expect(field(page)).toHaveValue('I need help with my order');
  await inside(page).getByRole('button', { name: 'More' }).click();
  await expect(inside(page).getByRole('menuitem', { name: 'New conversation' })).toBeFocused();
  await page.keyboard.press('Escape'); // of the menu
  await expect(inside(page).getByRole('button', { name: 'More' })).toBeFocused();
  expect(await isOpen()).toBe(true);
  await page.keyboard.press('Escape');
  await expect.poll(isOpen).toBe(false);
  await expect(launcher(page)).toBeFocused();
  await launcher(page).press('Enter');
  await expect(field(page)).toBeFocused();
  const { key } = await newSiteKey(admin, site.id);
  expect(await ask('identify', 'nonsense')).toBe('identity-refused');
  expect(await ask('send', 'Hello')).toBe('identity-refused');
  expect(await ask('identify', await newIdentity(key))).toBe('done');
  expect(await ask('send', 'Hello')).toBe('done');
  await expect(replies(page)).toContainText(/\w{3}/u);
});

test('a frame that covers a phone keeps the focus inside', async ({ browser }) => {
  const page = await (await browser.newContext({ viewport: { width: 390, height: 780 } })).newPage();
  await page.goto(framed(await newSite(admin, { origins: [host.origin] })));
  await launcher(page).focus();
  await page.keyboard.press('Enter');
  await expect(field(page)).toBeFocused();
  for (let step = 0; step < 12; step++) {
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.localName)).toBe('gorun-chat');
  }
  await field(page).focus();
  await page.keyboard.press('Escape');
  await expect(launcher(page)).toBeFocused();
});

test('where the page’s policy does not let it ask the server, a frame stands in its place, and does what was asked before', async ({ page }) => {
  const site = await newSite(admin, { origins: [host.origin] });
  const { key } = await newSiteKey(admin, site.id);
  await page.goto(tagPage(host, server.url, site, { policy: strictPolicy(server.url).replace(/connect-src [^;]+/u, "connect-src 'self'") }));
  const chat = (what: string, said: string) => page.evaluate(([name, given]) => (document.querySelector('gorun-chat') as unknown as Record<string, (said: string) => Promise<void>>)[name!]!(given!), [what, said]);
  const isReady = page.evaluate(() => (document.querySelector('gorun-chat') as unknown as { ready: Promise<void> }).ready);
  await chat('identify', await newIdentity(key, { name: 'Elin Berg' }));
  await chat('send', 'Where is my order?');
  await isReady;
  await launcher(page).click();
  await expect(replies(page)).toContainText(/\w{3}/u);
  await inside(page).getByRole('button', { name: 'More' }).click();
  await inside(page).getByRole('menuitem', { name: 'Privacy' }).click();
  await expect(inside(page).getByText('The site told us you are Elin Berg.')).toBeVisible();
});

test('where the page’s policy lets it ask and not connect, the frame begins with what was written', async ({ page }) => {
  const site = await newSite(admin, { origins: [host.origin] });
  await page.goto(tagPage(host, server.url, site, { policy: strictPolicy(server.url).replace(/ ws:[^;]+/u, '') }));
  await launcher(page).click();
  await page.getByRole('textbox', { name: 'Message' }).pressSequentially('Where is my');
  await expect(field(page)).toHaveValue('Where is my');
  await expect(field(page)).toBeFocused();
  await page.keyboard.type(' order?');
  await page.keyboard.press('Enter');
  await expect(inside(page).locator('gorun-message[author=person]')).toHaveText(/Where is my order\?/u);
  await expect(replies(page)).toContainText(/\w{3}/u);
});
