import { expect, it } from 'vitest';
import { newCluster } from '../support/cluster.ts';
import { chosen, downloaded, order, saved, until, verified } from '../support/packages.ts';
import { give, openCase } from '../support/reviewer.ts';
import { newAccount, Tab } from '../support/tab.ts';

it('[RE13] what an instance was making when it was lost, another one makes, and every package is whole', async () => {
  await using cluster = await newCluster(1, { DEMO_PACE: '2000' });
  const survivor = cluster.instances[0]!;
  const admin = await newAccount(survivor.url, 'admin@example.org');
  const reviewer = await newAccount(survivor.url, 'reviewer@example.org');
  await give(admin, reviewer, 'reviewer');
  await using tab = await new Tab(admin).ready();
  const conversation = await tab.begin('The canary sings');
  await tab.until(() => tab.view?.conversation.titledBy === 'model' && tab.view.turn === null);
  const opened = await openCase(reviewer);
  const lost = await cluster.add({ DIE_AT: 'after:piece:2' });
  // Each instance begins one a second, so that both are at some of them.
  const ordered = await Promise.all(Array.from({ length: 6 }, () => order(reviewer, opened, chosen(conversation))));
  expect(await lost.ended).toBeNull();
  for (const one of ordered) {
    const ready = await until(reviewer, one, 'ready');
    const zip = saved('package.zip', new Uint8Array(await (await downloaded(reviewer, ready)).arrayBuffer()));
    expect(await verified(zip)).toMatchObject({ code: 0, said: expect.stringContaining('in 1 chains') });
  }
});
