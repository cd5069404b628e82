import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CommandId, ConversationId, MessageId, ModelId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import { newCluster, type Cluster, type Instance } from '../support/cluster.ts';
import { addDoomed, expectAlike, TAKEN_OVER_WITHIN_MS, type Doomed, type Fate } from '../support/doomed.ts';
import { chunk, finish, newRawProvider, questionOf, type RawCall, type RawProvider } from '../support/raw-provider.ts';
import { newSettingsFile, type SettingsFile } from '../support/settings-file.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';
import { faultsOnRecord } from '../fuzz/journal.ts';

const model = 'local/scripted' as ModelId;

/** The model is the test: what it is asked is counted, and it says what the test says. */
let provider: RawProvider;
let settings: SettingsFile;
let cluster: Cluster;
let survivor: Instance;
let mara: Account;
let callsBefore = 0;
beforeAll(async () => {
  provider = await newRawProvider();
  settings = newSettingsFile(`providers:\n  local:\n    kind: openai-compatible\n    baseUrl: ${provider.url}/v1\n    models: [scripted]\n`);
  cluster = await newCluster(1, settings.environment);
  survivor = cluster.instances[0] as Instance;
  mara = await newAccount(survivor.url);
});
beforeEach(() => {
  callsBefore = provider.calls.length;
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
  settings[Symbol.dispose]();
});

const tabAt = ({ url }: Instance): Promise<Tab> => new Tab(mara, url).ready();
const asked = (): string[] => provider.calls.slice(callsBefore).map(questionOf);
const taken = new Set<RawCall>();

/** The next call in which the model is asked this. */
async function callFor(question: string): Promise<RawCall> {
  const find = (): RawCall | undefined => provider.calls.slice(callsBefore).find((call) => !taken.has(call) && questionOf(call) === question);
  await expect.poll(find, { message: `the model is asked: ${question}`, timeout: TAKEN_OVER_WITHIN_MS, interval: 20 }).toBeDefined();
  const call = find() as RawCall;
  taken.add(call);
  return call;
}

/** Else the model would be asked for a title, too. */
const named = (conversation: ConversationId) => ({ type: 'conversation.change' as const, commandId: newId<CommandId>(), conversation, title: 'Named' });

/** The reply to `question` begins, as both tabs see. */
async function begin(first: Tab, second: Tab, question: string): Promise<{ conversation: ConversationId; call: RawCall }> {
  const conversation = await first.begin(question, { model });
  await second.open(conversation);
  expect(await first.ask(named(conversation))).toMatchObject({ ok: true });
  const call = await callFor(question);
  call.open();
  await call.write(chunk('Well'));
  for (const tab of [first, second]) await tab.until(() => tab.shown === 'Well');
  return { conversation, call };
}

async function answer(question: string, word: string): Promise<void> {
  const call = await callFor(question);
  call.open();
  await call.write(chunk(word));
  await finish(call);
}

const isAtRest = ({ view }: Tab): boolean => view?.turn === null && view.conversation.queue.length === 0;

/** In the end both tabs show this, and everything is on record as it should be. */
async function expectInTheEnd(thread: readonly string[], { doomed, fate, first, second, conversation }: { doomed: Doomed; fate: Fate; first: Tab; second: Tab; conversation: ConversationId }): Promise<void> {
  await second.until(() => isAtRest(second) && second.thread.length === thread.length, 'all of it is over', TAKEN_OVER_WITHIN_MS);
  expect(second.thread).toEqual(thread);
  await doomed.wake();
  if (fate === 'SIGSTOP') await expectAlike(first, second, conversation);
  expect(second.thread).toEqual(thread);
  expect(await faultsOnRecord(cluster.database.db, conversation, asked().length)).toEqual([]);
}

describe('an owner that is lost while messages wait', () => {
  it.each<[string, Fate]>([['after:turn-ended', 'SIGKILL'], ['before:turn-begun:2', 'SIGKILL'], ['after:turn-ended', 'SIGSTOP'], ['before:turn-begun:2', 'SIGSTOP']])('[CO1] [CO5] at %s, %s: they are asked elsewhere in the order they were sent in, each once', async (dieAt, fate) => {
    await using doomed = await addDoomed(cluster, dieAt, fate);
    await using first = await tabAt(doomed.instance);
    await using second = await tabAt(survivor);
    const { conversation, call } = await begin(first, second, 'One');
    const ids = { commandId: newId<CommandId>(), message: newId<MessageId>(), model };
    const queued = await first.send('Two', ids);
    expect(queued).toMatchObject({ ok: true, did: 'queued' });
    expect(await second.send('Three', { model })).toMatchObject({ ok: true, did: 'queued' });
    await finish(call);
    await doomed.gone();
    await answer('Two', 'Two it is');
    await answer('Three', 'Three it is');
    await expectInTheEnd(['person: One', 'model: Well [completed]', 'person: Two', 'model: Two it is [completed]', 'person: Three', 'model: Three it is [completed]'], { doomed, fate, first, second, conversation });
    expect(await second.send('Two', ids)).toEqual(queued);
    expect(asked()).toEqual(['One', 'Two', 'Three']);
  });

  it.each<Fate>(['SIGKILL', 'SIGSTOP'])('[CO5] [OR3] at after:turn-begun:2, %s: what was taken and not asked is concluded, what waits behind it is asked, and whoever wakes asks nothing', async (fate) => {
    await using doomed = await addDoomed(cluster, 'after:turn-begun:2', fate);
    await using first = await tabAt(doomed.instance);
    await using second = await tabAt(survivor);
    const { conversation, call } = await begin(first, second, 'One');
    for (const text of ['Two', 'Three']) expect(await first.send(text, { model })).toMatchObject({ ok: true, did: 'queued' });
    await finish(call);
    await doomed.gone();
    await answer('Three', 'Three it is');
    await expectInTheEnd(['person: One', 'model: Well [completed]', 'person: Two', 'model:  [interrupted]', 'person: Three', 'model: Three it is [completed]'], { doomed, fate, first, second, conversation });
    expect(asked()).toEqual(['One', 'Three']);
  });

  it.each(['before:queued', 'after:queued'])('[CO1] [CO5] at %s, SIGKILL: the message that was about to wait, sent again elsewhere, is asked once and has one answer', async (dieAt) => {
    await using doomed = await addDoomed(cluster, dieAt, 'SIGKILL');
    await using first = await tabAt(doomed.instance);
    await using second = await tabAt(survivor);
    const { conversation } = await begin(first, second, 'One');
    const ids = { commandId: newId<CommandId>(), message: newId<MessageId>(), model };
    void first.send('Two', ids);
    await doomed.gone();
    const done = await second.send('Two', ids);
    expect(done).toMatchObject({ ok: true });
    await answer('Two', 'Two it is');
    await expectInTheEnd(['person: One', 'model: Well [interrupted]', 'person: Two', 'model: Two it is [completed]'], { doomed, fate: 'SIGKILL', first, second, conversation });
    expect(await second.send('Two', ids)).toEqual(done);
    expect(asked()).toEqual(['One', 'Two']);
  });
});

