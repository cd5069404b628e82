import { fromPromise } from 'xstate';
import type { Done } from '../../contracts/commands.ts';
import type { FilePart, TurnOutcome } from '../../contracts/conversation.ts';
import { Failure } from '../../contracts/failures.ts';
import type { TurnId } from '../../contracts/ids.ts';
import { lengthOf, textOf } from '../../contracts/view.ts';
import { conversationMachine, type ConversationContext } from '../../machines/conversation.ts';
import type { ChangeRecorded, Given, OutcomeRecorded, Recorded, Task } from '../../machines/task.ts';
import { turnMachine, type Attempt, type TurnContext } from '../../machines/turn.ts';
import type { Clock } from '../clock.ts';
import { newId } from '../ids.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Catalog, KeyOf } from '../providers/catalog.ts';
import type { Store } from '../store/store.ts';
import { ITSELF, planTurn } from './asking.ts';
import { callProvider } from './attempt.ts';
import { planChange } from './changing.ts';
import { Draft } from './draft.ts';
import type { DraftTick } from './draft-tick.ts';
import { removeDrafts } from './drafts-kept.ts';
import { eraseConversation } from './erasure.ts';
import type { Files } from './files.ts';
import type { LiveConversation } from './live.ts';
import { promptFor, titlePrompt } from './prompt.ts';
import { makeTitle } from './title.ts';

/** What the actors of every conversation here work with. */
export interface World {
  readonly store: Store;
  readonly tick: DraftTick;
  readonly catalog: Catalog;
  readonly files: Files;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Whether this process is so far behind that no turn may begin here. */
  isBehind(): boolean;
  /** A person's own keys for providers. */
  readonly keyOf: (user: string) => KeyOf;
  readonly restoreMs: number;
  forgetKey(id: string): void;
  /** For the operator: something went wrong that nobody is told of otherwise. */
  warn(error: unknown, what: string): void;
}

/** The conversation machine with everything it does to the world, for one conversation. */
export function machineFor(live: LiveConversation, world: World) {
  const state: { draft: Draft | undefined } = { draft: undefined };
  return conversationMachine.provide({
    actors: {
      recordTurn: fromPromise<Recorded, Task>(({ input }) => recordTurn(live, world, input)),
      runTurn: turnMachine.provide({
        actors: {
          stream: fromPromise<Attempt, TurnContext>(({ input, signal }) => stream(live, world, state, input, signal)),
          tellWait: fromPromise<void, TurnContext>(({ input }) => tellWait(live, world, input)),
          recordAttempt: fromPromise<void, TurnContext>(({ input }) => recordAttempt(live, input)),
        },
      }),
      recordOutcome: fromPromise<OutcomeRecorded, ConversationContext>(({ input }) => recordOutcome(live, world, state, input)),
      recordChange: fromPromise<ChangeRecorded, ConversationContext['backlog'][number]>(({ input }) => recordChange(live, world, input)),
      makeTitle: fromPromise<void>(() => titleOf(live, world)),
    },
  });
}

async function recordTurn(live: LiveConversation, world: World, task: Task): Promise<Recorded> {
  const at = world.clock.now();
  const files = typeof task.from === 'object' && task.from.command.type === 'turn.send' ? await filesOf(live, world, task.from.command.files) : [];
  if (typeof task.from === 'object') await world.catalog.serve(modelAsked(live, task.from), world.keyOf(live.owner));
  const happening = await live.happen((view) => planTurn(view, task, { files, at, isNew: view.messages.length === 0 }));
  return recorded(live, happening.command?.done ?? { ok: true, did: 'started', turn: task.turn, at });
}

function modelAsked(live: LiveConversation, given: Given) {
  return 'model' in given.command && given.command.model !== undefined ? given.command.model : live.view.conversation.model;
}

function filesOf(live: LiveConversation, world: World, ids: readonly string[]): Promise<FilePart[]> {
  return Promise.all(ids.map((id) => world.files.partOf(live.id, live.owner, id)));
}

function recorded(live: LiveConversation, done: Done): Recorded {
  const waits = live.view.conversation.queue.length > 0;
  return { done, number: live.number, next: waits ? { turn: newId(), reply: newId() } : undefined };
}

