import { once } from 'node:events';
import { expect, it, vi } from 'vitest';
import { newDeployment, newPlace } from '../support/deployment.ts';
import { startInVain } from '../support/process.ts';
import { newAccount } from '../support/tab.ts';
import { talk } from '../support/talking.ts';

it('[RE15] nothing starts on a database into which a restore did not end, and the next restore begins anew', async () => {
  await using deployment = await newDeployment('', 'cluster');
  await using old = await newPlace('cluster');
  await using fresh = await newPlace('cluster');
  await deployment.start(old);
  const { tab } = await talk(await newAccount(deployment.url), 'Hello');
  await deployment.end();
  expect(await deployment.command(old, 'backup', deployment.backups)).toMatchObject({ code: 0 });
  const restoring = deployment.begin(fresh, 'restore', deployment.backups);
  const isBegun = async (): Promise<boolean> => (await fresh.database!.db.collection('record').findOne({})) !== null;
  await vi.waitUntil(isBegun, { timeout: 30_000, interval: 1 });
  restoring.kill('SIGKILL');
  await once(restoring, 'exit');

  expect(await startInVain({ ...deployment.environmentOf(fresh) })).toEqual({ code: 1, said: expect.stringMatching(/^GoRunChat cannot start: .* is being restored, or a restore into it did not end/u) });
  expect(await deployment.command(fresh, 'restore', deployment.backups)).toMatchObject({ code: 0 });
  await deployment.start(fresh);
  await tab.until(() => tab.view!.position.epoch > 65_536 && tab.thread.length === 2);
  await tab[Symbol.asyncDispose]();
});
