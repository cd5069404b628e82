import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { AUDIT_CHAIN, type MasterKeyState } from '../../contracts/records.ts';
import { masterKeys, unwrap, wrap } from '../../server/journal/master-keys.ts';
import { newKey } from '../../server/journal/seal.ts';
import { UNFENCED, type Stored } from '../../server/store/store.ts';
import { all } from '../../server/store/walk.ts';
import { documentsOf, filesOf, keysOf, whereStands, type Kept } from '../support/bytes-kept.ts';
import { newDeployment, newPlace, type Deployment, type Place } from '../support/deployment.ts';
import { withStore } from '../support/kept-store.ts';
import { startInVain } from '../support/process.ts';
import { ask } from '../support/reviewer.ts';
import { isOnCluster } from '../support/shared.ts';
import { newAccount, Tab, type Account } from '../support/tab.ts';
import { erase, talk } from '../support/talking.ts';

/** So many that a change of the master key takes a while. */
const MANY = isOnCluster ? 1_500 : 3_000;
const PATIENT = { timeout: 60_000, interval: 100 };

const withEnvironment = (place: Place, environment: Record<string, string>): Place => ({ ...place, environment: { ...place.environment, ...environment } });
const stateOf = (account: Account): Promise<MasterKeyState> => ask<MasterKeyState>(account, 'masterKey');
const idOf = (key: string): string => masterKeys(Buffer.from(key, 'hex')).current.id;

const keysIn = (place: Place): Promise<Stored<'key'>[]> => withStore(place, (store) => all(store, { kind: 'key', index: 'byMaster', where: [], limit: 1_000 }));

/** Keys as a large deployment has them, wrapped by this master key. */
async function plantKeys(place: Place, master: string): Promise<ReadonlyMap<string, Buffer>> {
  const masters = masterKeys(Buffer.from(master, 'hex'));
  const planted = new Map(Array.from({ length: MANY }, (_, index) => [`planted-${index}`, newKey()] as const));
  await withStore(place, async (store) => {
    const adds = [...planted].map(([id, key]) => ({ do: 'add', kind: 'key', id, body: wrap(id, key, 'ann', masters) }) as const);
    for (let from = 0; from < adds.length; from += 500) await store.commit(adds.slice(from, from + 500), UNFENCED);
  });
  return planted;
}

async function kept(deployment: Deployment, place: Place): Promise<Kept> {
  return [...filesOf(place.folder), ...(place.database === undefined ? [] : await documentsOf(place.database.db)), ...(deployment.redis === undefined ? [] : await keysOf(deployment.redis.look)), ['output', Buffer.from(deployment.output)]];
}

/** What a start that is refused must not change. The bytes of files differ: each opening puts away what the one before left in its logs. */
const contentsOf = (place: Place): Promise<unknown> => withStore(place, async (store) => ({
  keys: await all(store, { kind: 'key', index: 'byMaster', where: [], limit: 1_000 }),
  instances: await all(store, { kind: 'instance', index: 'byEnd', where: [], limit: 1_000 }),
  others: await Promise.all([store.get('rotation', 'master'), store.get('head', AUDIT_CHAIN)]),
}));

it('[RE26] another master key takes the place of the one before while the product runs, also when it is killed in the middle; no key is lost, and of how they were wrapped no byte stays', async () => {
  await using deployment = await newDeployment();
  await using place = await newPlace();
  const { GORUNCHAT_MASTER_KEY: old = '' } = deployment.environmentOf(place);
  const next = randomBytes(32).toString('hex');
  await deployment.start(place);
  const account = await newAccount(deployment.url);
  const { tab, conversation } = await talk(account, 'Where do whales sleep');
  await using gone = (await talk(account, 'This will be erased')).tab;
  expect(await stateOf(account)).toEqual({ state: 'none', moved: 0, of: 0, hasBefore: false });
  await deployment.end();
  const planted = await plantKeys(place, old);
  const wrapped = (await keysIn(place)).map(({ body }) => body.wrapped);

  const both = withEnvironment(place, { GORUNCHAT_MASTER_KEY: next, GORUNCHAT_MASTER_KEY_BEFORE: old });
  await deployment.start(both);
  await vi.waitUntil(async () => (await stateOf(account)).moved > 100, PATIENT);
  await deployment.kill();
  expect(new Set((await keysIn(place)).map(({ body }) => body.under))).toEqual(new Set([idOf(old), idOf(next)]));
  const neither = { ...deployment.environmentOf(place), GORUNCHAT_MASTER_KEY: randomBytes(32).toString('hex') };
  const before = await contentsOf(place);
  for (const [environment, says] of [
    [deployment.environmentOf(place), 'not the only one'], [{ ...deployment.environmentOf(place), GORUNCHAT_MASTER_KEY: next }, 'not the only one'], [{ ...neither, GORUNCHAT_MASTER_KEY_BEFORE: old }, 'neither GORUNCHAT_MASTER_KEY nor'],
  ] as const) expect(await startInVain(environment)).toEqual({ code: 1, said: expect.stringContaining(says) });
  expect(await contentsOf(place)).toEqual(before);

  await deployment.start(both);
  await gone.until(() => gone.socket.connected && gone.resumes > 1);
  await erase(gone); // while keys are wrapped anew
  await vi.waitUntil(async () => (await stateOf(account)).state === 'done', PATIENT);
  expect(await stateOf(account)).toMatchObject({ hasBefore: true, moved: expect.toSatisfy((moved: number) => moved >= MANY) });
  expect(await (await fetch(`${deployment.url}/metrics`)).text()).toContain('gorunchat_keys_to_rewrap 0');
  const { entries } = await ask<{ entries: { type: string; said: { keys: number } }[] }>(account, 'auditLog');
  expect(entries.filter(({ type }) => type.startsWith('master-key-')).map(({ type }) => type)).toEqual(['master-key-changed', 'master-key-changing']);
  await vi.waitUntil(async () => whereStands(wrapped, await kept(deployment, place)).length === 0, { timeout: 30_000, interval: 500 }).catch(() => undefined);
  expect(whereStands(wrapped, await kept(deployment, place))).toEqual([]);
  await deployment.end();

  const only = withEnvironment(place, { GORUNCHAT_MASTER_KEY: next });
  await deployment.start(only);
  expect(await stateOf(account)).toMatchObject({ state: 'done', hasBefore: false });
  const again = await new Tab(account).ready();
  await again.open(conversation);
  expect(again.thread[0]).toBe('person: Where do whales sleep');
  await deployment.end();
  const masters = masterKeys(Buffer.from(next, 'hex'));
  const after = new Map((await keysIn(place)).map(({ id, body }) => [id, unwrap(id, body, masters).toString('hex')]));
  expect([...planted].filter(([id, key]) => after.get(id) !== key.toString('hex'))).toEqual([]);
  expect(after.has(gone.view!.conversation.id)).toBe(false);
  await Promise.all([tab, again].map((one) => one[Symbol.asyncDispose]()));
});

