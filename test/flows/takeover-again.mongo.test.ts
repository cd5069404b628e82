import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ModelId } from '../../contracts/ids.ts';
import { textOf } from '../../contracts/view.ts';
import { newCluster, type Cluster } from '../support/cluster.ts';
import { addDoomed, expectAlike, TAKEN_OVER_WITHIN_MS, type Fate } from '../support/doomed.ts';
import { newKeptProvider, type KeptProvider } from '../support/kept-provider.ts';
import { newAccount, Tab } from '../support/tab.ts';
import { faultsOnRecord } from '../fuzz/journal.ts';

/** Nobody is left but those that a test adds: the first is lost in the middle of a turn, the second while it takes the turn over, and the third is added once both are gone. */
let provider: KeptProvider;
let cluster: Cluster;
beforeAll(async () => {
  provider = await newKeptProvider('demo: true\n');
  cluster = await newCluster(0, provider.environment);
}, 60_000);
afterEach(async () => {
  for (const instance of cluster.instances) instance.signal('SIGKILL');
  await Promise.all(cluster.instances.map(({ ended }) => ended));
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});

const TAKING_OVER: [string, Fate][] = [['before:claim', 'SIGKILL'], ['before:turn-ended', 'SIGKILL'], ['after:turn-ended', 'SIGKILL'], ['after:claim', 'SIGSTOP'], ['before:turn-ended', 'SIGSTOP']];

describe('an instance that is lost while it takes a conversation over', () => {
  it.each(TAKING_OVER)('[RP1] [OR3] at %s, %s: a third one concludes the turn, once, with all that was shown', async (dieAt, fate) => {
    await using owner = await addDoomed(cluster, 'never:1', 'SIGKILL');
    const mara = await newAccount(owner.instance.url);
    const first = await new Tab(mara).ready();
    const conversation = await first.begin('Write something long');
    await first.until(() => first.shown.length > 60);
    await using successor = await addDoomed(cluster, dieAt, fate);
    await using second = await new Tab(mara, successor.instance.url).ready();
    await second.open(conversation);
    owner.instance.signal('SIGKILL');
    await owner.gone();
    await first[Symbol.asyncDispose]();
    await successor.gone();
    const third = await cluster.add();
    await using tab = await new Tab(mara, third.url).ready();
    await tab.open(conversation);
    await tab.until(() => tab.view?.turn === null, 'it is concluded', TAKEN_OVER_WITHIN_MS);
    expect(tab.thread).toEqual(['person: Write something long', expect.stringMatching(/^model: .*\[interrupted\]$/su)]);
    for (const { shown } of [first, second]) expect(tab.thread[1]).toContain(shown);
    successor.wake();
    if (fate === 'SIGSTOP') await expectAlike(second, tab, conversation);
    expect(await faultsOnRecord(cluster.database.db, conversation)).toEqual([]);
  });

  it('[RP1] once it listens again to a response that its provider keeps: a third one goes on with it, and nobody asks for another', async () => {
    const before = provider.asked.length;
    await using owner = await addDoomed(cluster, 'never:1', 'SIGKILL');
    const mara = await newAccount(owner.instance.url);
    const first = await new Tab(mara).ready();
    const conversation = await first.begin('Count', { model: 'openai/gpt-5' as ModelId });
    await expect.poll(() => provider.asked.length).toBe(before + 1);
    provider.say('one, ');
    await first.until(() => first.shown === 'one, ');
    await expect.poll(() => cluster.database.db.collection('record').countDocuments({ 'by.chain': conversation, json: /"type":"turn-accepted"/u })).toBe(1);
    await using successor = await addDoomed(cluster, 'after:turn-resumed', 'SIGKILL');
    owner.instance.signal('SIGKILL');
    await owner.gone();
    await first[Symbol.asyncDispose]();
    provider.say('two, ');
    await successor.gone();
    provider.say('three, ');
    const third = await cluster.add();
    await using tab = await new Tab(mara, third.url).ready();
    await tab.open(conversation);
    await tab.until(() => tab.shown === 'one, two, three, ', 'it goes on', TAKEN_OVER_WITHIN_MS);
    provider.say('four.');
    provider.finish();
    await tab.until(() => tab.view?.turn === null);
    expect([textOf(tab.view!.messages[1]!), tab.view!.messages[1]!.outcome]).toEqual(['one, two, three, four.', { kind: 'completed' }]);
    expect(provider.asked.slice(before).filter((one) => one.startsWith('POST create'))).toHaveLength(1);
    expect(await faultsOnRecord(cluster.database.db, conversation)).toEqual([]);
  });
});
