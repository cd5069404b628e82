import { expect, test, type Page, type Request } from '@playwright/test';
import type { Site } from '../../contracts/sites.ts';
import { changeSite, newIdentity, newSite, newSiteKey } from '../support/site.ts';
import { eachEmbedded, strictPolicy, type Embedded } from './host-page.ts';
import { findings, launcher, MAIN, say, tagPage } from './widget-page.ts';

// The chat in a frame of the deployment, for pages that do not let it run in themselves.

let { server, host, admin } = {} as Embedded;
eachEmbedded((made) => ({ server, host, admin } = made));

const framed = (site: Site, attributes = ''): string => host.serve('/', { body: `${MAIN}<gorun-chat site="${site.id}" frame ${attributes}></gorun-chat><script src="${server.url}/widget.js" async></script>` });
const inside = (page: Page) => page.frameLocator('iframe');
const field = (page: Page) => inside(page).getByRole('textbox', { name: 'Message' });
const people = (page: Page) => inside(page).locator('gorun-message[author=person]');
const replies = (page: Page) => inside(page).locator('gorun-message[author=model]');

/** The page may ask the deployment and not connect to it. */
const unconnected = (more = (policy: string): string => policy): string => more(strictPolicy(server.url).replace(/ ws:[^;]+/u, ''));
/** No frame is answered before it is let go. */
async function holdFrames(page: Page): Promise<{ asked: Promise<Request>; letGo(): void }> {
  const gate = Promise.withResolvers<void>();
  await page.route('**/embed/*', async (route) => (await gate.promise, await route.continue()));
  return { asked: page.waitForRequest('**/embed/*'), letGo: gate.resolve };
}
/** In a browser that does not tell frames what is around them, which no page can take from one that does. */
async function hideAround(page: Page): Promise<boolean[]> {
  const told: boolean[] = [];
  await page.route('**/assets/embed-*.js', async (route) => {
    const reply = await route.fetch();
    const text = await reply.text();
    told.push(text.includes('location.ancestorOrigins'));
    await route.fulfill({ response: reply, body: text.replace('location.ancestorOrigins', 'undefined') });
  });
  return told;
}

