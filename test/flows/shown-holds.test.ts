import { expect, it } from 'vitest';
import type { CommandId, ConversationId } from '../../contracts/ids.ts';
import type { ConversationRow } from '../../contracts/conversation.ts';
import { newId } from '../../server/ids.ts';
import { ask, give, hold, openCase, release } from '../support/reviewer.ts';
import { newServer } from '../support/server.ts';
import { newSite, newVisitorTab, visit } from '../support/site.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';
import { talk } from '../support/talking.ts';

async function newWorld(showsHolds: boolean) {
  const server = await newServer({ config: { hasDemo: true, demoWordsPerSecond: 5_000, restoreMs: 600_000, showsHolds } });
  const admin = await newAccount(server.url, 'admin@example.org');
  const reviewer = await newAccount(server.url, 'reviewer@example.org');
  await give(admin, reviewer, 'reviewer');
  const mara = await newAccount(server.url, 'mara@example.org');
  const { tab, conversation } = await talk(mara, 'The canary sings');
  return { server, admin, reviewer, mara, tab, conversation, opened: await openCase(reviewer), [Symbol.asyncDispose]: async () => (await tab[Symbol.asyncDispose](), server[Symbol.asyncDispose]()) };
}

const held = async (account: Account): Promise<(true | undefined)[]> => (await ask<{ rows: ConversationRow[] }>(account, 'conversations')).rows.map(({ isHeld }) => isHeld);
const toldTimes = (tab: Tab): number => tab.notices.filter(({ type }) => type === 'holds').length;
const remove = (tab: Tab, conversation: ConversationId, commandId = newId<CommandId>()) => tab.ask({ type: 'conversation.delete', commandId, conversation });
const restore = (tab: Tab, conversation: ConversationId) => tab.ask({ type: 'conversation.restore', commandId: newId<CommandId>(), conversation });

it('[RE33] where holds are shown the owner sees which conversations are kept, at once in every tab, and is told so when they delete one; not for which case', async () => {
  await using world = await newWorld(true);
  const { reviewer, mara, tab, conversation, opened } = world;
  await using another = await new Tab(mara).ready();
  const { tab: free, conversation: other } = await talk(mara, 'Something else');
  expect(await held(mara)).toEqual([undefined, undefined]);
  const [placed] = (await hold(reviewer, opened, { type: 'conversation', id: conversation })).holds;
  for (const one of [tab, another]) await one.until(() => toldTimes(one) === 1);
  expect(await held(mara)).toEqual([undefined, true]);
  const commandId = newId<CommandId>();
  const answer = await remove(tab, conversation, commandId);
  expect(answer).toEqual({ ok: true, did: 'changed', at: expect.any(Number), isHeld: true });
  expect(await remove(tab, conversation, commandId)).toEqual(answer);
  expect(await remove(free, other)).toEqual({ ok: true, did: 'changed', at: expect.any(Number) });
  for (const [one, id] of [[tab, conversation], [free, other]] as const) expect(await restore(one, id)).toMatchObject({ ok: true });

  await hold(reviewer, opened, { type: 'person', id: mara.person.id });
  await release(reviewer, opened, placed!.id);
  await another.until(() => toldTimes(another) === 3);
  expect(await held(mara)).toEqual([true, true]);
  await ask(reviewer, 'closeCase', { case: opened.id }, { reason: 'Settled' });
  await another.until(() => toldTimes(another) === 4);
  expect(await held(mara)).toEqual([undefined, undefined]);
  const anew = await openCase(reviewer);
  await hold(reviewer, anew, { type: 'everybody' }, { from: 0 });
  await another.until(() => toldTimes(another) === 5);
  expect(await held(mara)).toEqual([true, true]);
  await ask(reviewer, 'closeCase', { case: anew.id }, { reason: 'Settled' });
  await another.until(() => toldTimes(another) === 6);
  expect(await remove(tab, conversation)).toEqual({ ok: true, did: 'changed', at: expect.any(Number) });
  expect(JSON.stringify([await ask(mara, 'conversations'), another.notices])).not.toContain(opened.id);
  await free[Symbol.asyncDispose]();
});

it('[RE33] a visitor is told nothing of a hold, whatever is shown to others', async () => {
  await using world = await newWorld(true);
  const { admin, reviewer, opened } = world;
  const site = await newSite(admin);
  const given = await visit(admin.url, site.id);
  await using visitor = await newVisitorTab(admin.url, site.id, given, admin.url).ready();
  const conversation = await visitor.begin('Help');
  await visitor.until(() => visitor.view?.turn === null && visitor.view.messages.length === 2);
  await hold(reviewer, opened, { type: 'conversation', id: conversation });
  await hold(reviewer, opened, { type: 'site', id: site.id });
  expect(await remove(visitor, conversation)).toEqual({ ok: true, did: 'changed', at: expect.any(Number) });
  expect(toldTimes(visitor)).toBe(0);
});

it('[RE33] [RE7] where nothing is said of it a hold shows nowhere: what is held is deleted like anything else', async () => {
  await using world = await newWorld(false);
  const { reviewer, mara, tab, conversation, opened } = world;
  const before = await ask(mara, 'conversations');
  await hold(reviewer, opened, { type: 'conversation', id: conversation });
  await hold(reviewer, opened, { type: 'person', id: mara.person.id });
  expect(await ask(mara, 'conversations')).toEqual(before);
  expect(await remove(tab, conversation)).toEqual({ ok: true, did: 'changed', at: expect.any(Number) });
  expect(toldTimes(tab)).toBe(0);
});
