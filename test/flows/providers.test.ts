import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { CommandId, ModelId } from '../../contracts/ids.ts';
import type { Model, ProviderKey } from '../../contracts/models.ts';
import { newId } from '../../server/ids.ts';
import { contentOf, type RecordContent } from '../../server/journal/journal.ts';
import { masterKey, openKeys } from '../../server/journal/keys.ts';
import type { ProviderSettings } from '../../server/providers/settings.ts';
import { around } from '../../server/store/around.ts';
import type { Store } from '../../server/store/store.ts';
import { newFakeProvider } from '../support/fake-provider.ts';
import { faultyStore } from '../support/faults.ts';
import { records } from '../support/recording.ts';
import { event, newRawProvider, type RawCall, type RawProvider } from '../support/raw-provider.ts';
import { newServer, type TestServer } from '../support/server.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';

const TINY = 'local/tiny' as ModelId;

function local(url: string, more: Partial<ProviderSettings> = {}): ProviderSettings {
  return { id: 'local', kind: 'openai-compatible', name: 'Local', baseUrl: `${url}/v1`, key: undefined, ownKeys: false, headers: {}, models: [{ name: 'tiny' }], fetch: false, titleModel: undefined, ...more };
}

const chunk = (content: string, finish: string | null = null): string => event({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content }, finish_reason: finish }] });

async function answer(call: RawCall, ...texts: string[]): Promise<void> {
  call.open();
  await call.write(...texts.map((text) => chunk(text)), chunk('', 'stop'), event('[DONE]'));
  call.end();
}

/** A title is asked for after the first reply. */
async function answerTitle(raw: RawProvider): Promise<void> {
  const call = await raw.next();
  expect(JSON.stringify(call.body)).toContain('title');
  await answer(call, 'A title');
}

/** A store that counts the calls of providers that are on record. */
function counting(begun: { replies: number }): (store: Store) => Store {
  return (store) => around(store, {
    async commit(changes, fence) {
      await store.commit(changes, fence);
      begun.replies += changes.filter((change) => change.kind === 'record' && change.do === 'add' && change.body.type === 'turn-begun').length;
    },
  });
}

async function models(account: Account): Promise<{ models: Model[]; default: ModelId | null }> {
  return (await fetch(`${account.url}/api/models`, { headers: { cookie: account.cookie } })).json() as Promise<{ models: Model[]; default: ModelId | null }>;
}

it('a server that speaks Chat Completions answers in every tab, and names the conversation', async () => {
  await using fake = await newFakeProvider(({ question, body }) => ({ text: JSON.stringify(body).includes('at most six words') ? '"Colours of the sky."' : `You said: ${question}`, reasoning: 'Hm.' }), { chunkSize: 4 });
  await using server = await newServer({ config: { providers: [local(fake.url, { key: 'sk-0123456789' })] } });
  const account = await newAccount(server.url);
  expect(await models(account)).toMatchObject({ default: TINY, models: [{ id: TINY, name: 'tiny', providerName: 'Local', needsKey: false, isDemo: false }] });
  await using tab = await new Tab(account).ready();
  await using other = await new Tab(account).ready();
  await other.open(await tab.begin('Why is it blue?', { model: TINY }));
  await tab.until(() => tab.view?.turn === null && tab.view.conversation.title === 'Colours of the sky');
  await other.until(() => other.view?.turn === null);
  expect(tab.thread).toEqual(['person: Why is it blue?', 'model: You said: Why is it blue? [completed]']);
  expect(other.thread).toEqual(tab.thread);
  expect(tab.view?.messages.at(-1)).toMatchObject({ model: TINY, usage: { inputTokens: 12, outputTokens: 5 }, parts: [{ type: 'reasoning', text: 'Hm.' }, { type: 'text' }] });
  expect(fake.asked.map(({ path, headers }) => [path, headers['authorization'] !== undefined])).toEqual([['/v1/chat/completions', true], ['/v1/chat/completions', true]]);
});

it('[RP3] [RE2] a busy provider is asked again before the first character, each time after a record of its own', async () => {
  await using raw = await newRawProvider();
  const begun = { replies: 0 };
  await using server = await newServer({ config: { providers: [local(raw.url)] }, wrap: counting(begun) });
  await using tab = await new Tab(await newAccount(server.url)).ready();
  await tab.begin('Hello', { model: TINY });
  for (const attempt of [1, 2, 3]) {
    const call = await raw.next();
    expect(begun.replies).toBe(attempt);
    call.reply(attempt === 2 ? 429 : 503, { error: { message: 'Overloaded', type: 'server_error' } }, { 'retry-after-ms': '1' });
  }
  const fourth = await raw.next();
  expect(begun.replies).toBe(4);
  await answer(fourth, 'At', ' last');
  await tab.until(() => tab.view?.turn === null);
  expect(tab.thread).toEqual(['person: Hello', 'model: At last [completed]']);
  await answerTitle(raw);
});

