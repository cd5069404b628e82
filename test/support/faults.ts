import { around } from '../../server/store/around.ts';
import { CommitRefused } from '../../server/store/refused.ts';
import type { Change, Fence, Store, Unfenced } from '../../server/store/store.ts';

/**
 * What goes wrong with a commit: `refuse`, nothing of it happens and it is refused as `unavailable`; `lose-reply`, it happens and the caller hears `unknown`;
 * `lose-commit`, it does not happen and the caller hears `unknown`, too.
 */
export type Fault = 'refuse' | 'lose-reply' | 'lose-commit';

/** Asked once per commit, before it begins; nothing goes wrong when it says nothing. */
export type FaultPlan = (changes: readonly Change[], fence: Fence | Unfenced) => Fault | undefined;

/** A store that fails as planned, around a real one. Reads are passed on as they are. */
export function faultyStore(store: Store, plan: FaultPlan): Store {
  return around(store, {
    commit: async (changes, fence) => {
      const fault = plan(changes, fence);
      if (fault === 'refuse') throw new CommitRefused('unavailable', { detail: 'planned' });
      if (fault === 'lose-commit') throw new CommitRefused('unknown', { detail: 'planned' });
      await store.commit(changes, fence);
      if (fault === 'lose-reply') throw new CommitRefused('unknown', { detail: 'planned' });
    },
  });
}

/** Lets the first commit that `isMeant` go wrong, and no other. */
export function once(fault: Fault, isMeant: (changes: readonly Change[]) => boolean): FaultPlan {
  let isSpent = false;
  return (changes) => {
    if (isSpent || !isMeant(changes)) return undefined;
    isSpent = true;
    return fault;
  };
}
