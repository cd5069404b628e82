import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { IndexQuery, Store } from '../store/store.ts';
import type { Directory } from './directory.ts';
import { startSweep } from './sweep.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const BROKEN = Array.from({ length: 30 }, (_, place) => `broken${place}`);

/** A store in which all these conversations are due, and an owner to whom the broken ones cannot be given. */
function newWorld() {
  const due = new Set([...BROKEN, 'whole']);
  const opened: string[] = [];
  const warnings: unknown[] = [];
  const slow = new Map<string, PromiseWithResolvers<void>>();
  const store = {
    find: ({ kind, limit, after }: IndexQuery<'turn' | 'titling' | 'unsent'>) => {
      if (kind === 'unsent' || kind === 'titling') return Promise.resolve({ items: [], cursor: null });
      const all = [...due].map((id) => (kind === 'turn' ? { id: `turn of ${id}`, version: 1, body: { conversation: id } } : { id, version: 1, body: { owner: 'mara' } }));
      const from = Number(after ?? 0);
      return Promise.resolve({ items: all.slice(from, from + limit), cursor: from + limit < all.length ? String(from + limit) : null });
    },
    get: (kind: string) => Promise.resolve(kind === 'gate' ? undefined : { body: { owner: 'mara', isErased: false } }),
  } as unknown as Store;
  const reach = async (id: string): Promise<void> => {
    await slow.get(id)?.promise;
    await reached(id);
  };
  const reached = (id: string): Promise<void> => (id.startsWith('broken') ? Promise.reject(new Error(`no key for ${id}`)) : Promise.resolve());
  const directory = {
    takeUp: (id: string) => reach(id).then(() => opened.push(id)),
    erase: (id: string) => reach(id).then(() => due.delete(id)),
    unowned: (ids: readonly string[]) => Promise.resolve(ids),
    conceal: () => Promise.resolve(),
    passivate: () => undefined,
  } as unknown as Directory;
  return { due, opened, warnings, slow, start: () => startSweep(store, directory, { now: () => 1 }, (error) => warnings.push(error)) };
}

it('conversations that cannot be opened keep no other from being concluded at the start, and each is named', async () => {
  const { opened, warnings, start } = newWorld();
  const stop = await start();
  expect(opened).toEqual(['whole']);
  expect(warnings.map(String)).toEqual(BROKEN.map((id): unknown => expect.stringContaining(`${id} `)));
  await stop();
});

it('conversations that are slow to open keep no other waiting', async () => {
  const { opened, start, slow } = newWorld();
  const answers = Promise.withResolvers<void>();
  slow.set('broken3', answers);
  const started = start();
  await vi.waitFor(() => expect(opened).toEqual(['whole']));
  answers.resolve();
  const stop = await started;
  await stop();
});

it('conversations that cannot be erased keep no other from being erased, and each is named once', async () => {
  const { due, warnings, start } = newWorld();
  const stop = await start();
  warnings.length = 0;
  await vi.advanceTimersByTimeAsync(1_000);
  expect([...due]).toEqual(BROKEN);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(warnings).toHaveLength(BROKEN.length);
  await stop();
});
