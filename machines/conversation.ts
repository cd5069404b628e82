import { assign, enqueueActions, fromPromise, setup } from 'xstate';
import type { Answer, CommandOf } from '../contracts/commands.ts';
import { refusalOf, type FailureCode } from '../contracts/failures.ts';
import type { CommandId } from '../contracts/ids.ts';
import { supplied } from './supplied.ts';
import type { Asking, ChangeRecorded, Changing, Given, Ids, OutcomeRecorded, Recorded, Task, TurnReplaced } from './task.ts';
import { turnMachine, type TurnInput, type TurnResult } from './turn.ts';

export interface ConversationInput {
  /** A turn that has a record but no outcome. */
  readonly open: (Ids & Pick<Task, 'resumes'>) | undefined;
  readonly next: Ids | undefined;
  readonly isDeleted: boolean;
}

export interface ConversationContext {
  readonly task: Task | undefined;
  readonly result: TurnResult | undefined;
  readonly isStopped: boolean;
  readonly stops: readonly Given[];
  readonly next: Ids | undefined;
  /** The record that `next` and `isDeleted` were true at: what was recorded earlier but is heard of later changes neither. */
  readonly number: number;
  readonly isDeleted: boolean;
  readonly isErased: boolean;
  readonly backlog: readonly (Given<Changing> | 'erase')[];
}

export type ConversationMachineEvent =
  | { type: 'turn.send'; given: Given<CommandOf<'turn.send'>> }
  | { type: 'turn.regenerate' | 'turn.continue'; given: Given<CommandOf<'turn.regenerate'> | CommandOf<'turn.continue'>> }
  | { type: 'turn.stop'; given: Given<CommandOf<'turn.stop'>> }
  | { type: 'change'; given: Given<Changing> }
  | { type: 'erase' }
  | { type: 'turn-replaced'; which: TurnReplaced }
  | { type: 'title-wanted' };

export type ConversationEmitted = { type: 'answered'; command: CommandId; answer: Answer };

/** Changes that may wait for one another; one more is refused as `server-busy`. */
export const BACKLOG = 100;

const answered = (given: Given, answer: Answer): ConversationEmitted => ({ type: 'answered', command: given.command.commandId, answer });
const refused = (given: Given, code: FailureCode): ConversationEmitted => answered(given, { ok: false, refusal: { code } });
const givenIn = (event: ConversationMachineEvent): Given | undefined => ('given' in event ? event.given : undefined);

