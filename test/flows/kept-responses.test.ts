import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CommandId, ModelId } from '../../contracts/ids.ts';
import { textOf } from '../../contracts/view.ts';
import { newId } from '../../server/ids.ts';
import { newKeptProvider, type KeptProvider } from '../support/kept-provider.ts';
import { newServerProcess, type ServerProcess } from '../support/process.ts';
import { newAccount, Tab } from '../support/tab.ts';

const model = 'openai/gpt-5' as ModelId;
const CREATED = 'POST create, store true';
const LISTENED = 'GET resp_1 stream=true&starting_after=0';

let provider: KeptProvider;
let server: ServerProcess;
let tab: Tab;
beforeEach(async () => {
  provider = await newKeptProvider();
  server = await newServerProcess('never:1', provider.environment);
  tab = await new Tab(await newAccount(server.url)).ready();
});
afterEach(async () => {
  await tab[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});

const reply = () => tab.view!.messages[1]!;

/** A reply of which something is shown, and that can be taken up again. */
async function growing(): Promise<void> {
  await tab.begin('Count', { model });
  await expect.poll(() => provider.asked).toHaveLength(1);
  provider.say('one, ');
  provider.say('two, ');
  await tab.until(() => tab.shown === 'one, two, ');
  // The record that says where the response is comes after this one in the order of the conversation.
  expect(await tab.ask({ type: 'conversation.change', commandId: newId<CommandId>(), conversation: tab.view!.conversation.id, title: 'Counting' })).toMatchObject({ ok: true });
}

describe('[RP1] a response that its provider keeps', () => {
  it('is taken up again after kill -9, with what came meanwhile and without a second call; nothing is missing or there twice, and then the provider forgets it', async () => {
    await growing();
    const before = tab.view!.turn!.id;
    await server.kill();
    provider.say('three, ');
    await server.start('never:1');
    await tab.until(() => tab.shown === 'one, two, three, ');
    expect([tab.view!.turn!.id, tab.view!.turn!.phase]).toEqual([before, 'streaming']);
    provider.say('four.');
    provider.finish();
    await tab.until(() => tab.view?.turn === null);
    expect([textOf(reply()), reply().outcome, reply().usage]).toEqual(['one, two, three, four.', { kind: 'completed' }, { inputTokens: 3, outputTokens: 5 }]);
    await expect.poll(() => provider.asked).toEqual([CREATED, LISTENED, 'DELETE resp_1']);
  });

  it('is completed after the start when it ended meanwhile', async () => {
    await growing();
    await server.kill();
    provider.say('three.');
    provider.finish();
    await server.start('never:1');
    await tab.until(() => tab.view?.messages.length === 2 && tab.view.turn === null);
    expect([textOf(reply()), reply().outcome]).toEqual(['one, two, three.', { kind: 'completed' }]);
  });

  it('and that it has lost meanwhile is concluded as interrupted, with what was shown', async () => {
    await growing();
    await server.kill();
    provider.forgetAll();
    await server.start('never:1');
    await tab.until(() => tab.view?.messages.length === 2 && tab.view.turn === null);
    expect([textOf(reply()), reply().outcome]).toEqual(['one, two, ', { kind: 'interrupted', code: 'server-restarted' }]);
    expect(provider.asked.filter((one) => one === CREATED)).toHaveLength(1);
  });

  it('is asked for again when the provider is busy, and waited for in its words', async () => {
    await growing();
    await server.kill();
    provider.isBusyOnce();
    provider.say('three.');
    provider.finish();
    await server.start('never:1');
    await tab.until(() => tab.view?.turn?.waiting?.code === 'provider-busy');
    await tab.until(() => tab.view?.messages.length === 2 && tab.view.turn === null);
    expect([textOf(reply()), reply().outcome]).toEqual(['one, two, three.', { kind: 'completed' }]);
    expect(provider.asked.filter((one) => one === LISTENED)).toHaveLength(2);
  });

  it('is taken up three times and no more', async () => {
    await growing();
    for (const word of ['three, ', 'four, ', 'five, ']) {
      await server.kill();
      provider.say(word);
      await server.start('never:1');
      await tab.until(() => tab.shown.endsWith(word));
    }
    await server.kill();
    await server.start('never:1');
    await tab.until(() => tab.view?.messages.length === 2 && tab.view.turn === null);
    expect([textOf(reply()), reply().outcome?.kind]).toEqual(['one, two, three, four, five, ', 'interrupted']);
    await expect.poll(() => provider.asked.slice(-2)).toEqual(['POST cancel', 'DELETE resp_1']);
  });

  it('of an attempt that failed is forgotten, too', async () => {
    await tab.begin('Count', { model });
    await expect.poll(() => provider.asked).toHaveLength(1);
    provider.fail();
    await expect.poll(() => provider.asked).toEqual([CREATED, CREATED]);
    provider.say('one.');
    provider.finish();
    await tab.until(() => tab.view?.turn === null);
    expect([textOf(reply()), reply().outcome]).toEqual(['one.', { kind: 'completed' }]);
    await expect.poll(() => provider.asked.slice(2).toSorted((a, b) => a.localeCompare(b))).toEqual(['DELETE resp_1', 'DELETE resp_2']);
  });

  it('is ended at the provider when somebody stops it, and forgotten there', async () => {
    await growing();
    expect(await tab.ask({ type: 'turn.stop', commandId: newId<CommandId>(), conversation: tab.view!.conversation.id, turn: tab.turn })).toMatchObject({ ok: true, did: 'stopped' });
    await expect.poll(() => provider.asked).toEqual([CREATED, 'POST cancel', 'DELETE resp_1']);
  });
});
