import { LOOK_MS } from '../../machines/shipping.ts';
import type { Store } from '../store/store.ts';
import { recordsFrom } from './places.ts';
import { digestOf } from './sinks/record-row.ts';
import { CopyDiffers, type Sink } from './sinks/sink.ts';

/** Records that are compared at one look at least. */
const AT_A_LOOK = 2_000;
/** A round has to be over within half a day, however much the copy holds: a look may take longer than it should. */
const LOOKS = 43_200_000 / LOOK_MS;
/** A look takes no longer than about this: what is to be shipped waits for it. */
const LOOK_FOR_MS = 5_000;
/** Records whose digests are asked for at once: where the copy is, each question may take a second. */
const SPAN = 10_000;
/** A round begins so long after the one before: whoever keeps the copy may be paid for what is read. */
const AGAIN_MS = 86_400_000;

/** A query copy held against the log in rounds from the first record to the last, a part at each look: a round takes half a day, or longer where a sixth of the time is not enough for that. */
export interface Comparison {
  /** So many records, from the first, were the same in this round; `null` of an archive, which `gorunchat verify` is for. */
  readonly upTo: number | null;
  /** The next few of a copy that holds so many. Throws `CopyDiffers` with the first place that differs, and begins there the next time. */
  step(size: number): Promise<void>;
}

/** Holds a copy against the records of this store, round after round. */
export function openComparison(store: Store, sink: Sink, now: () => number): Comparison {
  let upTo = 0;
  let began = now();
  return {
    get upTo() {
      return sink.digests === undefined ? null : upTo;
    },
    async step(size) {
      if (sink.digests === undefined) return;
      if (upTo >= size && now() - began >= AGAIN_MS) [upTo, began] = [0, now()];
      const end = Math.min(size, upTo + Math.max(AT_A_LOOK, Math.ceil(size / LOOKS)));
      const until = performance.now() + LOOK_FOR_MS;
      let there: ReadonlyMap<number, string> = new Map();
      for (let asked = upTo; upTo < end && performance.now() < until; ) {
        if (asked <= upTo) there = await sink.digests(upTo, (asked = Math.min(end, upTo + SPAN)));
        const records = await recordsFrom(upTo, asked, store);
        const other = records.find((placed) => there.get(placed.place) !== digestOf(placed));
        if (other !== undefined) throw new CopyDiffers(`Record ${other.place} in ${sink.place} ${there.has(other.place) ? 'is not the one of the log: one of them was changed' : 'is missing: it was removed'}.`, { place: other.place });
        upTo += records.length;
      }
    },
  };
}
