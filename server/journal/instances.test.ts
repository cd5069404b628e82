import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { sqliteStore } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';
import { isLeftBehind, sharedInstances, UNCHANGED } from './instances.ts';
import { openKeys } from './keys.ts';
import { masterKeys } from './master-keys.ts';
import { startRotation } from './rotation.ts';
import { newKey } from './seal.ts';

let folder: string;
let store: Store;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['performance', 'Date'] });
  folder = mkdtempSync(join(tmpdir(), 'instances-'));
  store = await sqliteStore({ folder });
});
afterEach(async () => {
  vi.useRealTimers();
  await store.close();
  rmSync(folder, { recursive: true });
});

it('[RE26] an instance that the others may no longer wait for wraps no key until it has said again that it runs', async () => {
  const masters = masterKeys(newKey());
  const keys = openKeys(store, masters);
  const instances = sharedInstances({ store, instance: 'one', masters, now: Date.now });
  const others = sharedInstances({ store, instance: 'another', masters: masterKeys(newKey()), now: Date.now });
  await instances.enter(() => Promise.resolve());
  for (let seconds = 0; (await others.others()).length > 0; seconds += 1) {
    expect(seconds).toBeLessThan(60);
    vi.advanceTimersByTime(1_000);
  }
  expect(() => keys.make('a', 'ann')).toThrow('record-unavailable');
  await instances.tell();
  expect(await others.others()).toHaveLength(1);
  expect(keys.make('a', 'ann').change).toMatchObject({ kind: 'key', id: 'a' });
});

it('[RE26] says again that it runs whatever its clock is set to', async () => {
  let tells = 0;
  let at = Date.now();
  const instances = { enter: () => Promise.resolve(), tell: () => Promise.resolve(void (tells += 1)), others: () => Promise.resolve([]), leave: () => Promise.resolve() };
  const unused = (): never => { throw new Error('not for an instance with one master key'); };
  const rotation = startRotation({ store, instance: 'one', masters: masterKeys(newKey()), now: () => (at -= 60_000), instances, audit: { commit: unused }, warn: unused, leftBehind: unused });
  await expect.poll(() => (vi.advanceTimersByTime(6_000), tells), { timeout: 30_000, interval: 200 }).toBeGreaterThan(2);
  await rotation.close();
});

it('[RE26] is left behind where the data has gone over to a master key that it was not given', () => {
  const [old, next, after] = [newKey(), newKey(), newKey()];
  const gone = (to: Buffer | null, isDone: boolean) => ({ id: 'master', version: 1, body: { ...UNCHANGED, to: to && masterKeys(to).current.id, isDone } });
  expect([undefined, gone(null, true), gone(old, true)].map((kept) => isLeftBehind(masterKeys(old), kept))).toEqual([false, false, false]);
  expect([gone(next, false), gone(next, true)].map((kept) => isLeftBehind(masterKeys(old), kept))).toEqual([true, true]);
  expect([gone(old, true), gone(next, false)].map((kept) => isLeftBehind(masterKeys(next, old), kept))).toEqual([false, false]);
  expect(isLeftBehind(masterKeys(next, old), gone(after, false))).toBe(true);
});
