import { expect, test, type Page } from '@playwright/test';
import { newIdentity, newSite, newSiteKey, newVisitorTab, visit } from '../support/site.ts';
import { newTab } from './person.ts';
import { eachEmbedded, type Embedded } from './host-page.ts';
import { ask, done, field, fresh, launcher, replies, say, tagPage } from './widget-page.ts';

let { server, host, admin } = {} as Embedded;
eachEmbedded((made) => ({ server, host, admin } = made));

test('a visitor who signs in goes on where they were; another tab and the next person at that browser begin anew', async ({ page }) => {
  const site = await newSite(admin, { origins: [host.origin] });
  const { key } = await newSiteKey(admin, site.id);
  const identify = async (sub: string): Promise<void> => {
    const token = await newIdentity(key, { sub });
    await page.locator('gorun-chat').evaluate((element, said) => (element as unknown as { identify(token: string): Promise<void> }).identify(said), token);
  };
  await page.goto(tagPage(host, server.url, site));
  await launcher(page).click();
  await ask(page, 'Before I sign in');
  await expect(replies(page)).toHaveCount(1);
  await done(page);
  const second = await newTab(page);
  await second.goto(`${host.origin}/`);
  await launcher(second).click();
  await expect(replies(second)).toHaveCount(1);
  await identify('customer-7');
  await expect(page.locator('gorun-message[author=person]')).toHaveText(/Before I sign in/u);
  await ask(page, 'After I have signed in');
  await expect(replies(page)).toHaveCount(2);
  await done(page);
  await expect(replies(second)).toHaveCount(0);
  await identify('customer-8');
  await expect(replies(page)).toHaveCount(0);
});

for (const how of ['on the same page', 'on the next page'] as const) {
  test(`what somebody wrote and agreed to goes with them when they sign in, and is not there for the user who comes after them ${how}`, async ({ page }) => {
    const site = await newSite(admin, { origins: [host.origin], privacy: { note: 'What you write is kept for a year.', address: '', asks: true } });
    const { key } = await newSiteKey(admin, site.id);
    const identify = async (sub: string): Promise<void> => {
      const token = await newIdentity(key, { sub });
      await page.locator('gorun-chat').evaluate((element, said) => (element as unknown as { identify(token: string): Promise<void> }).identify(said), token);
    };
    const agree = page.getByRole('button', { name: 'Agree' });
    const begin = async (): Promise<void> => {
      if (how === 'on the next page') await page.reload();
      if (how === 'on the next page') await launcher(page).click();
    };
    await page.goto(tagPage(host, server.url, site));
    await launcher(page).click();
    await agree.click();
    await field(page).fill('My card number is');
    for (const _ of ['first', 'renewed']) {
      await begin();
      await identify('customer-7');
      await expect(field(page)).toHaveValue('My card number is');
      await expect(agree).toHaveCount(0);
    }
    await begin();
    await identify('customer-8');
    await expect(field(page)).toHaveValue('');
    await expect(agree).toBeVisible();
    expect(await page.evaluate(() => JSON.stringify(Object.entries(localStorage)))).not.toContain('My card');
  });
}

test('two users of the site in two tabs of a browser each have what they wrote and agreed to, and nothing of the other', async ({ page }) => {
  const site = await newSite(admin, { origins: [host.origin], privacy: { note: 'What you write is kept for a year.', address: '', asks: true } });
  const { key } = await newSiteKey(admin, site.id);
  const second = await newTab(page);
  const enter = async (tab: Page, sub: string): Promise<void> => {
    await tab.goto(tagPage(host, server.url, site));
    await launcher(tab).click();
    const token = await newIdentity(key, { sub });
    await tab.locator('gorun-chat').evaluate((element, said) => (element as unknown as { identify(token: string): Promise<void> }).identify(said), token);
  };
  const agree = (tab: Page) => tab.getByRole('button', { name: 'Agree' });
  await enter(page, 'customer-7');
  await enter(second, 'customer-8');
  await agree(second).click();
  await field(second).fill('My card number is');
  await expect(agree(second)).toHaveCount(0);
  await expect(agree(page)).toBeVisible();
  await enter(page, 'customer-7');
  await expect(agree(page)).toBeVisible();
  await expect(field(page)).toHaveValue('');
  await agree(page).click();
  await field(page).fill('My order is');
  await expect(field(second)).toHaveValue('My card number is');
  for (const [tab, sub, text] of [[second, 'customer-8', 'My card number is'], [page, 'customer-7', 'My order is']] as const) {
    await enter(tab, sub);
    await expect(field(tab)).toHaveValue(text);
    await expect(agree(tab)).toHaveCount(0);
  }
});

