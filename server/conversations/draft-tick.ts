import { Failure } from '../../contracts/failures.ts';
import type { Bus, LogEntry, Verdict } from '../bus/bus.ts';
import { UNCOUNTED, type Metrics } from '../observe/metrics.ts';
import { UNFENCED, type Store } from '../store/store.ts';
import { Checkpoints } from './checkpoints.ts';
import type { Draft } from './draft.ts';
import { apartMs, threadLoad, type Load } from './pace.ts';

/** Drafts in one commit; a commit holds 1,000 changes at most. */
const DRAFTS_PER_TICK = 900;
/** So that the commit is never too large for the store, whatever waits; the last draft may be as large again. */
const CHARACTERS_PER_TICK = 500_000;
const TRY_AGAIN_MS = 250;
/** How long a reply may grow unseen while the store is away; then its turn ends. */
export const OVERDUE_MS = 15_000;

/** One commit and one append per step for the drafts of all conversations here. Steps never overlap; nobody who pushes text waits for one. */
export class DraftTick {
  readonly #store: Store;
  readonly #bus: Bus;
  readonly #metrics: Metrics;
  readonly #load: Load;
  readonly #checkpoints: Checkpoints;
  readonly #wanted = new Set<Draft>();
  #isRunning = false;
  #beganAt = Number.NEGATIVE_INFINITY;
  /** Since when nothing of a draft could be shown. */
  readonly #awaySince = new Map<Draft, number>();
  /** Set while a step waits for its time; not while it is about to begin or under way. */
  #timer: NodeJS.Timeout | undefined;

  constructor(store: Store, bus: Bus, metrics: Metrics = UNCOUNTED, load: Load = threadLoad()) {
    this.#store = store;
    this.#bus = bus;
    this.#metrics = metrics;
    this.#load = load;
    this.#checkpoints = new Checkpoints(store);
  }

  /** Puts into the store what this draft has shown. Rejects when the store does not take it. */
  save(draft: Draft): Promise<void> {
    return this.#checkpoints.save(draft);
  }

  /** Nothing more of it is put into the store. Resolves with the documents that hold any of it. */
  forget(draft: Draft): Promise<readonly string[]> {
    return this.#checkpoints.forget(draft);
  }

  /** Drafts with text that waits for a step. */
  get waiting(): number {
    return this.#wanted.size;
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

  /** Milliseconds until the next step may begin. The first text after a pause waits for nothing. */
  #windowMs(): number {
    return Math.max(0, apartMs(this.#load()) - (performance.now() - this.#beganAt));
  }

  #after(ms: number): void {
    this.#timer = undefined;
    const begin = (): void => {
      this.#timer = undefined;
      this.#beganAt = performance.now();
      void this.#step();
    };
    if (ms === 0) setImmediate(begin);
    else this.#timer = setTimeout(begin, ms);
  }

  async #step(): Promise<void> {
    const taken: Draft[] = [];
    const held: Draft[] = [];
    let characters = 0;
    for (const draft of this.#wanted) {
      if (taken.length === DRAFTS_PER_TICK || characters > CHARACTERS_PER_TICK) break;
      if (draft.live.isOver) this.#drop(draft);
      else if (draft.live.isBroken || this.#checkpoints.isLate) held.push(draft);
      else if (draft.live.tryTake()) {
        characters += draft.waiting;
        this.#take(draft, taken);
      }
    }
    let wait = taken.length === 0 ? 1 : undefined;
    if (held.length > 0) {
      this.#keep(held, new Failure(this.#checkpoints.isLate ? 'record-unavailable' : 'bus-unavailable'));
      if (taken.length === 0) wait = TRY_AGAIN_MS;
    }
    if (taken.length > 0 && !(await this.#show(taken))) wait = TRY_AGAIN_MS;
    this.#isRunning = false;
    for (const draft of taken) {
      draft.live.give();
      draft.settle();
    }
    if (this.#wanted.size > 0 && !this.#isRunning) {
      this.#isRunning = true;
      this.#after(wait ?? ([...this.#wanted].some(({ isFresh }) => isFresh) ? 0 : this.#windowMs()));
    }
  }

  #take(draft: Draft, taken: Draft[]): void {
    this.#wanted.delete(draft);
    if (draft.take()) return void taken.push(draft);
    this.#awaySince.delete(draft);
    draft.live.give();
  }

  #drop(draft: Draft): void {
    this.#fail(draft, new Failure('outcome-unknown'));
  }

  /** Durable first, then shown: in the store where the bus dies with this process, in the bus's own log where it does not. */
  async #show(taken: readonly Draft[]): Promise<boolean> {
    const changes = this.#bus.isShared ? [] : taken.map((draft) => draft.change());
    try {
      if (!this.#bus.isShared) await this.#store.commit(changes, UNFENCED);
    } catch (error) {
      this.#keep(taken, new Failure('record-unavailable', { cause: error }));
      return false;
    }
    if (this.#awaySince.size > 0) for (const draft of taken) this.#awaySince.delete(draft);
    const entries = taken.map((draft) => draft.live.entryOf(draft.events()) as LogEntry);
    const verdicts = await this.#bus.append(entries).catch((): Verdict[] => []); // not known what was written: each log begins anew
    this.#count(taken);
    taken.forEach((draft, index) => {
      draft.live.settle(entries[index] as LogEntry, verdicts[index]);
      draft.shown(changes[index]?.id);
      if (this.#bus.isShared) this.#checkpoints.want(draft);
    });
    return true;
  }

  #count(shown: readonly Draft[]): void {
    const now = performance.now();
    for (const draft of shown) if (draft.isFresh) this.#metrics.firstShown(now - draft.beganAt);
    this.#metrics.stepped(now - this.#beganAt, shown.reduce((sum, draft) => sum + draft.taken, 0));
  }

  /** Nothing of it is shown: tried again with the same text, until it is overdue. */
  #keep(drafts: readonly Draft[], failure: Failure): void {
    const now = performance.now();
    for (const draft of drafts) {
      const since = this.#awaySince.get(draft) ?? now;
      this.#awaySince.set(draft, since);
      if (now - since > OVERDUE_MS) this.#fail(draft, failure);
      else this.#wanted.add(draft);
    }
  }

  #fail(draft: Draft, failure: Failure): void {
    this.#wanted.delete(draft);
    this.#awaySince.delete(draft);
    draft.fail(failure);
  }
}
