import { setTimeout as wait } from 'node:timers/promises';
import type { MasterKeyState } from '../../contracts/records.ts';
import type { Kinds } from '../store/kinds.ts';
import { isConflict, wentThrough } from '../store/refused.ts';
import { UNFENCED, type Stored } from '../store/store.ts';
import { walk } from '../store/walk.ts';
import { DEPLOYMENT, type Audit } from './audit.ts';
import { heldBy, isElsewhere } from './holder.ts';
import { isLeftBehind, ROTATION, rotationChange, UNCHANGED, wrapsWith, type Instances, type InstancesWorld } from './instances.ts';
import { ITSELF } from './journal.ts';
import { rewrap } from './master-keys.ts';

/** Between two looks, at what other instances do as well. */
const LOOK_MS = 1_000;
/** An instance says again that it runs. */
const TELL_MS = 5_000;
/** Once all keys are moved: one that was made in that moment may still have come. */
const LOOK_AGAIN_MS = 30_000;
const AT_ONCE = 100;
/** So many times as long as a step has taken it rests: most of the time is for others. */
const REST = 4;
const COUNTED_AT_ONCE = 1_000;

export interface RotationWorld extends InstancesWorld {
  readonly instances: Instances;
  readonly audit: Audit;
  warn(error: unknown): void;
  /** This instance cannot open what the others write: it has to end. */
  leftBehind(): void;
}

export interface Rotation {
  state(): Promise<MasterKeyState>;
  /** How many keys are to be moved yet, as far as this instance knows. */
  readonly left: number;
  close(): Promise<void>;
}

/**
 * Wraps every key anew with the current master key, where the one before it was given as well: in small steps, beside everything else, one instance at a time, begun once none runs that was given another one.
 * What a crash or a stop left is gone on with. An instance that the others did not wait for, since it was not heard of, is told so. That it began and that it ended are on record, each in the commit that says so.
 */
export function startRotation(world: RotationWorld): Rotation {
  const stopped = new AbortController();
  const rotating = new Rotating(world, stopped.signal);
  let isTold = false;
  const run = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      try {
        await rotating.look();
        isTold = false;
      } catch (error) {
        if (!isTold) world.warn(error);
        isTold = true;
      }
      await wait(LOOK_MS, undefined, { signal: stopped.signal, ref: false }).catch(() => undefined); // it is stopped
    }
  };
  const running = run();
  return {
    state: () => rotating.state(),
    get left() {
      return rotating.left;
    },
    async close() {
      stopped.abort();
      await running;
      await world.instances.leave().catch(() => undefined); // it is not heard of any more, which says the same
    },
  };
}

class Rotating {
  readonly #world: RotationWorld;
  readonly #signal: AbortSignal;
  #toldAt = Number.NEGATIVE_INFINITY;
  #nextLook = Number.NEGATIVE_INFINITY;
  left = 0;

  constructor(world: RotationWorld, signal: AbortSignal) {
    this.#world = world;
    this.#signal = signal;
  }