test('[SI10] tabs of a browser that ask at the same time who their visitor is are one visitor', async ({ page, context }) => {
  const site = await newSite(admin, { origins: [host.origin] });
  const second = await newTab(page);
  const bothLook = Promise.withResolvers<void>();
  await context.route(/\/visit$/u, async (route) => {
    await bothLook.promise;
    await route.continue();
  });
  for (const tab of [page, second]) {
    await tab.goto(tagPage(host, server.url, site));
    await launcher(tab).click();
    await expect(field(tab)).toBeVisible();
  }
  bothLook.resolve();
  await ask(page, 'Where is my order?');
  for (const tab of [page, second]) await expect(replies(tab)).toHaveCount(1);
});

test('[SI10] where one of three tabs signs in, the two others are one visitor from then on, and what they begin is there after a reload', async ({ page }) => {
  const site = await newSite(admin, { origins: [host.origin] });
  const { key } = await newSiteKey(admin, site.id);
  const [second, third] = [await newTab(page), await newTab(page)];
  for (const tab of [page, second, third]) {
    await tab.goto(tagPage(host, server.url, site));
    await launcher(tab).click();
    await expect(field(tab)).toBeVisible();
    if (tab === page) await ask(page, 'Before I sign in');
    await expect(replies(tab)).toHaveCount(1);
  }
  await done(page);
  const token = await newIdentity(key, { sub: 'customer-7' });
  await page.locator('gorun-chat').evaluate((element, said) => (element as unknown as { identify(token: string): Promise<void> }).identify(said), token);
  for (const tab of [second, third]) await expect(replies(tab)).toHaveCount(0);
  await ask(second, 'Begun in the second');
  for (const tab of [second, third]) await expect(tab.locator('gorun-message[author=person]')).toHaveText(/Begun in the second/u);
  await done(second);
  for (const tab of [third, second]) {
    await tab.reload();
    await launcher(tab).click();
    await expect(tab.locator('gorun-message[author=person]')).toHaveText(/Begun in the second/u);
  }
  await expect(page.locator('gorun-message[author=person]')).toHaveText(/Before I sign in/u);
});

test('a first message that nobody could be connected for goes out on the next page, and stands there until it has', async ({ page }) => {
  const site = await newSite(admin, { origins: [host.origin] });
  let isClosed = true;
  await page.routeWebSocket(/socket\.io/u, (socket) => void (isClosed ? socket.close() : socket.connectToServer()));
  await page.goto(tagPage(host, server.url, site));
  await launcher(page).click();
  await ask(page, 'Where is my order?');
  const mine = page.locator('gorun-message[author=person]');
  await expect(mine).toHaveText(/Where is my order\?/u);
  await page.reload();
  await launcher(page).click();
  await expect(mine).toHaveText(/Where is my order\?/u);
  isClosed = false;
  await page.reload();
  await launcher(page).click();
  await expect(replies(page)).toHaveCount(1);
  await expect(mine).toHaveCount(1);
  await done(page);
  await page.locator('gorun-chat').evaluate((element) => (element as unknown as { forget(): Promise<void> }).forget());
  isClosed = true;
  await page.reload();
  await launcher(page).click();
  await ask(page, 'My card number is 1234');
  await expect(mine).toHaveText(/1234/u);
  await page.locator('gorun-chat').evaluate((element) => (element as unknown as { forget(): Promise<void> }).forget());
  await expect.poll(() => page.evaluate(() => JSON.stringify(Object.entries(localStorage)))).not.toContain('1234');
});

