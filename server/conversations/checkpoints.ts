import { Failure } from '../../contracts/failures.ts';
import { UNFENCED, type Store } from '../store/store.ts';
import type { Checkpoint, Draft } from './draft.ts';

/** What was shown is in the store within a second, though every instance and the bus be lost. */
const EVERY_MS = 500;
/** When it is not, nothing more is shown until it is. */
const LATE_AFTER_MS = 2_000;
const DRAFTS_PER_COMMIT = 900;
/** So that the commit is never too large for the store, whatever was shown meanwhile; the last draft may be as large again. */
const CHARACTERS_PER_COMMIT = 500_000;

/** Keeps in the store what the bus alone holds: the text of growing replies, of many turns in one commit. */
export class Checkpoints {
  readonly #store: Store;
  /** Since when a draft has text that is in no document; who waits longest stands first. */
  readonly #due = new Map<Draft, number>();
  #last: Promise<unknown> = Promise.resolve();
  #isPlanned = false;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Text has been shown that is in no document yet. */
  want(draft: Draft): void {
    if (!this.#due.has(draft)) this.#due.set(draft, performance.now());
    this.#plan(EVERY_MS);
  }

  get isLate(): boolean {
    const [since] = this.#due.values();
    return since !== undefined && performance.now() - since > LATE_AFTER_MS;
  }

  /** Saves what one draft has shown. Rejects when the store does not take it, and with `outcome-unknown` when its conversation has another owner. */
  save(draft: Draft): Promise<void> {
    return this.#inTurn(async () => {
      while (draft.isUnsaved) {
        if (draft.live.isOver) throw new Failure('outcome-unknown');
        await this.#commit([draft]); // an earlier try comes first, by itself
      }
    });
  }

  /** What it holds is on record, so nothing more of it is saved. Resolves, once nothing of it is under way, with the documents that hold any of it. */
  async forget(draft: Draft): Promise<readonly string[]> {
    this.#due.delete(draft);
    await this.#last;
    return draft.ids;
  }

  #plan(afterMs: number): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    setTimeout(() => this.#run(), afterMs).unref();
  }

  #run(): void {
    this.#isPlanned = false;
    const due = this.#first();
    const began = performance.now();
    void this.#inTurn(() => this.#commit(due)).then(
      () => {
        for (const draft of due) if (this.#due.delete(draft) && draft.isUnsaved) this.#due.set(draft, began);
        const [since = began] = this.#due.values();
        return since < began ? 0 : EVERY_MS; // it was not among the first
      },
      () => EVERY_MS, // the store is away: tried again, and nothing more is shown once it is late
    ).then((afterMs) => {
      if (this.#due.size > 0) this.#plan(afterMs);
    });
  }

  /** Those that have waited longest, as many as one commit holds. */
  #first(): Draft[] {
    const first: Draft[] = [];
    let characters = 0;
    for (const draft of this.#due.keys()) {
      if (draft.live.isOver) this.#due.delete(draft); // its next owner has what it held
      else if (first.length === DRAFTS_PER_COMMIT || characters > CHARACTERS_PER_COMMIT) break;
      else {
        characters += draft.unsaved;
        first.push(draft);
      }
    }
    return first;
  }

  async #commit(drafts: readonly Draft[]): Promise<void> {
    const points = drafts.map((draft) => draft.checkpoint()).filter((point): point is Checkpoint => point !== undefined);
    if (points.length === 0) return;
    await this.#store.commit(points.map(({ change }) => change), UNFENCED);
    for (const point of points) point.draft.saved(point);
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => undefined); // whoever asked hears of it
    return mine;
  }
}
