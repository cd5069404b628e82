import type { Kinds } from '../store/kinds.ts';
import { wentThrough } from '../store/refused.ts';
import { UNFENCED, type Change, type Store, type Stored } from '../store/store.ts';
import { all } from '../store/walk.ts';
import type { MasterKey, MasterKeys } from './master-keys.ts';

/** An instance that is not heard of for so long runs no more. */
const HEARD_MS = 20_000;
/** It counts on being heard of for less, as clocks differ. */
const COUNTS_ON_MS = 15_000;
const FORGOTTEN_MS = 24 * 3_600_000;

/** Under which it stands how far the change of the master key is. */
export const ROTATION = 'master';
export type KeptRotation = Stored<'rotation'> | undefined;

/** Writes how far it is, unless somebody else has since it was read. */
export function rotationChange(kept: KeptRotation, body: Kinds['rotation']): Change {
  return { do: 'put', kind: 'rotation', id: ROTATION, version: kept?.version ?? 0, body };
}

export const UNCHANGED: Kinds['rotation'] = { from: null, to: null, isDone: true, moved: 0, of: 0, holder: '', until: 0 };

/** Which of its master keys an instance wraps with: the one before, until it is certain that every instance can open what the current one wraps. */
export function wrapsWith({ current, before }: MasterKeys, kept: KeptRotation): MasterKey {
  return before === undefined || kept?.body.to === current.id ? current : before;
}

/** Whether the data has gone over to a master key that this instance was not given: it was not heard of, and the others did not wait. */
export function isLeftBehind({ current, before }: MasterKeys, kept: KeptRotation): boolean {
  return kept !== undefined && kept.body.to !== null && kept.body.to !== current.id && kept.body.to !== before?.id;
}

/** Which master keys the instances of a deployment have, so that none is left with keys that it cannot open. */
export interface Instances {
  /** Before anything else of this one happens. `check` looks at the data and throws where it cannot start; nothing was written then. A change of the master key that begins at the same moment is seen, or sees this instance. */
  enter(check: (kept: KeptRotation) => Promise<void>): Promise<void>;
  /** Says again that this one runs, and with which master key it wraps; it wraps nothing more once that was too long ago. */
  tell(): Promise<void>;
  /** The others that run. */
  others(): Promise<readonly Kinds['instance'][]>;
  leave(): Promise<void>;
}

export interface InstancesWorld {
  readonly store: Store;
  readonly instance: string;
  readonly masters: MasterKeys;
  readonly now: () => number;
}

/** Of several instances. */
export function sharedInstances({ store, instance, masters, now }: InstancesWorld): Instances {
  const say = async (more: readonly Change[]): Promise<void> => {
    const from = performance.now();
    await store.commit([{ do: 'put', kind: 'instance', id: instance, body: { wants: masters.current.id, wraps: masters.wrapping.id, until: now() + HEARD_MS } }, ...more], UNFENCED);
    masters.wrapsUntil = from + COUNTS_ON_MS;
  };
  return {
    async enter(check) {
      for (;;) {
        const kept = await store.get('rotation', ROTATION);
        await check(kept);
        masters.wrapping = wrapsWith(masters, kept);
        // Written although nothing of it is changed: whoever begins a change writes it, too, so one of the two sees the other.
        if (await wentThrough(say([rotationChange(kept, kept?.body ?? UNCHANGED)]))) return;
      }
    },
    tell: () => say([]),
    async others() {
      const { items: gone } = await store.find({ kind: 'instance', index: 'byEnd', where: [], to: now() - FORGOTTEN_MS, limit: 100 });
      if (gone.length > 0) await store.commit(gone.map(({ id }) => ({ do: 'remove', kind: 'instance', id })), UNFENCED);
      return (await all(store, { kind: 'instance', index: 'byEnd', where: [], from: now(), limit: 1_000 })).filter(({ id }) => id !== instance).map(({ body }) => body);
    },
    leave: () => store.commit([{ do: 'remove', kind: 'instance', id: instance }], UNFENCED),
  };
}

/** Where a single process has the store to itself. */
export function onlyInstance({ store, masters }: Pick<InstancesWorld, 'store' | 'masters'>): Instances {
  return {
    async enter(check) {
      const kept = await store.get('rotation', ROTATION);
      await check(kept);
      masters.wrapping = wrapsWith(masters, kept);
    },
    tell: () => Promise.resolve(),
    others: () => Promise.resolve([]),
    leave: () => Promise.resolve(),
  };
}
