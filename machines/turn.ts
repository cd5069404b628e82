import { assign, fromPromise, setup } from 'xstate';
import type { TurnOutcome } from '../contracts/conversation.ts';
import type { MessageId, TurnId } from '../contracts/ids.ts';
import { measuredOf, type Measured } from '../contracts/view.ts';
import { supplied } from './supplied.ts';

/** One call of a provider and how it went. `mayRepeat`: nothing was shown yet and the failure is one that passes. */
export interface Attempt extends Readonly<Measured> {
  readonly outcome: TurnOutcome;
  readonly mayRepeat: boolean;
  /** How long to wait before the next attempt, in milliseconds; the provider's own word where it gave one. */
  readonly waitMs: number;
}

export interface TurnInput {
  readonly turn: TurnId;
  readonly reply: MessageId;
  /** The provider still has the response: it is listened to again, and never asked anew. */
  readonly resumes: boolean;
}

export interface TurnContext extends TurnInput {
  readonly number: number;
  readonly attempt: Attempt | undefined;
}

/** What the attempts came to. */
export interface TurnResult extends Readonly<Measured> {
  readonly outcome: TurnOutcome;
}

/** Attempts of one turn, the first included; each is on record before its call. */
export const ATTEMPTS = 4;

export const turnMachine = setup({
  types: { context: {} as TurnContext, input: {} as TurnInput, output: {} as TurnResult },
  actors: {
    stream: fromPromise<Attempt, TurnContext>(supplied('stream')),
    tellWait: fromPromise<void, TurnContext>(supplied('tellWait')),
    recordAttempt: fromPromise<void, TurnContext>(supplied('recordAttempt')),
  },
  guards: {
    resumes: ({ context }) => context.resumes,
    mayRepeat: ({ context }) => context.attempt?.mayRepeat === true && context.number < ATTEMPTS,
  },
  actions: {
    countAttempt: assign({ number: ({ context }) => context.number + 1 }),
    dropRecordless: assign({
      attempt: ({ context }): Attempt => ({ outcome: context.resumes ? { kind: 'interrupted', code: 'server-restarted' } : { kind: 'failed', code: 'record-unavailable' }, mayRepeat: false, waitMs: 0 }),
    }),
    breakOff: assign({ attempt: { outcome: { kind: 'failed', code: 'internal' }, mayRepeat: false, waitMs: 0 } as Attempt }),
  },
  delays: { untilNextAttempt: ({ context }) => context.attempt?.waitMs ?? 0 },
}).createMachine({
  id: 'turn',
  initial: 'beginning',
  context: ({ input }) => ({ ...input, number: 1, attempt: undefined }),
  output: ({ context }) => ({
    outcome: context.attempt?.outcome ?? { kind: 'failed', code: 'internal' },
    ...measuredOf(context.attempt ?? {}),
  }),
  states: {
    beginning: { always: [{ guard: 'resumes', target: 'recordingAttempt' }, { target: 'streaming' }] },
    streaming: {
      description: 'The provider is asked; its text flows past the machine into the draft.',
      invoke: {
        src: 'stream',
        input: ({ context }) => context,
        onDone: { target: 'deciding', actions: assign({ attempt: ({ event }) => event.output }) },
        onError: { target: 'ended', actions: 'breakOff' },
      },
    },
    deciding: { always: [{ guard: 'mayRepeat', target: 'waiting' }, { target: 'ended' }] },
    waiting: {
      description: 'The provider was busy before the first character.',
      invoke: { src: 'tellWait', input: ({ context }) => context },
      after: { untilNextAttempt: { target: 'recordingAttempt', actions: 'countAttempt' } },
    },
    recordingAttempt: {
      invoke: {
        src: 'recordAttempt',
        input: ({ context }) => context,
        onDone: 'streaming',
        onError: { target: 'ended', actions: 'dropRecordless' },
      },
    },
    ended: { type: 'final' },
  },
});
