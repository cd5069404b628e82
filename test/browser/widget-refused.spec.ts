import { expect, test } from '@playwright/test';
import { changeSite, newSite } from '../support/site.ts';
import { eachEmbedded, type Embedded } from './host-page.ts';
import { ask, done, field, launcher, tagPage } from './widget-page.ts';

// What a page of the site is told, whose requests are another origin's: a browser hides from it whatever the server does not let it read.

let { server, host, admin } = {} as Embedded;
eachEmbedded((made) => ({ server, host, admin } = made));

const ENDINGS: Record<string, (site: Parameters<typeof changeSite>[1]) => Promise<unknown>> = {
  'no longer allows the origin': (site) => changeSite(admin, site, { settings: { origins: ['https://other.example.org'] } }),
  'is removed': (site) => fetch(`${server.url}/api/sites/${site}`, { method: 'DELETE', headers: { origin: server.url, cookie: admin.cookie } }),
};

for (const how of Object.keys(ENDINGS)) {
  test(`a site that ${how} ends the chat where it is open: the visitor is told in words, the page by an event, and the button is not shown any more`, async ({ page }) => {
    const site = await newSite(admin, { origins: [host.origin] });
    const told = page.evaluate.bind(page, () => (window as unknown as { told: unknown[] }).told);
    await page.addInitScript(() => {
      const codes: unknown[] = ((window as unknown as { told: unknown[] }).told = []);
      document.addEventListener('gorun-failure', (event) => codes.push((event as unknown as { code: string }).code), true);
    });
    await page.goto(tagPage(host, server.url, site));
    await launcher(page).click();
    await ask(page, 'Hello');
    await done(page);
    await ENDINGS[how]?.(site.id);
    await expect(page.getByText('This chat is closed.')).toBeVisible();
    await expect(field(page)).toHaveCount(0);
    expect(await told()).toEqual(['foreign-origin']);
    await page.reload();
    await expect(page.locator('gorun-chat [part=launcher]')).toBeHidden();
  });
}
