import { randomBytes } from 'node:crypto';
import { expect, it, vi } from 'vitest';
import type { ConversationId } from '../../contracts/ids.ts';
import type { MasterKeyState } from '../../contracts/records.ts';
import { masterKeys } from '../../server/journal/master-keys.ts';
import { newCluster, type Instance } from '../support/cluster.ts';
import { startInVain, freePort } from '../support/process.ts';
import { ask } from '../support/reviewer.ts';
import { newAccount, Tab } from '../support/tab.ts';

const PATIENT = { timeout: 60_000, interval: 200 };

it('[RE26] while instances are started with another master key one after the other, each answers for what the others make; the change begins with the last one, and who comes with the old key alone does not start', async () => {
  const [old, next] = [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')];
  await using cluster = await newCluster(1, { GORUNCHAT_MASTER_KEY: old });
  const first = cluster.instances[0] as Instance;
  const mara = await newAccount(first.url);
  const second = await cluster.add({ GORUNCHAT_MASTER_KEY: next, GORUNCHAT_MASTER_KEY_BEFORE: old });
  const masters = async (): Promise<(string | undefined)[]> => [...new Set((await cluster.database.db.collection<{ _id: string; json: string }>('key').find().toArray()).map(({ json }) => (JSON.parse(json) as { under?: string }).under))];
  const stateOf = (url: string): Promise<MasterKeyState> => ask<MasterKeyState>({ ...mara, url }, 'masterKey');
  const talked: { conversation: ConversationId; thread: string[] }[] = [];
  for (const [owner, other] of [[first, second], [second, first]] as const) {
    await using one = await new Tab(mara, owner.url).ready();
    await using another = await new Tab(mara, other.url).ready();
    const conversation = await one.begin('Hello');
    await another.open(conversation); // asks the owner, on the other instance
    await another.until(() => another.view?.turn === null && another.thread.length === 2);
    expect(await another.send('And again')).toMatchObject({ ok: true });
    await one.until(() => one.view?.turn === null && one.thread.length === 4);
    talked.push({ conversation, thread: one.thread });
  }
  expect([(await stateOf(second.url)).state, await masters()]).toEqual(['waits', [masterKeys(Buffer.from(old, 'hex')).current.id]]);
  first.signal('SIGTERM');
  await first.ended;
  const third = await cluster.add({ GORUNCHAT_MASTER_KEY: next, GORUNCHAT_MASTER_KEY_BEFORE: old });
  await vi.waitUntil(async () => (await stateOf(third.url)).state === 'done', PATIENT);
  expect(await masters()).toEqual([masterKeys(Buffer.from(next, 'hex')).current.id]);
  const late = { MONGODB_URI: cluster.database.uri, REDIS_URL: cluster.redis.url, PORT: String(await freePort()), GORUNCHAT_ARCHIVE: 'off' };
  expect(await startInVain({ ...late, GORUNCHAT_MASTER_KEY: old })).toEqual({ code: 1, said: expect.stringContaining('not the only one') });
  for (const one of [second, third]) one.signal('SIGKILL');
  await Promise.all([second, third].map(({ ended }) => ended));
  const fourth = await cluster.add({ GORUNCHAT_MASTER_KEY: next });
  for (const { conversation, thread } of talked) {
    await using again = await new Tab(mara, fourth.url).ready();
    await again.open(conversation);
    expect(again.thread).toEqual(thread);
  }
});

it('[RE26] an instance with the old key alone that hung while the others changed it writes nothing with it when it goes on, and ends', async () => {
  const [old, next] = [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')];
  await using cluster = await newCluster(1, { GORUNCHAT_MASTER_KEY: old });
  const hung = cluster.instances[0] as Instance;
  const mara = await newAccount(hung.url);
  await using tab = await new Tab(mara, hung.url).ready();
  hung.signal('SIGSTOP');
  const cut = new Promise((resolve) => tab.socket.once('disconnect', () => resolve({ ok: false })));
  const late = Promise.race([tab.send('Written while it hung'), cut]);
  const other = await cluster.add({ GORUNCHAT_MASTER_KEY: next, GORUNCHAT_MASTER_KEY_BEFORE: old });
  const underOld = async (): Promise<number> => cluster.database.db.collection('key').countDocuments({ json: { $regex: masterKeys(Buffer.from(old, 'hex')).current.id } });
  expect(await underOld()).toBeGreaterThan(0);
  await vi.waitUntil(async () => (await ask<MasterKeyState>({ ...mara, url: other.url }, 'masterKey')).state === 'done', PATIENT);
  expect(await underOld()).toBe(0);
  hung.signal('SIGCONT');
  expect(await hung.ended).toBe(1);
  expect(await late).toMatchObject({ ok: false });
  expect(await underOld()).toBe(0);
});
