import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { newDeployment, newPlace, type Place } from '../support/deployment.ts';
import { newFakeKms } from '../support/fake-kms.ts';
import { startInVain } from '../support/process.ts';
import { ask } from '../support/reviewer.ts';
import { newAccount, Tab } from '../support/tab.ts';
import { talk } from '../support/talking.ts';
import { filesOf } from '../support/bytes-kept.ts';

const KEY = 'projects/kite/locations/europe-north1/keyRings/chat/cryptoKeys/master';

const withEnvironment = (place: Place, environment: Record<string, string>): Place => ({ ...place, environment: { ...place.environment, ...environment } });

/** What can be compared of a place: SQLite makes its lock anew at every try. */
const contentsOf = (place: Place): readonly (readonly [string, string])[] => filesOf(place.folder).filter(([name]) => !name.startsWith('owner.')).map(([name, bytes]) => [name, bytes.toString('base64')] as const);

it('[RE19] a master key that Google Cloud KMS has wrapped stands nowhere as it is, opens what was written before, and makes anew what was backed up', async () => {
  await using kms = await newFakeKms();
  await using deployment = await newDeployment();
  await using plain = await newPlace();
  await deployment.start(plain);
  const account = await newAccount(deployment.url);
  const { tab, conversation } = await talk(account, 'Where do whales sleep');
  await deployment.end();
  const place = withEnvironment(plain, kms.environment);
  const { code, said } = await deployment.command(place, 'wrap-master-key', KEY);
  const line = /^gcp-kms:\S+$/mu.exec(said)?.[0] ?? '';
  const { GORUNCHAT_MASTER_KEY: key = '' } = deployment.environmentOf(plain);
  expect([code, line.startsWith(`gcp-kms://${KEY}#`), said.includes(key), Buffer.from(line.split('#')[1]!, 'base64').includes(Buffer.from(key, 'hex'))]).toEqual([0, true, false, false]);

  const wrapped = withEnvironment(place, { GORUNCHAT_MASTER_KEY: line });
  await deployment.start(wrapped);
  await tab.until(() => tab.socket.connected && tab.resumes > 1);
  const again = await new Tab(account).ready();
  await again.open(conversation);
  expect(again.thread[0]).toBe('person: Where do whales sleep');
  await deployment.end();

  // It can be wrapped by another key without the one that it was given as; what was wrapped before opens the same.
  const other = await deployment.command(wrapped, 'wrap-master-key', KEY.replace('master', 'other'));
  expect(other).toMatchObject({ code: 0, said: expect.stringContaining('cryptoKeys/other#') });
  expect(await deployment.command(wrapped, 'backup', deployment.backups)).toMatchObject({ code: 0 });
  await using fresh = await newPlace();
  const restoring = withEnvironment(fresh, { ...kms.environment, GORUNCHAT_MASTER_KEY: /^gcp-kms:\S+$/mu.exec(other.said)![0] });
  expect(await deployment.command(restoring, 'restore', deployment.backups)).toMatchObject({ code: 0 });
  await deployment.start(restoring);
  await again.until(() => again.view!.position.epoch > 65_536 && again.thread.length === 2);
  expect(kms.asked).toEqual(expect.arrayContaining(['encrypt', 'decrypt']));
  await Promise.all([tab, again].map((one) => one[Symbol.asyncDispose]()));
});

