import type { Kinds } from '../store/kinds.ts';
import type { Store } from '../store/store.ts';
import { all } from '../store/walk.ts';

/** Epochs of a generation lie above the seconds of its restore, so many for each: nobody can claim one conversation as often as that. */
const EPOCHS_A_SECOND = 65_536;
const COUNTED_FROM_MS = Date.UTC(2026, 0, 1);

/** All restores that this store is on record to have come through, the first one first. */
export async function generationsOf(store: Store): Promise<readonly Kinds['generation'][]> {
  return (await all(store, { kind: 'generation', index: 'byNumber', where: [], limit: 1_000 })).map(({ body }) => body);
}

/** The epoch above which every claim in this store has to be: what was shown under any up to it may have been lost with a restore. 0 where nothing was ever restored. */
export async function epochsAfter(store: Store): Promise<number> {
  return Math.max(0, ...(await generationsOf(store)).map(({ epoch }) => epoch));
}

/**
 * An epoch above all that the lost time can have used: above every one that is known, and, since nobody may be left who knows the last of them, above those of any generation that began
 * before `at` by a clock that is right.
 */
export function nextEpochs(at: number, known: number): number {
  return Math.max(Math.floor((at - COUNTED_FROM_MS) / 1_000) * EPOCHS_A_SECOND, known + EPOCHS_A_SECOND);
}

/** What this store's copies outside are named after since it was last restored: what was copied before stays as it is, beside them. `undefined` where nothing was ever restored. */
export async function sinceRestore(store: Store): Promise<string | undefined> {
  const last = (await generationsOf(store)).at(-1);
  return last === undefined ? undefined : `restored-${nameOf(last.at)}`;
}

/** A moment as the name of a folder: UTC, in the order of time. */
export function nameOf(at: number): string {
  return new Date(at).toISOString().replaceAll(/[-:]|\.\d+/gu, '');
}
