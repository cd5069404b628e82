import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Store } from '../../server/store/store.ts';
import { newPlace } from '../support/deployment.ts';
import { faultyStore, type FaultPlan } from '../support/faults.ts';
import { keptJournal } from '../support/kept-journal.ts';
import { newServerProcess } from '../support/process.ts';
import { records } from '../support/recording.ts';
import { newRedis } from '../support/redis.ts';
import { newServer } from '../support/server.ts';
import { isOnCluster } from '../support/shared.ts';
import { newAccount, Tab } from '../support/tab.ts';

/** Of a new conversation: the first call is for the reply, the second for its title. */
it.each(['after:turn-begun:2', 'before:turn-ended:2'])('[RE2] killed at %s, in the middle of making a title: how that call ended is on record after the next start, though no tab asks', async (dieAt) => {
  const master = randomBytes(32).toString('hex');
  await using place = await newPlace();
  await using redis = isOnCluster ? await newRedis() : undefined;
  using journal = keptJournal(place, master);
  await using server = await newServerProcess(dieAt, { ...place.environment, GORUNCHAT_MASTER_KEY: master, HAND_OVER_SECONDS: '0', ...(redis && { REDIS_URL: redis.url }) });
  const tab = await new Tab(await newAccount(server.url)).ready();
  await tab.begin('Tell me something about code');
  await server.died;
  await tab[Symbol.asyncDispose]();
  expect(await journal.goingOn()).toBe(1);
  await server.start();
  await expect.poll(() => journal.goingOn(), { timeout: 60_000, interval: 50 }).toBe(0);
  await server.signal('SIGTERM');
  expect((await journal.calls()).calls.map(({ purpose, outcome }) => [purpose, outcome])).toEqual([['reply', 'completed'], ['title', 'interrupted']]);
});

it('[RE2] where that cannot be put on record it is tried again until it is', async () => {
  const held: { store?: Store } = {};
  const isEnd = records('turn-ended');
  const refused = { isOn: true, times: 0 };
  let ends = 0;
  // The first end is the reply's, all others are those of the title.
  const plan: FaultPlan = (changes) => {
    if (!isEnd(changes) || ++ends === 1 || !refused.isOn) return undefined;
    refused.times += 1;
    return 'refuse';
  };
  await using server = await newServer({ wrap: (store) => faultyStore((held.store = store), plan) });
  const account = await newAccount(server.url);
  const tab = await new Tab(account).ready();
  const conversation = await tab.begin('Tell me something about code');
  const kept = async (): Promise<string[]> => (await held.store!.find({ kind: 'record', index: 'byChain', where: [conversation], limit: 100 })).items.map(({ body }) => body.type);
  const endsKept = async (): Promise<number> => (await kept()).filter((type) => type === 'turn-ended').length;
  await expect.poll(() => refused.times).toBeGreaterThan(1); // by the life that made it
  await tab[Symbol.asyncDispose]();
  expect(await endsKept()).toBe(1);
  await server.restart();
  const before = refused.times;
  await expect.poll(() => refused.times).toBeGreaterThan(before + 1); // and by the next one
  expect(await endsKept()).toBe(1);
  refused.isOn = false;
  await expect.poll(endsKept).toBe(2);
  expect(await kept()).not.toContain('conversation-changed'); // the title itself is lost
});

it('[RE3] how the call for a title ended is on record, with the title, once that can be', async () => {
  const refused = { isOn: true, times: 0 };
  const gives = records('conversation-changed');
  const isEnd = records('turn-ended');
  await using server = await newServer({ wrap: (store) => faultyStore(store, (changes) => (refused.isOn && isEnd(changes) && gives(changes) ? ((refused.times += 1), 'refuse') : undefined)) });
  await using tab = await new Tab(await newAccount(server.url)).ready();
  await tab.begin('Tell me something about code');
  await expect.poll(() => refused.times).toBeGreaterThan(1);
  expect(tab.view?.conversation.titledBy).toBe('nobody');
  refused.isOn = false;
  await tab.until(() => tab.view?.conversation.titledBy === 'model');
});
