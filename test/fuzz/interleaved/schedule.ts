import { erases } from '../../../server/store/kinds.ts';
import { around } from '../../../server/store/around.ts';
import { UNFENCED, type Change, type Fence, type Store, type Unfenced } from '../../../server/store/store.ts';

/** Which of so many steps comes next. */
export type Choose = (count: number) => number;

/** A commit that the store has taken, with its place among all that happened. */
export interface Taken {
  readonly at: number;
  readonly changes: readonly Change[];
  readonly fence: Fence | Unfenced;
}

/**
 * Stands between the product and its store, and lets nobody read a gate, or commit, before it is their turn: whenever everything waits, one step is chosen and goes on until everything waits again. So every
 * order of these steps can be had, and the same choices are the same order. Between histories it lets everything through.
 */
export interface Schedule {
  readonly store: Store;
  /** All that was committed in this history, in its order. */
  readonly taken: readonly Taken[];
  /** Moments, counted like `Taken.at`. */
  now(): number;
  /** Lets what these do go on step by step until all have ended. Resolves with what each came to. */
  run(parties: readonly (() => Promise<unknown>)[], choose: Choose): Promise<PromiseSettledResult<unknown>[]>;
}

/** With `isRead`, whoever erases only reads the gate and does not write it: as if that were enough. */
export function newSchedule(store: Store, isRead = false): Schedule {
  let parked: (() => void)[] | undefined;
  let inFlight = 0;
  let moment = 0;
  let taken: Taken[] = [];
  let reads: PromiseWithResolvers<void> | undefined;
  const turn = (): Promise<void> => new Promise((resolve) => (parked === undefined ? resolve() : void parked.push(resolve)));
  /** Gates that are read at once, as one look at all of them is, are one step. */
  const readTurn = (): Promise<void> => {
    if (reads !== undefined) return reads.promise;
    const mine = (reads = Promise.withResolvers<void>());
    queueMicrotask(() => {
      reads = undefined;
      void turn().then(mine.resolve);
    });
    return mine.promise;
  };
  const done = async <T>(work: () => Promise<T>): Promise<T> => {
    inFlight += 1;
    try {
      return await work();
    } finally {
      inFlight -= 1;
    }
  };
  const written = (changes: readonly Change[]): readonly Change[] => (isRead && changes.some((change) => change.do !== 'words' && erases(change)) ? changes.map((change) => (change.kind === 'gate' ? { ...change, id: `unread:${change.id}:${moment}`, version: 0 } as Change : change)) : changes);
  const waiting = around(store, {
    get: async (kind, id) => {
      if (kind === 'gate') await readTurn();
      return done(() => store.get(kind, id));
    },
    find: (query) => done(() => store.find(query)),
    commit: async (changes, fence) => {
      if (fence !== UNFENCED) await turn();
      await done(() => store.commit(written(changes), fence));
      taken.push({ at: ++moment, changes, fence });
    },
  });
  return {
    store: waiting,
    get taken() {
      return taken;
    },
    now: () => moment,
    async run(parties, choose) {
      taken = [];
      parked = [];
      const steps = parked;
      let left = parties.length;
      const running = parties.map((party) => turn().then(party).finally(() => (left -= 1)));
      const all = Promise.allSettled(running);
      while (left > 0) {
        await quiet(() => inFlight);
        if (steps.length > 0) steps.splice(choose(steps.length), 1)[0]?.();
      }
      parked = undefined;
      for (const go of steps) go();
      return all;
    },
  };
}

/** When nothing is under way any more: no read or commit at the store, and no work that one of them has left to be done. */
async function quiet(inFlight: () => number): Promise<void> {
  for (let calm = 0; calm < 3; calm = inFlight() === 0 ? calm + 1 : 0) await new Promise((resolve) => setImmediate(resolve));
}

/** Every order there is, one after the other: the next choices after those that a history made, or `undefined` when there are no others. */
export function nextChoices(made: readonly { readonly choice: number; readonly of: number }[]): number[] | undefined {
  const last = made.findLastIndex(({ choice, of }) => choice + 1 < of);
  return last < 0 ? undefined : [...made.slice(0, last).map(({ choice }) => choice), (made[last]?.choice ?? 0) + 1];
}