test('an origin that is taken from the site closes the frame on its pages; also where the browser does not tell frames what is around them', async ({ browser }) => {
  const site = await newSite(admin, { origins: [host.origin] });
  const page = await browser.newPage();
  const other = await (await browser.newContext()).newPage();
  const told = await hideAround(other);
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

test('what the page posts to the frame that is none of ours does nothing there and is not answered', async ({ page }) => {
  const errors: string[] = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  await page.goto(framed(await newSite(admin, { origins: [host.origin] })));
  await launcher(page).click();
  await expect(field(page)).toBeFocused();
  await page.locator('gorun-chat iframe').evaluate((frame) => {
    const { contentWindow } = frame as HTMLIFrameElement;
    const heard: unknown[] = [];
    Object.assign(window, { heard });
    addEventListener('message', ({ data }) => heard.push(data));
    for (const said of [null, 'gorun', 7, { type: 'webpack' }, { gorun: 'toString' }, { gorun: 'shown', said: 'yes' }, { gorun: 'accepted', said: null }, { gorun: 'send', said: 'Hello', ask: {} }]) contentWindow?.postMessage(said, '*');
  });
  await page.evaluate(() => (document.querySelector('gorun-chat') as unknown as { startConversation(): Promise<void> }).startConversation()); // answered after all of them
  const heard = (await page.evaluate(() => (window as unknown as { heard: { gorun: string }[] }).heard)).map(({ gorun }) => gorun);
  expect(heard.filter((what) => what !== 'change')).toEqual(['heard', 'answer']); // that its connection stands it may say at any time
  await expect(people(page)).toHaveCount(0);
  expect(errors).toEqual([]);
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
  await page.goto(tagPage(host, server.url, site, { policy: unconnected() }));
  await launcher(page).click();
  await page.getByRole('textbox', { name: 'Message' }).pressSequentially('Where is my');
  await expect(field(page)).toHaveValue('Where is my');
  await expect(field(page)).toBeFocused();
  await page.keyboard.type(' order?');
  await page.keyboard.press('Enter');
  await expect(inside(page).locator('gorun-message[author=person]')).toHaveText(/Where is my order\?/u);
  await expect(replies(page)).toContainText(/\w{3}/u);
});

test('where the page’s policy keeps the panel from connecting, the frame sends what the panel had accepted, in order and once; also where the browser does not tell frames what is around them', async ({ page }) => {
  const told = await hideAround(page);
  const frames = await holdFrames(page);
  await page.goto(tagPage(host, server.url, await newSite(admin, { origins: [host.origin] }), { policy: unconnected() }));
  await launcher(page).click();
  await page.getByRole('button', { name: 'Where is my order?' }).click();
  await frames.asked;
  const sent = say(page, 'And the one of the page?');
  await page.getByRole('textbox', { name: 'Message' }).fill('And the one before?');
  await page.keyboard.press('Enter');
  await expect(page.locator('gorun-message[author=person]')).toHaveText([/Where is my order\?/u, /And the one before\?/u]);
  await page.keyboard.type('Not yet');
  frames.letGo();
  await sent;
  await expect(people(page)).toHaveText([/Where is my order\?/u, /And the one before\?/u, /And the one of the page\?/u]);
  await expect(field(page)).toHaveValue('Not yet');
  await expect(replies(page)).toHaveCount(3);
  expect(await page.evaluate(() => Object.keys(localStorage).filter((key) => /\.(?:outbox|text)\./u.test(key)))).toEqual([]);
  expect(told).toEqual([true]);
});

test('what the frame may not send before its visitor agrees stands in its composer', async ({ page }) => {
  const frames = await holdFrames(page);
  await page.goto(tagPage(host, server.url, await newSite(admin, { origins: [host.origin], privacy: { note: 'You are writing with an AI.', address: '', asks: true } }), { policy: unconnected() }));
  await launcher(page).click();
  await page.getByRole('button', { name: 'Agree and start' }).click();
  await page.getByRole('button', { name: 'Where is my order?' }).click();
  await frames.asked;
  await page.getByRole('textbox', { name: 'Message' }).fill('And the');
  frames.letGo();
  await expect(field(page)).toHaveValue('Where is my order?\n\nAnd the');
  await inside(page).getByRole('button', { name: 'Agree and start' }).click();
  await field(page).press('Enter');
  await expect(people(page)).toHaveText(/Where is my order\?\s*And the/u);
});

for (const [what, policy] of [['ask', () => strictPolicy(server.url).replace(/connect-src [^;]+/u, "connect-src 'self'")], ['connect', unconnected]] as const) {
  test(`where the page’s policy lets the panel not ${what} and no frame stand there, the panel stays, with what was written in it, and what was asked is refused`, async ({ page }) => {
    await page.clock.install();
    await page.goto(tagPage(host, server.url, await newSite(admin, { origins: [host.origin] }), { policy: policy().replace(/frame-src [^;]+/u, "frame-src 'none'") }));
    const refused = page.evaluate(() => new Promise((resolve) => document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => effectiveDirective === 'frame-src' && resolve(effectiveDirective))));
    await launcher(page).click();
    if (what === 'connect') await page.getByRole('textbox', { name: 'Message' }).pressSequentially('Where is my');
    await refused;
    const send = () => page.evaluate(() => (document.querySelector('gorun-chat') as unknown as { send(text: string): Promise<void> }).send('Hello').then(() => 'sent', ({ code }: { code: string }) => code));
    const asked = send();
    const frame = page.locator('gorun-chat iframe');
    await expect(frame).toHaveCount(1); // it has loaded, in the browser's words
    await page.clock.runFor(11_000);
    expect(await asked).toBe('server-busy');
    expect(await send()).toBe('server-busy');
    await expect(frame).toHaveCount(0);
    if (what === 'ask') await expect(page.getByText('The chat does not answer')).toBeVisible();
    else await expect(page.getByRole('textbox', { name: 'Message' })).toHaveValue('Where is my');
  });
}

test('on a phone a frame is the whole screen once something was heard of it, and with it its own button that closes it; one that the policy refuses leaves the element’s button free', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 780 });
  const site = await newSite(admin, { origins: [host.origin] });
  const box = page.locator('gorun-chat .box');
  await page.goto(tagPage(host, server.url, site, { policy: strictPolicy(server.url), attributes: 'data-frame' }));
  await launcher(page).click();
  await expect(inside(page).getByRole('button', { name: 'Close the chat' })).toBeVisible();
  await expect(box).toHaveAttribute('aria-modal', 'true');
  await expect.poll(() => box.boundingBox()).toEqual({ x: 0, y: 0, width: 390, height: 780 });
  await inside(page).getByRole('button', { name: 'Close the chat' }).click();
  await expect(box).toBeHidden();
  await page.goto(tagPage(host, server.url, site, { policy: strictPolicy(server.url).replace(/frame-src [^;]+/u, "frame-src 'none'"), attributes: 'data-frame' }));
  await launcher(page).click();
  await expect(page.locator('gorun-chat iframe')).toBeVisible();
  await page.getByRole('button', { name: 'Close the chat' }).click();
  await expect(box).toBeHidden();
});

