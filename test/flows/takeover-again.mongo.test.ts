import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newCluster, type Cluster } from '../support/cluster.ts';
import { addDoomed, expectAlike, TAKEN_OVER_WITHIN_MS, type Fate } from '../support/doomed.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';
import { faultsOnRecord } from '../fuzz/journal.ts';

/** Of three instances the first is killed in the middle of a turn, the second is lost while it takes the turn over, and the third, added once both are gone, is the first of the next test. */
let cluster: Cluster;
let mara: Account;
beforeAll(async () => {
  cluster = await newCluster(1, { DEMO_PACE: '20' }); // a reply grows for as long as it takes to start another instance
  mara = await newAccount(cluster.instances[0]!.url);
});
afterAll(() => cluster[Symbol.asyncDispose]());

const TAKING_OVER: [string, Fate][] = ['before:claim', 'after:claim', 'before:turn-ended', 'after:turn-ended'].flatMap((dieAt): [string, Fate][] => [[dieAt, 'SIGKILL'], [dieAt, 'SIGSTOP']]);

describe('an instance that is lost while it takes a conversation over', () => {
  it.each(TAKING_OVER)('[RP1] [OR3] at %s, %s: a third one concludes the turn, once, with all that was shown', async (dieAt, fate) => {
    const owner = await cluster.theOnlyOne();
    const first = await new Tab(mara, owner.url).ready();
    const conversation = await first.begin('Write something long');
    await first.until(() => first.shown.length > 60);
    await using successor = await addDoomed(cluster, dieAt, fate);
    await using second = await new Tab(mara, successor.instance.url).ready();
    await second.open(conversation);
    owner.signal('SIGKILL');
    await owner.ended;
    await first[Symbol.asyncDispose]();
    await successor.gone();
    const third = await cluster.add();
    await using tab = await new Tab(mara, third.url).ready();
    await tab.open(conversation);
    await tab.until(() => tab.view?.turn === null, 'it is concluded', TAKEN_OVER_WITHIN_MS);
    expect(tab.thread).toEqual(['person: Write something long', expect.stringMatching(/^model: .*\[interrupted\]$/su)]);
    for (const { shown } of [first, second]) expect(tab.thread[1]).toContain(shown);
    await successor.wake();
    if (fate === 'SIGSTOP') await expectAlike(second, tab, conversation);
    expect(await faultsOnRecord(cluster.database.db, conversation)).toEqual([]);
  });
});
