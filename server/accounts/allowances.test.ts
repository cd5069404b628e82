import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CommandId, SiteId } from '../../contracts/ids.ts';
import { newId } from '../ids.ts';
import type { Keys } from '../journal/keys.ts';
import { newKey } from '../journal/seal.ts';
import { CommitRefused } from '../store/refused.ts';
import { sqliteStore } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';
import { openAllowances, REFILLED_MS, type Allowances } from './allowances.ts';
import type { KnownSite } from './sites.ts';

const key = newKey();
const keys = { of: () => Promise.resolve(key) } as unknown as Keys;
let folder: string;
let store: Store;
let now: number;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'allowances-'));
  store = await sqliteStore({ folder });
  now = 1_000_000_000_000;
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

function siteWith(limits: { visitor: number; address: number; site: number }): KnownSite {
  return { id: 'site_shop' as SiteId, settings: { limits } } as KnownSite;
}

const opened = (through: Store = store): Allowances => openAllowances(through, keys, { now: () => now } as never);
const asks = (visitor: string, address = '192.0.2.1') => ({ visitor, address, command: newId<CommandId>() });

async function codeOf(taken: Promise<void>): Promise<string> {
  return taken.then(() => 'taken', (error: { code?: string }) => error.code ?? 'failed');
}

it('what was used up stays used up when the product starts again, and comes back with time', async () => {
  const site = siteWith({ visitor: 2, address: 1_000, site: 1_000 });
  await opened().take(site, asks('ada'));
  await opened().take(site, asks('ada'));
  await store.close();
  store = await sqliteStore({ folder });
  expect(await codeOf(opened().take(site, asks('ada')))).toBe('day-used-up');
  expect(await codeOf(opened().take(site, asks('bo')))).toBe('taken');
  now += REFILLED_MS / 2;
  expect(await codeOf(opened().take(site, asks('ada')))).toBe('taken');
});

it('several instances that are asked at once let through as many as the site allows, and not one more', async () => {
  const site = siteWith({ visitor: 1_000, address: 1_000, site: 10 });
  const instances = [opened(), opened(), opened()];
  const codes = await Promise.all(Array.from({ length: 30 }, (_, number) => codeOf((instances[number % 3] as Allowances).take(site, asks(`visitor ${number}`)))));
  expect(codes.filter((code) => code === 'taken')).toHaveLength(10);
  expect(codes.filter((code) => code === 'budget-used-up')).toHaveLength(20);
});

it('the same command counts once, wherever and however often it is given, also when it took the last one', async () => {
  const site = siteWith({ visitor: 1, address: 1_000, site: 1_000 });
  const once = asks('ada');
  const instances = [opened(), opened(), opened()];
  expect(await Promise.all(Array.from({ length: 12 }, (_, number) => codeOf((instances[number % 3] as Allowances).take(site, once))))).toEqual(Array.from({ length: 12 }, () => 'taken'));
  expect(await codeOf(opened().take(site, once))).toBe('taken');
  expect(await codeOf(opened().take(site, asks('ada')))).toBe('day-used-up');
  expect(await codeOf(opened().take(site, { ...asks('bo'), command: once.command }))).toBe('taken');
});

it('who is refused has used up nothing of what others share', async () => {
  const site = siteWith({ visitor: 1, address: 1_000, site: 2 });
  const allowances = opened();
  await allowances.take(site, asks('ada'));
  for (let times = 0; times < 5; times++) expect(await codeOf(allowances.take(site, asks('ada')))).toBe('day-used-up');
  expect(await codeOf(allowances.take(site, asks('bo')))).toBe('taken');
});

it('nothing of an address can be read from what is kept', async () => {
  await opened().take(siteWith({ visitor: 9, address: 9, site: 9 }), asks('ada', '192.0.2.77'));
  const { items } = await store.find({ kind: 'allowance', index: 'byAge', where: [], limit: 10 });
  expect(items).toHaveLength(4); // the visitor, the address, the site, and the command
  expect(JSON.stringify(items)).not.toMatch(/192\.0\.2|ada/u);
});

it('what is full again is not kept', async () => {
  const allowances = opened();
  await allowances.take(siteWith({ visitor: 9, address: 9, site: 9 }), asks('ada'));
  now += REFILLED_MS / 2;
  await allowances.take(siteWith({ visitor: 9, address: 9, site: 9 }), asks('bo', '192.0.2.2'));
  now += REFILLED_MS / 2;
  await allowances.removeRefilled();
  const { items } = await store.find({ kind: 'allowance', index: 'byAge', where: [], limit: 10 });
  expect(items).toHaveLength(4); // of ada and her address nothing is left
});

it('a reply that cannot be counted is refused', async () => {
  const away: Store = { ...store, get: (kind, id) => store.get(kind, id), commit: () => Promise.reject(new CommitRefused('unavailable')) };
  expect(await codeOf(opened(away).take(siteWith({ visitor: 9, address: 9, site: 9 }), asks('ada')))).toBe('record-unavailable');
});
