import { createActor, fromPromise, type ActorRefFrom, type AnyActorRef } from 'xstate';
import type { Done } from '../../contracts/commands.ts';
import type { FilePart, Message, TurnOutcome } from '../../contracts/conversation.ts';
import type { Parameters } from '../../contracts/models.ts';
import { Failure } from '../../contracts/failures.ts';
import type { ConversationId, ModelId, TurnId } from '../../contracts/ids.ts';
import type { Standing } from '../../contracts/records.ts';
import { siteOf } from '../../contracts/site-model.ts';
import { lengthOf, measuredOf, textOf } from '../../contracts/view.ts';
import { conversationMachine, type ConversationContext, type ConversationInput } from '../../machines/conversation.ts';
import type { ChangeRecorded, Given, OutcomeRecorded, Recorded, Task } from '../../machines/task.ts';
import { ATTEMPTS, turnMachine, type Attempt, type TurnContext } from '../../machines/turn.ts';
import type { Clock } from '../clock.ts';
import { newId } from '../ids.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Catalog, KeyOf } from '../providers/catalog.ts';
import type { CostOf } from '../providers/prices.ts';
import { unread } from '../store/refused.ts';
import type { Store } from '../store/store.ts';
import { gatesBefore } from '../journal/holds.ts';
import { ITSELF } from '../journal/journal.ts';
import { planTurn } from './asking.ts';
import { callProvider, type Call } from './attempt.ts';
import { planChange } from './changing.ts';
import { Draft } from './draft.ts';
import type { DraftTick } from './draft-tick.ts';
import { noteChange } from './documents.ts';
import { removeDrafts } from './drafts-kept.ts';
import { erasableOf, eraseConversation, type Certifying } from './erasure.ts';
import type { Files } from './files.ts';
import { asksPerson } from './handoff.ts';
import type { LiveConversation } from './live.ts';
import { promptFor, questionOf, titlePrompt } from './prompt.ts';
import type { KeptTurn } from './loading.ts';
import { asResumed, beyond } from './resuming.ts';
import { eraseTime, type Retention } from './retention.ts';
import { makeTitle } from './title.ts';
import { commandKey } from '../store/kinds.ts';

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
  readonly retention: Retention;
  /** Whether somebody is told that what they delete is held. Visitors never are. */
  readonly showsHolds: boolean;
  /** The key that certificates are under: what they say has to be readable when the conversation is not. */
  certifying(): Promise<Certifying>;
  /** The epoch above which all claims are, since the last restore. */
  readonly epochsAfter: number;
  readonly costOf: CostOf;
  forgetKey(id: string): void;
  /** A turn was found open that an owner before had begun. */
  takenOver(what: TakenOver): void;
  /** For the operator: something went wrong that nobody is told of otherwise. */
  warn(error: unknown, what: string): void;
}

/** Which turn was taken over, under which epoch, and whether its reply goes on where it was; else it is concluded as interrupted. */
export interface TakenOver {
  readonly conversation: ConversationId;
  readonly turn: TurnId;
  readonly epoch: number;
  readonly goesOn: boolean;
}

/** The turn at hand: its text, and the parameters that are on record with it. What is changed meanwhile is for the next one. */
interface State {
  draft: Draft | undefined;
  parameters: Parameters;
  stands: Standing | undefined;
  /** What the provider keeps for it, one of each attempt. */
  responses: string[];
}

/** One conversation with what its actor does for it. */
interface Own {
  readonly live: LiveConversation;
  readonly kept: KeptTurn | undefined;
  readonly state: State;
}

/** An actor of a conversation, which is not started yet. */
export type NewActor = (live: LiveConversation, kept: KeptTurn | undefined, input: ConversationInput) => ActorRefFrom<typeof conversationMachine>;

/**
 * The conversation machine with everything it does to the world, once for all conversations: a machine of its own for each would take ten times the memory of its actor. Which conversation it
 * works on, each step of it finds by the system of its actor.
 */
