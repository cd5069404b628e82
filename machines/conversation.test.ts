import { createActor, fromPromise, SimulatedClock, waitFor, type SnapshotFrom } from 'xstate';
import { getShortestPaths, toDirectedGraph, type DirectedGraphNode } from 'xstate/graph';
import { describe, expect, it } from 'vitest';
import { Command as CommandSchema, type Answer, type Command } from '../contracts/commands.ts';
import { Failure } from '../contracts/failures.ts';
import type { CommandId, ConversationId, MessageId, ModelId, TurnId } from '../contracts/ids.ts';
import { conversationMachine, type ConversationContext, type ConversationInput, type ConversationMachineEvent } from './conversation.ts';
import type { ChangeRecorded, Given, OutcomeRecorded, Recorded, Task } from './task.ts';
import { turnMachine, type Attempt, type TurnContext } from './turn.ts';

type Step = 'recordTurn' | 'stream' | 'recordOutcome' | 'recordChange';
type Settle = { resolve: () => void; reject: (error: unknown) => void };

/** The machine with every actor waiting for the test to let it go on or fail. */
function bench(input: Partial<ConversationInput> = {}) {
  const clock = new SimulatedClock();
  const waiting = new Map<Step, Settle[]>();
  const calls: Step[] = [];
  const outcomes: ConversationContext[] = [];
  let number = 0;
  const state: { queue: number; isDeleted: boolean; open: TurnId | undefined } = { open: undefined, queue: input.next === undefined ? 0 : 1, isDeleted: input.isDeleted ?? false };
  const pause = (step: Step) => {
    calls.push(step);
    return new Promise<void>((resolve, reject) => waiting.set(step, [...(waiting.get(step) ?? []), { resolve, reject }]));
  };
  const recorded = (did: 'started' | 'queued' | 'changed' | 'stopped'): Recorded => ({ done: { ok: true, did, at: 0 }, number: ++number, next: state.queue > 0 ? ids('next') : undefined });
  const machine = conversationMachine.provide({
    actors: {
      recordTurn: fromPromise<Recorded, Task>(async ({ input: task }) => {
        await pause('recordTurn');
        if (task.from === 'queue') state.queue -= 1;
        state.open = task.turn;
        return recorded('started');
      }),
      runTurn: turnMachine.provide({
        actors: {
          stream: fromPromise<Attempt, TurnContext>(async () => {
            await pause('stream');
            return { outcome: { kind: 'completed' }, mayRepeat: false, waitMs: 0 };
          }),
          tellWait: fromPromise<void, TurnContext>(() => Promise.resolve()),
          recordAttempt: fromPromise<void, TurnContext>(() => Promise.resolve()),
        },
      }),
      recordOutcome: fromPromise<OutcomeRecorded, ConversationContext>(async ({ input: context }) => {
        outcomes.push(context);
        await pause('recordOutcome');
        state.open = undefined;
        return { ...recorded('stopped'), wantsTitle: false };
      }),
      recordChange: fromPromise<ChangeRecorded, ConversationContext['backlog'][number]>(async ({ input: given }) => {
        await pause('recordChange');
        if (given !== 'erase' && given.command.type === 'turn.send') state.queue += 1;
        if (given !== 'erase' && given.command.type === 'conversation.delete') state.isDeleted = true;
        const isInstead = given !== 'erase' && given.command.type === 'turn.send' && given.command.mode === 'stop-and-send';
        const stops = given !== 'erase' && given.command.type === 'conversation.delete' ? 'any' : isInstead ? (state.open ?? 'asked') : undefined;
        return { ...recorded(given !== 'erase' && given.command.type === 'turn.send' ? 'queued' : 'changed'), isDeleted: state.isDeleted, stops };
      }),
      makeTitle: fromPromise<void>(() => Promise.resolve()),
    },
  });
  const actor = createActor(machine, { clock, input: { open: undefined, next: undefined, isDeleted: false, ...input } });
  const answers = new Map<CommandId, Answer>();
  actor.on('answered', ({ command, answer }) => answers.set(command, answer));
  actor.start();
  const settle = async (step: Step, error?: unknown) => {
    const [first, ...rest] = waiting.get(step) ?? [];
    if (first === undefined) throw new Error(`nothing waits in ${step}`);
    waiting.set(step, rest);
    const before = actor.getSnapshot();
    if (error === undefined) first.resolve();
    else first.reject(error);
    await waitFor(actor, (snapshot) => snapshot !== before);
  };
  const turnState = () => (actor.getSnapshot().value as { turn: string }).turn;
  return { actor, clock, calls, answers, outcomes, settle, turnState, isWaiting: (step: Step) => (waiting.get(step) ?? []).length > 0 };
}

