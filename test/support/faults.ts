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

/** Refuses what has a record, for as long as it is told to. */
export interface Refusal {
  readonly plan: FaultPlan;
  /** Of each commit that was refused the types of its records. */
  readonly refused: (readonly string[])[];
  /** From now on commits with a record of one of these types are refused, and those with any where none is named. */
  refuse(...types: readonly string[]): void;
  /** From now on everything is taken. */
  take(): void;
}

/** Takes everything at first. `seen` is given every type that was refused. */
export function newRefusal(seen: Set<string> = new Set()): Refusal {
  const refused: (readonly string[])[] = [];
  let isMeant: (types: readonly string[]) => boolean = () => false;
  return {
    refused,
    refuse(...types) {
      isMeant = (found) => (types.length === 0 ? found.length > 0 : found.some((type) => types.includes(type)));
    },
    take() {
      isMeant = () => false;
    },
    plan(changes) {
      const types = changes.flatMap((change) => (change.do === 'add' && change.kind === 'record' ? [change.body.type] : []));
      if (!isMeant(types)) return undefined;
      refused.push(types);
      for (const type of types) seen.add(type);
      return 'refuse';
    },
  };
}