export function openActors(world: World): NewActor {
  const owns = new WeakMap<AnyActorRef['system'], Own>();
  const work = <Output, Input>(what: string, does: (own: Own, input: Input, signal: AbortSignal) => Promise<Output>) =>
    fromPromise<Output, Input>(async ({ input, signal, system }) => {
      try {
        return await does(owns.get(system) as Own, input, signal);
      } catch (error) {
        // The machine turns what goes wrong into a code. A mistake of ours is told to the operator before that, with its cause.
        if (!signal.aborted) noteMistake(world, error, what);
        throw error;
      }
    });
  const machine = conversationMachine.provide({
    actors: {
      recordTurn: work('a turn could not be begun', ({ live, state }, task: Task) => recordTurn(live, world, state, task)),
      runTurn: turnMachine.provide({
        actors: {
          stream: work('a model could not be asked', ({ live, state, kept }, context: TurnContext, signal) => (context.resumes && kept !== undefined ? resume(live, world, state, kept, context, signal) : stream(live, world, state, context, signal))),
          tellWait: work('nobody could be told of a busy provider', ({ live }, context: TurnContext) => tellWait(live, world, context)),
          recordAttempt: work('another attempt could not be put on record', ({ live, state, kept }, context: TurnContext) => (context.resumes && kept !== undefined ? recordResumed(live, kept, context) : recordAttempt(live, state, context))),
        },
      }),
      recordOutcome: work('the outcome of a turn could not be put on record', ({ live, state }, context: ConversationContext) => recordOutcome(live, world, state, context)),
      recordChange: work('a change could not be made', ({ live }, given: ConversationContext['backlog'][number]) => recordChange(live, world, given)),
      makeTitle: work('a title could not be made', ({ live }) => titleOf(live, world)),
    },
  });
  return (live, kept, input) => {
    const actor = createActor(machine, { input });
    owns.set(actor.system, { live, kept, state: { draft: undefined, parameters: {}, stands: undefined, responses: kept === undefined ? [] : [kept.response] } });
    return actor;
  };
}

function noteMistake(world: World, error: unknown, what: string): void {
  if (!(error instanceof Failure) || error.code === 'internal') world.warn(error, what);
}

async function recordTurn(live: LiveConversation, world: World, state: State, task: Task): Promise<Recorded> {
  const at = world.clock.now();
  const files = typeof task.from === 'object' && task.from.command.type === 'turn.send' ? await filesOf(live, world, task.from.command.files) : [];
  const stands = await standingOf(live, world, task);
  const happening = await live.happen((view) => planTurn(view, task, { files, at, isNew: view.messages.length === 0, stands }));
  const begun = happening.records.find((record) => record.type === 'turn-begun');
  state.parameters = begun?.parameters ?? {};
  state.stands = begun?.stands;
  return recorded(live, happening.command?.done ?? { ok: true, did: 'started', turn: task.turn, at });
}

