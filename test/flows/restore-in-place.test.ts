import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { newDeployment, newPlace } from '../support/deployment.ts';
import { startInVain } from '../support/process.ts';
import { newAccount } from '../support/tab.ts';
import { erase, talk } from '../support/talking.ts';

it('[RE15] [RE17] a folder is restored in place: what was there is put aside, and the copy outside begins anew beside the one of before', async () => {
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

it('[RE15] keys of earlier backups are removed after their days, which is said, and content whose keys are gone is restored by nobody and read by nobody', async () => {
  await using deployment = await newDeployment('keyBackupDays: 3\n');
  await using place = await newPlace();
  await using fresh = await newPlace();
  await deployment.start(place);
  await newAccount(deployment.url);
  expect(await deployment.command(place, 'backup', deployment.backups)).toMatchObject({ code: 0, said: expect.not.stringContaining('removed') });
  const [name] = readdirSync(join(deployment.backups, 'keys')) as [string];
  const madeAt = (daysAgo: number, as: string): void => {
    for (const part of ['content', 'keys']) {
      const folder = join(deployment.backups, part, as);
      cpSync(join(deployment.backups, part, name), folder, { recursive: true });
      const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as object;
      writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, name: as, at: Date.now() - daysAgo * 24 * 3_600_000 }));
    }
  };
  madeAt(4, '20200101T000000Z');
  madeAt(2, '20200103T000000Z');
  for (const part of ['content', 'keys']) rmSync(join(deployment.backups, part, name), { recursive: true });
  expect(await deployment.command(place, 'backup', deployment.backups)).toMatchObject({ code: 0, said: expect.stringContaining('Keys older than 3 days were removed: 20200101T000000Z') });
  expect([readdirSync(join(deployment.backups, 'content')).length, readdirSync(join(deployment.backups, 'keys')).includes('20200101T000000Z')]).toEqual([3, false]);
  await deployment.end();

  for (const keys of readdirSync(join(deployment.backups, 'keys'))) rmSync(join(deployment.backups, 'keys', keys), { recursive: true });
  const refused = await deployment.command(fresh, 'restore', deployment.backups);
  expect(refused).toMatchObject({ code: 1, said: expect.stringContaining('cannot be read without them') });
  const content = /gorunchat verify (\S+)/u.exec(refused.said)?.[1] ?? '';
  expect(await deployment.command(fresh, 'verify', content)).toMatchObject({ code: 0, said: expect.stringContaining('Intact') });
  // Put where they would stand by somebody who has only them.
  mkdirSync(join(fresh.folder, 'by-hand'));
  cpSync(content, join(fresh.folder, 'by-hand'), { recursive: true });
  const started = await startInVain({ GORUNCHAT_DATA: join(fresh.folder, 'by-hand'), GORUNCHAT_MASTER_KEY: 'ab'.repeat(32) });
  expect(started).toEqual({ code: 1, said: expect.stringMatching(/^GoRunChat cannot start: The wrapped keys are missing/u) });
});
