import { randomBytes } from 'node:crypto';
import { around } from '../store/around.ts';
import { CommitRefused } from '../store/refused.ts';
import { UNFENCED, type Change, type Store } from '../store/store.ts';

/** As much as a message with its record takes, and some more: a store that is full may take a few bytes yet. Random ones, which no engine packs small. */
const TRIED_BYTES = 24 * 1_024;
/** One for all instances, so that what a killed one has left is there once. */
const TRIED = { kind: 'lease', id: 'is-anything-taken' } as const;

/** Whether a store takes writes. */
export interface Writes {
  /** The same store, whose commits tell it. */
  readonly store: Store;
  /** As the last commit said; where that was refused, or there was none yet, it is tried out. */
  work(): Promise<boolean>;
}

/**
 * Watches the commits of a store, so that an instance in use is never asked to write only for being looked at. Growing replies are left out: they may have a file of their own, and
 * are not what a message is refused for.
 */
export function watchWrites(store: Store): Writes {
  let isKnownToWork = false;
  let refusals = 0;
  let trying: Promise<boolean> | undefined;
  const attempt = async (): Promise<boolean> => {
    const before = refusals;
    try {
      await store.commit([{ do: 'put', ...TRIED, body: { instance: randomBytes(TRIED_BYTES).toString('base64') } }], UNFENCED);
      await store.commit([{ do: 'remove', ...TRIED }], UNFENCED);
      isKnownToWork ||= refusals === before;
      return true;
    } catch {
      return false;
    }
  };
  return {
    store: around(store, {
      async commit(changes, fence) {
        const before = refusals;
        try {
          await store.commit(changes, fence);
        } catch (error) {
          if (tells(changes) && isOfStore(error)) {
            refusals += 1;
            isKnownToWork = false;
          }
          throw error;
        }
        if (tells(changes) && refusals === before) isKnownToWork = true; // else it was asked for before the other one was refused
      },
    }),
    work: () => (isKnownToWork ? Promise.resolve(true) : (trying ??= attempt().finally(() => (trying = undefined)))),
  };
}

/** Else what was asked for was refused, by a store that could have done it. */
function isOfStore(error: unknown): boolean {
  return error instanceof CommitRefused && (error.reason === 'unavailable' || error.reason === 'unknown');
}

function tells(changes: readonly Change[]): boolean {
  return changes.length === 0 || changes.some(({ kind }) => kind !== 'draft');
}