async function stream(live: LiveConversation, world: World, state: { draft: Draft | undefined }, context: TurnContext, signal: AbortSignal): Promise<Attempt> {
  const { turn } = live.view;
  if (turn === null) throw new Error('there is no open turn to stream');
  const draft = (state.draft ??= new Draft(live, context.turn, world.tick));
  live.saveDraft ??= () => world.tick.save(draft);
  try {
    const served = await world.catalog.serve(turn.reply.model ?? live.view.conversation.model, world.keyOf(live.owner));
    const prompt = await promptFor(live.view, turn.reply, served.name, served.model.vision, (id) => world.files.bytesOf(live.id, live.key, id));
    return await callProvider(served.provider, prompt, draft, context.number, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    const failure = error instanceof Failure ? error : new Failure('internal', { cause: error });
    return { outcome: { kind: 'failed', code: failure.code }, mayRepeat: false, waitMs: 0 };
  }
}

async function tellWait(live: LiveConversation, world: World, context: TurnContext): Promise<void> {
  const { outcome, waitMs } = context.attempt ?? { outcome: { kind: 'failed' as const }, waitMs: 0 };
  const until = Math.round(world.clock.now() + waitMs);
  await live.tell((view) => (view.turn?.id === context.turn ? [{ type: 'turn-waiting', turn: context.turn, code: outcome.code ?? 'provider-busy', until }] : []));
}

async function recordAttempt(live: LiveConversation, context: TurnContext): Promise<void> {
  await live.happen((view) => {
    const { turn, conversation } = view;
    if (turn === null) throw new Error('there is no open turn to repeat');
    const { reply } = turn;
    const said = { turn: turn.id, reply: reply.id, parent: reply.parent, model: reply.model ?? conversation.model, parameters: conversation.parameters, attempt: context.number };
    return { actor: ITSELF, records: [{ type: 'turn-begun', v: 1, ...said, purpose: 'reply' }], events: [] };
  });
}

/** Closes the draft, puts exactly what people saw on record, and says how it ended. */
async function recordOutcome(live: LiveConversation, world: World, state: { draft: Draft | undefined }, context: ConversationContext): Promise<OutcomeRecorded> {
  await state.draft?.close();
  const turn = live.view.turn;
  if (turn === null) return { ...recorded(live, { ok: true, did: 'nothing', at: world.clock.now() }), wantsTitle: false };
  const at = world.clock.now();
  const outcome: TurnOutcome = context.isStopped ? { kind: 'stopped' } : (context.result?.outcome ?? { kind: 'interrupted', code: 'server-restarted' });
  const { usage, reasonedMs } = context.result ?? {};
  const measured = { ...(usage && { usage }), ...(reasonedMs !== undefined && { reasonedMs }) };
  const stop = context.stops[0];
  const done: Done = { ok: true, did: 'stopped', turn: turn.id, at };
  const tookMs = Math.max(0, at - turn.reply.at);
  const message = { ...turn.reply, outcome, tookMs, ...measured };
  try {
    await live.happen(() => ({
      actor: stop?.actor ?? ITSELF,
      records: [
        ...context.stops.map((one) => ({ type: 'turn-stopped' as const, v: 1 as const, turn: turn.id, command: one.command.commandId })),
        { type: 'turn-ended', v: 1, turn: turn.id, outcome, message, ...(usage && { usage }) },
      ],
      events: [{ type: 'turn-end', turn: turn.id, outcome, tookMs, length: lengthOf(turn.reply.parts), ...measured }],
      changes: context.stops.map((one) => ({ do: 'add', kind: 'command', id: `${one.actor.user}:${one.command.commandId}`, body: { conversation: live.id, number: live.number, answer: done } })),
    }));
  } catch (error) {
    world.warn(error, 'the outcome of a turn could not be put on record; it is tried again');
    await live.tell((view) => (view.turn?.phase === 'closing' || view.turn === null ? [] : [{ type: 'turn-closing', turn: turn.id }]));
    throw error;
  }
  world.metrics.turnEnded(turn.reply.model, outcome, usage);
  void removeDrafts(world.store, state.draft?.ids ?? [], live.id);
  state.draft = undefined;
  live.saveDraft = undefined;
  const wantsTitle = live.view.conversation.titledBy === 'nobody' && textOf(turn.reply) !== '' && outcome.kind !== 'failed' && !live.view.isErased;
  return { ...recorded(live, done), wantsTitle };
}

async function recordChange(live: LiveConversation, world: World, given: ConversationContext['backlog'][number]): Promise<ChangeRecorded> {
  if (given === 'erase') {
    await eraseConversation(live, world);
    return { ...recorded(live, { ok: true, did: 'changed', at: world.clock.now() }), isDeleted: true, stops: undefined };
  }
  const { command } = given;
  const files = command.type === 'turn.send' ? await filesOf(live, world, command.files) : [];
  if (command.type === 'turn.send') await world.catalog.serve(command.model, world.keyOf(live.owner));
  const eraseAt = given.at + world.restoreMs;
  let open: TurnId | undefined;
  const happening = await live.happen((view) => {
    open = view.turn?.id;
    const plan = planChange(view, given, { files, eraseAt });
    if (command.type === 'conversation.delete') live.eraseAt = eraseAt;
    if (command.type === 'conversation.restore') live.eraseAt = null;
    return plan;
  });
  const isDeleted = live.view.conversation.deletedAt !== null;
  const isInstead = command.type === 'turn.send' && command.mode === 'stop-and-send';
  const stops = command.type === 'conversation.delete' ? 'any' : isInstead ? (open ?? 'asked') : undefined;
  return { ...recorded(live, happening.command?.done ?? { ok: true, did: 'nothing', at: given.at }), isDeleted, stops };
}

async function titleOf(live: LiveConversation, world: World): Promise<void> {
  const reply = live.view.messages.findLast((message) => message.author === 'model');
  const question = live.view.messages.find((message) => message.id === reply?.parent);
  if (reply?.model === undefined || question === undefined) return;
  const served = await world.catalog.serve(world.catalog.titleModel(reply.model), world.keyOf(live.owner));
  await makeTitle(live, served, titlePrompt(textOf(question), textOf(reply), served.name), reply);
}
