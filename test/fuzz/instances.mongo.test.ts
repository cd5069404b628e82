import { expect, it } from 'vitest';
import { newCluster } from '../support/cluster.ts';
import { newAccount } from '../support/tab.ts';
import { faultsIn, runHistory } from './history.ts';
import { outage } from './outages.ts';

/** With what has to happen in it; the rest is the dice's. */
const HISTORIES = [
  { seed: 11, outages: ['an instance is paused, replaced, and wakes while it writes', 'the database does not answer for a while'] },
  { seed: 23, outages: ['an instance is cut off from Redis while its database is slow', 'an instance is killed and comes back'] },
];
const STEPS = 9;

it.each(HISTORIES)('[OR1] [OR3] [CO1] [RP1] two instances, seed $seed: every tab ends with the same thread, whatever goes wrong', async ({ seed, outages }) => {
  await using cluster = await newCluster(2, { DEMO_PACE: '1200' }, 'linked');
  const account = await newAccount(cluster.instances[0]?.url ?? '');
  const left = [...outages];
  const outcome = await runHistory(seed, STEPS, {
    account,
    url: (dice) => dice.pick(cluster.instances).url,
    crash: async (dice, meanwhile) => {
      const next = left.shift();
      if (next !== undefined) await outage(next, cluster, dice, meanwhile);
    },
  });
  for (const name of left) await outage(name, cluster, { next: () => 0, below: () => 0, pick: (choices) => choices[0] as never }, () => undefined);
  expect(await faultsIn(outcome, 40_000, true)).toEqual([]);
  expect(outcome.acknowledged.length).toBeGreaterThan(0);
  for (const tab of outcome.tabs) await tab[Symbol.asyncDispose]();
});
