import { CommitRefused } from '../../../server/store/refused.ts';
import type { Change, Fence, Store, Unfenced } from '../../../server/store/store.ts';
import type { StoredData } from './store.ts';
import { Unreached, Way, type Stage } from './wire.ts';

/** How long the adapter tries before it gives up. */
const TRIED_FOR_MS = 3_000;
const REFUSED_AFTER_MS = 500;

/** What goes wrong with the next commits of everybody. */
export interface CommitFaults {
  /** Of a hundred: refused with nothing done; done, and the answer lost; lost on its way; done a good while later, though nobody knows. */
  refused: number;
  unanswered: number;
  lost: number;
  late: number;
}

export const NO_FAULTS: CommitFaults = { refused: 0, unanswered: 0, lost: 0, late: 0 };

/** The store as one instance reaches it. */
export function storeOver(data: StoredData, way: Way, stage: Stage, faults: () => CommitFaults): Store {
  const read = <T>(work: () => T): Promise<T> => way.ask(work, TRIED_FOR_MS);
  return {
    get: (kind, id) => read(() => data.get(kind, id)),
    find: (query) => read(() => data.find(query)),
    search: () => Promise.resolve({ items: [], cursor: null }),
    behind: () => Promise.resolve([]),
    close: () => Promise.resolve(),
    commit: (changes, fence) => commit({ data, way, stage, faults }, changes, fence),
  };
}

interface Parts {
  readonly data: StoredData;
  readonly way: Way;
  readonly stage: Stage;
  readonly faults: () => CommitFaults;
}

async function commit({ data, way, stage, faults }: Parts, changes: readonly Change[], fence: Fence | Unfenced): Promise<void> {
  const { refused, unanswered, lost, late } = faults();
  const roll = stage.dice.below(100);
  if (roll < refused) throw await after(stage, way, new CommitRefused('unavailable', { detail: 'the database said no' }));
  if (roll < refused + lost) throw await after(stage, way, unknown());
  if (roll < refused + lost + late) {
    stage.time.later(stage.dice.below(1_500), () => attempt(data, changes, fence));
    throw await after(stage, way, unknown());
  }
  const answered = roll >= refused + lost + late + unanswered;
  try {
    await way.ask(() => data.commit(changes, fence), TRIED_FOR_MS);
  } catch (error) {
    if (error instanceof Unreached) throw await after(stage, way, new CommitRefused('unavailable', { cause: error }));
    throw error instanceof CommitRefused ? error : unknown(error);
  }
  if (!answered) throw unknown();
}

/** What comes late comes too late when the head has moved. */
function attempt(data: StoredData, changes: readonly Change[], fence: Fence | Unfenced): void {
  try {
    data.commit(changes, fence);
  } catch (error) {
    if (!(error instanceof CommitRefused)) throw error;
  }
}

function after<E>(stage: Stage, way: Way, error: E): Promise<E> {
  return new Promise((resolve) => stage.time.later(stage.dice.below(REFUSED_AFTER_MS), () => resolve(error), way.host));
}

function unknown(cause?: unknown): CommitRefused {
  return new CommitRefused('unknown', { detail: 'the answer was lost', cause });
}