/** A busy provider is waited for, as both tabs see, and the owner meets its fate when it would be asked again. */
async function askBusy(doomed: Doomed, first: Tab, second: Tab): Promise<ConversationId> {
  const conversation = await first.begin('One', { model });
  await second.open(conversation);
  (await callFor('One')).reply(503, { error: { message: 'Overloaded', type: 'server_error' } }, { 'retry-after': '3' });
  for (const tab of [first, second]) await tab.until(() => tab.view?.turn?.waiting !== undefined, 'it waits');
  await doomed.gone();
  await second.until(() => isAtRest(second), 'it is concluded', TAKEN_OVER_WITHIN_MS);
  expect(await second.ask(named(conversation))).toMatchObject({ ok: true });
  expect(await second.send('Two', { model })).toMatchObject({ ok: true });
  return conversation;
}
const ONE_INTERRUPTED = ['person: One', 'model:  [interrupted]', 'person: Two', 'model: Two it is [completed]'];

describe('an owner that is lost when it asks a busy provider again', () => {
  it.each<[string, Fate]>([['before:turn-begun:2', 'SIGSTOP'], ['after:turn-begun:2', 'SIGKILL']])('[RP1] [RP3] at %s, %s: the turn is concluded elsewhere, and nobody asks again', async (dieAt, fate) => {
    await using doomed = await addDoomed(cluster, dieAt, fate);
    await using first = await tabAt(doomed.instance);
    await using second = await tabAt(survivor);
    const conversation = await askBusy(doomed, first, second);
    await answer('Two', 'Two it is');
    await expectInTheEnd(ONE_INTERRUPTED, { doomed, fate, first, second, conversation });
    expect(asked()).toEqual(['One', 'Two']);
  });

  it('[OR3] [RP3] at after:turn-begun:2, SIGSTOP: what it may ask when it wakes is on record, and what it is told then is shown to nobody', async () => {
    await using doomed = await addDoomed(cluster, 'after:turn-begun:2', 'SIGSTOP');
    await using first = await tabAt(doomed.instance);
    await using second = await tabAt(survivor);
    const conversation = await askBusy(doomed, first, second);
    await doomed.wake();
    await expectAlike(first, second, conversation);
    if (asked().length > 2) await answer('One', 'Too late'); // it has found out before or after it asked
    await answer('Two', 'Two it is');
    await expectInTheEnd(ONE_INTERRUPTED, { doomed, fate: 'SIGSTOP', first, second, conversation });
    for (const { shown } of [first, second]) expect(shown).toBe('Two it is');
  });
});

describe('an owner that is lost in handing over what waits', () => {
  it.each<[string, Fate, string]>([['after:turn-ended', 'SIGKILL', 'completed'], ['before:turn-ended', 'SIGKILL', 'interrupted'], ['after:turn-ended', 'SIGSTOP', 'completed']])('[CO5] [RP1] at %s, %s: the message that waited for the end of its last turn is asked elsewhere, once', async (dieAt, fate, ended) => {
    await using doomed = await addDoomed(cluster, dieAt, fate);
    await using first = await tabAt(doomed.instance);
    await using second = await tabAt(survivor);
    const { conversation, call } = await begin(first, second, 'One');
    expect(await second.send('Two', { model })).toMatchObject({ ok: true, did: 'queued' });
    doomed.instance.signal('SIGTERM');
    await expect.poll(async () => (await fetch(`${doomed.instance.url}/readyz`)).status, { interval: 20 }).toBe(503);
    await finish(call);
    await doomed.gone();
    await answer('Two', 'Two it is');
    await second.until(() => isAtRest(second) && second.thread.length === 4, 'both are over', TAKEN_OVER_WITHIN_MS);
    expect(second.thread).toEqual(['person: One', `model: Well [${ended}]`, 'person: Two', 'model: Two it is [completed]']);
    await doomed.wake();
    expect(fate === 'SIGSTOP' ? await doomed.instance.ended : 0).toBe(0); // it goes on leaving
    expect(asked()).toEqual(['One', 'Two']);
    expect(await faultsOnRecord(cluster.database.db, conversation, 2)).toEqual([]);
  });
});
