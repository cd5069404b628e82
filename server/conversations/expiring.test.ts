import { expect, it } from 'vitest';
import type { Store } from '../store/store.ts';
import { openExpiring } from './expiring.ts';
import { KEPT } from './retention.ts';

it('conversations that cannot be deleted, however many and however old, keep no other from being deleted', async () => {
  const ids = [...Array.from({ length: 30 }, (_, place) => `broken${place}`), 'whole'];
  const store = { find: ({ index }: { index: string }) => Promise.resolve({ items: (index === 'byChange' ? ids : []).map((id) => ({ id, version: 1, body: { owner: 'mara', deletedAt: null, updatedAt: 0 } })), cursor: null }) } as unknown as Store;
  const [deleted, warnings]: [string[], unknown[]] = [[], []];
  const directory = { deleteFor: (_: object, id: string) => (id.startsWith('broken') ? Promise.reject(new Error('no key')) : Promise.resolve(deleted.push(id) > 0)) };
  const retention = { ...KEPT, ordinary: { keepDays: 0, deleteAfterDays: 1 } };
  await openExpiring(store, directory, { now: () => 10 * 24 * 3_600_000 }, retention, (error) => warnings.push(error))();
  expect([deleted, warnings.length]).toEqual([['whole'], 30]);
});
