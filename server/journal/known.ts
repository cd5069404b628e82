import type { Head } from '../store/kinds.ts';
import { CommitRefused, type RefusalReason } from '../store/refused.ts';
import type { Change, Fence, Store } from '../store/store.ts';

/** Milliseconds between two looks at a store whose answer was lost. */
const LOOK_AGAIN_MS = 100;

/**
 * A fenced commit whose outcome is known when this returns or throws. After a lost answer the head is read until it says what happened: it stands where the commit
 * would have moved it (done), where it was (the same commit is tried again, which the fence makes safe), or elsewhere (`stale`). Waits as long as that takes: that a later try
 * was refused because the store was away says nothing of the first, which may arrive yet.
 */
export async function commitKnown(store: Store, changes: readonly Change[], fence: Fence): Promise<void> {
  for (let wasSent = false; ; wasSent = true) {
    const refused = await refusalOf(store, changes, fence);
    if (refused === undefined) return;
    if (!wasSent && refused.reason !== 'unknown') throw refused;
    if (refused.reason === 'unavailable') await shortWait();
    const head = await readUntilKnown(store, fence.chain);
    if (head !== undefined && sameHead(head, fence.to)) return;
    if (!sameHead(head ?? null, fence.from)) throw new CommitRefused('stale', { detail: 'somebody else has written' });
    // Whatever of it may arrive yet is refused for the same reason.
    if (!TRIED_AGAIN.includes(refused.reason)) throw refused;
  }
}

const TRIED_AGAIN: readonly RefusalReason[] = ['unknown', 'unavailable', 'stale'];

async function refusalOf(store: Store, changes: readonly Change[], fence: Fence): Promise<CommitRefused | undefined> {
  try {
    await store.commit(changes, fence);
    return undefined;
  } catch (error) {
    if (error instanceof CommitRefused) return error;
    throw error;
  }
}

function shortWait(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
}

async function readUntilKnown(store: Store, chain: string): Promise<Head | undefined> {
  for (;;) {
    try {
      return (await store.get('head', chain))?.body;
    } catch {
      // The store is away: nothing can be told to anybody until it is back, so this waits with whoever waits for the answer.
      await shortWait();
    }
  }
}

function sameHead(a: Head | null, b: Head | null): boolean {
  if (a === null || b === null) return a === b;
  return a.epoch === b.epoch && a.seq === b.seq && a.number === b.number && a.hash === b.hash;
}
