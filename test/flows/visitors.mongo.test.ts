import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SiteId } from '../../contracts/ids.ts';
import { newCluster, type Cluster, type Instance } from '../support/cluster.ts';
import { codeOf } from '../support/refusal.ts';
import { askVisit, changeSite, newSite, newVisitorTab, SHOP, visit } from '../support/site.ts';
import { newAccount, type Account, type Tab } from '../support/tab.ts';

let cluster: Cluster;
let there: Instance;
let admin: Account;
beforeAll(async () => {
  cluster = await newCluster(2);
  there = cluster.instances[1] as Instance;
  admin = await newAccount((cluster.instances[0] as Instance).url);
});
afterAll(() => cluster[Symbol.asyncDispose]());

/** A visitor at one instance, of a site that is managed at the other, with a conversation. */
async function newVisitor() {
  const site = await newSite(admin);
  const given = await visit(there.url, site.id, {}, SHOP);
  const tab: Tab = await newVisitorTab(there.url, site.id, given).ready();
  const conversation = await tab.begin('Hello');
  await tab.until(() => tab.view?.turn === null);
  return { site, given, tab, conversation };
}

/** With what a visit is refused. */
const refusalOf = (site: SiteId, keep: string) => (): Promise<string | undefined> => codeOf(askVisit(there.url, site, { keep }, SHOP));

it('[SI4] a site that is closed at one instance ends its visits at the other, and nobody begins one there until it is opened again', async () => {
  const { site, given, tab } = await newVisitor();
  await using _ = tab;
  const ended = new Promise((resolve) => tab.socket.once('session-ended', () => resolve('told')));
  await changeSite(admin, site.id, { isLive: false });
  expect(await ended).toBe('told');
  expect(await refusalOf(site.id, given.keep)()).toBe('site-closed'); // at once: pages ask again in this moment
  await changeSite(admin, site.id, { isLive: true });
  await expect.poll(refusalOf(site.id, given.keep)).toBeUndefined();
});

it('[SI4] a visitor who is blocked at one instance is cut off at the other, and let in again there', async () => {
  const { site, given, tab, conversation } = await newVisitor();
  await using _ = tab;
  const ended = new Promise((resolve) => tab.socket.once('session-ended', () => resolve('told')));
  const block = (isBlocked: boolean) => fetch(`${admin.url}/api/inbox/${conversation}/blocked`, { method: 'PUT', body: JSON.stringify({ isBlocked }), headers: { origin: admin.url, cookie: admin.cookie, 'content-type': 'application/json' } });
  expect((await block(true)).status).toBe(200);
  expect(await ended).toBe('told');
  await expect.poll(refusalOf(site.id, given.keep)).toBe('site-closed');
  expect((await block(false)).status).toBe(200);
  await using again = await newVisitorTab(there.url, site.id, await visit(there.url, site.id, { keep: given.keep }, SHOP)).ready();
  await again.open(conversation);
  expect(again.thread).toHaveLength(2);
});
