import { expect, it } from 'vitest';
import type { Command } from '../../contracts/commands.ts';
import type { CommandId, ConversationId, UserId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import type { Store } from '../../server/store/store.ts';
import { around } from '../../server/store/around.ts';
import { contentOf, packageOf, verified } from '../support/packages.ts';
import { give, openCase } from '../support/reviewer.ts';
import { newServer } from '../support/server.ts';
import { newIdentity, newSite, newSiteKey, newVisitorTab, SHOP, visit } from '../support/site.ts';
import { newAccount, type Tab } from '../support/tab.ts';
import { askIn, talk } from '../support/talking.ts';

type Changed = Omit<Extract<Command, { type: 'conversation.change' }>, 'type' | 'commandId' | 'conversation'>;

async function change({ tab, conversation }: { tab: Tab; conversation: ConversationId }, to: Changed): Promise<void> {
  await tab.ask({ type: 'conversation.change', commandId: newId<CommandId>(), conversation, ...to });
}

/** With another reply, so that it was changed last. */
async function goOn({ tab, conversation }: { tab: Tab; conversation: ConversationId }): Promise<void> {
  await tab.send('Go on');
  await tab.until(() => tab.view?.conversation.id === conversation && tab.view.messages.length === 4 && tab.view.turn === null);
}

/** A deployment with a reviewer who has a case, where something is done before each look at the conversations of somebody, of which each is shown one. */
async function newWorld() {
  const looks: { of: string; before: (isArchived: unknown, look: number) => Promise<unknown> } = { of: '', before: async () => undefined };
  let look = 0;
  const wrap = (store: Store): Store => around(store, {
    find: async (query) => {
      if (query.kind !== 'conversation' || query.index !== 'byOwner' || query.where[0] !== looks.of || query.limit !== 200) return store.find(query);
      await looks.before(query.where[1], look);
      look += 1;
      return store.find({ ...query, limit: 1 });
    },
  });
  const server = await newServer({ config: { hasDemo: true, demoWordsPerSecond: 2_000 }, wrap });
  const admin = await newAccount(server.url, 'admin@example.org');
  const reviewer = await newAccount(server.url, 'reviewer@example.org');
  await give(admin, reviewer, 'reviewer');
  const opened = await openCase(reviewer);
  return {
    server,
    admin,
    /** In a package of all that these have, in which each of `conversations` is counted once, and nothing else: how many of each. */
    async countedOf(of: readonly string[], conversations: readonly ConversationId[], before: (isArchived: unknown, look: number) => Promise<unknown>): Promise<number[]> {
      Object.assign(looks, { of: of.at(-1), before });
      const zip = await packageOf(reviewer, opened, { type: 'whole', of: of.map((id) => ({ type: 'person', id: id as UserId })), from: null, to: null });
      const lines = (await contentOf(zip, 'statement.ndjson')).toString().trimEnd().split('\n').map((line) => JSON.parse(line) as { conversation?: string; conversations?: number });
      expect(lines.flatMap(({ conversation }) => conversation ?? []).toSorted()).toEqual(conversations.toSorted());
      expect(await verified(zip)).toMatchObject({ code: 0 });
      return lines.flatMap((line) => line.conversations ?? []);
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

it('[RE13] what changes, what is archived and what is taken out of the archive while a statement of completeness is made is counted in it, once', async () => {
  await using world = await newWorld();
  const mara = await newAccount(world.server.url, 'mara@example.org');
  const [first, second, archived] = [await talk(mara, 'The first'), await talk(mara, 'The second'), await talk(mara, 'The third')];
  await change(archived, { archived: true });
  const counted = await world.countedOf([mara.person.id], [first, second, archived].map(({ conversation }) => conversation), async (isArchived, look) => {
    if (look === 1) await goOn(first);
    if (isArchived !== true) return;
    await change(archived, { archived: false });
    await change(second, { archived: true });
  });
  expect(counted).toEqual([3]);
  for (const { tab } of [first, second, archived]) await tab[Symbol.asyncDispose]();
});

it('[RE13] the only conversation, which is taken out of the archive before that is looked through, is counted', async () => {
  await using world = await newWorld();
  const mara = await newAccount(world.server.url, 'mara@example.org');
  const only = await talk(mara, 'The only one');
  await using _ = only.tab;
  await change(only, { archived: true });
  expect(await world.countedOf([mara.person.id], [only.conversation], async (isArchived) => isArchived === true && change(only, { archived: false }))).toEqual([1]);
});

it.each([['before', 0], ['after', 1]])('[RE13] [SI8] what an anonymous visitor began is counted with whom they turn out to be %s it was found with the visitor, though that one was looked through already', async (_, when) => {
  await using world = await newWorld();
  const { url } = world.server;
  const site = await newSite(world.admin);
  const identity = await newIdentity((await newSiteKey(world.admin, site.id)).key);
  const [user, given] = [await visit(url, site.id, { identity }, SHOP), await visit(url, site.id, {}, SHOP)];
  await using tab = await newVisitorTab(url, site.id, given).ready();
  const conversation = await askIn(tab, 'Where is my order?');
  const counted = await world.countedOf([user.visitor, given.visitor], [conversation], async (_isArchived, look) => look === when && visit(url, site.id, { keep: given.keep, identity }, SHOP));
  expect(counted).toEqual([1, 0]);
});