test('[SI10] an answer that comes as another tab forgets does not bring back who was forgotten', async ({ page }) => {
  const site = await newSite(admin, { origins: [host.origin] });
  const second = await newTab(page);
  for (const tab of [page, second]) {
    await tab.goto(tagPage(host, server.url, site));
    await launcher(tab).click();
    if (tab === page) await ask(page, 'Where is my order?');
    await expect(replies(tab)).toHaveCount(1);
  }
  await done(page);
  const asked = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  await second.route(/\/visit$/u, async (route) => {
    const reply = await route.fetch();
    asked.resolve();
    await answered.promise;
    await route.fulfill({ response: reply });
  });
  await second.reload();
  // As where its storage is read in the moment before the event of what another tab did arrives.
  await second.evaluate(() => addEventListener('storage', (event) => event.stopImmediatePropagation(), { capture: true }));
  await launcher(second).click();
  await asked.promise;
  const goesOn = Promise.withResolvers<void>();
  await page.route(/\/visit$/u, async (route) => {
    await goesOn.promise;
    await route.continue();
  });
  const forgotten = page.locator('gorun-chat').evaluate((element) => (element as unknown as { forget(): Promise<void> }).forget());
  await expect.poll(() => page.evaluate(() => Object.keys(localStorage).some((name) => name.startsWith('gorunchat.visit.')))).toBe(false);
  answered.resolve();
  await say(second, 'And another thing');
  const mine = (tab: Page) => tab.locator('gorun-message[author=person]');
  await expect(mine(second)).toHaveText(/And another thing/u);
  goesOn.resolve();
  await forgotten;
  await page.reload();
  await launcher(page).click();
  await expect(mine(page)).toHaveText(/And another thing/u);
});

test('[SI10] a tab that is not answered keeps no other from being', async ({ page, context }) => {
  const site = await newSite(admin, { origins: [host.origin] });
  const second = await newTab(page);
  const asked = Promise.withResolvers<void>();
  await page.route(/\/visit$/u, () => asked.resolve()); // and no answer
  for (const tab of [page, second]) {
    await tab.goto(tagPage(host, server.url, site));
    await launcher(tab).click();
    if (tab === page) await asked.promise;
  }
  await ask(second, 'Where is my order?');
  await expect(replies(second)).toHaveCount(1);
  await context.unrouteAll({ behavior: 'ignoreErrors' });
});

test('a browser whose clock is ahead asks who its visitor is no oftener than others', async ({ page }) => {
  const site = await newSite(admin, { origins: [host.origin] });
  let visits = 0;
  page.on('request', (request) => (visits += request.url().endsWith('/visit') ? 1 : 0));
  await page.clock.install({ time: Date.now() + 11 * 60_000 });
  await page.goto(tagPage(host, server.url, site));
  await launcher(page).click();
  await expect(field(page)).toBeVisible();
  await ask(page, 'Where is my order?');
  await expect(replies(page)).toHaveCount(1);
  await page.clock.runFor(5_000);
  expect(visits).toBe(1);
});

test('where the page forgets who it was, so do its other tabs, also of somebody whom the site had named', async ({ page }) => {
  const site = await newSite(admin, { origins: [host.origin] });
  const { key } = await newSiteKey(admin, site.id);
  const token = await newIdentity(key, { sub: 'customer-9' });
  const second = await newTab(page);
  for (const tab of [page, second]) {
    await tab.goto(tagPage(host, server.url, site));
    await launcher(tab).click();
    await tab.locator('gorun-chat').evaluate((element, said) => (element as unknown as { identify(token: string): Promise<void> }).identify(said), token);
  }
  await ask(page, 'Where is my order?');
  for (const tab of [page, second]) await expect(replies(tab)).toHaveCount(1);
  await done(page);
  await page.locator('gorun-chat').evaluate((element) => (element as unknown as { forget(): Promise<void> }).forget());
  for (const tab of [page, second]) await expect(replies(tab)).toHaveCount(0);
});

test('where the page forgets who it was, what was being written and agreed to in its other tabs goes as well', async ({ page }) => {
  const site = await newSite(admin, { origins: [host.origin], privacy: { note: 'What you write is kept for a year.', address: '', asks: true } });
  const second = await newTab(page);
  for (const tab of [page, second]) {
    await tab.goto(tagPage(host, server.url, site));
    await launcher(tab).click();
  }
  await expect(second.getByRole('button', { name: 'Agree' })).toBeVisible();
  await page.getByRole('button', { name: 'Agree' }).click();
  for (const tab of [page, second]) await expect(tab.getByRole('button', { name: 'Agree' })).toHaveCount(0);
  await field(second).fill('My card number is');
  await page.locator('gorun-chat').evaluate((element) => (element as unknown as { forget(): Promise<void> }).forget());
  await expect(field(second)).toHaveValue('');
  await expect(second.getByRole('button', { name: 'Agree' })).toBeVisible();
});