let made = 0;
const id = <Id extends string>(name: string): Id => `${name}${++made}`.padEnd(22, '_') as Id;
const ids = (name: string) => ({ turn: id<TurnId>(`t${name}`), reply: id<MessageId>(`r${name}`) });
const actorOfTest = { user: null, session: null, address: '', agent: '' };
const conversation = id<ConversationId>('c');

function command<T extends Command['type']>(type: T, more: object = {}): Given<Extract<Command, { type: T }>> {
  const common = { type, commandId: id<CommandId>('k'), conversation, message: id<MessageId>('m'), parent: null, text: 'x', files: [], model: 'demo/demo' as ModelId, mode: 'queue', ...more };
  return { command: common as unknown as Extract<Command, { type: T }>, actor: actorOfTest, at: 1, ids: ids('') };
}
const event = (given: Given): ConversationMachineEvent =>
  (['turn.send', 'turn.regenerate', 'turn.continue', 'turn.stop'].includes(given.command.type) ? { type: given.command.type, given } : { type: 'change', given }) as ConversationMachineEvent;

describe('a conversation', () => {
  it('[RE1] calls no provider when the turn could not be recorded, and refuses the message', async () => {
    const { actor, settle, answers, calls, turnState } = bench();
    const send = command('turn.send');
    actor.send(event(send));
    await settle('recordTurn', new Failure('record-unavailable'));
    expect(answers.get(send.command.commandId)).toEqual({ ok: false, refusal: { code: 'record-unavailable' } });
    expect(turnState()).toBe('idle');
    expect(calls).toEqual(['recordTurn']);
  });

  it('[CO6] a stop while the turn is being recorded takes effect: no provider is called', async () => {
    const { actor, settle, answers, calls, outcomes, turnState } = bench();
    const send = command('turn.send');
    const stop = command('turn.stop', { turn: send.ids.turn });
    actor.send(event(send));
    actor.send(event(stop));
    await settle('recordTurn');
    expect(turnState()).toBe('concluding');
    expect(outcomes[0]?.isStopped).toBe(true);
    await settle('recordOutcome');
    expect(answers.get(stop.command.commandId)).toMatchObject({ ok: true, did: 'stopped' });
    expect(calls).not.toContain('stream');
  });

  it('takes no new turn until an outcome is on record, and tries that again by the clock', async () => {
    const { actor, clock, settle, turnState, answers } = bench({ open: ids('open') });
    expect(turnState()).toBe('concluding');
    await settle('recordOutcome', new Failure('record-unavailable'));
    expect(turnState()).toBe('unrecorded');
    const send = command('turn.send');
    actor.send(event(send));
    await settle('recordChange');
    expect(answers.get(send.command.commandId)).toMatchObject({ did: 'queued' });
    expect(turnState()).toBe('unrecorded');
    clock.increment(2_000);
    expect(turnState()).toBe('concluding');
    await settle('recordOutcome');
    expect(turnState()).toBe('recording');
  });

  it('ends a turn that takes longer than its limit', async () => {
    const { actor, clock, settle, outcomes } = bench();
    actor.send(event(command('turn.send')));
    await settle('recordTurn');
    clock.increment(3_600_000);
    expect(outcomes[0]?.result?.outcome).toEqual({ kind: 'failed', code: 'turn-limit' });
  });

  it('a waiting message that cannot be taken is tried again and is not lost', async () => {
    const { clock, settle, turnState } = bench({ next: ids('next') });
    await settle('recordTurn', new Failure('record-unavailable'));
    expect(turnState()).toBe('held');
    clock.increment(2_000);
    expect(turnState()).toBe('recording');
    await settle('recordTurn');
    expect(turnState()).toBe('running');
  });

  it('a message that takes the place of a turn stops that turn and no other, least of all its own', async () => {
    const { actor, settle, outcomes, calls, turnState } = bench();
    actor.send(event(command('turn.send')));
    await settle('recordTurn');
    await settle('stream');
    // The turn has ended by itself while the message that takes its place is being recorded.
    actor.send(event(command('turn.send', { mode: 'stop-and-send' })));
    await settle('recordOutcome');
    expect(turnState()).toBe('idle');
    await settle('recordChange');
    expect(turnState()).toBe('recording');
    await settle('recordTurn');
    expect(turnState()).toBe('running');
    expect(calls.filter((step) => step === 'stream')).toHaveLength(2);
    expect(outcomes.map(({ isStopped }) => isStopped)).toEqual([false]);
  });

  it('a message that takes the place of a turn that is still being recorded keeps it from its provider', async () => {
    const { actor, settle, calls, turnState } = bench();
    actor.send(event(command('turn.send')));
    actor.send(event(command('turn.send', { mode: 'stop-and-send' })));
    await settle('recordChange');
    await settle('recordTurn');
    expect(turnState()).toBe('concluding');
    expect(calls).not.toContain('stream');
  });

  it('a delete stops the turn and refuses what comes after it', async () => {
    const { actor, settle, answers, turnState } = bench();
    actor.send(event(command('turn.send')));
    await settle('recordTurn');
    actor.send(event(command('conversation.delete')));
    await settle('recordChange');
    expect(turnState()).toBe('concluding');
    await settle('recordOutcome');
    const late = command('turn.send');
    actor.send(event(late));
    expect(answers.get(late.command.commandId)).toEqual({ ok: false, refusal: { code: 'erased' } });
  });
});

