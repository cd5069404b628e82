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

it('[RE13] what changes, and what is taken out of the archive, while a statement of completeness is made is counted in it', async () => {
  const looks: { of: string; before: (archived: unknown, look: number) => Promise<void> } = { of: '', before: async () => undefined };
  let look = 0;
  const wrap = (store: Store): Store => around(store, {
    find: async (query) => {
      if (query.kind !== 'conversation' || query.index !== 'byOwner' || query.where[0] !== looks.of || query.limit !== 200) return store.find(query);
      await looks.before(query.where[1], look);
      look += 1;
      return store.find({ ...query, limit: 1 });
    },
  });
  await using server = await newServer({ config: { hasDemo: true, demoWordsPerSecond: 2_000 }, wrap });
  const admin = await newAccount(server.url, 'admin@example.org');
  const [reviewer, mara] = [await newAccount(server.url, 'reviewer@example.org'), await newAccount(server.url, 'mara@example.org')];
  await give(admin, reviewer, 'reviewer');
  const opened = await openCase(reviewer);
  const [first, second, archived] = [await talk(mara, 'The first'), await talk(mara, 'The second'), await talk(mara, 'The third')];
  await change(archived, { archived: true });
  looks.of = mara.person.id;
  looks.before = async (isArchived, at) => {
    if (at === 1) await goOn(first);
    if (isArchived === true) await change(archived, { archived: false });
  };
  const zip = await packageOf(reviewer, opened, { type: 'whole', of: [{ type: 'person', id: mara.person.id }], from: null, to: null });
  const lines = (await contentOf(zip, 'statement.ndjson')).toString().trimEnd().split('\n').map((line) => JSON.parse(line) as { conversation?: string; conversations?: number });
  expect(new Set(lines.flatMap(({ conversation }) => conversation ?? []))).toEqual(new Set([first, second, archived].map(({ conversation }) => conversation)));
  expect(lines.find(({ conversations }) => conversations !== undefined)?.conversations).toBe(3);
  expect((await verified(zip)).code).toBe(0);
  for (const { tab } of [first, second, archived]) await tab[Symbol.asyncDispose]();
});
