import { expect, it } from 'vitest';
import type { Command } from '../../contracts/commands.ts';
import type { CommandId, ConversationId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import type { Store } from '../../server/store/store.ts';
import { around } from '../../server/store/around.ts';
import { contentOf, packageOf, verified } from '../support/packages.ts';
import { give, openCase } from '../support/reviewer.ts';
import { newServer } from '../support/server.ts';
import { newAccount, type Tab } from '../support/tab.ts';
import { talk } from '../support/talking.ts';

type Changed = Omit<Extract<Command, { type: 'conversation.change' }>, 'type' | 'commandId' | 'conversation'>;

async function change({ tab, conversation }: { tab: Tab; conversation: ConversationId }, to: Changed): Promise<void> {
  await tab.ask({ type: 'conversation.change', commandId: newId<CommandId>(), conversation, ...to });
}

/** With another reply, so that it was changed last. */
async function goOn({ tab, conversation }: { tab: Tab; conversation: ConversationId }): Promise<void> {
  await tab.send('Go on');
  await tab.until(() => tab.view?.conversation.id === conversation && tab.view.messages.length === 4 && tab.view.turn === null);
}

/** A deployment of Mara and a reviewer with a case, where something is done before each look at Mara's conversations, of which each is shown one. */
async function newWorld() {
  const looks: { of: string; before: (isArchived: unknown, look: number) => Promise<void> } = { of: '', before: async () => undefined };
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
  const [reviewer, mara] = [await newAccount(server.url, 'reviewer@example.org'), await newAccount(server.url, 'mara@example.org')];
  await give(admin, reviewer, 'reviewer');
  const opened = await openCase(reviewer);
  const talks: Awaited<ReturnType<typeof talk>>[] = [];
  return {
    async talk(text: string) {
      const one = await talk(mara, text);
      talks.push(one);
      return one;
    },
    /** A package of all that Mara has, in which each conversation is counted once, and nothing else. */
    async expectAllCounted(before: (isArchived: unknown, look: number) => Promise<void>): Promise<void> {
      Object.assign(looks, { of: mara.person.id, before });
      const zip = await packageOf(reviewer, opened, { type: 'whole', of: [{ type: 'person', id: mara.person.id }], from: null, to: null });
      const lines = (await contentOf(zip, 'statement.ndjson')).toString().trimEnd().split('\n').map((line) => JSON.parse(line) as { conversation?: string; conversations?: number });
      expect(lines.flatMap(({ conversation }) => conversation ?? []).toSorted()).toEqual(talks.map(({ conversation }) => conversation).toSorted());
      expect(lines.find(({ conversations }) => conversations !== undefined)?.conversations).toBe(talks.length);
      expect((await verified(zip)).code).toBe(0);
    },
    async [Symbol.asyncDispose]() {
      for (const { tab } of talks) await tab[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

it('[RE13] what changes, what is archived and what is taken out of the archive while a statement of completeness is made is counted in it, once', async () => {
  await using world = await newWorld();
  const [first, second, archived] = [await world.talk('The first'), await world.talk('The second'), await world.talk('The third')];
  await change(archived, { archived: true });
  await world.expectAllCounted(async (isArchived, look) => {
    if (look === 1) await goOn(first);
    if (isArchived !== true) return;
    await change(archived, { archived: false });
    await change(second, { archived: true });
  });
});

it('[RE13] the only conversation, which is taken out of the archive before that is looked through, is counted', async () => {
  await using world = await newWorld();
  const only = await world.talk('The only one');
  await change(only, { archived: true });
  await world.expectAllCounted(async (isArchived) => {
    if (isArchived === true) await change(only, { archived: false });
  });
});