it('[RE26] a backup from before opens with both, which is said, and what is made of it needs the new one alone', async () => {
  await using deployment = await newDeployment();
  await using place = await newPlace();
  const { GORUNCHAT_MASTER_KEY: old = '' } = deployment.environmentOf(place);
  const next = randomBytes(32).toString('hex');
  await deployment.start(place);
  const account = await newAccount(deployment.url);
  const { tab } = await talk(account, 'Where do whales sleep');
  await using gone = (await talk(account, 'This will be erased')).tab;
  expect(await deployment.command(place, 'backup', deployment.backups)).toMatchObject({ code: 0 });
  await deployment.end();
  await deployment.start(withEnvironment(place, { GORUNCHAT_MASTER_KEY: next, GORUNCHAT_MASTER_KEY_BEFORE: old }));
  await gone.until(() => gone.socket.connected && gone.resumes > 1);
  await erase(gone);
  await vi.waitUntil(async () => (await stateOf(account)).state === 'done', PATIENT);
  await deployment.end();
  await using fresh = await newPlace();
  const restoring = withEnvironment(fresh, { GORUNCHAT_MASTER_KEY: next });
  expect(await deployment.command(restoring, 'restore', deployment.backups)).toMatchObject({ code: 1, said: expect.stringMatching(/^Nothing was restored: The master key is not the one that the backup was written with\..* GORUNCHAT_MASTER_KEY_BEFORE/u) });
  expect(await deployment.command(withEnvironment(restoring, { GORUNCHAT_MASTER_KEY_BEFORE: old }), 'restore', deployment.backups, '--erased-since', place.name)).toMatchObject({ code: 0, said: expect.stringContaining('Erased again: 1 conversation') });
  await deployment.start(restoring);
  await tab.until(() => tab.view!.position.epoch > 65_536 && tab.thread.length === 2);
  expect(await stateOf(account)).toMatchObject({ state: 'done', hasBefore: false });
  await tab[Symbol.asyncDispose]();
});

it('[RE26] in the data folder the new one stands in master.key, and the one before it in master-before.key', async () => {
  await using deployment = await newDeployment('restoreSeconds: 0\n', 'folder');
  await using plain = await newPlace('folder');
  const place = withEnvironment(plain, { GORUNCHAT_MASTER_KEY: '' });
  await deployment.start(place);
  const account = await newAccount(deployment.url);
  const { tab } = await talk(account, 'Hello');
  await deployment.end();
  const [file, before] = ['master.key', 'master-before.key'].map((name) => join(place.folder, name)) as [string, string];
  const old = readFileSync(file, 'utf8').trim();
  renameSync(file, before);
  const contents = await contentsOf(place);
  expect(await startInVain(deployment.environmentOf(place))).toEqual({ code: 1, said: expect.stringContaining(`${file} is missing: put a new master key into it`) });
  expect(await contentsOf(place)).toEqual(contents);
  writeFileSync(file, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
  await deployment.start(place);
  await vi.waitUntil(async () => (await stateOf(account)).state === 'done', PATIENT);
  await deployment.end();
  renameSync(before, join(place.folder, 'kept-elsewhere'));
  await deployment.start(place);
  await tab.until(() => tab.socket.connected && tab.resumes > 1 && tab.thread.length === 2);
  await deployment.end();
  expect(new Set((await keysIn(place)).map(({ body }) => body.under))).toEqual(new Set([idOf(readFileSync(file, 'utf8').trim())]));
  writeFileSync(before, `${randomBytes(32).toString('hex')}\n`);
  expect(await startInVain(deployment.environmentOf(place))).toEqual({ code: 1, said: expect.stringContaining('GORUNCHAT_MASTER_KEY_BEFORE is not a master key that this data was written with') });
  writeFileSync(before, `${old}\n`); // the one that it was is taken, though no key needs it any more
  await deployment.start(place);
  expect(await stateOf(account)).toMatchObject({ state: 'done', hasBefore: true });
  await tab[Symbol.asyncDispose]();
});
