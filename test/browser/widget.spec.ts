import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { SignJWT } from 'jose';
import { expect, test, type BrowserContext, type Locator, type Page } from '@playwright/test';
import type { Site, SiteSettings } from '../../contracts/sites.ts';
import { PIXEL } from '../support/pixel.ts';
import { changeSite, newSite, newSiteKey } from '../support/site.ts';
import { eachEmbedded, type Embedded, newHostSite, strictPolicy } from './host-page.ts';
import { newTab } from './person.ts';
import { findings, ask, done, field, launcher, MAIN, panel, replies, tagPage, texts } from './widget-page.ts';
import { wordsOf } from './words.ts';

let { server, host, admin } = {} as Embedded;
eachEmbedded((made) => ({ server, host, admin } = made));

function siteHere(settings: Partial<SiteSettings> = {}): Promise<Site> {
  return newSite(admin, { origins: [host.origin], ...settings });
}

const tagged = (site: Site, more: Parameters<typeof tagPage>[3] = {}): string => tagPage(host, server.url, site, more);

interface Seen {
  readonly violations: string[];
  readonly errors: string[];
  readonly foreign: string[];
}

/** What happens in all pages of the host that must not: violations of its policy, errors, requests to third parties. */
async function watchHost(context: BrowserContext): Promise<Seen> {
  const seen: Seen = { violations: [], errors: [], foreign: [] };
  await context.exposeFunction('reportViolation', (text: string) => seen.violations.push(text));
  await context.addInitScript(() => document.addEventListener('securitypolicyviolation', (event) => (window as unknown as { reportViolation(text: string): void }).reportViolation(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`)));
  context.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && ![host.origin, server.url].includes(origin)) seen.foreign.push(request.url());
  });
  context.on('weberror', (error) => seen.errors.push(error.error().message));
  return seen;
}

const CLEAN: Seen = { violations: [], errors: [], foreign: [] };
test('one tag on a page of another site, under a strict policy, holds a conversation that streams, in two tabs, and on the next page', async ({ page, context }) => {
  const seen = await watchHost(context);
  await page.goto(tagged(await siteHere()));
  await launcher(page).click();
  await expect(panel(page)).toBeVisible();
  await expect(field(page)).toBeFocused();
  await page.getByRole('button', { name: 'Where is my order?' }).click();
  await expect(replies(page)).toContainText(/\w{3}/u);
  await done(page);
  const said = await wordsOf(texts(page));
  const second = await newTab(page);
  await second.goto(`${host.origin}/`);
  await launcher(second).click();
  await expect.poll(() => wordsOf(texts(second)).catch(() => '')).toBe(said);
  await page.getByRole('button', { name: 'Good reply' }).click();
  await expect(second.getByRole('button', { name: 'Good reply' })).toHaveAttribute('aria-pressed', 'true');
  await ask(second, 'And now?');
  await expect(replies(page)).toHaveCount(2);
  await done(page);
  await done(second);
  expect(await wordsOf(texts(second))).toBe(await wordsOf(texts(page)));
  await page.reload();
  await launcher(page).click();
  await expect(replies(page)).toHaveCount(2);
  expect(seen).toEqual(CLEAN);
});

for (const how of ['', ', in a frame'] as const) test(`the other way round: a page at 127.0.0.1 with the deployment at localhost, with storage and cookies of others blocked${how === '' ? '' : ' by the browser itself, in a frame'}`, async ({ browser }) => {
  await using page127 = await newHostSite('127.0.0.1');
  const deployment = server.url.replace('127.0.0.1', 'localhost');
  const site = await newSite(admin, { origins: [page127.origin] });
  const context = await browser.newContext();
  if (how === '') await context.addInitScript(() => {
    for (const name of ['localStorage', 'sessionStorage', 'indexedDB'] as const) Object.defineProperty(window, name, { get: () => { throw new DOMException('denied', 'SecurityError'); } });
    Object.defineProperty(Document.prototype, 'cookie', { get: () => '', set: () => {} });
  });
  const page = await context.newPage();
  await page.goto(page127.serve('/', { body: `${MAIN}<script src="${deployment}/widget.js" data-site="${site.id}" ${how === '' ? '' : 'data-frame'} async></script>`, policy: strictPolicy(deployment) }));
  await launcher(page).click();
  const inside = how === '' ? page : page.frameLocator('iframe');
  const composer = inside.getByRole('textbox', { name: 'Message' });
  await composer.fill('Where is my order?');
  await composer.press('Enter');
  await expect(inside.locator('gorun-message[author=model]')).toContainText(/\w{3}/u);
  await expect(inside.getByRole('button', { name: 'Stop the reply' })).toHaveCount(0);
  if (how !== '') {
    const frame = page.frames().at(-1);
    expect(await frame?.evaluate(() => {
      document.cookie = 'kept=1';
      try {
        return [document.cookie, String(localStorage.length)];
      } catch (error) {
        return [document.cookie, (error as Error).name];
      }
    })).toEqual(['', 'SecurityError']);
  }
  expect(await context.cookies()).toEqual([]);
  await context.close();
});

test('where the page’s policy names no lit-html, the chat stands in a frame, which other sites may not show', async ({ page }) => {
  const site = await siteHere();
  const said: string[] = [];
  page.on('console', (message) => message.type() === 'error' && said.push(message.text()));
  await page.goto(tagged(site, { policy: strictPolicy(server.url).replace("trusted-types lit-html 'allow-duplicates'", "trusted-types 'none'") }));
  await launcher(page).click();
  const inside = page.frameLocator('iframe');
  await inside.getByRole('textbox', { name: 'Message' }).fill('Where is my order?');
  await inside.getByRole('textbox', { name: 'Message' }).press('Enter');
  await expect(inside.locator('gorun-message[author=model]')).toContainText(/\w{3}/u);
  expect(await findings(page)).toEqual([]); // in the frame, too
  await page.evaluate(() => (document.querySelector('gorun-chat') as unknown as { send(text: string): Promise<void> }).send('And from the page?'));
  await expect(inside.locator('gorun-message[author=person]')).toHaveCount(2);
  await expect.poll(() => page.evaluate(() => (document.querySelector('gorun-chat') as unknown as { conversationId: string }).conversationId)).toMatch(/^.{22}$/u);
  await inside.getByRole('button', { name: 'Close the chat' }).click();
  await expect(launcher(page)).toBeFocused();
  expect(said.filter((text) => !text.includes('lit-html'))).toEqual([]); // that this policy is not there is how it is found out
  await using other = await newHostSite();
  const refused = page.waitForEvent('console', (said) => said.text().includes('frame-ancestors'));
  await page.goto(other.serve('/', { body: `<iframe src="${server.url}/embed/${site.id}"></iframe>` }));
  await refused;
});

test('a page that is not of the site’s origins shows nothing, and says why on its console', async ({ page }) => {
  const site = await newSite(admin, { origins: ['https://shop.example.org'] });
  const said = page.waitForEvent('console', (message) => message.text().includes(`GoRunChat: no chat for ${host.origin} (403)`));
  await page.goto(tagged(site));
  await said;
  await expect(page.locator('gorun-chat [part=launcher]')).toBeHidden();
});

test('hostile styles, a transformed ancestor and huge layers of the page change nothing', async ({ page }) => {
  const site = await siteHere();
  const hostile = '* { all: unset !important; } body, body * { transform: rotate(5deg); font: 40px serif !important; letter-spacing: 9px !important; } .over { position: fixed; inset: 0; z-index: 2147483647; background: red; }';
  await page.goto(host.serve('/', { head: `<style>${hostile}</style>`, body: `<div class="over">${MAIN}</div><div style="transform: translateX(300px)"><gorun-chat site="${site.id}"></gorun-chat></div><script src="${server.url}/widget.js" async></script>` }));
  await launcher(page).click();
  await ask(page, 'Where is my order?');
  await expect(replies(page)).toContainText(/\w{3}/u);
  const box = await page.locator('gorun-chat [part=panel]').boundingBox();
  const { width, height } = page.viewportSize()!;
  expect([Math.round(box!.x + box!.width), box!.width]).toEqual([width - 20, 400]);
  expect(box!.y + box!.height).toBeLessThan(height);
  expect(await field(page).evaluate((element) => [getComputedStyle(element).letterSpacing, getComputedStyle(element).fontSize])).toEqual(['normal', '16px']);
});

test('what a page can do: attributes, methods, events, custom properties and parts', async ({ page }) => {
  const site = await siteHere();
  const heard = `<script>window.heard = []; for (const name of ['ready', 'open', 'close', 'unread', 'failure', 'message']) document.addEventListener('gorun-' + name, (event) => heard.push([name, event.count ?? event.code ?? event.author ?? null]), true);</script>`;
  await page.goto(host.serve('/', { head: `${heard}<style>gorun-chat { --gorun-chat-accent: rgb(122, 59, 18); --gorun-chat-width: 360px } gorun-chat::part(header) { background: rgb(1, 2, 3) }</style>`, body: `${MAIN}<gorun-chat site="${site.id}" position="start" starter="I need help with "></gorun-chat><script src="${server.url}/widget.js" async></script>` }));
  const chat = page.locator('gorun-chat');
  const call = (what: string, ...said: string[]) => chat.evaluate((element, [name, given]) => (element as unknown as Record<string, (...said: string[]) => Promise<void>>)[name as string]!(...(given as string[])), [what, said]);
  await chat.evaluate((element) => (element as unknown as { ready: Promise<void> }).ready);
  expect(await launcher(page).evaluate((element) => getComputedStyle(element).backgroundColor)).toBe('rgb(122, 59, 18)');
  await call('open');
  await expect(field(page)).toHaveValue('I need help with ');
  expect((await page.locator('gorun-chat [part=panel]').boundingBox())!.width).toBe(360);
  expect(await page.locator('gorun-chat-panel [part=header]').evaluate((element) => getComputedStyle(element).backgroundColor)).toBe('rgb(1, 2, 3)');
  await call('close');
  await expect(panel(page)).toHaveCount(0);
  await chat.evaluate((element) => (element as unknown as { setContext(told: object): Promise<void> }).setContext({ product: 'Yirgacheffe, 1 kg' }));
  await call('send', 'Sent by the page');
  await expect(page.getByRole('button', { name: 'Open the chat, new messages: 1' })).toBeVisible();
  await call('toggle');
  await expect(page.locator('gorun-message[author=person]')).toHaveText(/Sent by the page/u);
  expect(await chat.evaluate((element) => { const { isOpen, unread, connection } = element as unknown as { isOpen: boolean; unread: number; connection: string }; return { isOpen, unread, connection }; })).toEqual({ isOpen: true, unread: 0, connection: 'live' });
  expect(await page.evaluate(() => (window as unknown as { heard: unknown[] }).heard)).toEqual([['ready', null], ['open', null], ['close', null], ['message', 'person'], ['message', 'model'], ['unread', 1], ['open', null], ['unread', 0]]);
  await page.getByText('What the site tells us').click();
  await expect(page.getByText('Yirgacheffe, 1 kg')).toBeVisible();
  const refused = await chat.evaluate((element) => (element as unknown as { identify(token: string): Promise<void> }).identify('nonsense').then(() => 'taken', (error: { code: string }) => error.code));
  expect(refused).toBe('identity-refused');
});

test('what frameworks do: what a page tells before the panel is there fetches nothing and goes with the first message, and who says twice who its visitor is is refused neither time', async ({ page }) => {
  const site = await siteHere();
  const weight = await weighScripts(page);
  await page.goto(tagged(site));
  await expect(launcher(page)).toBeVisible();
  const launched = await weight();
  await page.evaluate(() => (document.querySelector('gorun-chat') as unknown as { setContext(told: object): Promise<void> }).setContext({ product: 'Huila' }));
  await page.waitForLoadState('networkidle');
  expect(await weight()).toBe(launched);
  const { key } = await newSiteKey(admin, site.id);
  const token = await new SignJWT({ name: 'Elin Berg' }).setProtectedHeader({ alg: 'HS256' }).setSubject('elin').setExpirationTime('5m').sign(Buffer.from(key, 'base64url'));
  await page.evaluate(async (given) => {
    const chat = document.querySelector('gorun-chat') as unknown as { identify(token: string): Promise<void> };
    await Promise.all([chat.identify(given), chat.identify(given)]);
  }, token);
  await launcher(page).click();
  await page.getByText('What the site tells us').click();
  await expect(page.getByText('Huila')).toBeVisible();
});

test('theme: as the site says, unless the page says; in a frame too', async ({ page }) => {
  const site = await siteHere({ theme: 'dark' });
  const show = (attributes: string) => page.goto(host.serve('/', { body: `${MAIN}<gorun-chat site="${site.id}" open ${attributes}></gorun-chat><script src="${server.url}/widget.js" async></script>` }));
  const scheme = (element: Locator) => element.evaluate((one) => getComputedStyle(one).colorScheme);
  for (const [attributes, expected] of [['', 'dark'], ['theme="light"', 'light'], ['theme="host"', 'normal']] as const) {
    await show(attributes);
    await expect(field(page)).toBeVisible();
    expect([attributes, await scheme(page.locator('gorun-chat [part=launcher]')), await scheme(page.locator('gorun-chat-panel .chat'))]).toEqual([attributes, expected, expected]);
  }
  for (const [attributes, expected] of [['frame', 'dark'], ['frame theme="light"', 'light'], ['frame theme="host"', 'light dark']] as const) {
    await show(attributes);
    expect([attributes, await scheme(page.frameLocator('iframe').locator('gorun-chat-panel .chat'))]).toEqual([attributes, expected]);
  }
});

test('keys: the launcher opens, Escape closes and gives the focus back; on a phone the focus stays inside', async ({ browser }) => {
  const site = await siteHere();
  const context = await browser.newContext({ viewport: { width: 390, height: 780 } });
  const page = await context.newPage();
  await page.goto(tagged(site));
  await launcher(page).focus();
  await page.keyboard.press('Enter');
  await expect(field(page)).toBeFocused();
  await expect(panel(page)).toHaveAttribute('aria-modal', 'true');
  for (let step = 0; step < 12; step++) {
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.localName)).toBe('gorun-chat');
  }
  await field(page).focus();
  await page.keyboard.press('Escape');
  await expect(launcher(page)).toBeFocused();
  await expect(launcher(page)).toHaveAttribute('aria-expanded', 'false');
  await context.close();
});

test('what is sent before the server has said who the visitor is waits for that, image and all, and goes out once', async ({ page }) => {
  const gate = Promise.withResolvers<void>();
  await page.route('**/visit', (route) => gate.promise.then(() => route.continue()), { times: 1 });
  await page.goto(tagged(await siteHere({ uploads: true })));
  await launcher(page).click();
  await page.locator('gorun-composer input[type=file]').setInputFiles({ name: 'cup.png', mimeType: 'image/png', buffer: PIXEL });
  await expect(page.getByRole('group', { name: 'Files' })).toContainText('cup.png');
  await ask(page, 'Where is my order?');
  await field(page).press('Enter');
  await expect(field(page)).toHaveValue('Where is my order?');
  await expect(page.getByText('Agree above')).toHaveCount(0);
  gate.resolve();
  await expect(page.getByRole('progressbar')).toHaveCount(0);
  await field(page).press('Enter');
  await expect(page.locator('gorun-message[author=person]')).toContainText(/Where is my order\?/u);
  await expect(page.locator('gorun-message[author=person] img')).toHaveJSProperty('naturalWidth', 1);
  await done(page);
  await expect(replies(page)).toHaveCount(1);
  await expect(field(page)).toHaveValue('');
});

test('a message that could not be sent is kept, and goes out when the network is back', async ({ page, context }) => {
  await page.goto(tagged(await siteHere()));
  await launcher(page).click();
  await ask(page, 'First');
  await done(page);
  await expect(replies(page)).toHaveCount(1);
  await context.setOffline(true);
  await expect(page.getByText('You are offline. You can write on')).toBeVisible();
  await ask(page, 'Second');
  await expect(page.getByText('Goes out when you are back', { exact: true })).toBeVisible();
  await context.setOffline(false);
  await expect(replies(page)).toHaveCount(2);
});

test('a site that is closed ends the chat where it is open, and is not shown any more', async ({ page }) => {
  const site = await siteHere();
  await page.goto(tagged(site));
  await launcher(page).click();
  await ask(page, 'Hello');
  await done(page);
  await changeSite(admin, site.id, { isLive: false });
  await expect(page.getByText('This chat is closed.')).toBeVisible();
  await expect(field(page)).toHaveCount(0);
  await page.reload();
  await expect(page.locator('gorun-chat [part=launcher]')).toBeHidden();
});

/** What was fetched of the deployment's scripts so far, as bytes after gzip, by what a page does. */
async function weighScripts(page: Page): Promise<() => Promise<number>> {
  const bodies: Promise<Buffer>[] = [];
  page.on('response', (response) => {
    if (response.url().startsWith(server.url) && response.request().resourceType() === 'script') bodies.push(response.body());
  });
  return async () => (await Promise.all(bodies)).reduce((sum, body) => sum + gzipSync(body, { level: 9 }).length, 0);
}

test('the weights: 3 KB with the page, 40 KB with the first open, in another language its words more; with a conversation, markdown and highlighting what is written in infra/embedding.md', async ({ page, browser }) => {
  const weight = await weighScripts(page);
  await page.goto(tagged(await siteHere()));
  await expect(launcher(page)).toBeVisible();
  const launched = await weight();
  await launcher(page).click();
  await expect(field(page)).toBeFocused();
  await page.waitForLoadState('networkidle');
  const opened = await weight();
  await ask(page, 'Show me a table and some code');
  await expect(page.locator('gorun-code')).toHaveCount(1);
  await done(page);
  await expect(page.locator('gorun-code .k').first()).toBeVisible();
  const whole = await weight();
  const context = await browser.newContext();
  const foreign = await context.newPage();
  const foreignWeight = await weighScripts(foreign);
  const site = await siteHere();
  await foreign.goto(host.serve('/ja', { body: `${MAIN}<gorun-chat site="${site.id}" lang="ja" open></gorun-chat><script src="${server.url}/widget.js" async></script>` }));
  await expect(foreign.getByRole('textbox')).toBeVisible();
  await foreign.waitForLoadState('networkidle');
  const inJapanese = await foreignWeight();
  await context.close();
  console.log(`weights (bytes, gzip -9): ${launched} with the page, ${opened} with the first open, ${inJapanese} with it in Japanese, ${whole} with a conversation that has a table and code`);
  expect(launched).toBeLessThanOrEqual(3 * 1_024);
  expect(opened).toBeLessThanOrEqual(40 * 1_024);
  expect(inJapanese).toBeLessThanOrEqual(46 * 1_024);
  expect(whole).toBeLessThanOrEqual(114 * 1_024);
});

test('the deployment has what describes the element to TypeScript beside it, for pages of any origin, and as new as the element', async ({ request }) => {
  const reply = await request.get(`${server.url}/widget.d.ts`);
  expect([reply.status(), await reply.text()]).toEqual([200, readFileSync(new URL('../../client/widget.d.ts', import.meta.url), 'utf8')]);
  expect(reply.headers()).toMatchObject({ 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'public, max-age=300', 'access-control-allow-origin': '*' });
});

test('the challenge: where the site asks for it a visitor gets through by the work of their browser, without crypto.subtle, and is not asked again', async ({ browser }) => {
  const site = await siteHere({ challenge: true });
  const took: number[] = [];
  for (let visitor = 0; visitor < 9; visitor++) {
    const context = await browser.newContext();
    await context.addInitScript(() => Object.defineProperty(crypto, 'subtle', { value: undefined }));
    const page = await context.newPage();
    const at: [string, number][] = [];
    page.on('requestfinished', (request) => void at.push([request.url(), performance.now()]));
    page.on('request', (request) => void (request.url().endsWith('/visit') && at.push([`${request.method()} visit`, performance.now()])));
    await page.goto(tagged(site));
    await launcher(page).click();
    await expect(field(page)).toBeEnabled();
    await expect.poll(() => at.filter(([what]) => what === 'POST visit').length).toBe(2);
    const given = at.find(([url]) => url.endsWith('/challenge'))![1];
    took.push(at.findLast(([what]) => what === 'POST visit')![1] - given);
    if (visitor === 0) {
      await ask(page, 'Hello');
      await expect(replies(page)).toContainText(/\w{3}/u);
      await page.reload();
      await launcher(page).click();
      await expect(replies(page)).toHaveCount(1);
      expect(at.filter(([url]) => url.endsWith('/challenge'))).toHaveLength(1);
    }
    await context.close();
  }
  const [median, slowest] = [took.toSorted((a, b) => a - b)[4]!, Math.max(...took)].map(Math.round);
  console.log(`the challenge took ${median} ms in the middle of ${took.length} visitors, ${slowest} ms at most`);
});

test('images: a visitor attaches one where the site allows it, sees it in the thread, and finds it again after a reload', async ({ page, context }) => {
  const seen = await watchHost(context);
  await page.goto(tagged(await siteHere({ uploads: true })));
  await launcher(page).click();
  await expect(field(page)).toBeFocused();
  await page.locator('gorun-composer input[type=file]').setInputFiles({ name: 'cup.png', mimeType: 'image/png', buffer: PIXEL });
  await expect(page.getByRole('group', { name: 'Files' })).toContainText('cup.png');
  await expect(page.getByRole('progressbar')).toHaveCount(0);
  await ask(page, 'What is this?');
  const picture = page.locator('gorun-message[author=person] img');
  await expect(picture).toHaveJSProperty('naturalWidth', 1);
  await done(page);
  await page.reload();
  await launcher(page).click();
  await expect(picture).toHaveJSProperty('naturalWidth', 1);
  await expect(page.getByRole('button', { name: 'Open cup.png' })).toBeVisible();
  expect(seen).toEqual(CLEAN);
});

test('formulas are drawn by the browser, without a style sheet or faces of type in a page that is not ours', async ({ page, context }) => {
  const seen = await watchHost(context);
  await page.goto(tagged(await siteHere()));
  const sheets = () => page.evaluate(() => document.styleSheets.length + document.querySelectorAll('link').length);
  const before = await sheets();
  await launcher(page).click();
  await ask(page, 'Show me math');
  await expect(replies(page).locator('math').first()).toBeVisible();
  await done(page);
  expect([await sheets(), seen]).toEqual([before, CLEAN]);
});
