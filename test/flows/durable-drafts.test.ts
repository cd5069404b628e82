import { expect, it } from 'vitest';
import { faultyStore, type FaultPlan } from '../support/faults.ts';
import { isDraft } from '../support/recording.ts';
import { newServer } from '../support/server.ts';
import { newAccount, Tab } from '../support/tab.ts';

// Where one process has everything to itself, growing text is durable in its store before it is shown; among several it is in the log that they share.
const nothing: FaultPlan = () => undefined;

it('[RP4] while drafts cannot be written no new text is shown, and none is lost when they can again', async () => {
  const plan = { current: nothing };
  await using server = await newServer({ wrap: (store) => faultyStore(store, (changes, fence) => plan.current(changes, fence)) });
  await using tab = await new Tab(await newAccount(server.url)).ready();
  const shown: string[] = [];
  plan.current = (changes) => {
    if (!isDraft(changes) || shown.length === 4) return undefined;
    shown.push(tab.shown);
    return 'refuse';
  };
  await tab.begin('Show me code');
  await tab.until(() => tab.view?.turn === null && tab.view.messages.length === 2);
  expect(shown).toEqual(['', '', '', '']);
  expect(tab.thread[1]).toMatch(/^model: Here is a small function.*scripted demo._ \[completed\]$/s);
});

it('[RP1] text that is not durable yet is shown to nobody', async () => {
  const held = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  await using server = await newServer({
    wrap: (store) => ({
      ...faultyStore(store, nothing),
      async commit(changes, fence) {
        if (isDraft(changes)) {
          held.resolve();
          await release.promise;
        }
        return store.commit(changes, fence);
      },
    }),
  });
  const account = await newAccount(server.url);
  await using first = await new Tab(account).ready();
  await using second = await new Tab(account).ready();
  const conversation = await first.begin('Hello');
  await held.promise;
  await second.open(conversation);
  expect(second.view?.turn?.reply.parts).toEqual([]);
  expect(first.shown).toBe('');
  release.resolve();
  await second.until(() => second.view?.turn === null);
  expect(second.thread[1]).toMatch(/\[completed\]$/);
});
