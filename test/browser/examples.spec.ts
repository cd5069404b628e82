import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { newIdentity, newSite, newSiteKey } from '../support/site.ts';
import { frameworkPage } from './framework.ts';
import { eachEmbedded, type Embedded } from './host-page.ts';
import { ask, done, fresh, launcher, panel, replies, say } from './widget-page.ts';

// What site owners copy works as it stands.

let { server, host, admin } = {} as Embedded;
eachEmbedded((made) => ({ server, host, admin } = made));

const BETWEEN = (tag: string) => new RegExp(`<${tag}>([^]*)</${tag}>`, 'u');

/** An example with this deployment and this site in place of its values, and the policy that it names. */
function example(name: string, site: string) {
  const text = readFileSync(join(import.meta.dirname, '../../infra/examples', name), 'utf8').replaceAll('chat.example.com', new URL(server.url).host).replaceAll(`https://${new URL(server.url).host}`, server.url).replaceAll('site_…', site);
  const policy = /Content-Security-Policy: ([^]*?)\n\n/u.exec(text)?.[1]?.replaceAll(/\s+/gu, ' ').replace('wss:', 'ws:');
  return { head: BETWEEN('head').exec(text)?.[1] ?? '', body: BETWEEN('body').exec(text)?.[1] ?? '', ...(policy !== undefined && { policy }) };
}

for (const name of ['plain.html', 'strict-csp.html']) {
  test(`${name}: a visitor is answered`, async ({ page }) => {
    const site = await newSite(admin, { origins: [host.origin] });
    const refused: string[] = [];
    page.on('console', (message) => message.text().includes('Content Security Policy') && refused.push(message.text()));
    await page.goto(host.serve('/', example(name, site.id)));
    await launcher(page).click();
    await ask(page, 'Where is my order?');
    await expect(replies(page)).toContainText(/\w{3}/u);
    await done(page);
    expect(refused).toEqual([]);
  });
}

for (const name of ['react.tsx', 'Chat.vue'] as const) {
  test(`${name}: whoever is signed in with the page is known, its product is told, what is new is heard, and signing out forgets`, async ({ page }) => {
    const { id: site } = await newSite(admin, { origins: [host.origin] });
    const token = await newIdentity((await newSiteKey(admin, site)).key);
    const show = (props: object) => page.evaluate((given) => (window as unknown as { show(props: object): void }).show(given), props);
    const address = host.serve('/', await frameworkPage(name, server.url));
    await page.goto(address);
    await show({ site, token, product: 'Huila' });
    await expect(launcher(page)).toBeVisible();
    await say(page, 'Where is my order?');
    await fresh(page, 1);
    expect(await page.evaluate(() => (window as unknown as { unread: number[] }).unread)).toEqual([1]);
    await launcher(page).click();
    await expect(replies(page)).toHaveCount(1);
    await page.getByText('What the site tells us').click();
    await expect(page.getByText('Huila')).toBeVisible();
    await show({ site, token, product: 'Yirgacheffe' });
    await expect(page.getByText('Yirgacheffe')).toBeVisible();
    await expect(page.getByText('Huila')).toHaveCount(0);

    await page.evaluate(() => localStorage.clear());
    await page.goto(address);
    await show({ site, token });
    await launcher(page).click();
    await expect(page.getByText('Where is my order?')).toBeVisible();
    await show({ site });
    await expect(panel(page)).toBeVisible();
    await expect(replies(page)).toHaveCount(0);
  });
}
