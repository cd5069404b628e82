import type { Head } from '../store/kinds.ts';
import { CommitRefused } from '../store/refused.ts';
import type { Change, Fence, Store } from '../store/store.ts';

/** Milliseconds between two looks at a store whose answer was lost. */
const LOOK_AGAIN_MS = 100;

/**
 * A fenced commit whose outcome is known when this returns or throws. After a lost answer the head is read until it says what happened: it stands where the commit
 * would have moved it (done), where it was (the same commit is tried again, which the fence makes safe), or elsewhere (`stale`). Waits as long as that takes.
 */
export async function commitKnown(store: Store, changes: readonly Change[], fence: Fence): Promise<void> {
  for (let wasSent = false; ; wasSent = true) {
    try {
      return await store.commit(changes, fence);
    } catch (error) {
      // What was sent before may have arrived late, and is then what moved the head.
      if (!(error instanceof CommitRefused) || (error.reason !== 'unknown' && !(wasSent && error.reason === 'stale'))) throw error;
    }
    const head = await readUntilKnown(store, fence.chain);
    if (head !== undefined && sameHead(head, fence.to)) return;
    if (!sameHead(head ?? null, fence.from)) throw new CommitRefused('stale', { detail: 'somebody else has written' });
  }
}

async function readUntilKnown(store: Store, chain: string): Promise<Head | undefined> {
  for (;;) {
    try {
      return (await store.get('head', chain))?.body;
    } catch {
      // The store is away: nothing can be told to anybody until it is back, so this waits with whoever waits for the answer.
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  }
}

function sameHead(a: Head | null, b: Head | null): boolean {
  if (a === null || b === null) return a === b;
  return a.epoch === b.epoch && a.seq === b.seq && a.number === b.number && a.hash === b.hash;
}