  async state(): Promise<MasterKeyState> {
    const { masters: { before, current } } = this.#world;
    const kept = (await this.#kept())?.body ?? UNCHANGED;
    const isMine = kept.to === current.id;
    const state = isMine ? (kept.isDone && !(await this.#isLeft()) ? 'done' : 'moves') : before === undefined ? 'none' : 'waits';
    return { state, moved: isMine ? kept.moved : 0, of: isMine ? kept.of : 0, hasBefore: before !== undefined };
  }

  async look(): Promise<void> {
    const { masters, instances, now, leftBehind } = this.#world;
    const { current, before } = masters;
    const kept = await this.#kept();
    if (isLeftBehind(masters, kept)) return leftBehind();
    const wraps = wrapsWith(masters, kept);
    this.left = kept === undefined || kept.body.isDone ? 0 : kept.body.of - kept.body.moved;
    const hasChanged = wraps.id !== masters.wrapping.id;
    masters.wrapping = wraps;
    if (hasChanged || performance.now() >= this.#toldAt + TELL_MS) await this.#tell(); // whatever the clock is set to
    if (before === undefined || now() < this.#nextLook) return;
    const others = await instances.others();
    if (others.some(({ wants }) => wants !== current.id)) return;
    if (kept?.body.to !== current.id) await this.#begin(kept);
    else if (await this.#moveAll()) await this.#end(others);
  }

  /** Counts first, so that it can be said how far it is. Somebody else who is first begins the same, or has just come with another key. */
  async #begin(kept: Stored<'rotation'> | undefined): Promise<void> {
    const { store, audit, masters: { current, before } } = this.#world;
    let of = 0;
    let seen = 0;
    for await (const { body } of walk(store, { kind: 'key', index: 'byMaster', where: [], limit: COUNTED_AT_ONCE })) {
      of += Number(body.under !== current.id);
      if (++seen % COUNTED_AT_ONCE === 0) await this.#tell();
    }
    const from = before?.id ?? null;
    const body: Kinds['rotation'] = { ...UNCHANGED, from, to: current.id, isDone: false, of };
    await audit.commit([rotationChange(kept, body)], { type: 'master-key-changing', v: 1, from, to: current.id, keys: of }, ITSELF, DEPLOYMENT).catch(unlessOvertaken);
  }

  /** Whether none is left. */
  async #moveAll(): Promise<boolean> {
    const { store, instance, masters, now } = this.#world;
    while (!this.#signal.aborted) {
      const began = performance.now();
      const kept = await this.#kept();
      if (kept?.body.to !== masters.current.id || isElsewhere(kept.body, instance, now())) return false;
      const keys = await this.#next();
      if (keys.length === 0) return true;
      const moved = kept.body.moved + keys.length;
      const body = { ...kept.body, moved, of: Math.max(moved, kept.body.of), ...heldBy(instance, now()) };
      const isMoved = await wentThrough(store.commit([...keys.map((key) => rewrap(key, masters)), rotationChange(kept, body)], UNFENCED));
      if (isMoved) this.left = body.of - moved;
      await this.#tell(); // it may take long, and keys are made meanwhile
      await wait(REST * (performance.now() - began), undefined, { signal: this.#signal, ref: false }).catch(() => undefined); // it is stopped
    }
    return false;
  }

  /** Those that do not say by which master key they are wrapped come first. */
  async #next(): Promise<readonly Stored<'key'>[]> {
    const { store, masters: { before } } = this.#world;
    const page = { kind: 'key', index: 'byMaster', where: [], limit: AT_ONCE } as const;
    const unnamed = (await store.find(page)).items.filter(({ body }) => body.under === undefined);
    return unnamed.length > 0 || before === undefined ? unnamed : (await store.find({ ...page, from: before.id, to: before.id })).items;
  }

  async #isLeft(): Promise<boolean> {
    return (await this.#next()).length > 0;
  }

  async #end(others: readonly Kinds['instance'][]): Promise<void> {
    const { audit, masters: { current }, now } = this.#world;
    const kept = await this.#kept();
    if (kept?.body.to !== current.id || others.some(({ wraps }) => wraps !== current.id)) return; // another one may still make a key under the one before
    this.left = 0;
    if (kept.body.isDone) return void (this.#nextLook = now() + LOOK_AGAIN_MS);
    const { from, moved } = kept.body;
    const body: Kinds['rotation'] = { ...kept.body, isDone: true, of: moved, holder: '', until: 0 };
    await audit.commit([rotationChange(kept, body)], { type: 'master-key-changed', v: 1, from, to: current.id, keys: moved }, ITSELF, DEPLOYMENT).catch(unlessOvertaken);
  }

  async #tell(): Promise<void> {
    await this.#world.instances.tell();
    this.#toldAt = performance.now();
  }

  #kept(): Promise<Stored<'rotation'> | undefined> {
    return this.#world.store.get('rotation', ROTATION);
  }
}

function unlessOvertaken(error: unknown): void {
  if (!isConflict(error)) throw error;
}