const all = CommandSchema.options.map((option) => option.shape.type.value);
const places: Record<string, (at: ReturnType<typeof bench>) => Promise<void>> = {
  idle: () => Promise.resolve(),
  recording: async ({ actor }) => actor.send(event(command('turn.send'))),
  running: async ({ actor, settle }) => (actor.send(event(command('turn.send'))), settle('recordTurn')),
  concluding: async ({ actor, settle }) => (actor.send(event(command('turn.send'))), await settle('recordTurn'), settle('stream')),
  unrecorded: async (at) => (await places['concluding']?.(at), at.settle('recordOutcome', new Failure('record-unavailable'))),
  deleted: async ({ actor, settle }) => (actor.send(event(command('conversation.delete'))), settle('recordChange')),
  erased: async (at) => (await places['deleted']?.(at), at.actor.send({ type: 'erase' }), at.settle('recordChange')),
  held: async ({ actor, settle }) => (actor.send(event(command('turn.send'))), await settle('recordTurn'), actor.send(event(command('turn.send'))), await settle('recordChange'), await settle('stream'), await settle('recordOutcome'), settle('recordTurn', new Failure('record-unavailable'))),
};

describe.each(Object.keys(places))('[CO2] in %s', (place) => {
  it.each(all)('%s is answered', async (type) => {
    const at = bench();
    await places[place]?.(at);
    expect(at.turnState()).toBe(['deleted', 'erased'].includes(place) ? 'idle' : place);
    const given = command(type, { turn: at.actor.getSnapshot().context.task?.turn ?? id<TurnId>('t') });
    at.actor.send(event(given));
    const order: Step[] = ['recordChange', 'recordTurn', 'recordOutcome', 'stream'];
    for (let round = 0; round < 12 && !at.answers.has(given.command.commandId); round++) {
      const next = order.find((step) => at.isWaiting(step));
      if (next === undefined) at.clock.increment(2_000);
      else await at.settle(next);
    }
    expect(at.answers.get(given.command.commandId)).toBeDefined();
  });
});

describe.each([['conversation', conversationMachine], ['turn', turnMachine]] as const)('the %s machine', (_name, machine) => {
  it('reaches every state that is drawn', () => {
    const nodes: DirectedGraphNode[] = [];
    const labels = new Set<string>();
    const walk = (node: DirectedGraphNode): void => {
      nodes.push(node);
      for (const edge of node.edges) labels.add(edge.label.text);
      node.children.forEach(walk);
    };
    walk(toDirectedGraph(machine as never));
    const leaves = nodes.filter((node) => node.children.length === 0).map((node) => node.id);
    const events = [...labels].filter((label) => label !== '').flatMap((type) => eventsFor(type));
    const paths = getShortestPaths(machine as never, { input: { open: undefined, next: undefined, isDeleted: false, ...ids('g') } as never, events: events as never, serializeState: serialize, stopWhen: isLongEnough, limit: 20_000 } as never);
    const restart = getShortestPaths(machine as never, { input: { open: ids('o'), next: undefined, isDeleted: false, ...ids('h') } as never, events: events as never, serializeState: serialize, stopWhen: isLongEnough, limit: 20_000 } as never);
    const reached = new Set([...paths, ...restart].flatMap((path) => (path.state as SnapshotFrom<typeof conversationMachine>)._nodes.map((node) => node.id)));
    // Passed through without stopping: `always` leads on at once.
    const transient = ['conversation.turn.opening', 'turn.beginning', 'turn.deciding'];
    expect(leaves.filter((leaf) => !reached.has(leaf) && !transient.includes(leaf))).toEqual([]);
  });
});

