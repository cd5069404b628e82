import { wentThrough } from '../store/refused.ts';
import { UNFENCED, type Store, type Stored } from '../store/store.ts';
import { all, walk } from '../store/walk.ts';
import { ROTATION, rotationChange, UNCHANGED } from './instances.ts';
import { rewrap, type MasterKeys } from './master-keys.ts';

const AT_ONCE = 100;

/**
 * In a restored store, which nobody else writes: every key under the current master key, whichever of the two had wrapped it when the backup was made. Resolves with how many another one had wrapped. Throws a
 * sentence when one was wrapped by neither.
 */
export async function rewrapAll(store: Store, masters: MasterKeys): Promise<number> {
  const { current, before } = masters;
  let moved = 0;
  let next: Stored<'key'>[] = [];
  const move = async (): Promise<void> => {
    const changes = next.map((key) => rewrapped(key, masters));
    next = [];
    if (await wentThrough(store.commit(changes, UNFENCED))) moved += changes.length;
    else throw new Error('Somebody else writes what is being restored. Nothing was restored.');
  };
  for await (const key of walk(store, { kind: 'key', index: 'byMaster', where: [], limit: 1_000 })) {
    if (key.body.under !== current.id) next.push(key);
    if (next.length === AT_ONCE) await move();
  }
  if (next.length > 0) await move();
  const gone = await all(store, { kind: 'instance', index: 'byEnd', where: [], limit: 1_000 }); // they ran when the backup was made
  const body = { ...UNCHANGED, from: before?.id ?? null, to: current.id, moved, of: moved };
  await store.commit([...gone.map(({ id }) => ({ do: 'remove', kind: 'instance', id }) as const), rotationChange(await store.get('rotation', ROTATION), body)], UNFENCED);
  return moved;
}

function rewrapped(key: Stored<'key'>, masters: MasterKeys) {
  try {
    return rewrap(key, masters);
  } catch (error) {
    throw new Error('The master key is not the one that the backup was written with. Put that one into the data folder (master.key), or give it with GORUNCHAT_MASTER_KEY; where another one has taken its place since, give the new one so, and the one of the backup with GORUNCHAT_MASTER_KEY_BEFORE (master-before.key). Nothing was restored.', { cause: error });
  }
}
