import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { around } from '../store/around.ts';
import { sqliteStore } from '../store/sqlite.ts';
import { UNFENCED, type Store } from '../store/store.ts';
import { heldBy, isElsewhere, letGo } from './holder.ts';

it('[RE9] leaves to another instance what it does, until it is not heard of any more', () => {
  const holding = heldBy('one', 1_000);
  expect([1_000, 30_999, 31_000].map((now) => [isElsewhere(holding, 'one', now), isElsewhere(holding, 'another', now)])).toEqual([[false, true], [false, true], [false, false]]);
});

describe('[RE9] an instance that ends', () => {
  let folder: string;
  let store: Store;
  const warnings: unknown[] = [];
  const world = (of: Store) => ({ store: of, instance: 'one', warn: (error: unknown) => void warnings.push(error) });

  beforeEach(async () => {
    warnings.length = 0;
    folder = mkdtempSync(join(tmpdir(), 'shipper-'));
    store = await sqliteStore({ folder });
    await store.commit(['one', 'another'].map((holder) => ({ do: 'add', kind: 'feed', id: holder, body: { upTo: 7, holder, until: 99 } }) as const), UNFENCED);
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  const bodyOf = async (id: string) => (await store.get('feed', id))?.body;

  it('lets go what it holds, and nothing else', async () => {
    for (const id of ['one', 'another', 'nobody']) await letGo(world(store), 'feed', id);
    expect([await bodyOf('one'), await bodyOf('another'), await bodyOf('nobody')]).toEqual([{ upTo: 7, holder: 'one', until: 0 }, { upTo: 7, holder: 'another', until: 99 }, undefined]);
    expect(warnings).toEqual([]);
  });

  it('leaves what another has taken meanwhile, and tells what it could not read', async () => {
    const taken = around(store, {
      async get(kind, id) {
        const found = await store.get(kind, id);
        await store.commit([{ do: 'put', kind: 'feed', id: 'one', version: found!.version, body: { upTo: 8, holder: 'another', until: 99 } }], UNFENCED);
        return found;
      },
    });
    await letGo(world(taken), 'feed', 'one');
    expect([await bodyOf('one'), warnings]).toEqual([{ upTo: 8, holder: 'another', until: 99 }, []]);
    await letGo(world(around(store, { get: () => Promise.reject(new Error('away')) })), 'feed', 'one');
    expect(warnings).toEqual([new Error('away')]);
  });
});