it('[RE19] a key service that refuses, cannot be reached or unwraps something else keeps the product from starting, with the reason, and nothing is changed', async () => {
  await using kms = await newFakeKms();
  await using deployment = await newDeployment();
  await using place = await newPlace();
  await deployment.start(place);
  await newAccount(deployment.url);
  await deployment.end();
  const asking = withEnvironment(place, kms.environment);
  const line = /^gcp-kms:\S+$/mu.exec((await deployment.command(asking, 'wrap-master-key', KEY)).said)![0];
  const before = contentsOf(place);
  const start = (environment: Record<string, string>) => startInVain({ ...deployment.environmentOf(asking), GORUNCHAT_MASTER_KEY: line, ...environment });
  const REFUSALS = [
    [{ status: 403, code: 'PERMISSION_DENIED', message: 'Permission denied on it' }, 'may not be used by this account'],
    [{ status: 404, code: 'NOT_FOUND', message: 'CryptoKey is not found' }, 'is not there'],
    [{ status: 400, code: 'FAILED_PRECONDITION', message: 'It is not enabled' }, 'is disabled or destroyed'],
  ] as const;
  for (const [refusal, says] of REFUSALS) {
    kms.refusal = refusal;
    expect(await start({})).toEqual({ code: 1, said: expect.stringMatching(new RegExp(`^GoRunChat cannot start: The key ${KEY} of Google Cloud KMS .*${says}`, 'u')) });
    expect(await deployment.command(withEnvironment(asking, { GORUNCHAT_MASTER_KEY: line }), 'restore', deployment.backups)).toMatchObject({ code: 1, said: expect.stringContaining(says) });
  }
  kms.refusal = undefined;
  const changed = `${line.slice(0, -8)}${line.at(-8) === 'A' ? 'B' : 'A'}${line.slice(-7)}`;
  expect(await start({ GORUNCHAT_MASTER_KEY: changed })).toEqual({ code: 1, said: expect.stringContaining('it was wrapped with another key, or changed') });
  expect(await start({ GORUNCHAT_KMS_ENDPOINT: 'http://127.0.0.1:1' })).toEqual({ code: 1, said: expect.stringContaining('could not be asked') });
  expect(await start({ GOOGLE_APPLICATION_CREDENTIALS: join(place.folder, 'nowhere.json') })).toEqual({ code: 1, said: expect.stringContaining('could not be asked') });
  expect(await start({ GORUNCHAT_MASTER_KEY: 'gcp-kms://projects/kite#AAAA' })).toEqual({ code: 1, said: expect.stringContaining('not as gorunchat wrap-master-key does it') });
  expect(contentsOf(place)).toEqual(before);
  expect(await deployment.command(asking, 'wrap-master-key', 'nothing')).toMatchObject({ code: 2 });
});

it('[RE19] the line may stand in the file of the master key as well', async () => {
  await using kms = await newFakeKms();
  await using deployment = await newDeployment(undefined, 'folder'); // instances on a database are all given it by the environment
  await using place = await newPlace('folder');
  const own = withEnvironment(place, { ...kms.environment, GORUNCHAT_MASTER_KEY: '' });
  await deployment.start(own);
  const { tab } = await talk(await newAccount(deployment.url), 'Hello');
  await deployment.end();
  const file = join(place.folder, 'master.key');
  const key = readFileSync(file, 'utf8').trim();
  const line = /^gcp-kms:\S+$/mu.exec((await deployment.command(own, 'wrap-master-key', KEY)).said)![0];
  chmodSync(file, 0o600);
  writeFileSync(file, `${line}\n`);
  await deployment.start(own);
  await tab.until(() => tab.socket.connected && tab.resumes > 1 && tab.thread.length === 2);
  expect(filesOf(place.folder).filter(([, bytes]) => bytes.includes(key) || bytes.includes(Buffer.from(key, 'hex'))).map(([name]) => name)).toEqual([]);
  await tab[Symbol.asyncDispose]();
});

it('[RE19] [RE26] another master key, and the one before it, may both be wrapped by the key service; one that it does not unwrap keeps the product from starting', async () => {
  await using kms = await newFakeKms();
  await using deployment = await newDeployment();
  await using plain = await newPlace();
  await deployment.start(plain);
  const account = await newAccount(deployment.url);
  await deployment.end();
  const lineOf = async (place: Place): Promise<string> => /^gcp-kms:\S+$/mu.exec((await deployment.command(place, 'wrap-master-key', KEY)).said)![0];
  const place = withEnvironment(plain, kms.environment);
  const old = await lineOf(place);
  const next = await lineOf(withEnvironment(place, { GORUNCHAT_MASTER_KEY: 'cd'.repeat(32) }));
  const both = withEnvironment(place, { GORUNCHAT_MASTER_KEY: next, GORUNCHAT_MASTER_KEY_BEFORE: old });
  const changed = `${old.slice(0, -8)}${old.at(-8) === 'A' ? 'B' : 'A'}${old.slice(-7)}`;
  expect(await startInVain({ ...deployment.environmentOf(both), GORUNCHAT_MASTER_KEY_BEFORE: changed })).toEqual({ code: 1, said: expect.stringContaining('it was wrapped with another key, or changed') });
  await deployment.start(both);
  await vi.waitUntil(async () => (await ask<{ state: string }>(account, 'masterKey')).state === 'done', { timeout: 30_000, interval: 200 });
  await deployment.end();
  await deployment.start(withEnvironment(place, { GORUNCHAT_MASTER_KEY: next }));
  expect(await ask(account, 'masterKey')).toMatchObject({ state: 'done', hasBefore: false });
});
