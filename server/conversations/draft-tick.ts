import { Failure } from '../../contracts/failures.ts';
import type { Bus, LogEntry } from '../bus/bus.ts';
import { UNFENCED, type Change, type Store } from '../store/store.ts';
import type { Draft } from './draft.ts';

/** Steps begin at least this far apart: one commit for all conversations costs little more than one for a single one. The first text after a pause waits for nothing. */
const STEP_MS = 2;
/** When steps are long or the loop lags, they begin further apart, so that more text shares one and this is only a small part of what the process does. */
const WIDEST_STEP_MS = 40;
const SHARE = 4;
/** A loop that is late by less than this is not behind: timers are this exact. */
const KEEPS_UP_MS = 4;
/** Drafts in one commit; a commit holds 1,000 changes at most. */
const DRAFTS_PER_TICK = 900;
const TRY_AGAIN_MS = 250;
/** How long a reply may grow unseen while the store is away; then its turn ends. */
export const OVERDUE_MS = 15_000;

/** One commit and one append per step for the drafts of all conversations here. Steps never overlap; nobody who pushes text waits for one. */
export class DraftTick {
  readonly #store: Store;
  readonly #bus: Bus;
  readonly #wanted = new Set<Draft>();
  #isRunning = false;
  #lagMs = 0;
  /** What this thread did for the last step: sealing, and handing over to the tabs. */
  #workMs = 0;
  #beganAt = Number.NEGATIVE_INFINITY;
  #awaySince: number | undefined;
  /** Set while a step waits for its time; not while it is about to begin or under way. */
  #timer: NodeJS.Timeout | undefined;

  constructor(store: Store, bus: Bus) {
    this.#store = store;
    this.#bus = bus;
  }

  /** Asks for a step that takes this draft's text. */
  want(draft: Draft): void {
    this.#wanted.add(draft);
    if (!this.#isRunning) {
      this.#isRunning = true;
      this.#after(draft.isFresh ? 0 : this.#windowMs());
    } else if (draft.isFresh && this.#timer !== undefined) {
      // Nobody waits longer for the first word because others are in the middle of theirs.
      clearTimeout(this.#timer);
      this.#after(0);
    }
  }

  /** Milliseconds until the next step may begin. */
  #windowMs(): number {
    const lag = this.#lagMs < KEEPS_UP_MS ? 0 : this.#lagMs;
    const apart = Math.min(WIDEST_STEP_MS, Math.max(STEP_MS, SHARE * Math.max(lag, this.#workMs)));
    return Math.max(0, apart - (performance.now() - this.#beganAt));
  }

  #after(ms: number): void {
    const asked = performance.now();
    this.#timer = undefined;
    const begin = (): void => {
      this.#timer = undefined;
      this.#beganAt = performance.now();
      this.#lagMs = Math.max(0, this.#beganAt - asked - ms);
      void this.#step();
    };
    if (ms === 0) setImmediate(begin);
    else this.#timer = setTimeout(begin, ms);
  }

  async #step(): Promise<void> {
    const taken: { draft: Draft; change: Change }[] = [];
    for (const draft of this.#wanted) {
      if (taken.length === DRAFTS_PER_TICK) break;
      if (draft.live.isOver) this.#drop(draft);
      else if (draft.live.tryTake()) this.#take(draft, taken);
    }
    this.#workMs = performance.now() - this.#beganAt;
    let wait = taken.length === 0 ? 1 : undefined;
    if (taken.length > 0 && !(await this.#makeDurable(taken))) wait = TRY_AGAIN_MS;
    this.#isRunning = false;
    for (const { draft } of taken) {
      draft.live.give();
      draft.settle();
    }
    if (this.#wanted.size > 0 && !this.#isRunning) {
      this.#isRunning = true;
      this.#after(wait ?? this.#windowMs());
    }
  }

  #take(draft: Draft, taken: { draft: Draft; change: Change }[]): void {
    const change = draft.take();
    this.#wanted.delete(draft);
    if (change === undefined) draft.live.give();
    else taken.push({ draft, change });
  }

  #drop(draft: Draft): void {
    this.#wanted.delete(draft);
    draft.fail(new Failure('outcome-unknown'));
  }

  async #makeDurable(taken: readonly { draft: Draft; change: Change }[]): Promise<boolean> {
    try {
      await this.#store.commit(taken.map(({ change }) => change), UNFENCED);
      this.#awaySince = undefined;
    } catch (error) {
      this.#keep(taken, error);
      return false;
    }
    const durableAt = performance.now();
    const entries = taken.map(({ draft, change }) => draft.live.place(draft.shown(change.id))).filter((entry): entry is LogEntry => entry !== undefined);
    const appended = this.#bus.append(entries);
    this.#workMs += performance.now() - durableAt;
    const verdicts = await appended;
    verdicts.forEach((verdict, index) => {
      if (verdict !== 'written') taken[index]?.draft.live.stepDown();
    });
    return true;
  }

  /** Not durable, so not shown: tried again with the same text, until it is overdue. */
  #keep(taken: readonly { draft: Draft }[], error: unknown): void {
    this.#awaySince ??= performance.now();
    const isOverdue = performance.now() - this.#awaySince > OVERDUE_MS;
    for (const { draft } of taken) {
      if (isOverdue) draft.fail(new Failure('record-unavailable', { cause: error }));
      else this.#wanted.add(draft);
    }
    if (isOverdue) this.#awaySince = undefined;
  }
}
