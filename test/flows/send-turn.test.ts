import { expect, it } from 'vitest';
import { newServer } from '../support/server.ts';
import { newAccount, Tab } from '../support/tab.ts';

it('a second tab sees the reply that the first one asked for, character by character the same', async () => {
  await using server = await newServer();
  const account = await newAccount(server.url);
  await using first = await new Tab(account).ready();
  await using second = await new Tab(account).ready();
  const conversation = await first.begin('Hello');
  await second.open(conversation);
  await first.until(() => first.view?.turn === null);
  await second.until(() => second.view?.turn === null);
  expect(second.thread).toEqual(first.thread);
  expect(first.thread).toHaveLength(2);
  expect(first.thread[1]).toContain('scripted demo');
  expect(second.view?.messages).toEqual(first.view?.messages);
  await first.until(() => first.view?.conversation.title === 'Hello');
});
