import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Command, CommandOf } from '../../contracts/commands.ts';
import type { CommandId, ConversationId, MessageId, TurnId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import { newServer, type TestServer } from '../support/server.ts';
import { DEMO, newAccount, Tab } from '../support/tab.ts';

let server: TestServer;
let first: Tab;
let second: Tab;
let conversation: ConversationId;

beforeEach(async () => {
  server = await newServer({ config: { demoWordsPerSecond: 300 } });
  const account = await newAccount(server.url);
  first = await new Tab(account).ready();
  second = await new Tab(account).ready();
  conversation = newId<ConversationId>();
});
afterEach(async () => {
  await first[Symbol.asyncDispose]();
  await second[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const sendOf = (text: string, parent: MessageId | null): CommandOf<'turn.send'> => ({ type: 'turn.send', commandId: newId<CommandId>(), conversation, message: newId<MessageId>(), parent, text, files: [], model: DEMO, mode: 'queue' });
const refusedAs = (code: string) => ({ ok: false, refusal: { code } });

/** Everything that both tabs show, once nothing runs. */
async function shownByBoth(messages: number): Promise<unknown> {
  for (const tab of [first, second]) await tab.until(() => tab.view?.turn === null && tab.view.messages.length === messages && tab.view.conversation.queue.length === 0);
  await first.until(() => JSON.stringify(first.view?.conversation) === JSON.stringify(second.view?.conversation));
  expect(second.view?.messages).toEqual(first.view?.messages);
  return { thread: first.thread, title: first.view?.conversation.title };
}

describe('[CO4] what arrives before that which it is about', () => {
  it('is refused while there is no conversation, and leaves nothing: neither a conversation nor a row of the list', async () => {
    const early: Command[] = [
      { type: 'conversation.change', commandId: newId<CommandId>(), conversation, title: 'Too early' },
      { type: 'turn.stop', commandId: newId<CommandId>(), conversation, turn: newId<TurnId>() },
      { type: 'queue.edit', commandId: newId<CommandId>(), conversation, queued: newId<CommandId>(), text: 'Too early' },
      { type: 'conversation.delete', commandId: newId<CommandId>(), conversation },
      { type: 'turn.continue', commandId: newId<CommandId>(), conversation, message: newId<MessageId>() },
    ];
    for (const command of early) expect({ type: command.type, answer: await first.ask(command) }).toEqual({ type: command.type, answer: refusedAs('not-found') });
    expect(second.notices).toEqual([]);
    expect(await (await fetch(`${server.url}/api/conversations`, { headers: { cookie: first.account.cookie } })).json()).toMatchObject({ rows: [] });
  });

  it('is refused while the message is not there, and done when it is asked again after it', async () => {
    const hello = sendOf('Hello', null);
    const below = sendOf('And more', hello.message);
    expect(await first.ask(below)).toMatchObject(refusedAs('not-found'));
    expect(await first.ask(hello)).toMatchObject({ ok: true, did: 'started' });
    for (const tab of [first, second]) await tab.open(conversation);
    await first.until(() => first.view?.turn === null);
    const rename: Command = { type: 'conversation.change', commandId: newId<CommandId>(), conversation, title: 'In order' };
    expect(await first.ask(rename)).toMatchObject({ ok: true, did: 'changed' });
    expect(await first.ask(below)).toMatchObject({ ok: true, did: 'started' });
    expect(await first.ask(below)).toMatchObject({ ok: true, did: 'started' });
    expect(await shownByBoth(4)).toMatchObject({ title: 'In order', thread: [expect.stringMatching(/^person: Hello/u), expect.any(String), expect.stringMatching(/^person: And more/u), expect.any(String)] });
  });

  it('of the queue is refused before the message waits and after it was taken; what stands there is as it was sent', async () => {
    expect(await first.ask(sendOf('Write something long', null))).toMatchObject({ ok: true });
    for (const tab of [first, second]) await tab.open(conversation);
    const waiting = sendOf('Then this', null);
    const edit = (): Command => ({ type: 'queue.edit', commandId: newId<CommandId>(), conversation, queued: waiting.commandId, text: 'Changed' });
    expect(await second.ask(edit())).toMatchObject(refusedAs('moved-on'));
    expect(await first.ask(waiting)).toMatchObject({ ok: true, did: 'queued' });
    await shownByBoth(4);
    expect(await second.ask(edit())).toMatchObject(refusedAs('moved-on'));
    expect(first.thread[2]).toMatch(/^person: Then this/u);
  });
});

it('[CO1] a command and its repetition that overtake each other have one effect and one answer, and a stop that overtakes its turn stops no other', async () => {
  const hello = sendOf('Write something long', null);
  const [one, two] = await Promise.all([first.ask(hello), second.ask(hello)]);
  expect(one).toEqual(two);
  for (const tab of [first, second]) await tab.open(conversation);
  const early: Command = { type: 'turn.stop', commandId: newId<CommandId>(), conversation, turn: newId<TurnId>() };
  const stopped = await second.ask(early);
  expect([stopped.ok, stopped.ok ? stopped.did : stopped.refusal.code]).toEqual([true, 'nothing']);
  await shownByBoth(2);
  expect(first.thread[1]).toMatch(/\[completed\]$/su);
});
