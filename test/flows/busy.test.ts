import { expect, it } from 'vitest';
import type { CommandId, ConversationId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import { actor, newDirectory, newSend, user } from '../support/directory.ts';
import { newServer } from '../support/server.ts';
import { newSite, newVisitorTab, SHOP, visit } from '../support/site.ts';
import { newAccount } from '../support/tab.ts';

it('[CO9] a server that cannot keep up begins no turn and says when to try again; then the same command is done once', async () => {
  await using at = await newDirectory();
  const conversation = newId<ConversationId>();
  const send = newSend(conversation);
  at.load.isBehind = () => true;
  expect(await at.ask(send)).toEqual({ ok: false, refusal: { code: 'server-busy', retryAfterMs: 3_000 } });
  at.load.isBehind = () => false;
  const titled = at.titled(conversation);
  expect(await at.ask(send)).toMatchObject({ ok: true, did: 'started' });
  await titled;
  expect((await (await at.directory.open(conversation, user)).read()).messages.map(({ author }) => author)).toEqual(['person', 'model']);
});

it('[CO9] while a server cannot keep up, what was begun keeps its answer, and everything that begins no turn is done', async () => {
  await using at = await newDirectory();
  const conversation = newId<ConversationId>();
  const send = newSend(conversation);
  const titled = at.titled(conversation);
  let looks = 0;
  at.load.isBehind = () => looks++ > 0;
  const first = at.ask(send);
  const again = at.ask(send);
  expect(await first).toMatchObject({ ok: true, did: 'started' });
  expect(await again).toEqual(await first);
  await titled;
  expect(await at.ask(send)).toEqual(await first);
  const [question, reply] = (await (await at.directory.open(conversation, user)).read()).messages;
  for (const type of ['turn.regenerate', 'turn.continue'] as const) {
    expect(await at.ask({ type, commandId: newId<CommandId>(), conversation, message: reply!.id })).toMatchObject({ refusal: { code: 'server-busy' } });
  }
  expect(await at.ask({ type: 'conversation.change', commandId: newId<CommandId>(), conversation, title: 'Mine' })).toMatchObject({ ok: true, did: 'changed' });
  expect(await at.ask({ type: 'branch.choose', commandId: newId<CommandId>(), conversation, message: question!.id })).toMatchObject({ ok: true });
  await expect(at.directory.command({ type: 'conversation.delete', commandId: newId<CommandId>(), conversation }, actor)).resolves.toMatchObject({ ok: true, did: 'changed' });
});

it('a visitor who opens sockets without end is given fifty, and the next one when one is closed', async () => {
  await using server = await newServer();
  const site = await newSite(await newAccount(server.url));
  const visitor = await visit(server.url, site.id, {}, SHOP);
  await using tabs = new AsyncDisposableStack();
  const newTab = () => tabs.use(newVisitorTab(server.url, site.id, visitor));
  const [first] = await Promise.all(Array.from({ length: 50 }, () => newTab().ready()));
  const refused = newTab();
  refused.socket.io.reconnection(false);
  expect(await new Promise((resolve) => refused.socket.once('connect_error', resolve))).toMatchObject({ message: 'rate-limited', data: { code: 'rate-limited', retryAfterMs: 10_000 } });
  await first?.[Symbol.asyncDispose]();
  await newTab().ready();
});
