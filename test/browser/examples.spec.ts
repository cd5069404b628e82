import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { newSite } from '../support/site.ts';
import { eachEmbedded, type Embedded } from './host-page.ts';
import { ask, done, launcher, replies } from './widget-page.ts';

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