export const conversationMachine = setup({
  types: {
    context: {} as ConversationContext,
    events: {} as ConversationMachineEvent,
    input: {} as ConversationInput,
    emitted: {} as ConversationEmitted,
  },
  actors: {
    recordTurn: fromPromise<Recorded, Task>(supplied('recordTurn')),
    runTurn: turnMachine,
    recordOutcome: fromPromise<OutcomeRecorded, ConversationContext>(supplied('recordOutcome')),
    recordChange: fromPromise<ChangeRecorded, Given<Changing> | 'erase'>(supplied('recordChange')),
    makeTitle: fromPromise<void>(supplied('makeTitle')),
  },
  guards: {
    mayResume: ({ context }) => context.task?.resumes === true,
    hasOpenTurn: ({ context }) => context.task !== undefined,
    mayTake: ({ context }) => context.next !== undefined && !context.isDeleted && !context.isErased,
    isFree: ({ context }) => context.task === undefined && context.next === undefined && !context.isDeleted && !context.isErased,
    mayWait: ({ context }) => !context.isDeleted && !context.isErased && context.backlog.length < BACKLOG,
    mayChange: ({ context }) => !context.isErased && context.backlog.length < BACKLOG,
    isThisTurn: ({ context, event }) => event.type === 'turn.stop' && context.task?.turn === event.given.command.turn,
    isReplaced: ({ context: { task }, event }) => event.type === 'turn-replaced' && task !== undefined && (event.which === 'any' || event.which === task.turn || (event.which === 'asked' && typeof task.from === 'object')),
    isStopped: ({ context }) => context.isStopped,
    isFromQueue: ({ context }) => context.task?.from === 'queue',
    hasBacklog: ({ context }) => context.backlog.length > 0,
  },
  actions: {
    takeAsked: assign(({ event }) => {
      const given = givenIn(event) as Given<Asking> | undefined;
      return given === undefined ? {} : { task: { ...given.ids, from: given } };
    }),
    takeQueued: assign(({ context }) => (context.next === undefined ? {} : { task: { ...context.next, from: 'queue' as const } })),
    dropTask: assign({ task: undefined, result: undefined, stops: [], isStopped: false }),
    noteStop: assign(({ context, event }) => ({ isStopped: true, stops: event.type === 'turn.stop' ? [...context.stops, event.given] : context.stops })),
    noteLimit: assign({ result: { outcome: { kind: 'failed', code: 'turn-limit' } } as TurnResult }),
    noteBroken: assign({ result: { outcome: { kind: 'failed', code: 'internal' } } as TurnResult }),
    takeNext: assign(({ context }, params: Recorded) => (params.number < context.number ? {} : { next: params.next, number: params.number })),
    answerTask: enqueueActions(({ context, enqueue }, params: Recorded) => {
      if (typeof context.task?.from === 'object') enqueue.emit(answered(context.task.from, params.done));
    }),
    refuseTask: enqueueActions(({ context, enqueue }, params: { error: unknown }) => {
      if (typeof context.task?.from === 'object') enqueue.emit(answered(context.task.from, { ok: false, refusal: refusalOf(params.error) }));
      for (const stop of context.stops) enqueue.emit(answered(stop, { ok: true, did: 'nothing', at: stop.at }));
    }),
    answerStops: enqueueActions(({ context, enqueue }, params: OutcomeRecorded) => {
      for (const stop of context.stops) enqueue.emit(answered(stop, params.done));
      if (params.wantsTitle) enqueue.raise({ type: 'title-wanted' });
    }),
    answerNothing: enqueueActions(({ event, enqueue }) => {
      const given = givenIn(event);
      if (given !== undefined) enqueue.emit(answered(given, { ok: true, did: 'nothing', at: given.at }));
    }),
    refuse: enqueueActions(({ context, event, enqueue }) => {
      const given = givenIn(event);
      const code = context.isDeleted || context.isErased ? 'erased' : context.backlog.length >= BACKLOG ? 'server-busy' : 'moved-on';
      if (given !== undefined) enqueue.emit(refused(given, code));
    }),
    addToBacklog: assign(({ context, event }) => {
      const given = givenIn(event) as Given<Changing> | undefined;
      return event.type === 'erase' ? { backlog: [...context.backlog, 'erase' as const] } : given === undefined ? {} : { backlog: [...context.backlog, given] };
    }),
    takeChange: enqueueActions(({ context, enqueue }, params: ChangeRecorded) => {
      const [first, ...backlog] = context.backlog;
      enqueue.assign({ backlog, isErased: context.isErased || first === 'erase' });
      if (params.number >= context.number) enqueue.assign({ next: params.next, number: params.number, isDeleted: params.isDeleted });
      if (typeof first === 'object') enqueue.emit(answered(first, params.done));
      if (params.stops !== undefined) enqueue.raise({ type: 'turn-replaced', which: params.stops });
    }),
    refuseChange: enqueueActions(({ context, enqueue }, params: { error: unknown }) => {
      const [first, ...backlog] = context.backlog;
      enqueue.assign({ backlog });
      if (typeof first === 'object') enqueue.emit(answered(first, { ok: false, refusal: refusalOf(params.error) }));
    }),
  },
  delays: { turnLimit: 3_600_000, recordAgain: 2_000 },
}).createMachine({
  id: 'conversation',
  type: 'parallel',
  context: ({ input }) => ({
    task: input.open && { ...input.open, from: 'restart' },
    result: input.open && { outcome: { kind: 'interrupted', code: 'server-restarted' } },
    isStopped: false,
    stops: [],
    next: input.next,
    number: 0,
    isDeleted: input.isDeleted,
    isErased: false,
    backlog: [],
  }),
  states: {
    turn: {
      initial: 'opening',
      on: {
        'turn.regenerate': { actions: 'refuse' },
        'turn.continue': { actions: 'refuse' },
        'turn.stop': { actions: 'answerNothing' },
      },
      states: {
        opening: { always: [{ guard: 'mayResume', target: 'running' }, { guard: 'hasOpenTurn', target: 'concluding' }, { target: 'idle' }] },
        idle: {
          entry: 'dropTask',
          always: { guard: 'mayTake', target: 'recording', actions: 'takeQueued' },
          on: {
            'turn.send': { guard: 'isFree', target: 'recording', actions: 'takeAsked' },
            'turn.regenerate': { guard: 'isFree', target: 'recording', actions: 'takeAsked' },
            'turn.continue': { guard: 'isFree', target: 'recording', actions: 'takeAsked' },
          },
        },
        recording: {
          description: 'No provider is called before this is on record.',
          invoke: {
            src: 'recordTurn',
            input: ({ context }) => context.task as Task,
            onDone: [
              { guard: 'isStopped', target: 'concluding', actions: [{ type: 'takeNext', params: ({ event }) => event.output }, { type: 'answerTask', params: ({ event }) => event.output }] },
              { target: 'running', actions: [{ type: 'takeNext', params: ({ event }) => event.output }, { type: 'answerTask', params: ({ event }) => event.output }] },
            ],
            onError: [
              { guard: 'isFromQueue', target: 'held', actions: { type: 'refuseTask', params: ({ event }) => ({ error: event.error }) } },
              { target: 'idle', actions: { type: 'refuseTask', params: ({ event }) => ({ error: event.error }) } },
            ],
          },
          on: { 'turn.stop': { guard: 'isThisTurn', actions: 'noteStop' }, 'turn-replaced': { guard: 'isReplaced', actions: 'noteStop' } },
        },
        held: {
          description: 'A waiting message could not be taken; it stays in the queue and is tried again.',
          after: { recordAgain: 'idle' },
        },
        running: {
          invoke: {
            src: 'runTurn',
            input: ({ context }): TurnInput => ({ turn: (context.task as Task).turn, reply: (context.task as Task).reply, resumes: context.task?.resumes === true }),
            onDone: { target: 'concluding', actions: assign({ result: ({ event }) => event.output }) },
            onError: { target: 'concluding', actions: 'noteBroken' },
          },
          on: { 'turn.stop': { guard: 'isThisTurn', target: 'concluding', actions: 'noteStop' }, 'turn-replaced': { guard: 'isReplaced', target: 'concluding', actions: 'noteStop' } },
          after: { turnLimit: { target: 'concluding', actions: 'noteLimit' } },
        },
        concluding: {
          invoke: {
            src: 'recordOutcome',
            input: ({ context }) => context,
            onDone: { target: 'idle', actions: [{ type: 'takeNext', params: ({ event }) => event.output }, { type: 'answerStops', params: ({ event }) => event.output }] },
            onError: 'unrecorded',
          },
        },
        unrecorded: {
          tags: 'closed',
          description: 'The outcome is not on record yet; no new turn until it is.',
          after: { recordAgain: 'concluding' },
        },
      },
    },
    change: {
      description: 'What is recorded beside the turn, one after the other: changes, and messages that wait.',
      initial: 'resting',
      on: {
        'turn.send': [{ guard: 'isFree' }, { guard: 'mayWait', actions: 'addToBacklog' }, { actions: 'refuse' }],
        change: [{ guard: 'mayChange', actions: 'addToBacklog' }, { actions: 'refuse' }],
        erase: { guard: 'mayChange', actions: 'addToBacklog' },
      },
      states: {
        resting: { always: { guard: 'hasBacklog', target: 'recordingChange' } },
        recordingChange: {
          invoke: {
            src: 'recordChange',
            input: ({ context }) => context.backlog[0] as Given<Changing> | 'erase',
            onDone: { target: 'resting', actions: { type: 'takeChange', params: ({ event }) => event.output } },
            onError: { target: 'resting', actions: { type: 'refuseChange', params: ({ event }) => ({ error: event.error }) } },
          },
        },
      },
    },
    title: {
      initial: 'resting',
      states: {
        resting: { on: { 'title-wanted': 'making' } },
        making: { description: 'A conversation without a title is fine; nothing waits for it.', invoke: { src: 'makeTitle', onDone: 'resting', onError: 'resting' } },
      },
    },
  },
});
