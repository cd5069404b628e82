import { readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import type { Person } from '../../contracts/routes.ts';
import { newDeployment, newPlace, type Deployment, type Place } from '../support/deployment.ts';
import { ask, asked, give, hold, openCase, release } from '../support/reviewer.ts';
import { newAccount, signIn, Tab, type Account } from '../support/tab.ts';
import { talk } from '../support/talking.ts';

const PATIENT = { timeout: 60_000, interval: 100 };

/** Makes a backup in a second that has none yet, and says its name. */
async function backUp(deployment: Deployment, place: Place): Promise<string> {
  await vi.waitUntil(async () => (await deployment.command(place, 'backup', deployment.backups)).code === 0, PATIENT);
  return readdirSync(join(deployment.backups, 'content')).toSorted().at(-1)!;
}

const restore = (deployment: Deployment, place: Place, name: string, ...more: string[]) => deployment.command(place, 'restore', deployment.backups, '--backup', name, ...more);
const people = async (admin: Account): Promise<string[]> => (await ask<{ people: Person[] }>(admin, 'people')).people.map(({ email }) => email).toSorted();
const erasedPeople = async (admin: Account): Promise<number> => (await ask<{ entries: { type: string }[] }>(admin, 'auditLog')).entries.filter(({ type }) => type === 'person-erased').length;
const remove = (admin: Account, who: Account) => ask(admin, 'removePerson', { user: who.person.id });

it('[RE15] a backup from before a restore is restored with keys of its own line: what those after the restore do not know was not erased', async () => {
  await using deployment = await newDeployment();
  await using old = await newPlace();
  await using second = await newPlace();
  await using third = await newPlace();
  await deployment.start(old);
  const account = await newAccount(deployment.url);
  const first = await backUp(deployment, old);
  const { tab, conversation } = await talk(account, 'begun before the restore');
  const later = await backUp(deployment, old);
  await deployment.kill();
  expect(await restore(deployment, second, first)).toMatchObject({ code: 0 });
  await deployment.start(second);
  const { tab: other } = await talk(account, 'begun after it');
  await vi.waitUntil(async () => (await ask<{ entries: { type: string }[] }>(account, 'auditLog')).entries.some(({ type }) => type === 'restored'), PATIENT);
  const last = await backUp(deployment, second);
  await deployment.kill();

  const keys = join(deployment.backups, 'keys', later);
  renameSync(keys, join(deployment.backups, 'elsewhere'));
  expect(await restore(deployment, third, later)).toMatchObject({ code: 1, said: expect.stringMatching(new RegExp(`cannot be read without them.*The latest backup with keys is ${last}`, 'u')) });
  renameSync(join(deployment.backups, 'elsewhere'), keys);
  expect(await restore(deployment, third, later)).toMatchObject({ code: 0, said: expect.stringMatching(new RegExp(`with the keys of ${later}.*Erased again: 0`, 'su')) });
  await deployment.start(third);
  await using again = await new Tab(account).ready();
  await again.open(conversation);
  expect(again.thread[0]).toContain('begun before the restore');
  await Promise.all([tab, other].map((one) => one[Symbol.asyncDispose]()));
});

/** A backup, after which Jens and Mara were removed: Jens before the next backup, and so that a hold of the first one on him is released, Mara after it. It has ended, with what it had to copy outside. */
async function removedSince(deployment: Deployment, old: Place) {
  await deployment.start(old);
  const admin = await newAccount(deployment.url, 'admin@example.org');
  const reviewer = await newAccount(deployment.url, 'reviewer@example.org');
  const jens = await newAccount(deployment.url, 'jens@example.org');
  const mara = await newAccount(deployment.url, 'mara@example.org');
  await give(admin, reviewer, 'reviewer');
  const opened = await openCase(reviewer);
  const { holds: [placed] } = await hold(reviewer, opened, { type: 'person', id: jens.person.id });
  const { tab } = await talk(mara, 'canary of Mara');
  const name = await backUp(deployment, old);
  await release(reviewer, opened, placed!.id);
  await remove(admin, jens);
  await vi.waitUntil(async () => (await erasedPeople(admin)) === 1, PATIENT);
  const keys = await backUp(deployment, old);
  await remove(admin, mara);
  await tab[Symbol.asyncDispose]();
  await deployment.end();
  return { admin, reviewer, jens, mara, opened, name, keys };
}

it('[RE15] [RE16] who was removed since the backup is removed again, whether that is on record where it ran or only known from the keys; a hold of the backup keeps nothing of who was erased', async () => {
  await using deployment = await newDeployment();
  await using old = await newPlace();
  await using fresh = await newPlace();
  const { admin, reviewer, jens, mara, opened, name, keys } = await removedSince(deployment, old);
  expect(await restore(deployment, fresh, name, '--erased-since', old.name)).toMatchObject({ code: 0, said: expect.stringMatching(new RegExp(`with the keys of ${keys}.*Removed again: 2 people`, 'su')) });
  await deployment.start(fresh);
  expect(await people(admin)).toEqual(['admin@example.org', 'reviewer@example.org']);
  for (const email of ['jens@example.org', 'mara@example.org']) await expect(signIn(deployment.url, email)).rejects.toThrow('sign-in-refused');
  expect((await asked(mara, 'conversations')).status).toBe(401);
  await vi.waitUntil(async () => (await erasedPeople(admin)) === 2, PATIENT); // Jens by the restore, Mara by the sweep
  const named = await ask<{ people: Person[] }>(reviewer, 'names', {}, { case: opened.id, reason: 'Named in the letter' });
  expect(named.people.map(({ email }) => email).toSorted()).toEqual(['admin@example.org', 'reviewer@example.org']);
  expect((await newAccount(deployment.url, 'jens@example.org')).person.id).not.toBe(jens.person.id);
  expect(await deployment.end()).toBe(0);
});

it('[RE15] [RE16] who was removed since the backup is removed again also by what a copy outside has of it', async () => {
  await using deployment = await newDeployment();
  await using old = await newPlace();
  await using fresh = await newPlace();
  const { name } = await removedSince(deployment, old);
  expect(await restore(deployment, fresh, name, '--erased-since', join(old.folder, 'archive'))).toMatchObject({ code: 0, said: expect.stringContaining('Removed again: 2 people') });
});

it('[RE15] when the only administrator of a backup was removed since, whoever signs up next is one', async () => {
  await using deployment = await newDeployment();
  await using old = await newPlace();
  await using fresh = await newPlace();
  await deployment.start(old);
  const anna = await newAccount(deployment.url, 'anna@example.org');
  const bert = await newAccount(deployment.url, 'bert@example.org');
  const name = await backUp(deployment, old);
  await give(anna, bert, 'admin');
  await remove(bert, anna);
  await vi.waitUntil(async () => (await erasedPeople(bert)) === 1, PATIENT);
  await backUp(deployment, old);
  await deployment.kill();
  expect(await restore(deployment, fresh, name)).toMatchObject({ code: 0, said: expect.stringMatching(/Removed again: 1 person .*\nNo administrator is left/u) });
  await deployment.start(fresh);
  const [clara, dora] = [await newAccount(deployment.url, 'clara@example.org'), await newAccount(deployment.url, 'dora@example.org')];
  expect([clara.person.role, dora.person.role, (await signIn(deployment.url, 'bert@example.org')).person.role]).toEqual(['admin', 'member', 'member']);
});
