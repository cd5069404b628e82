import { createActor, fromPromise, type SimulatedClock } from 'xstate';
import { type Shipped, shippingMachine } from '../../machines/shipping.ts';

interface ShipperOrder {
  /** Takes the log there once, as far as it is not yet. */
  ship(): Promise<Shipped>;
  /** Between two looks at a log that is all there; the machine's own where it is not given. */
  readonly everyMs?: number;
  /** Timers, where a test sets the time. */
  readonly timers?: SimulatedClock | undefined;
  /** For the operator, once for each run of failures, and again when they turn out to be of the other sort. */
  warn(error: unknown): void;
  /** Whether trying again will not put it right. */
  isForGood?(problem: unknown): boolean;
}

export interface Shipper {
  /** What went wrong last; `undefined` once all is well. */
  problem(): unknown;
  /** Begins nothing more; resolves when what is under way has ended, however it did. */
  end(): Promise<void>;
}

/** Takes the log somewhere, again and again, from now on. Nothing waits for it, and what failed is tried later. */
export function startShipper({ ship, everyMs, timers, warn, isForGood = () => false }: ShipperOrder): Shipper {
  let running: Promise<unknown> = Promise.resolve();
  const actors = { ship: fromPromise<Shipped, void>(() => {
    const one = ship();
    running = one;
    return one;
  }) };
  const actor = createActor(shippingMachine.provide({ actors, ...(everyMs !== undefined && { delays: { untilLook: everyMs } }) }), timers && { clock: timers });
  let told: boolean | undefined;
  actor.subscribe(({ value, context: { problem } }) => {
    if (value === 'idle') told = undefined;
    if (value !== 'backingOff' || told === isForGood(problem)) return;
    told = isForGood(problem);
    warn(problem);
  });
  actor.start();
  return {
    problem: () => actor.getSnapshot().context.problem,
    async end() {
      actor.stop();
      await running.catch(() => undefined); // what failed was told
    },
  };
}

/** Resolves when this does, or after so many milliseconds: what takes longer is left for the next start. */
export async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  const left = Promise.withResolvers<void>();
  const timer = setTimeout(left.resolve, ms);
  await Promise.race([work, left.promise]).finally(() => clearTimeout(timer));
}