test('forgetting leaves nothing in the browser but that it was done, and the one who begins anew', async ({ page }) => {
  const site = await newSite(admin, { origins: [host.origin], privacy: { note: 'What you write is kept for a year.', address: '', asks: true } });
  const { key } = await newSiteKey(admin, site.id);
  const token = await newIdentity(key, { sub: 'customer-9' });
  const kept = () => page.evaluate(() => Object.keys(localStorage).map((name) => name.split('.')[1] ?? '').toSorted());
  await page.goto(tagPage(host, server.url, site));
  await launcher(page).click();
  await page.getByRole('button', { name: 'Agree' }).click();
  await page.locator('gorun-chat').evaluate((element, said) => (element as unknown as { identify(token: string): Promise<void> }).identify(said), token);
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Sound' }).click();
  await page.getByRole('button', { name: 'Close the chat' }).first().click();
  await say(page, 'Where is my order?');
  await fresh(page, 1);
  await expect.poll(kept).toContain('rung');
  await launcher(page).click();
  await field(page).fill('My card number is');
  await expect.poll(kept).toEqual(['agreed', 'begun', 'rung', 'seen', 'sound', 'text', 'user', 'visit']);
  await page.locator('gorun-chat').evaluate((element) => (element as unknown as { forget(): Promise<void> }).forget());
  await expect(field(page)).toHaveValue('');
  expect(await kept()).toEqual(['forgotten', 'visit']);
});

test('a message on its way when the visitor signs in arrives once, in the conversation of the user; also where its answer was lost, or nothing can be kept', async ({ browser }) => {
  const site = await newSite(admin, { origins: [host.origin] });
  const { key } = await newSiteKey(admin, site.id);
  for (const [at, way] of (['at once', 'unanswered', 'unkept'] as const).entries()) {
    const context = await browser.newContext();
    const page = await context.newPage();
    if (way === 'unkept') await context.addInitScript(() => Object.defineProperty(window, 'localStorage', { get: () => { throw new DOMException('denied', 'SecurityError'); } }));
    const lost = Promise.withResolvers<void>();
    let isLosing = way === 'unanswered';
    await page.routeWebSocket(/socket\.io/u, (socket) => {
      const up = socket.connectToServer();
      socket.onMessage((said) => up.send(said));
      up.onMessage((said) => {
        if (isLosing && /^43.*started/u.test(String(said))) lost.resolve();
        else socket.send(said);
      });
    });
    const token = await newIdentity(key, { sub: `customer-${at}` });
    const identify = () => page.locator('gorun-chat').evaluate((element, said) => (element as unknown as { identify(token: string): Promise<void> }).identify(said), token);
    await page.goto(tagPage(host, server.url, site));
    await launcher(page).click();
    await say(page, 'My first question');
    if (isLosing) await lost.promise;
    await identify();
    isLosing = false;
    await expect(replies(page)).toHaveCount(1);
    await done(page);
    await expect(page.locator('gorun-message[author=person]')).toHaveText(/My first question/u);
    if (way !== 'unkept') await expect.poll(() => page.evaluate(() => Object.keys(localStorage).filter((name) => name.includes('outbox')))).toEqual([]);
    await page.reload();
    await launcher(page).click();
    await identify();
    await expect(page.locator('gorun-message[author=person]')).toHaveText(/My first question/u);
    await context.close();
  }
});

test('[SI11] where a visitor has as many connections as they may they are told so, and what they sent goes out once there is room', async ({ page }) => {
  const site = await newSite(admin, { origins: [host.origin] });
  await page.goto(tagPage(host, server.url, site));
  await launcher(page).click();
  await expect(field(page)).toBeVisible();
  const kept = () => page.evaluate(() => Object.entries(localStorage).find(([name]) => name.startsWith('gorunchat.visit.'))?.[1]);
  await expect.poll(kept).toBeDefined();
  const visitor = await visit(server.url, site.id, { keep: (await kept())?.split(' ')[1] ?? '' }, host.origin);
  const others = Array.from({ length: 50 }, () => newVisitorTab(server.url, site.id, visitor, host.origin));
  for (const other of others) await other.ready();
  await ask(page, 'Where is my order?');
  await expect(page.getByText('Too many chats are open from here.')).toBeVisible();
  await expect(page.getByRole('status').filter({ hasText: 'Waiting for a free line' })).toBeVisible();
  for (const other of others) other.socket.close();
  await expect(replies(page)).toHaveCount(1);
  await expect(page.getByText('Too many chats are open from here.')).toHaveCount(0);
});
