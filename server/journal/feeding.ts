import type { SimulatedClock } from 'xstate';
import { AUDIT_CHAIN } from '../../contracts/records.ts';
import type { Shipped } from '../../machines/shipping.ts';
import { idFor } from '../ids.ts';
import { wentThrough } from '../store/refused.ts';
import { UNFENCED, type Store } from '../store/store.ts';
import type { AuditReader } from './audit-reader.ts';
import type { Feed } from './feeds/feed.ts';
import { heldBy, isElsewhere, letGo } from './holder.ts';
import { ocsfOf } from './ocsf.ts';
import { atMost, startShipper } from './shipper.ts';

/** Between two looks at a log that was sent on to its end. */
const LOOK_MS = 2_000;
const CLOSE_WITHIN_MS = 5_000;

/** How far the audit log was sent on, in entries. */
export interface FeedState {
  readonly place: string;
  readonly sent: number;
  readonly of: number;
  readonly isFailing: boolean;
}

export interface FeedingWorld {
  readonly store: Store;
  readonly reader: Pick<AuditReader, 'since'>;
  readonly feed: Feed;
  readonly instance: string;
  readonly now: () => number;
  /** Timers, where a test sets the time. */
  readonly timers?: SimulatedClock;
  /** For the operator, once for each run of failures. */
  warn(error: unknown): void;
}

export interface Feeding {
  state(): Promise<FeedState>;
  close(): Promise<void>;
}

/**
 * Sends the audit log on from its first entry, in order, each at least once: where it is comes into the store after what was sent. One instance at a time does it. Nothing waits for it, and what could not be
 * sent is sent later.
 */
export function startFeeding(world: FeedingWorld): Feeding {
  const { store, feed, timers, warn } = world;
  const id = idFor(feed.place);
  let isClosing = false;
  const shipper = startShipper({ ship: () => sendOn(world, id, () => isClosing), everyMs: LOOK_MS, timers, warn });
  return {
    async state() {
      return { place: feed.place, sent: (await store.get('feed', id))?.body.upTo ?? 0, of: await lengthOf(store), isFailing: shipper.problem() !== undefined };
    },
    async close() {
      isClosing = true;
      await atMost(CLOSE_WITHIN_MS, shipper.end().then(() => letGo(world, 'feed', id)));
    },
  };
}

async function lengthOf(store: Store): Promise<number> {
  return (await store.get('head', AUDIT_CHAIN))?.body.number ?? 0;
}

async function sendOn({ store, reader, feed, instance, now }: FeedingWorld, id: string, isClosing: () => boolean): Promise<Shipped> {
  const move = (version: number, upTo: number): Promise<boolean> => wentThrough(store.commit([{ do: 'put', kind: 'feed', id, version, body: { upTo, ...heldBy(instance, now()) } }], UNFENCED));
  for (;;) {
    const kept = await store.get('feed', id);
    const { upTo = 0, holder = instance, until = 0 } = kept?.body ?? {};
    const of = await lengthOf(store);
    if (isClosing() || upTo >= of || isElsewhere({ holder, until }, instance, now())) return { holds: upTo, of };
    if (!(await move(kept?.version ?? 0, upTo))) continue;
    const { entries, upTo: next } = await reader.since({}, upTo);
    await feed.send(entries.map(ocsfOf));
    await move((await store.get('feed', id))?.version ?? 0, next);
  }
}
