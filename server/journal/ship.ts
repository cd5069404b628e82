import type { SimulatedClock } from 'xstate';
import { canonical } from '../../contracts/proofs/canonical.ts';
import type { Shipped } from '../../machines/shipping.ts';
import type { Kinds } from '../store/kinds.ts';
import type { Store } from '../store/store.ts';
import { openComparison, type Comparison } from './comparison.ts';
import { recordsFrom } from './places.ts';
import { atMost, startShipper } from './shipper.ts';
import { CopyDiffers, type Held, type Sink } from './sinks/sink.ts';
import { TILE_WIDTH, tileId } from './tiles.ts';

const CLOSE_WITHIN_MS = 5_000;
/** A query copy that is whole is left alone for so long while nothing comes: whoever keeps it may be paid for each question. */
const LEFT_ALONE_MS = 600_000;
/** A call that is not answered holds up the end for so long, and no longer. */
const LEFT_AFTER_MS = 7_000;

/** How a copy outside stands. */
export interface CopyState extends Shipped {
  readonly kind: Sink['kind'];
  readonly place: string;
  /** When that was last seen, in milliseconds since the epoch; `null` before this instance has seen it. */
  readonly at: number | null;
  /** `behind` while there is more to ship, `failing` while it cannot be written, `differs` when what it holds is not what the log holds. */
  readonly state: 'whole' | 'behind' | 'failing' | 'differs';
  /** The first place that is known to differ, where it does and that is known. */
  readonly differsAt: number | null;
  /** Of a query copy: so many of its records, from the first, are those of the log, as the last round has shown so far. */
  readonly compared: number | null;
}

export interface ShippingWorld {
  readonly store: Store;
  readonly sink: Sink;
  readonly now: () => number;
  /** Timers, where a test sets the time. */
  readonly timers?: SimulatedClock;
  /** For the operator, once for each run of failures, and again when what failed turns out to differ. */
  warn(error: unknown): void;
}

/** A copy that is kept up with the log. */
export interface Shipping {
  /** As it was at the last look. */
  state(): CopyState;
  /** The same against the log as it is now. */
  stateNow(): Promise<CopyState>;
  /** Ships what is there once more, then never again; what takes longer than some seconds is left for the next start. */
  close(): Promise<void>;
}

/** Ships the log to this copy from now on. Nothing waits for it; what could not be shipped is shipped later, in order. */
export function startShipping({ store, sink, now, timers, warn }: ShippingWorld): Shipping {
  const copy = { of: 0, holds: 0, at: null as number | null };
  const comparison = openComparison(store, sink, now);
  let until = Infinity;
  let wentWell = false;
  const ship = async (): Promise<Shipped> => {
    const checkpoint = (await store.get('checkpoint', 'latest'))?.body;
    copy.of = checkpoint?.size ?? 0;
    const isLeftAlone = wentWell && comparison.upTo === copy.of && copy.holds === copy.of && copy.at !== null && now() - copy.at < LEFT_ALONE_MS;
    if (isLeftAlone) return { holds: copy.holds, of: copy.of };
    wentWell = false;
    for await (const size of shipUpTo(checkpoint, store, sink, until === Infinity ? comparison : undefined)) {
      [copy.holds, copy.at] = [size, now()];
      if (now() >= until) break;
    }
    wentWell = true;
    return { holds: copy.holds, of: copy.of };
  };
  const shipper = startShipper({ ship, timers, warn, isForGood: (problem) => problem instanceof CopyDiffers });
  const state = (): CopyState => {
    const problem = shipper.problem();
    const differsAt = problem instanceof CopyDiffers ? (problem.place ?? null) : null;
    return { kind: sink.kind, place: sink.place, ...copy, differsAt, compared: comparison.upTo, state: problem instanceof CopyDiffers ? 'differs' : problem !== undefined ? 'failing' : copy.holds < copy.of ? 'behind' : 'whole' };
  };
  return {
    state,
    async stateNow() {
      copy.of = Math.max(copy.of, (await store.get('checkpoint', 'latest'))?.body.size ?? 0);
      return state();
    },
    async close() {
      until = now() + CLOSE_WITHIN_MS;
      const shipped = shipper.end().then(ship).catch((error: unknown) => void (shipper.problem() === undefined && warn(error))); // what failed before was told
      await atMost(LEFT_AFTER_MS, shipped);
    },
  };
}

/** Yields the number of records that the copy holds: at first, after each piece, and when it holds all that the checkpoint stands for, and the checkpoint. */
async function* shipUpTo(checkpoint: Kinds['checkpoint'] | undefined, store: Store, sink: Sink, comparison: Comparison | undefined): AsyncIterable<number> {
  let held = await sink.held();
  await expectTheSame(held, checkpoint?.size ?? 0, store);
  await comparison?.step(held.size);
  yield held.size;
  if (checkpoint === undefined) return;
  await shipTiles(held.size, checkpoint.size, store, sink);
  while (held.size < checkpoint.size) {
    const before = held.size;
    await sink.putRecords(await recordsFrom(before, checkpoint.size, store));
    held = await sink.held();
    if (held.size <= before) throw new CopyDiffers(`The copy says that it holds ${held.size} records, and does not take the next: something is there that does not belong there. Run gorunchat verify on it.`);
    if (held.size < checkpoint.size) yield held.size;
  }
  await sink.putCheckpoint(checkpoint.size, checkpoint.note, checkpoint.keys);
  yield held.size;
}

/** The last record that the copy holds is the one of the log, so all before it are, as far as the copy was not tampered with inside, which `verify` and the comparison find. */
async function expectTheSame({ size, last }: Held, sealed: number, store: Store): Promise<void> {
  if (size === 0) return;
  if (size > sealed) throw new CopyDiffers(`The copy holds ${size} records, the log only ${sealed}: it is of another log, or this one was cut back.`, { place: sealed });
  const [own] = await recordsFrom(size - 1, size, store);
  if (canonical(own) !== canonical(last)) throw new CopyDiffers(`Record ${size - 1} of the copy is not the one of the log: one of them was changed. Run gorunchat verify on both.`, { place: size - 1 });
}

/** Those that became whole since the copy held so many records; before the records, so that none is left out when a process dies in between. */
async function shipTiles(before: number, size: number, store: Store, sink: Sink): Promise<void> {
  for (let [level, width] = [0, TILE_WIDTH]; width <= size; level++, width *= TILE_WIDTH) {
    for (let index = Math.floor(before / width); index < Math.floor(size / width); index++) {
      const tile = await store.get('tile', tileId(level, index));
      if (tile === undefined) throw new Error(`Tile ${tileId(level, index)} of the log is missing: run gorunchat verify. Nothing after it is shipped.`);
      await sink.putTile(level, index, Buffer.from(tile.body.hashes, 'base64'));
    }
  }
}