/** What is asked for now is refused when no model can answer it. What has waited is begun all the same, so that how it fails stands in the conversation; nothing stands for the model of a site that was closed meanwhile. */
async function standingOf(live: LiveConversation, world: World, { from }: Task): Promise<Standing | undefined> {
  if (typeof from === 'object') return (await world.catalog.serve(modelAsked(live, from), world.keyOf(live.owner))).stands;
  const waiting = live.view.conversation.queue[0]?.model;
  if (waiting === undefined || siteOf(waiting) === undefined) return undefined;
  return world.catalog.serve(waiting, world.keyOf(live.owner)).then(({ stands }) => stands, () => undefined);
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

async function stream(live: LiveConversation, world: World, state: State, context: TurnContext, signal: AbortSignal): Promise<Attempt> {
  const { turn } = live.view;
  if (turn === null) throw new Error('there is no open turn to stream');
  const draft = (state.draft ??= new Draft(live, context.turn, world.tick));
  live.saveDraft ??= () => world.tick.save(draft);
  return whole(world, signal, async () => {
    const served = await world.catalog.serve(modelOf(live, turn.reply), world.keyOf(live.owner));
    const readFile = (id: string) => world.files.bytesOf(live.id, live.key, id);
    if (JSON.stringify(served.stands) !== JSON.stringify(state.stands)) throw new Failure('model-unknown', { detail: 'What answers here was changed in this moment.' }); // it would not be what is on record
    const prompt = await promptFor(live.view, turn.reply, { model: served.name, hasVision: served.model.vision, parameters: state.parameters, readFile });
    const accepted = (response: string): void => {
      state.responses.push(response);
      void recordAccepted(live, context, response).catch((error: unknown) => world.warn(error, 'a response could not be put on record; a restart interrupts it'));
    };
    return callProvider(served.provider.stream(prompt, signal), { growing: draft, accepted, ...callOf(world, context, signal) });
  });
}

/** Goes on with a response that its provider kept while its owner was lost. The model is not asked anew, whatever comes of it. */
async function resume(live: LiveConversation, world: World, state: State, { response, found, model }: KeptTurn, context: TurnContext, signal: AbortSignal): Promise<Attempt> {
  const { turn } = live.view;
  if (turn === null) throw new Error('there is no open turn to resume');
  const draft = (state.draft ??= new Draft(live, context.turn, world.tick, found));
  live.saveDraft ??= () => world.tick.save(draft);
  const attempt = await whole(world, signal, async () => {
    await world.tick.save(draft);
    const { provider } = await world.catalog.serve(model ?? modelOf(live, turn.reply), world.keyOf(live.owner));
    if (provider.kept === undefined) throw new Failure('provider-broke-off', { detail: 'Responses are no longer kept there.' });
    return callProvider(beyond(turn.reply.parts, provider.kept.stream(response, signal)), { growing: draft, ...callOf(world, context, signal) });
  });
  return attempt.mayRepeat && context.number < ATTEMPTS ? attempt : asResumed(attempt);
}

/** What keeps a call from being made is how it ended. */
async function whole(world: World, signal: AbortSignal, call: () => Promise<Attempt>): Promise<Attempt> {
  try {
    return await call();
  } catch (error) {
    if (signal.aborted) throw error;
    noteMistake(world, error, 'a model could not be asked');
    const failure = error instanceof Failure ? error : new Failure('internal', { cause: error });
    return { outcome: { kind: 'failed', code: failure.code }, mayRepeat: false, waitMs: 0 };
  }
}

function modelOf(live: LiveConversation, reply: Message): ModelId {
  return reply.model ?? live.view.conversation.model;
}

function callOf(world: World, context: TurnContext, signal: AbortSignal): Pick<Call, 'number' | 'signal' | 'warn'> {
  return { number: context.number, signal, warn: world.warn };
}

/** What is on record is kept nowhere else. */
async function forgetResponses(live: LiveConversation, world: World, model: ModelId, responses: readonly string[], goesOn: boolean): Promise<void> {
  if (responses.length === 0) return;
  const { provider } = await world.catalog.serve(model, world.keyOf(live.owner));
  const { kept } = provider;
  if (kept !== undefined) await Promise.all(responses.map((response) => kept.forget(response, goesOn)));
}

async function recordAccepted(live: LiveConversation, { turn, number }: TurnContext, response: string): Promise<void> {
  const said = { type: 'turn-accepted', v: 1, turn, attempt: number, response } as const;
  await live.happen((view) => ({ actor: ITSELF, records: view.turn?.id === turn ? [said] : [], events: [] }));
}

async function recordResumed(live: LiveConversation, { response }: KeptTurn, { turn }: TurnContext): Promise<void> {
  await live.happen(() => ({ actor: ITSELF, records: [{ type: 'turn-resumed', v: 1, turn, response }], events: [] }));
}

async function tellWait(live: LiveConversation, world: World, context: TurnContext): Promise<void> {
  const { outcome, waitMs } = context.attempt ?? { outcome: { kind: 'failed' as const }, waitMs: 0 };
  const until = Math.round(world.clock.now() + waitMs);
  await live.tell((view) => (view.turn?.id === context.turn ? [{ type: 'turn-waiting', turn: context.turn, code: outcome.code ?? 'provider-busy', until }] : []));
}

async function recordAttempt(live: LiveConversation, state: State, context: TurnContext): Promise<void> {
  await live.happen((view) => {
    const { turn, conversation } = view;
    if (turn === null) throw new Error('there is no open turn to repeat');
    const { reply } = turn;
    const said = { turn: turn.id, reply: reply.id, parent: reply.parent, model: reply.model ?? conversation.model, parameters: state.parameters, attempt: context.number, ...(state.stands && { stands: state.stands }) };
    return { actor: ITSELF, records: [{ type: 'turn-begun', v: 1, ...said, purpose: 'reply' }], events: [] };
  });
}

/** Closes the draft, puts exactly what people saw on record, and says how it ended. */
async function recordOutcome(live: LiveConversation, world: World, state: State, context: ConversationContext): Promise<OutcomeRecorded> {
  await state.draft?.close();
  const turn = live.view.turn;
  if (turn === null) return { ...recorded(live, { ok: true, did: 'nothing', at: world.clock.now() }), wantsTitle: false };
  const at = world.clock.now();
  const outcome: TurnOutcome = context.isStopped ? { kind: 'stopped' } : (context.result?.outcome ?? { kind: 'interrupted', code: 'server-restarted' });
  const measured = measuredOf(context.result ?? {});
  const told = siteOf(modelOf(live, turn.reply)) === undefined ? outcome : withoutDetail(outcome);
  const done: Done = { ok: true, did: 'stopped', turn: turn.id, at };
  const tookMs = Math.max(0, at - turn.reply.at);
  const message = { ...turn.reply, outcome: told, tookMs, ...measured };
  const cost = state.stands && world.costOf(state.stands.model, measured.usage); // not in the message: that is shown to visitors
  try {
    const stops = await stillNew(world, context.stops);
    await live.happen(() => ({
      actor: stops[0]?.actor ?? ITSELF,
      records: [
        ...stops.map((one) => ({ type: 'turn-stopped' as const, v: 1 as const, turn: turn.id, command: one.command.commandId })),
        { type: 'turn-ended', v: 1, turn: turn.id, outcome, message, ...(measured.usage && { usage: measured.usage }), ...(cost && { cost }) },
      ],
      events: [{ type: 'turn-end', turn: turn.id, outcome: told, tookMs, length: lengthOf(turn.reply.parts), ...measured }],
      changes: stops.map((one) => ({ do: 'add', kind: 'command', id: commandKey(String(one.actor.user), one.command.commandId), body: { conversation: live.id, number: live.number, answer: done } })),
    }));
  } catch (error) {
    world.warn(error, 'the outcome of a turn could not be put on record; it is tried again');
    await live.tell((view) => (view.turn?.phase === 'closing' || view.turn === null ? [] : [{ type: 'turn-closing', turn: turn.id }]));
    throw error;
  }
  world.metrics.turnEnded(turn.reply.model, outcome, measured.usage);
  if (state.draft !== undefined) void world.tick.forget(state.draft).then((ids) => removeDrafts(world.store, ids, live.id, world.warn));
  const goesOn = !(outcome.kind === 'completed' && outcome.code === undefined);
  forgetResponses(live, world, state.stands?.model ?? modelOf(live, turn.reply), state.responses, goesOn).catch((error: unknown) => world.warn(error, 'a provider could not be made to forget a response'));
  state.responses = [];
  state.draft = undefined;
  live.saveDraft = undefined;
  const wantsTitle = live.view.conversation.titledBy === 'nobody' && textOf(turn.reply) !== '' && outcome.kind !== 'failed' && !live.view.isErased && siteOf(modelOf(live, turn.reply)) === undefined;
  return { ...recorded(live, done), wantsTitle };
}

/** A provider's own words name its models, which visitors are not told; they stand in the record. */
function withoutDetail({ kind, code }: TurnOutcome): TurnOutcome {
  return { kind, ...(code && { code }) };
}

/** Without those whose id was used for something else meanwhile: with one of them the outcome could never be put on record. */
async function stillNew(world: World, stops: readonly Given[]): Promise<readonly Given[]> {
  const known = await Promise.all(stops.map((one) => isThere(world, 'command', commandKey(String(one.actor.user), one.command.commandId))));
  return stops.filter((_, place) => known[place] === false);
}

async function isThere(world: World, kind: 'message' | 'command', id: string): Promise<boolean> {
  try {
    return (await world.store.get(kind, id)) !== undefined;
  } catch (error) {
    return unread(error);
  }
}

async function recordChange(live: LiveConversation, world: World, given: ConversationContext['backlog'][number]): Promise<ChangeRecorded> {
  if (given === 'erase') {
    await eraseConversation(live, world);
    return { ...recorded(live, { ok: true, did: 'changed', at: world.clock.now() }), isDeleted: true, stops: undefined };
  }
  const { command } = given;
  const files = command.type === 'turn.send' ? await filesOf(live, world, command.files) : [];
  const isSaid = command.type === 'turn.send' || command.type === 'handoff.say';
  if (command.type === 'turn.send' && !asksPerson(live.view, command)) await world.catalog.serve(command.model, world.keyOf(live.owner));
  const isTaken = isSaid && (await isThere(world, 'message', command.message));
  const isHeld = command.type === 'conversation.delete' && world.showsHolds && (await isHeldFor(world, live));
  let open: TurnId | undefined;
  const happening = await live.happen((view) => {
    open = view.turn?.id;
    return planChange(view, given, { files, isTaken, kept: (note) => noteChange(note, live.id, live.key), isHeld, eraseAt: eraseTime(view.conversation, given.at, world) });
  });
  const isDeleted = live.view.conversation.deletedAt !== null;
  const isInstead = command.type === 'turn.send' && command.mode === 'stop-and-send';
  const stops = command.type === 'conversation.delete' && isDeleted ? 'any' : isInstead ? (open ?? 'asked') : undefined;
  return { ...recorded(live, happening.command?.done ?? { ok: true, did: 'nothing', at: given.at }), isDeleted, stops };
}

async function isHeldFor(world: World, live: LiveConversation): Promise<boolean> {
  if (siteOf(live.view.conversation.model) !== undefined) return false;
  return (await gatesBefore(world.store, erasableOf(live)).catch(unread)).isHeld;
}

async function titleOf(live: LiveConversation, world: World): Promise<void> {
  const reply = live.view.messages.findLast((message) => message.author === 'model');
  const question = reply && questionOf(live.view, reply);
  if (reply?.model === undefined || question === undefined || live.view.conversation.temporary === true) return; // what is in no list needs no name
  const served = await world.catalog.serve(world.catalog.titleModel(reply.model), world.keyOf(live.owner));
  await makeTitle(live, served, titlePrompt(textOf(question), textOf(reply), served.name), reply, world.warn);
}
