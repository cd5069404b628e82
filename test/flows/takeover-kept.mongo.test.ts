import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConversationId, ModelId } from '../../contracts/ids.ts';
import { newCluster, type Cluster } from '../support/cluster.ts';
import { addDoomed, expectAlike, TAKEN_OVER_WITHIN_MS, type Fate } from '../support/doomed.ts';
import { newKeptProvider, type KeptProvider } from '../support/kept-provider.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';
import { faultsOnRecord } from '../fuzz/journal.ts';

/** Of three instances the first is killed while a response grows that its provider keeps, the second is lost while it goes on with it, and the third, added once both are gone, is the first of the next test. */
let provider: KeptProvider;
let cluster: Cluster;
let mara: Account;
beforeAll(async () => {
  provider = await newKeptProvider();
  cluster = await newCluster(1, provider.environment);
  mara = await newAccount(cluster.instances[0]!.url);
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});

const createdSince = (before: number): string[] => provider.asked.slice(before).filter((one) => one.startsWith('POST create'));

/** A reply that was shown as far as `one, ` by an owner that can be killed, with where the provider keeps it on record. */
async function beginKept(): Promise<{ conversation: ConversationId; kill(): Promise<void> }> {
  const before = provider.asked.length;
  const owner = await cluster.theOnlyOne();
  const tab = await new Tab(mara, owner.url).ready();
  const conversation = await tab.begin('Count', { model: 'openai/gpt-5' as ModelId });
  await expect.poll(() => createdSince(before)).toHaveLength(1);
  provider.say('one, ');
  await tab.until(() => tab.shown === 'one, ');
  await expect.poll(() => cluster.database.db.collection('record').countDocuments({ 'by.chain': conversation, json: /"type":"turn-accepted"/u })).toBe(1);
  return {
    conversation,
    async kill() {
      owner.signal('SIGKILL');
      await owner.ended;
      await tab[Symbol.asyncDispose]();
    },
  };
}

/** A third instance goes on from there to the end. */
async function expectWhole(conversation: ConversationId): Promise<Tab> {
  provider.say('three, ');
  const third = await cluster.add();
  const tab = await new Tab(mara, third.url).ready();
  await tab.open(conversation);
  await tab.until(() => tab.shown === 'one, two, three, ', 'it goes on', TAKEN_OVER_WITHIN_MS);
  provider.say('four.');
  provider.finish();
  await tab.until(() => tab.view?.turn === null);
  expect(tab.thread).toEqual(['person: Count', 'model: one, two, three, four. [completed]']);
  return tab;
}

describe('an instance that is lost while it goes on with a response that its provider keeps', () => {
  it.each<[string, Fate]>([['before:turn-resumed', 'SIGKILL'], ['after:turn-resumed', 'SIGKILL'], ['before:turn-resumed', 'SIGSTOP'], ['after:turn-resumed', 'SIGSTOP']])('[RP1] [OR3] at %s, %s: a third one goes on with it, no character is missing or twice, and nobody asks for another', async (dieAt, fate) => {
    const before = provider.asked.length;
    const { conversation, kill } = await beginKept();
    await using successor = await addDoomed(cluster, dieAt, fate);
    await using second = await new Tab(mara, successor.instance.url).ready();
    await kill();
    provider.say('two, ');
    await successor.gone();
    await using tab = await expectWhole(conversation);
    await successor.wake();
    if (fate === 'SIGSTOP') await expectAlike(second, tab, conversation);
    expect(createdSince(before)).toHaveLength(1);
    expect(await faultsOnRecord(cluster.database.db, conversation, 1)).toEqual([]);
  });

  it.each<Fate>(['SIGKILL', 'SIGSTOP'])('[RP1] [OR3] in the middle of its text, %s: a third one goes on after what was shown, and nobody asks for another', async (fate) => {
    const before = provider.asked.length;
    const { conversation, kill } = await beginKept();
    await using successor = await addDoomed(cluster, 'never:1', fate);
    await using second = await new Tab(mara, successor.instance.url).ready();
    await kill();
    await second.open(conversation);
    provider.say('two, ');
    await second.until(() => second.shown === 'one, two, ', 'the second goes on', TAKEN_OVER_WITHIN_MS);
    successor.instance.signal(fate);
    await successor.gone();
    await using tab = await expectWhole(conversation);
    await successor.wake();
    if (fate === 'SIGSTOP') await expectAlike(second, tab, conversation);
    expect(createdSince(before)).toHaveLength(1);
    expect(await faultsOnRecord(cluster.database.db, conversation, 1)).toEqual([]);
  });
});
