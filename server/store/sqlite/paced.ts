/** So many times as long as the work has taken last it is left alone: about a fiftieth of the time is spent on it, however often it is wanted. */
const REST = 50;
const AFTER_FAILURE_MS = 5_000;

/** Work that takes long and is wanted often: whatever is wanted while it rests is done by the one that follows. */
export interface Paced {
  /** At once where that is not too soon, else as soon as it is not. What it throws is not told: it is tried again. */
  want(): void;
  /** Does now what is still wanted, at the end. Throws as the work does. */
  finish(): void;
}

export function paced(work: () => void, now: () => number = () => performance.now()): Paced {
  let mayBeginAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  const run = (): void => {
    timer = undefined;
    const began = now();
    try {
      work();
      mayBeginAt = now() + REST * (now() - began);
    } catch {
      mayBeginAt = now() + AFTER_FAILURE_MS;
      timer = setTimeout(run, AFTER_FAILURE_MS).unref();
    }
  };
  return {
    want() {
      if (timer !== undefined) return;
      const waitMs = mayBeginAt - now();
      if (waitMs <= 0) run();
      else timer = setTimeout(run, waitMs).unref();
    },
    finish() {
      if (timer === undefined) return;
      clearTimeout(timer);
      timer = undefined;
      work();
    },
  };
}
