/** How often the loop is looked at. */
const EVERY_MS = 250;
/** The median of so many looks, which are more than a second: one hiccup, however long, is one of them and changes nothing. */
const LOOKS = 5;
/** A loop whose every turn takes this long cannot take on more. */
const BEHIND_MS = 1_000;

/** How far behind the event loop is. It takes three looks in a row that were late by more than a second until it counts as behind. */
export class LoopLag {
  readonly #looks: number[] = [];

  /** A look came so much later than it should have. */
  note(lateMs: number): void {
    this.#looks.push(lateMs);
    if (this.#looks.length > LOOKS) this.#looks.shift();
  }

  get ms(): number {
    return this.#looks.length < LOOKS ? 0 : (this.#looks.toSorted((a, b) => a - b)[(LOOKS - 1) / 2] as number);
  }

  get isBehind(): boolean {
    return this.ms > BEHIND_MS;
  }
}

/** Keeps looking at the loop of this process. Call what it returns to stop. */
export function watchLoop(lag: LoopLag): () => void {
  let timer: NodeJS.Timeout;
  const look = (): void => {
    const due = performance.now() + EVERY_MS;
    timer = setTimeout(() => {
      lag.note(Math.max(0, performance.now() - due));
      look();
    }, EVERY_MS).unref();
  };
  look();
  return () => clearTimeout(timer);
}
