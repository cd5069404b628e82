import { afterEach, expect, it, vi } from 'vitest';
import type { Site, SiteSettings, Visit } from '../../contracts/sites.ts';
import { newId } from '../../server/ids.ts';
import { codeOf } from '../support/refusal.ts';
import { newServer, type TestServer } from '../support/server.ts';
import { askVisit, changeSite, newIdentity, newSite, newSiteKey, newVisitorTab, SHOP, visit } from '../support/site.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';

/** Another origin that the site allows. */
const BLOG = 'https://blog.example.org';
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

interface World extends AsyncDisposable {
  readonly server: TestServer;
  readonly admin: Account;
  readonly site: Site;
  begin(asked?: { keep?: string; identity?: string }, origin?: string): Promise<Visit>;
  /** What a connection, and a request, with this token is refused with on a page of this origin. */
  refusals(given: Visit, origin?: string): Promise<unknown[]>;
}

async function newWorld(settings: Partial<SiteSettings> = {}): Promise<World> {
  const server = await newServer({ config: { hasDemo: true, demoWordsPerSecond: 2_000 } });
  const admin = await newAccount(server.url);
  const site = await newSite(admin, { origins: [SHOP, BLOG], ...settings });
  return {
    server, admin, site,
    begin: (asked = {}, origin = SHOP) => visit(server.url, site.id, asked, origin),
    async refusals(given, origin = SHOP) {
      await using tab = newVisitorTab(server.url, site.id, given, origin);
      const connected = await new Promise((resolve) => {
        tab.socket.once('connect_error', ({ message }) => resolve(message));
        tab.socket.once('hello', () => resolve('greeted'));
      });
      const asked = await fetch(`${server.url}/api/widget/${site.id}/files/${newId()}`, { headers: { origin, authorization: `Bearer ${given.token}` } });
      return [connected, await codeOf(asked)];
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const renew = (tab: Tab, { token }: Visit): Promise<boolean> => new Promise((resolve) => tab.socket.emit('renew', token, resolve));

/** With a token that counts, a request for a file that is not there finds none. */
const TAKEN = ['greeted', 'not-found'];
const REFUSED = ['session-ended', 'session-ended'];

const now = Date.now.bind(Date);
afterEach(() => void vi.restoreAllMocks());

/** From now on the server takes it to be so much later than it is. */
function later(ms: number): void {
  vi.spyOn(Date, 'now').mockImplementation(() => now() + ms);
}

/** Somebody anonymous who has been answered. */
async function newAsker(world: World): Promise<{ given: Visit; conversation: string }> {
  const given = await world.begin();
  await using tab = await newVisitorTab(world.server.url, world.site.id, given).ready();
  const conversation = await tab.begin('Where is my order?');
  await tab.until(() => tab.view?.turn === null && tab.view.messages.length === 2);
  return { given, conversation };
}

it('[SI1] what a visitor has from pages of one origin opens nothing on those of another one of the same site: no connection, no request and no renewal; with what was kept somebody new begins', async () => {
  await using world = await newWorld();
  const { given, conversation } = await newAsker(world);
  expect([await world.refusals(given), await world.refusals(given, BLOG)]).toEqual([TAKEN, REFUSED]);
  const other = await world.begin({ keep: given.keep }, BLOG);
  expect([other.visitor === given.visitor, other.conversation]).toEqual([false, null]);
  expect((await world.begin({ keep: given.keep })).conversation).toBe(conversation);
  const { key } = await newSiteKey(world.admin, world.site.id);
  const [here, there] = [await world.begin({ identity: await newIdentity(key) }), await world.begin({ identity: await newIdentity(key) }, BLOG)];
  expect(there.visitor).toBe(here.visitor);
  await using tab = await newVisitorTab(world.server.url, world.site.id, here).ready();
  expect([await renew(tab, there), await renew(tab, here)]).toEqual([false, true]);
});

it('[SI1] after its end a token opens nothing, and what was kept is somebody for thirty days', async () => {
  await using world = await newWorld();
  const { given, conversation } = await newAsker(world);
  later(11 * MINUTE);
  expect(await world.refusals(given)).toEqual(REFUSED);
  const next = await world.begin({ keep: given.keep });
  expect([next.visitor, next.conversation, await world.refusals(next)]).toEqual([given.visitor, conversation, TAKEN]);
  later(29 * DAY);
  expect((await world.begin({ keep: given.keep })).visitor).toBe(given.visitor);
  later(30 * DAY + MINUTE);
  const late = await world.begin({ keep: given.keep });
  expect([late.visitor === given.visitor, late.conversation]).toEqual([false, null]);
});

it('[SI1] [SI4] after a site was closed and opened again no token from before counts, for a connection, a request or a renewal; who comes back with what was kept is who they were', async () => {
  await using world = await newWorld();
  const { given, conversation } = await newAsker(world);
  await changeSite(world.admin, world.site.id, { isLive: false });
  expect(await codeOf(await askVisit(world.server.url, world.site.id, { keep: given.keep }, SHOP))).toBe('site-closed');
  await changeSite(world.admin, world.site.id, { isLive: true });
  await expect.poll(async () => (await askVisit(world.server.url, world.site.id, {}, SHOP)).status).toBe(200);
  expect(await world.refusals(given)).toEqual(REFUSED);
  const back = await world.begin({ keep: given.keep });
  expect([back.visitor, back.conversation]).toEqual([given.visitor, conversation]);
  await using tab = await newVisitorTab(world.server.url, world.site.id, back).ready();
  expect([await renew(tab, given), await renew(tab, back)]).toEqual([false, true]);
});

it('[SI5] a JWT that is used again, at whichever origin of the site, is the same visitor until it ends, and then refused, also from who has used it; a visit that it began ends with it', async () => {
  await using world = await newWorld();
  const { key } = await newSiteKey(world.admin, world.site.id);
  const identity = await newIdentity(key, { exp: '5m' });
  const first = await world.begin({ identity });
  expect(first.lastsMs).toBeLessThanOrEqual(5 * MINUTE);
  const again = await Promise.all([world.begin({ identity }), world.begin({ identity }, BLOG), world.begin({ identity, keep: first.keep })]);
  expect(again.map(({ visitor }) => visitor)).toEqual(Array.from({ length: 3 }, () => first.visitor));
  later(5 * MINUTE);
  expect(await world.refusals(first)).toEqual(REFUSED);
  later(6 * MINUTE); // so far clocks may differ
  for (const asked of [{ identity }, { identity, keep: first.keep }]) expect(await codeOf(await askVisit(world.server.url, world.site.id, asked, SHOP))).toBe('identity-refused');
  const anonymous = await world.begin({ keep: first.keep });
  expect([anonymous.visitor === first.visitor, anonymous.name]).toEqual([false, null]);
});