it('[RP3] a provider that stays busy is asked four times and no more', async () => {
  await using raw = await newRawProvider();
  await using server = await newServer({ config: { providers: [local(raw.url)] } });
  await using tab = await new Tab(await newAccount(server.url)).ready();
  await tab.begin('Hello', { model: TINY });
  for (let attempt = 1; attempt <= 4; attempt++) (await raw.next()).reply(503, { error: { message: 'Overloaded' } }, { 'retry-after-ms': '1' });
  await tab.until(() => tab.view?.turn === null);
  expect(tab.view?.messages.at(-1)?.outcome).toEqual({ kind: 'failed', code: 'provider-busy', detail: 'Overloaded' });
  expect(raw.calls).toHaveLength(4);
});

it('[RP3] a provider that says it is busy after the first character is not asked again, and its text stays', async () => {
  await using raw = await newRawProvider();
  await using server = await newServer({ config: { providers: [local(raw.url)] } });
  await using tab = await new Tab(await newAccount(server.url)).ready();
  await tab.begin('Hello', { model: TINY });
  const call = await raw.next();
  call.open();
  await call.write(chunk('Half an'));
  await tab.until(() => tab.shown === 'Half an');
  await call.write(event({ error: { message: 'Overloaded', code: 503 } }));
  await tab.until(() => tab.view?.turn === null);
  expect(tab.thread[1]).toBe('model: Half an [interrupted]');
  expect(tab.view?.messages.at(-1)?.outcome).toEqual({ kind: 'interrupted', code: 'provider-broke-off', detail: 'Overloaded' });
  expect(raw.calls).toHaveLength(1);
});

it('[RP2] a stream that just stops is interrupted, with the text that came', async () => {
  await using raw = await newRawProvider();
  await using server = await newServer({ config: { providers: [local(raw.url)] } });
  await using tab = await new Tab(await newAccount(server.url)).ready();
  await tab.begin('Hello', { model: TINY });
  const call = await raw.next();
  call.open();
  await call.write(chunk('Half an'), chunk(' answer'));
  await tab.until(() => tab.shown === 'Half an answer');
  call.end();
  await tab.until(() => tab.view?.turn === null);
  expect(tab.thread[1]).toBe('model: Half an answer [interrupted]');
  expect(raw.calls).toHaveLength(1);
});

it('[RP5] a reply without end is ended at a million bytes, says so, closes the connection, and the conversation goes on', async () => {
  await using raw = await newRawProvider();
  await using server = await newServer({ config: { providers: [local(raw.url)] } });
  const account = await newAccount(server.url);
  await using tab = await new Tab(account).ready();
  await tab.begin('Hello', { model: TINY });
  for (let queued = 0; queued < 2; queued++) expect(await tab.send('\u20ac'.repeat(199_990), { model: TINY })).toMatchObject({ did: 'queued' });
  const call = await raw.next();
  call.open();
  const piece = '\u20ac "quoted"\n'.repeat(1_000);
  let hasClosed = false;
  void call.closed.then(() => (hasClosed = true));
  while (!hasClosed) await call.write(chunk(piece));
  await tab.until(() => tab.view?.messages.some((message) => message.outcome !== undefined) === true);
  const reply = tab.view!.messages[1]!;
  expect(reply.outcome).toEqual({ kind: 'completed', code: 'output-limit' });
  expect(tab.shown.length).toBeGreaterThan(500_000);
  expect(piece.repeat(100)).toContain((reply.parts[0] as { text: string }).text);
  for (const _what of ['the title', 'the first that waits', 'the second']) await answer(await raw.next(), 'Shorter');
  await tab.until(() => tab.thread.some((line) => line === 'model: Shorter [completed]'));
});

/** What the records of a conversation say, opened with the deployment's own key. */
async function recordsOf(server: TestServer, store: Store, conversation: string): Promise<RecordContent['said'][]> {
  const key = await openKeys(store, masterKey(join(server.folder, 'master.key'), undefined)).of(conversation);
  const page = await store.find({ kind: 'record', index: 'byChain', where: [conversation], limit: 100 });
  return page.items.map((item) => contentOf(item.body, key!).said);
}

it('[RE2] the record of a title says what was sent, how it ended and what it cost, also when the model declines', async () => {
  await using raw = await newRawProvider();
  const stores: Store[] = [];
  await using server = await newServer({ config: { providers: [local(raw.url)] }, wrap: (store) => (stores.push(store), store) });
  await using tab = await new Tab(await newAccount(server.url)).ready();
  const conversation = await tab.begin('Hello', { model: TINY, parameters: { instructions: 'Speak like a pirate' } });
  await answer(await raw.next(), 'Ahoy');
  const title = await raw.next();
  title.open();
  await title.write(chunk('I can', 'content_filter'), event({ id: 'c', object: 'chat.completion.chunk', choices: [], usage: { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 } }), event('[DONE]'));
  title.end();
  const said = async () => (await recordsOf(server, stores[0]!, conversation)).slice(-2);
  while ((await said())[1]?.type !== 'turn-ended' || (await said())[0]?.type !== 'turn-begun') continue;
  expect(await said()).toMatchObject([
    { type: 'turn-begun', purpose: 'title', parameters: { instructions: expect.stringContaining('at most six words') } },
    { type: 'turn-ended', outcome: { kind: 'failed', code: 'content-refused' }, usage: { inputTokens: 7, outputTokens: 2 } },
  ]);
});

