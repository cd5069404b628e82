import { expect, test, type Page } from '@playwright/test';
import type { Site } from '../../contracts/sites.ts';
import { newServerProcess, type ServerProcess } from '../support/process.ts';
import { changeSite, newSite } from '../support/site.ts';
import { newAccount, type Account } from '../support/tab.ts';
import { newHostSite, type HostSite } from './host-page.ts';
import { launcher, MAIN } from './widget-page.ts';

// The chat in a frame of the deployment, for pages that do not let it run in themselves.

let server: ServerProcess;
let host: HostSite;
let admin: Account;

test.beforeEach(async () => {
  server = await newServerProcess();
  host = await newHostSite();
  admin = await newAccount(server.url);
});
test.afterEach(async () => {
  await host[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

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
