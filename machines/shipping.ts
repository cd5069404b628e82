import { assign, fromPromise, setup } from 'xstate';
import { supplied } from './supplied.ts';

/** How much of the log a copy outside holds, in records. */
export interface Shipped {
  readonly holds: number;
  /** Records that the log held then. */
  readonly of: number;
}

export interface ShippingContext extends Shipped {
  /** Tries that failed since one went well. */
  readonly failures: number;
  /** What went wrong last; `undefined` once all is well again. */
  readonly problem: unknown;
}

/** Milliseconds between two looks at a log that is all there. */
export const LOOK_MS = 30_000;
/** Milliseconds until it is tried again: twice as long after each failure, up to five minutes. */
export const FIRST_WAIT_MS = 1_000;
export const MOST_WAIT_MS = 300_000;

/** Takes the log to a copy outside, for as long as the product runs. Nobody waits for it, and it gives up never. */
export const shippingMachine = setup({
  types: { context: {} as ShippingContext, events: {} as { type: 'look' } },
  actors: { ship: fromPromise<Shipped, void>(supplied('ship')) },
  delays: {
    untilLook: LOOK_MS,
    untilRetry: ({ context }) => Math.min(MOST_WAIT_MS, FIRST_WAIT_MS * 2 ** (context.failures - 1)),
  },
}).createMachine({
  id: 'shipping',
  initial: 'shipping',
  context: { holds: 0, of: 0, failures: 0, problem: undefined },
  states: {
    idle: {
      description: 'the copy holds all that was signed',
      after: { untilLook: 'shipping' },
      on: { look: 'shipping' },
    },
    shipping: {
      description: 'from the first record that the copy does not hold, in order',
      invoke: {
        src: 'ship',
        onDone: { target: 'idle', actions: assign(({ event }) => ({ ...event.output, failures: 0, problem: undefined })) },
        onError: { target: 'backingOff', actions: assign({ failures: ({ context }) => context.failures + 1, problem: ({ event }) => event.error }) },
      },
    },
    backingOff: {
      description: 'the copy could not be written, or is not what it should be',
      after: { untilRetry: 'shipping' },
      on: { look: 'shipping' },
    },
  },
});