describe('every path that the drawing shows', () => {
  const input = { open: undefined, next: undefined, isDeleted: false };
  const events = edgesOf(conversationMachine).flatMap((type) => eventsFor(type));
  const paths = [input, { ...input, open: ids('o') }, { ...input, open: { ...ids('o'), resumes: true } }, { ...input, next: ids('n') }].flatMap((start) =>
    getShortestPaths(conversationMachine, { input: start, events: events as never, serializeState: serialize, stopWhen: isLongEnough, limit: 20_000 } as never).map((path) => ({ start, path })));

  it('is walked by the machine itself, with actors that do as the path says and a simulated clock', async () => {
    expect(paths.length).toBeGreaterThan(100);
    for (const { start, path } of paths) {
      const walker = walk(start);
      for (const { event: taken, state } of path.steps as { event: { type: string }; state: { value: unknown } }[]) {
        await walker.take(taken);
        expect({ path: path.steps.map((step) => step.event.type), value: walker.value() }).toEqual({ path: path.steps.map((step) => step.event.type), value: state.value });
      }
      walker.stop();
    }
  });
});

/** The machine with actors that end as they are told, one after the other. */
function walk(input: ConversationInput) {
  const waiting = new Map<string, Settled>();
  const ends = (name: string) => fromPromise(() => new Promise((resolve, reject) => waiting.set(name, { resolve, reject })));
  const actors = { recordTurn: ends('recording'), runTurn: ends('running'), recordOutcome: ends('concluding'), recordChange: ends('recordingChange'), makeTitle: ends('making') };
  const clock = new SimulatedClock();
  const actor = createActor(conversationMachine.provide({ actors: actors as never }), { clock, input });
  actor.start();
  return {
    value: () => actor.getSnapshot().value,
    stop: () => actor.stop(),
    async take(event: { type: string; output?: unknown; error?: unknown; delay?: number }): Promise<void> {
      if (event.type.startsWith('xstate.init')) return;
      const place = event.type.split('.').at(-1) as string;
      const settled = waiting.get(place);
      if (event.type.startsWith('xstate.after')) clock.increment(event.type.includes('turnLimit') ? 3_600_000 : 2_000);
      else if (!event.type.startsWith('xstate.')) actor.send(event as never);
      else {
        const before = actor.getSnapshot();
        if (event.type.startsWith('xstate.done')) settled?.resolve(event.output);
        else settled?.reject(event.error);
        await waitFor(actor, (snapshot) => snapshot !== before);
      }
    },
  };
}

interface Settled {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

function edgesOf(machine: unknown): string[] {
  const labels = new Set<string>();
  const walkNode = (node: DirectedGraphNode): void => {
    for (const edge of node.edges) labels.add(edge.label.text);
    node.children.forEach(walkNode);
  };
  walkNode(toDirectedGraph(machine as never));
  return [...labels].filter((label) => label !== '');
}

function serialize(state: unknown): string {
  const { value, context } = state as { value: unknown; context: Partial<ConversationContext> & { number?: number } };
  return JSON.stringify([value, context.task !== undefined, context.next !== undefined, context.isDeleted, context.backlog?.length, Math.min(context.number ?? 0, 3)]);
}

/** Longer backlogs lead to no other state. */
function isLongEnough(state: unknown): boolean {
  return ((state as SnapshotFrom<typeof conversationMachine>).context.backlog?.length ?? 0) > 2;
}

function eventsFor(type: string): object[] {
  const sends = ['turn.send', 'turn.regenerate', 'turn.continue', 'turn.stop'].includes(type);
  if (sends || type === 'change') return [{ type, given: command(type === 'change' ? 'conversation.change' : (type as 'turn.send')) }];
  const outputs: object[] = [
    { done: { ok: true, did: 'changed', at: 0 }, number: 1, next: undefined, isDeleted: false, stops: undefined, wantsTitle: true, outcome: { kind: 'completed' }, mayRepeat: false, waitMs: 0 },
    { done: { ok: true, did: 'changed', at: 0 }, number: 2, next: ids('q'), isDeleted: false, stops: 'any', wantsTitle: false, outcome: { kind: 'failed', code: 'provider-busy' }, mayRepeat: true, waitMs: 1 },
  ];
  return type.startsWith('xstate.done') ? outputs.map((output) => ({ type, output })) : [{ type, error: new Failure('record-unavailable') }];
}
