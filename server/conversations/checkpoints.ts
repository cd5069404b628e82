import { UNFENCED, type Store } from '../store/store.ts';
import type { Checkpoint, Draft } from './draft.ts';

/** What was shown is in the store within a second, though every instance and the bus be lost. */
const EVERY_MS = 500;
/** When it is not, nothing more is shown until it is. */
const LATE_AFTER_MS = 2_000;
const DRAFTS_PER_COMMIT = 900;

/** Keeps in the store what the bus alone holds: the text of growing replies, of all turns here in one commit. */
export class Checkpoints {
  readonly #store: Store;
  readonly #due = new Set<Draft>();
  #last: Promise<unknown> = Promise.resolve();
  #isPlanned = false;
  /** When the text that waits longest was shown. */
  #dueSince: number | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Text has been shown that is in no document yet. */
  want(draft: Draft): void {
    this.#due.add(draft);
    this.#dueSince ??= performance.now();
    this.#plan();
  }

  get isLate(): boolean {
    return this.#dueSince !== undefined && performance.now() - this.#dueSince > LATE_AFTER_MS;
  }

  /** Saves what one draft has shown. Rejects when the store does not take it. */
  save(draft: Draft): Promise<void> {
    return this.#inTurn(async () => {
      while (draft.isUnsaved) await this.#commit([draft]); // an earlier try comes first, by itself
    });
  }

  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    setTimeout(() => this.#run(), EVERY_MS).unref();
  }

  #run(): void {
    this.#isPlanned = false;
    const due = [...this.#due].slice(0, DRAFTS_PER_COMMIT);
    const began = performance.now();
    void this.#inTurn(() => this.#commit(due)).then(
      () => {
        for (const draft of due) if (!draft.isUnsaved) this.#due.delete(draft);
        this.#dueSince = this.#due.size === 0 ? undefined : began;
      },
      () => undefined, // the store is away: tried again, and nothing more is shown once it is late
    ).then(() => {
      if (this.#due.size > 0) this.#plan();
    });
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
