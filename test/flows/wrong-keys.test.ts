import { readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { newDeployment, newPlace, type Place } from '../support/deployment.ts';
import { heldIn } from '../support/held.ts';
import { startInVain } from '../support/process.ts';
import { isOnCluster } from '../support/shared.ts';
import { newAccount, signIn } from '../support/tab.ts';

/** Takes every wrapped key away, and puts them back when it is called. */
async function takeKeys({ folder, database }: Place): Promise<() => Promise<void>> {
  if (database !== undefined) {
    const keys = database.db.collection('key');
    const kept = await keys.find().toArray();
    await keys.deleteMany({});
    return async () => void (await keys.insertMany(kept));
  }
  const aside = (name: string): string => join(folder, `aside-${name}`);
  const files = readdirSync(folder).filter((name) => name.startsWith('keys.db'));
  for (const name of files) renameSync(join(folder, name), aside(name));
  return () => Promise.resolve(files.forEach((name) => renameSync(aside(name), join(folder, name))));
}

it.each([
  ['another master key is given', { GORUNCHAT_MASTER_KEY: 'ab'.repeat(32) }, undefined, /^GoRunChat cannot start: The master key is not the one/u],
  ['no master key is given', { GORUNCHAT_MASTER_KEY: '' }, undefined, isOnCluster ? /^ {2}GORUNCHAT_MASTER_KEY: must be set where several instances share a database/mu : /^GoRunChat cannot start: The file \S+master\.key is missing/u],
  ['the keys that it wraps are gone', {}, takeKeys, /^GoRunChat cannot start: The wrapped keys are missing .*: nothing that people wrote can be read without them\./u],
] as const)('[RE26] where %s the product does not start, says why and changes nothing', async (_what, environment, spoil, says) => {
  await using deployment = await newDeployment();
  await using place = await newPlace();
  await deployment.start(place);
  const { person } = await newAccount(deployment.url, 'mara@example.org');
  expect(await deployment.end()).toBe(0);
  const before = await heldIn(place);
  const putRight = await spoil?.(place);
  for (let tries = 0; tries < 2; tries += 1) expect(await startInVain({ ...deployment.environmentOf(place), ...environment })).toEqual({ code: 1, said: expect.stringMatching(says) });
  await putRight?.();
  expect(await heldIn(place)).toEqual(before);
  await deployment.start(place);
  expect((await signIn(deployment.url, 'mara@example.org', 'correct horse')).person).toEqual(person);
});