test('what the policy refuses of another host, of a chat that is not in the page, or after the chat has lived brings no frame', async ({ browser }) => {
  const deployment = 'http://chat.example'; // without a port, so that another host can begin with it
  await using named = await browser.browserType().launch({ args: [`--host-resolver-rules=MAP chat.example:80 ${new URL(server.url).host}`] });
  const page = await named.newPage();
  const site = await newSite(admin, { origins: [host.origin] });
  const refused = (address: string) => page.evaluate(async (url) => {
    const told = new Promise((resolve) => document.addEventListener('securitypolicyviolation', resolve, { once: true }));
    await fetch(url).catch(() => undefined);
    await told;
  }, address);
  await page.goto(tagPage(host, deployment, site, { policy: strictPolicy(deployment).replace(`connect-src 'self' ${deployment}`, `connect-src 'self' ${deployment}/api/widget/`) }));
  await launcher(page).click();
  await expect(page.getByRole('textbox', { name: 'Message' })).toBeFocused();
  await refused(`${deployment}.evil/`);
  await page.evaluate(() => Object.assign(window, { chat: document.querySelector('gorun-chat') }) && document.querySelector('gorun-chat')?.remove());
  await refused(`${deployment}/elsewhere`);
  await page.evaluate(() => document.body.append((window as unknown as { chat: Element }).chat));
  await page.getByRole('button', { name: 'Where is my order?' }).click();
  await expect(page.locator('gorun-message[author=model]')).toContainText(/\w{3}/u);
  await refused(`${deployment}/elsewhere`);
  await page.getByRole('textbox', { name: 'Message' }).fill('And the one before?');
  await page.keyboard.press('Enter');
  await expect(page.locator('gorun-message[author=model]')).toHaveCount(2);
});

test('where the page’s policy lets nothing run but the element’s first file, the button opens and closes a bare frame, and what is asked is refused; on a phone, from right to left and in the page too', async ({ page }) => {
  const told = await hideAround(page);
  const site = await newSite(admin, { origins: [host.origin] });
  const policy = strictPolicy(server.url).replace(`script-src 'self' ${server.url}`, `script-src ${server.url}/widget.js`);
  const frame = page.locator('gorun-chat iframe');
  const isInView = (): Promise<boolean> => frame.evaluate((element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight && right - left > 300 && bottom - top > 400;
  });
  await page.goto(tagPage(host, server.url, site, { policy }));
  await page.evaluate(() => (document.querySelector('gorun-chat') as unknown as { setContext(told: object): Promise<void> }).setContext({ product: 'Huila' }));
  await launcher(page).click();
  await expect(frame).toHaveAccessibleName('GoRunChat');
  await inside(page).getByText('What the site tells us').click();
  await expect(inside(page).getByText('Huila')).toBeVisible();
  await expect(launcher(page)).toHaveAttribute('aria-expanded', 'true');
  await field(page).fill('Where is my order?');
  await field(page).press('Enter');
  await expect(replies(page)).toContainText(/\w{3}/u);
  expect(await isInView()).toBe(true);
  expect(await findings(page)).toEqual([]);
  const ask = (what: string) => page.evaluate((name) => (document.querySelector('gorun-chat') as unknown as Record<string, (said: string) => Promise<void>>)[name!]!('Hello').then(() => 'done', ({ code }: { code: string }) => code), what);
  expect(await Promise.all(['send', 'identify', 'forget', 'startConversation', 'downloadTranscript'].map(ask))).toEqual(Array(5).fill('server-busy'));
  const tell = (product: string) => page.evaluate((told) => (document.querySelector('gorun-chat') as unknown as { setContext(told: object): Promise<void> }).setContext({ product: told }), product);
  await tell('Yirgacheffe');
  await expect(inside(page).getByText('Yirgacheffe')).toBeVisible();
  await launcher(page).click();
  await expect(frame).toBeHidden();
  await expect(launcher(page)).toHaveAttribute('aria-expanded', 'false');
  await page.setViewportSize({ width: 390, height: 780 });
  await launcher(page).click();
  await expect(replies(page)).toHaveCount(1); // the same one
  expect(await isInView()).toBe(true);
  expect(await frame.boundingBox()).toEqual({ x: 0, y: 0, width: 390, height: 780 - 88 }); // what is left is the button's, with which it is closed
  await launcher(page).click();
  await expect(frame).toBeHidden();
  await page.goto(host.serve('/', { body: `${MAIN}<gorun-chat site="${site.id}" lang="ar" position="start"></gorun-chat><gorun-chat site="${site.id}" mode="inline"></gorun-chat><script src="${server.url}/widget.js" async></script>`, policy }));
  await page.getByRole('button', { name: 'فتح المحادثة' }).click();
  await expect(page.frameLocator('iframe').first().getByRole('textbox', { name: 'رسالة' })).toBeVisible();
  await expect(page.frameLocator('iframe').last().getByRole('textbox', { name: 'Message' })).toBeVisible();
  expect(told).toContain(true);
});

test('a box that the network kept from coming is no matter of the policy: the next press asks for it again', async ({ page }) => {
  await page.route('**/assets/widget-box-*.js', (route) => route.abort(), { times: 1 });
  await page.goto(tagPage(host, server.url, await newSite(admin, { origins: [host.origin] })));
  const failed = page.waitForEvent('console', (message) => message.text().includes('GoRunChat:'));
  await launcher(page).dispatchEvent('click');
  await failed;
  await launcher(page).click();
  await expect(page.getByRole('textbox', { name: 'Message' })).toBeFocused();
});
