import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { newDeployment, newPlace } from '../support/deployment.ts';
import { newAccount } from '../support/tab.ts';
import { erase, talk } from '../support/talking.ts';

it('[RE20] [RE22] a folder is restored in place: what was there is put aside, and the copy outside begins anew beside the one of before', async () => {
  await using deployment = await newDeployment();
  await using place = await newPlace();
  await deployment.start(place);
  const account = await newAccount(deployment.url);
  const { tab } = await talk(account, 'Hello');
  expect(await deployment.command(place, 'backup', deployment.backups)).toMatchObject({ code: 0 });
  const { tab: doomed } = await talk(account, 'erased later');
  await erase(doomed);
  expect(await deployment.command(place, 'restore', deployment.backups, '--replace')).toMatchObject({ code: 1, said: expect.stringContaining('is in use by another process') });
  expect(await deployment.end()).toBe(0);
  const before = readdirSync(place.folder).toSorted();
  const told = await deployment.command(place, 'restore', deployment.backups, '--replace');
  expect(told).toMatchObject({ code: 0, said: expect.stringContaining('What was there before is in') });
  const [aside] = readdirSync(place.folder).filter((name) => name.startsWith('before-restore-'));
  expect(readdirSync(join(place.folder, aside!)).filter((name) => !/-(?:wal|shm)$/u.test(name)).toSorted()).toEqual(['drafts.db', 'gorunchat.db', 'keys.db', 'search.db']);
  expect(readdirSync(place.folder).filter((name) => name !== aside && name !== 'owner.lock').toSorted()).toEqual(before.filter((name) => name !== 'owner.lock'));
  await deployment.start(place);
  await tab.until(() => tab.view!.position.epoch > 65_536);
  await deployment.end();
  const archive = join(place.folder, 'archive');
  expect(await deployment.command(place, 'verify', archive)).toMatchObject({ code: 0, said: expect.stringContaining('restored-') });
  expect(existsSync(join(archive, 'records'))).toBe(true);
  // A second restore has the copies of both generations to know what was erased from.
  await using other = await newPlace();
  expect(await deployment.command(other, 'restore', deployment.backups, '--erased-since', archive)).toMatchObject({ code: 0, said: expect.stringContaining('Erased again: 0') });
  await Promise.all([tab, doomed].map((one) => one[Symbol.asyncDispose]()));
});
