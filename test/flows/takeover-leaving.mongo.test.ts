import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandId, ModelId } from '../../contracts/ids.ts';
import { newId } from '../../server/ids.ts';
import { newCluster, type Cluster, type Instance } from '../support/cluster.ts';
import { addDoomed, expectAlike, TAKEN_OVER_WITHIN_MS, type Fate } from '../support/doomed.ts';
import { newRawProvider, type RawProvider } from '../support/raw-provider.ts';
import { newSettingsFile, type SettingsFile } from '../support/settings-file.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';
import { faultsOnRecord } from '../fuzz/journal.ts';

let provider: RawProvider;
let settings: SettingsFile;
let cluster: Cluster;
let survivor: Instance;
let mara: Account;
beforeAll(async () => {
  provider = await newRawProvider();
  settings = newSettingsFile(`demo: true\nproviders:\n  local:\n    kind: openai-compatible\n    baseUrl: ${provider.url}/v1\n    models: [scripted]\n`);
  cluster = await newCluster(1, settings.environment);
  survivor = cluster.instances[0] as Instance;
  mara = await newAccount(survivor.url);
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
  settings[Symbol.dispose]();
});

const tabAt = ({ url }: Instance): Promise<Tab> => new Tab(mara, url).ready();

describe('while a provider that was busy is waited for', () => {
  it.each<Fate>(['SIGKILL', 'SIGSTOP'])('[RP1] %s: the turn is concluded elsewhere without a word, and the provider is asked by nobody until a person wants it', async (fate) => {
    await using doomed = await addDoomed(cluster, 'never:1', fate);
    await using first = await tabAt(doomed.instance);
    await using second = await tabAt(survivor);
    const before = provider.calls.length;
    const conversation = await first.begin('Hello?', { model: 'local/scripted' as ModelId });
    await second.open(conversation);
    (await provider.next()).reply(429, { error: { message: 'Too many requests', type: 'rate_limit_error' } }, { 'retry-after': '4' });
    for (const tab of [first, second]) await tab.until(() => tab.view?.turn?.waiting !== undefined, 'it waits');
    doomed.instance.signal(fate);
    await doomed.gone();
    await second.until(() => second.view?.turn === null, 'it is concluded', TAKEN_OVER_WITHIN_MS);
    expect(second.thread).toEqual(['person: Hello?', 'model:  [interrupted]']);
    await doomed.wake();
    if (fate === 'SIGSTOP') await expectAlike(first, second, conversation);
    expect(await second.ask({ type: 'turn.regenerate', commandId: newId<CommandId>(), conversation, message: second.view!.messages[1]!.id })).toMatchObject({ ok: true });
    const call = await provider.next(); // of whoever wanted it now: the one that stood still has asked for nothing
    expect(provider.calls.length - before).toBe(2);
    call.reply(401, { error: { message: 'No such key', type: 'authentication_error' } });
    await second.until(() => second.view?.turn === null);
    expect(await faultsOnRecord(cluster.database.db, conversation)).toEqual([]);
  });
});

describe('while an instance that was told to leave hands over', () => {
  it.each<Fate>(['SIGKILL', 'SIGSTOP'])('[RP1] %s: what runs there is concluded elsewhere with all that was shown, and what rests there goes on', async (fate) => {
    await using doomed = await addDoomed(cluster, 'never:1', fate);
    await using first = await tabAt(doomed.instance);
    await using second = await tabAt(survivor);
    await using resting = await tabAt(doomed.instance);
    const idle = await resting.begin('Hello');
    await resting.until(() => resting.view?.turn === null && resting.view.conversation.titledBy === 'model');
    const conversation = await first.begin('Write something long');
    await second.open(conversation);
    await second.until(() => second.shown.length > 60);
    doomed.instance.signal('SIGTERM');
    await expect.poll(async () => (await fetch(`${doomed.instance.url}/readyz`)).status, { interval: 20 }).toBe(503);
    doomed.instance.signal(fate);
    await doomed.gone();
    const shown = [first.shown, second.shown].toSorted((a, b) => b.length - a.length)[0] as string;
    await second.until(() => second.view?.turn === null, 'it is concluded', TAKEN_OVER_WITHIN_MS);
    expect(second.thread[1]).toMatch(/^model: .*\[interrupted\]$/su);
    expect(second.thread[1]).toContain(shown);
    await using third = await tabAt(survivor);
    await third.open(idle);
    expect(await third.send('Still there?')).toMatchObject({ ok: true });
    await third.until(() => third.view?.turn === null && third.thread.length === 4);
    await doomed.wake();
    expect(fate === 'SIGSTOP' ? await doomed.instance.ended : 0).toBe(0); // it goes on leaving
    for (const one of [conversation, idle]) expect(await faultsOnRecord(cluster.database.db, one)).toEqual([]);
  });
});
