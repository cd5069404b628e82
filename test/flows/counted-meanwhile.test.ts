import { expect, it } from 'vitest';
import type { CommandId, ConversationId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import { around } from '../../server/store/around.ts';
import type { IndexQuery, Store } from '../../server/store/store.ts';
import { contentOf, packageOf } from '../support/packages.ts';
import { give, openCase } from '../support/reviewer.ts';
import { newServer } from '../support/server.ts';
import { newAccount, Tab } from '../support/tab.ts';
import { talkIn } from '../support/talking.ts';

type Query = Pick<IndexQuery<'conversation'>, 'kind' | 'index' | 'where'>;

/** Does something before the next time that a store is asked for such a page. */
class Before {
  next: { isThis: (query: Query) => boolean; run: () => Promise<unknown> } | undefined;

  around(store: Store): Store {
    return around(store, { find: async (query) => {
      const { next } = this;
      if (next?.isThis(query as Query) === true) {
        this.next = undefined;
        await next.run();
      }
      return store.find(query);
    } });
  }
}

it.each([true, false])('[RE13] a conversation that its owner archives (%s), or takes out again, while they are counted is counted once', async (archived) => {
  const before = new Before();
  await using server = await newServer({ config: { hasDemo: true, demoWordsPerSecond: 2_000 }, wrap: (store) => before.around(store) });
  const admin = await newAccount(server.url, 'admin@example.org');
  const reviewer = await newAccount(server.url, 'reviewer@example.org');
  const mara = await newAccount(server.url, 'mara@example.org');
  await give(admin, reviewer, 'reviewer');
  await using tab = await new Tab(mara).ready();
  const conversation: ConversationId = await talkIn(tab, 'The canary sings');
  const change = (to: boolean) => tab.ask({ type: 'conversation.change', commandId: newId<CommandId>(), conversation, archived: to });
  if (!archived) await change(true);
  before.next = { isThis: ({ kind, index, where }) => kind === 'conversation' && index === 'byOwner' && where[0] === mara.person.id && where[1] === true, run: () => change(archived) };

  const zip = await packageOf(reviewer, await openCase(reviewer), { type: 'whole', of: [{ type: 'person', id: mara.person.id }], from: null, to: null });
  const lines = (await contentOf(zip, 'statement.ndjson')).toString().trimEnd().split('\n').map((line) => JSON.parse(line) as { conversation?: string; conversations?: number });
  expect(before.next).toBeUndefined();
  expect(lines.flatMap((line) => line.conversation ?? [])).toEqual([conversation]);
  expect(lines.find((line) => line.conversations !== undefined)).toMatchObject({ conversations: 1, included: 1 });
});
