import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newCluster, type Cluster, type Instance } from '../support/cluster.ts';
import { addDoomed, TAKEN_OVER_WITHIN_MS, type Fate } from '../support/doomed.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';
import { faultsOnRecord } from '../fuzz/journal.ts';

let cluster: Cluster;
let survivor: Instance;
let mara: Account;
beforeAll(async () => {
  cluster = await newCluster(1);
  survivor = cluster.instances[0] as Instance;
  mara = await newAccount(survivor.url);
}, 60_000);
afterAll(() => cluster[Symbol.asyncDispose]());

const tabAt = ({ url }: Instance): Promise<Tab> => new Tab(mara, url).ready();

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