it('[RE2] a turn is sent with the parameters that are on record for it, though they are changed before the call', async () => {
  await using raw = await newRawProvider();
  const stores: Store[] = [];
  const gate: { isRecorded?: boolean; reached: PromiseWithResolvers<void>; open: PromiseWithResolvers<void> } = { reached: Promise.withResolvers(), open: Promise.withResolvers() };
  const wrap = (store: Store): Store => {
    stores.push(store);
    return {
      ...faultyStore(store, () => undefined),
      get: async (kind, id) => {
        if (kind === 'provider-key' && gate.isRecorded === true) {
          gate.reached.resolve();
          await gate.open.promise;
        }
        return store.get(kind, id);
      },
      commit: async (changes, fence) => {
        await store.commit(changes, fence);
        gate.isRecorded ||= records('turn-begun')(changes);
      },
    };
  };
  await using server = await newServer({ config: { providers: [local(raw.url, { ownKeys: true, models: [{ name: 'tiny', fields: ['temperature'] }] })] }, wrap });
  const account = await newAccount(server.url);
  await fetch(`${server.url}/api/keys/local`, { method: 'PUT', headers: { cookie: account.cookie, origin: server.url, 'content-type': 'application/json' }, body: '{"key":"sk-of-mara-0123456789","expiresInDays":null}' });
  await using tab = await new Tab(account).ready();
  const conversation = await tab.begin('Hello', { model: TINY, parameters: { temperature: 0.25 } });
  await gate.reached.promise;
  expect(await tab.ask({ type: 'conversation.change', commandId: newId<CommandId>(), conversation, parameters: { temperature: 1.5 } })).toMatchObject({ ok: true, did: 'changed' });
  gate.open.resolve();
  const call = await raw.next();
  expect(call.body).toMatchObject({ temperature: 0.25 });
  expect((await recordsOf(server, stores[0]!, conversation)).find((said) => said.type === 'turn-begun')).toMatchObject({ parameters: { temperature: 0.25 } });
  await answer(call, 'Yes');
});

it('a stop closes the connection to the provider', async () => {
  await using raw = await newRawProvider();
  await using server = await newServer({ config: { providers: [local(raw.url)] } });
  await using tab = await new Tab(await newAccount(server.url)).ready();
  const conversation = await tab.begin('Hello', { model: TINY });
  const call = await raw.next();
  call.open();
  await call.write(chunk('Half'));
  await tab.until(() => tab.shown === 'Half');
  await tab.ask({ type: 'turn.stop', commandId: newId<CommandId>(), conversation, turn: tab.turn });
  await call.closed;
  await tab.until(() => tab.view?.turn === null);
  expect(tab.thread[1]).toBe('model: Half [stopped]');
});

it('a person’s own key is used, and a missing one is said', async () => {
  await using fake = await newFakeProvider(() => ({ text: 'Yes.' }));
  await using server = await newServer({ config: { providers: [local(fake.url, { ownKeys: true })] } });
  const account = await newAccount(server.url);
  await using tab = await new Tab(account).ready();
  expect((await models(account)).models).toMatchObject([{ id: TINY, needsKey: true }, { isDemo: true }]);
  expect(await tab.send('Hello', { model: TINY })).toMatchObject({ ok: false, refusal: { code: 'provider-key-missing' } });
  expect(fake.asked).toEqual([]);

  const put = await fetch(`${server.url}/api/keys/local`, {
    method: 'PUT',
    headers: { cookie: account.cookie, origin: server.url, 'content-type': 'application/json' },
    body: JSON.stringify({ key: 'sk-of-mara-0123456789', expiresInDays: null }),
  });
  expect((await put.json()) as ProviderKey).toMatchObject({ provider: 'local', providerName: 'Local', isSet: true });
  expect(await models(account)).toMatchObject({ default: TINY, models: [{ id: TINY, needsKey: false }, { isDemo: true }] });
  await tab.begin('Hello', { model: TINY });
  await tab.until(() => tab.view?.turn === null);
  expect(tab.thread[1]).toBe('model: Yes. [completed]');
  const stranger = await newAccount(server.url);
  expect((await models(stranger)).models).toMatchObject([{ needsKey: true }, { isDemo: true }]);
});

it('a model that is not offered is refused before anything is sent', async () => {
  await using fake = await newFakeProvider(() => ({ text: 'Yes.' }));
  await using server = await newServer({ config: { providers: [local(fake.url)] } });
  await using tab = await new Tab(await newAccount(server.url)).ready();
  for (const model of ['local/other', 'nobody/tiny', 'demo/demo']) {
    expect(await tab.send('Hello', { model: model as ModelId })).toMatchObject({ ok: false, refusal: { code: 'model-unknown' } });
  }
  expect(fake.asked).toEqual([]);
});
