import { expect, it } from 'vitest';
import { newCluster, type Instance } from '../support/cluster.ts';
import { newIdentity, newSite, newSiteKey, newVisitorTab, SHOP, visit } from '../support/site.ts';
import { newAccount, Tab } from '../support/tab.ts';

it('[SI8] with its owner on one instance and the site’s word on another the conversation goes over, a growing reply with it, and the visitor that was is sent away everywhere', async () => {
  await using cluster = await newCluster(2);
  const [one, other] = cluster.instances as [Instance, Instance];
  const admin = await newAccount(one.url);
  const { id } = await newSite(admin);
  const { key } = await newSiteKey(admin, id);
  const given = await visit(one.url, id, {}, SHOP);
  await using before = await newVisitorTab(one.url, id, given).ready();
  const conversation = await before.begin('Write something long');
  await before.until(() => before.shown.length > 40);
  await using mara = await new Tab(admin, other.url).ready();
  await mara.open(conversation);
  const ended = new Promise((resolve) => before.socket.once('session-ended', () => resolve('told')));
  const known = await visit(other.url, id, { keep: given.keep, identity: await newIdentity(key) }, SHOP);
  expect([known.conversation, await ended]).toEqual([conversation, 'told']);
  await using tab = await newVisitorTab(other.url, id, known).ready();
  await tab.open(conversation);
  expect(tab.view?.turn).not.toBeNull();
  for (const each of [tab, mara]) await each.until(() => each.view?.turn === null);
  expect(await tab.send('And now?')).toMatchObject({ ok: true });
  for (const each of [tab, mara]) await each.until(() => each.view?.turn === null && each.view.messages.length === 4);
  expect(mara.view!.messages).toEqual(tab.view!.messages);
});
