import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import type { AuditEntry } from '../../contracts/records.ts';
import { run } from '../../server/cli.ts';
import { newDeployment, newPlace } from '../support/deployment.ts';
import { ask } from '../support/reviewer.ts';
import { newSettingsFile } from '../support/settings-file.ts';
import { newAccount, signIn, type Account } from '../support/tab.ts';

const begunIn = async (account: Account): Promise<AuditEntry[]> => (await ask<{ entries: AuditEntry[] }>(account, 'auditLog')).entries.filter(({ type }) => type === 'backup-begun');
const partsIn = (folder: string): string[] => ['content', 'keys'].flatMap((part) => (existsSync(join(folder, part)) ? readdirSync(join(folder, part)) : []));

/** How often it stands in the only backup of a folder that one was begun. */
function begunInCopy(folder: string): number {
  const content = join(folder, 'content', readdirSync(join(folder, 'content'))[0]!);
  const lines = join(content, 'record.ndjson');
  if (existsSync(lines)) return readFileSync(lines, 'utf8').split('"type\\":\\"backup-begun').length - 1;
  const db = new DatabaseSync(join(content, 'gorunchat.db'), { readOnly: true });
  try {
    return Number(db.prepare("SELECT count(*) AS count FROM record WHERE json_extract(body, '$.type') = 'backup-begun'").get()!['count']);
  } finally {
    db.close();
  }
}

/** The command line in this process, as somebody asks who has other settings. */
async function asked(environment: Readonly<Record<string, string>>, ...args: string[]): Promise<{ code: number; said: string }> {
  let said = '';
  const code = await run(args, (text) => (said += text), environment);
  return { code, said };
}

it('[RE32] a backup is on record before anything is copied, and so in the copy, whether the product runs or not: by whom, which one, and to where', async () => {
  await using deployment = await newDeployment();
  await using place = await newPlace();
  await deployment.start(place);
  const admin = await newAccount(deployment.url, 'admin@example.org');
  const backUp = async (folder: string): Promise<number> => {
    const into = join(deployment.backups, folder);
    expect(await deployment.command(place, 'backup', into)).toMatchObject({ code: 0 });
    return begunInCopy(into);
  };
  expect(await backUp('first')).toBe(1);
  const [begun] = await begunIn(admin);
  const [name] = readdirSync(join(deployment.backups, 'first', 'content'));
  expect(begun).toMatchObject({ actor: { user: null }, said: { name, place: resolve(deployment.backups, 'first'), keyBackupDays: 7, by: expect.stringMatching(/ at ./u) } });

  // What was killed has left its socket behind: it keeps neither the command nor the next start from anything.
  await deployment.kill();
  expect(await backUp('second')).toBe(2);
  await deployment.start(place);
  expect(await backUp('third')).toBe(3);
  expect(await begunIn(await signIn(deployment.url, 'admin@example.org'))).toHaveLength(3);
});

it('[RE32] its record says for how long keys are left, as the command was told and not what runs, which may be told something else', async () => {
  await using deployment = await newDeployment();
  await using place = await newPlace();
  await deployment.start(place);
  const admin = await newAccount(deployment.url, 'admin@example.org');
  using settings = newSettingsFile('keyBackupDays: 3\n');
  const environment = { ...deployment.environmentOf(place), ...settings.environment };
  expect(await asked(environment, 'backup', deployment.backups)).toMatchObject({ code: 0 });
  await deployment.kill();
  expect(await asked(environment, 'backup', join(deployment.backups, 'second'))).toMatchObject({ code: 0 });
  await deployment.start(place);
  expect((await begunIn(admin)).map(({ said }) => said)).toEqual([expect.objectContaining({ keyBackupDays: 3 }), expect.objectContaining({ keyBackupDays: 3 })]);
});

it('[RE32] where it cannot be put on record nothing is copied, and the reason is said', async () => {
  await using deployment = await newDeployment();
  await using place = await newPlace();
  await deployment.start(place);
  await newAccount(deployment.url, 'admin@example.org');
  expect(await deployment.end()).toBe(0);
  const { GORUNCHAT_MASTER_KEY: _, ...keyless } = deployment.environmentOf(place);
  const other = { ...keyless, GORUNCHAT_MASTER_KEY: 'ab'.repeat(32) };
  const refused = await asked(other, 'backup', deployment.backups);
  expect(refused).toEqual({ code: 1, said: expect.stringMatching(/^No backup was made: it could not be put on record, and nothing is copied without that: The master key is not the one/u) });
  expect(await asked(keyless, 'backup', deployment.backups)).toEqual({ code: 1, said: expect.stringMatching(/^No backup was made: .*master key|GORUNCHAT_MASTER_KEY/su) });
  expect([partsIn(deployment.backups), existsSync(join(place.folder, 'master.key'))]).toEqual([[], false]);
  await deployment.start(place);
  const admin = await signIn(deployment.url, 'admin@example.org');
  expect(await begunIn(admin)).toEqual([]);
});
