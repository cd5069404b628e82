import { expect, it } from 'vitest';
import type { CaseExport } from '../../contracts/exports.ts';
import { newDeployment, newPlace } from '../support/deployment.ts';
import { chosen, downloaded, order, saved, until, verified } from '../support/packages.ts';
import { ask, give, openCase } from '../support/reviewer.ts';
import { newAccount, Tab } from '../support/tab.ts';

it.each(['after:export-ordered', 'after:piece:1', 'before:piece:3', 'before:export-made'])('[RE13] killed at %s: what was ordered is made after the restart, once', async (dieAt) => {
  await using deployment = await newDeployment();
  await using place = await newPlace();
  await deployment.start(place, { DEMO_PACE: '2000' }, dieAt);
  const admin = await newAccount(deployment.url, 'admin@example.org');
  const reviewer = await newAccount(deployment.url, 'reviewer@example.org');
  await give(admin, reviewer, 'reviewer');
  await using tab = await new Tab(admin).ready();
  const conversation = await tab.begin('The canary sings');
  await tab.until(() => tab.view?.conversation.titledBy === 'model' && tab.view.turn === null);
  const opened = await openCase(reviewer);
  await order(reviewer, opened, chosen(conversation), { forms: ['csv', 'html'] }).catch(() => undefined); // the answer may be lost with it
  await deployment.died;
  await deployment.start(place);
  const { exports } = await ask<{ exports: CaseExport[] }>(reviewer, 'exports', { case: opened.id });
  expect(exports).toEqual([expect.objectContaining({ state: 'making' })]);
  const ready = await until(reviewer, exports[0]!, 'ready');
  const zip = saved('package.zip', new Uint8Array(await (await downloaded(reviewer, ready)).arrayBuffer()));
  expect(await verified(zip)).toMatchObject({ code: 0, said: expect.stringContaining('in 1 chains') });
  expect(await verified(place.name)).toMatchObject({ code: 0 });
});
