import { expect, it } from 'vitest';
import { siteModel } from '../../contracts/site-model.ts';
import type { CommandId, ConversationId } from '../../contracts/ids.ts';
import type { Found } from '../../contracts/cases.ts';
import type { DisposedConversation } from '../../contracts/retention.ts';
import { KEPT } from '../../server/conversations/retention.ts';
import { newId } from '../../server/ids.ts';
import type { Store } from '../../server/store/store.ts';
import { ask, give, hold, openCase, release } from '../support/reviewer.ts';
import { newServer } from '../support/server.ts';
import { newSite, newVisitorTab, SHOP, visit } from '../support/site.ts';
import { newAccount, Tab } from '../support/tab.ts';
import { askIn } from '../support/talking.ts';
import { until } from '../support/until.ts';

const SECOND = 1 / 86_400;

async function newWorld(seconds: number) {
  const held: { store?: Store } = {};
  const server = await newServer({ config: { hasDemo: true, demoWordsPerSecond: 2_000, restoreMs: 0, retention: { ...KEPT, temporary: { keepDays: 0, deleteAfterDays: seconds * SECOND } } }, wrap: (store) => (held.store = store) });
  const admin = await newAccount(server.url, 'admin@example.org');
  const mara = await newAccount(server.url, 'mara@example.org');
  const asked = async <T>(path: string, cookie = mara.cookie): Promise<T> => (await (await fetch(server.url + path, { headers: { cookie } })).json()) as T;
  const isErased = async (id: ConversationId): Promise<boolean> => (await held.store?.get('conversation', id))?.body.isErased === true;
  return { server, admin, mara, asked, isErased, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

it('[RE30] a temporary conversation is in no list and found by no search, in all tabs of whom it belongs to, who have it under its address', async () => {
  await using world = await newWorld(3_600);
  await using tab = await new Tab(world.mara).ready();
  await using other = await new Tab(world.mara).ready();
  const temporary = await askIn(tab, 'whales in passing', { temporary: true });
  await using next = await new Tab(world.mara).ready();
  const kept = await askIn(next, 'whales to keep');
  expect((await world.asked<{ rows: { id: string }[] }>('/api/conversations')).rows.map(({ id }) => id)).toEqual([kept]);
  expect((await world.asked<{ hits: { conversation: string }[] }>('/api/search?words=whales')).hits.map(({ conversation }) => conversation)).toEqual(expect.arrayContaining([kept]));
  expect((await world.asked<{ hits: { conversation: string }[] }>('/api/search?words=passing')).hits).toEqual([]);
  await other.until(() => other.notices.some((notice) => notice.type === 'row' && notice.row.id === kept));
  expect(other.notices.flatMap((notice) => (notice.type === 'row' ? [notice.row.id] : []))).not.toContain(temporary);
  await other.open(temporary);
  expect(other.view?.conversation).toMatchObject({ temporary: true, titledBy: 'nobody' });
  expect(await other.ask({ type: 'conversation.change', commandId: newId<CommandId>(), conversation: temporary, pinned: true })).toMatchObject({ ok: false, refusal: { code: 'invalid-command' } });
  // What has begun stays what it is.
  await next.send('and more', { temporary: true });
  await next.until(() => next.view?.messages.length === 4 && next.view.turn === null);
  expect(next.view?.conversation.temporary).toBeUndefined();
});

it('[RE30] it is deleted some hours after something happened in it last, on record, and others are not; no visitor begins one', async () => {
  await using world = await newWorld(6);
  await using tab = await new Tab(world.mara).ready();
  const stays = await askIn(tab, 'to keep');
  await using next = await new Tab(world.mara).ready();
  const goes = await askIn(next, 'in passing', { temporary: true });
  await until(() => world.isErased(goes));
  await next.until(() => next.view?.isErased === true);
  const { disposed } = await world.asked<{ disposed: DisposedConversation[] }>('/api/retention', world.admin.cookie);
  expect([await world.isErased(stays), disposed.map(({ conversation, certificate }) => [conversation, certificate?.class, certificate?.why])]).toEqual([false, [[goes, 'temporary', 'expired']]]);
  const site = await newSite(world.admin);
  await using visitor = await newVisitorTab(world.server.url, site.id, await visit(world.server.url, site.id, {}, SHOP)).ready();
  await expect(visitor.begin('in passing', { temporary: true, model: siteModel(site.id) })).rejects.toThrow('not-permitted');
});

it('[RE7] [RE30] what is held is kept for its case, and found there', async () => {
  await using world = await newWorld(6);
  const reviewer = await newAccount(world.server.url, 'reviewer@example.org');
  await give(world.admin, reviewer, 'reviewer');
  const opened = await openCase(reviewer);
  const placed = await hold(reviewer, opened, { type: 'person', id: world.mara.person.id });
  await using tab = await new Tab(world.mara).ready();
  const kept = await askIn(tab, 'whales in passing', { temporary: true });
  await tab.until(() => tab.view?.isErased === true, 'it looks erased to its owner');
  const { found } = await ask<{ found: Found[] }>(reviewer, 'find', {}, { case: opened.id, reason: 'Named in the letter', of: [{ type: 'person', id: world.mara.person.id }], from: null, to: null, models: [], words: 'whales' });
  expect([found.map(({ id }) => id), await world.isErased(kept)]).toEqual([[kept], false]);
  await release(reviewer, opened, placed.holds[0]!.id);
  await until(() => world.isErased(kept));
});
