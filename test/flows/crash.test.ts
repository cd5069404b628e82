import { expect, it } from 'vitest';
import type { CommandId, ConversationId, MessageId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import { newServerProcess } from '../support/process.ts';
import { DEMO, newAccount, Tab } from '../support/tab.ts';

const asked = 'Tell me something about code';

async function askAndDie(dieAt: string) {
  const server = await newServerProcess(dieAt);
  const account = await newAccount(server.url);
  const first = await new Tab(account).ready();
  const second = await new Tab(account).ready();
  const command = { type: 'turn.send' as const, commandId: newId<CommandId>(), conversation: newId<ConversationId>(), message: newId<MessageId>(), parent: null, text: asked, files: [], model: DEMO, mode: 'queue' as const };
  void first.ask(command).then(() => Promise.all([first.open(command.conversation), second.open(command.conversation)]).catch(() => undefined));
  await server.died;
  const shown = [first.shown, second.shown];
  await server.start();
  await Promise.all([first.until(() => first.socket.connected), second.until(() => second.socket.connected)]).catch(() => undefined);
  return {
    server, first, second, command, shown,
    async [Symbol.asyncDispose]() {
      await first[Symbol.asyncDispose]();
      await second[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

it('[CO1] killed before the record: nothing has happened, and sending it again does it once', async () => {
  await using at = await askAndDie('before:turn-begun');
  await at.first.ready();
  await expect(at.second.open(at.command.conversation)).rejects.toThrow('not-found');
  const answer = await at.first.ask(at.command);
  expect(answer).toMatchObject({ ok: true, did: 'started' });
  expect(await at.first.ask(at.command)).toEqual(answer);
  await at.second.open(at.command.conversation);
  await at.second.until(() => at.second.view?.turn === null);
  expect(at.second.thread).toHaveLength(2);
});

it.each(['after:turn-begun', 'before:draft:1', 'after:draft:1', 'after:draft:6', 'before:turn-ended'])(
  '[RP1] killed at %s: every tab shows one thread with all that was shown, marked interrupted, and Continue works',
  async (dieAt) => {
    await using at = await askAndDie(dieAt);
    await at.first.open(at.command.conversation);
    await at.second.open(at.command.conversation);
    await at.first.until(() => at.first.view?.turn === null);
    await at.second.until(() => at.second.view?.turn === null);
    expect(at.first.thread).toEqual(at.second.thread);
    expect(at.first.thread).toHaveLength(2);
    expect(at.first.thread[1]).toMatch(/^model: .*\[interrupted\]$/s);
    for (const text of at.shown) expect(at.first.thread[1]).toContain(text);
    const reply = at.first.view?.messages[1]?.id as MessageId;
    const again = await at.first.ask({ type: 'turn.continue', commandId: newId<CommandId>(), conversation: at.command.conversation, message: reply });
    expect(again).toMatchObject({ ok: true, did: 'started' });
    await at.second.until(() => at.second.view?.messages.length === 3);
    expect(at.second.thread[2]).toContain('goes on where it was cut off');
    expect(await at.second.ask(at.command)).toMatchObject({ ok: true, did: 'started' });
    expect(at.second.thread).toHaveLength(3);
  },
);

it('[CO5] killed between the end of a reply and the message that waits: it is answered after the start, though no tab asks', async () => {
  await using server = await newServerProcess('after:turn-ended');
  const account = await newAccount(server.url);
  const tab = await new Tab(account).ready();
  const conversation = await tab.begin(asked);
  expect(await tab.send('And a table')).toMatchObject({ ok: true, did: 'queued' });
  await server.died;
  await tab[Symbol.asyncDispose]();
  await server.start();
  await using later = await new Tab(account).ready();
  await later.until(() => later.notices.some((notice) => notice.type === 'row' && !notice.row.running && notice.row.unread));
  await later.open(conversation);
  expect(later.thread).toHaveLength(4);
  expect(later.thread[3]).toMatch(/\[completed\]$/);
});

it('[OR3] killed after the outcome: the reply is complete, under a higher epoch', async () => {
  await using at = await askAndDie('after:turn-ended');
  await at.first.open(at.command.conversation);
  await at.first.until(() => at.first.view?.turn === null);
  expect(at.first.thread[1]).toMatch(/\[completed\]$/);
  expect(at.first.view?.position.epoch).toBeGreaterThan(1);
});
