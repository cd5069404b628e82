import type { ActorRefFrom } from 'xstate';
import type { Answer, Command } from '../../contracts/commands.ts';
import type { FilePart } from '../../contracts/conversation.ts';
import { Failure, refusalOf } from '../../contracts/failures.ts';
import type { CommandId, ConversationId, MessageId, ModelId, TurnId, UserId } from '../../contracts/ids.ts';
import type { Actor } from '../../contracts/records.ts';
import type { UnaskedDelete } from '../../machines/task.ts';
import type { conversationMachine } from '../../machines/conversation.ts';
import type { Bus, InstanceId } from '../bus/bus.ts';
import { newId } from '../ids.ts';
import { ITSELF } from '../journal/journal.ts';
import type { Keys } from '../journal/keys.ts';
import { answerKept } from './answers-kept.ts';
import { openActors, type NewActor, type World } from './actors.ts';
import { removeDrafts } from './drafts-kept.ts';
import { endTitles } from './title.ts';
import { isGone } from './retention.ts';
import { eventFor } from './given.ts';
import { LiveConversation, type OpenConversation } from './live.ts';
import { giveTo } from './giving.ts';
import { load } from './loading.ts';
import { checkPermitted } from './permitted.ts';
import { askOwner, ownerFor, RemoteConversation, replyWith, type Commander, type Question, type Reply, type UploadedFile } from './questions.ts';

/** An actor that no tab and no turn needs is put away after this long; opening it again costs a few reads. */
const IDLE_MS = 5 * 60_000;

/** How long an owner that does not answer is asked again, or replaced once it is known to be dead. */
const REACH_WITHIN_MS = 8_000;
const REACH_AGAIN_MS = 150;

/** Thrown by whoever wanted to start what another living instance has. */
class OwnedElsewhere extends Error {
  readonly instance: InstanceId;
  constructor(instance: InstanceId) {
    super('another instance owns this conversation');
    this.instance = instance;
  }
}

interface Running {
  readonly live: LiveConversation;
  readonly actor: ActorRefFrom<typeof conversationMachine>;
  readonly answers: Map<CommandId, { promise: Promise<Answer>; give: (answer: Answer) => void }>;
}

/** Finds the actor of a conversation, or starts it. The one way to reach a conversation, for everybody. */
export class Directory {
  readonly #running = new Map<ConversationId, Promise<Running>>();
  readonly #live = new Map<ConversationId, LiveConversation>();
  readonly #world: World;
  readonly #newActor: NewActor;
  readonly #bus: Bus;
  readonly #keys: Keys;
  readonly #isWatched: (conversation: ConversationId) => boolean;
  readonly #onRow: (live: LiveConversation) => void;
  #isClosing = false;

  constructor(world: World, bus: Bus, keys: Keys, tabs: { isWatched(conversation: ConversationId): boolean; onRow(live: LiveConversation): void }) {
    this.#world = world;
    this.#newActor = openActors(world);
    this.#bus = bus;
    this.#keys = keys;
    this.#isWatched = (conversation) => tabs.isWatched(conversation);
    this.#onRow = (live) => {
      tabs.onRow(live);
      if (this.#isClosing && live.view.turn === null) this.#handOver(live);
    };
  }

  /** What is here: conversations, turns that run, and messages that wait for one. */
  get counts(): { owned: number; running: number; queued: number } {
    const views = [...this.#live.values()].map(({ view }) => view);
    return { owned: views.length, running: views.filter(({ turn }) => turn !== null).length, queued: views.reduce((sum, { conversation }) => sum + conversation.queue.length, 0) };
  }

  /** The conversation for its owner, wherever its actor is; `not-found` for anybody else. With `model`, one that does not exist yet may begin. */
  open(conversation: ConversationId, user: UserId, model?: ModelId): Promise<OpenConversation> {
    const read = () => this.#reach(conversation, user, undefined, ({ live }) => live.read(), { ask: 'read', conversation, user });
    return this.#reach<OpenConversation>(conversation, user, model, ({ live }) => Promise.resolve(live), { ask: 'open', conversation, user, model }, () => new RemoteConversation(conversation, user, read));
  }

  /** Gives a command to its conversation. The same `commandId` again: the same answer, no second effect. Refusals are answers, too. */
  async command(command: Command, actor: Commander): Promise<Answer> {
    try {
      checkPermitted(command, actor);
      const { isAway } = this.#bus;
      const kept = asksAnew(command) && !isAway ? undefined : await answerKept(this.#world.store, command.commandId, actor);
      if (kept !== undefined) return kept;
      if (isAway) throw new Failure('bus-unavailable');
      return await this.#reach(command.conversation, ownerFor(actor), modelOf(command), (running) => this.#ask(running, command, actor), { ask: 'command', command, actor });
    } catch (error) {
      return { ok: false, refusal: refusalOf(error) };
    }
  }

  /** Adds a file to a conversation, which may begin with it. */
  addFile(conversation: ConversationId, model: ModelId, file: UploadedFile, actor: Commander): Promise<FilePart> {
    const at = this.#world.clock.now();
    const question: Question = { ask: 'file', conversation, model, actor, at, file: { ...file, bytes: file.bytes.toString('base64') } };
    return this.#reach(conversation, actor.user, model, ({ live }) => this.#world.files.add(live, file, actor, at), question);
  }

  /** From an anonymous visitor to the user that they turned out to be; what is not the visitor's any more stays as it is. */
  async give(conversation: ConversationId, from: UserId, to: UserId, actor: Actor): Promise<void> {
    try {
      await this.#reach(conversation, from, undefined, ({ live }) => giveTo(live, to, actor), { ask: 'give', conversation, from, to, actor });
    } catch (error) {
      if (!(error instanceof Failure && (error.code === 'not-found' || error.code === 'erased'))) throw error;
    }
  }

  /** What another instance is answered that takes this one for the owner. */
  answer(question: Question): Promise<Reply> {
    switch (question.ask) {
      case 'command':
        return replyWith(this.#here(question.command.conversation, ownerFor(question.actor), modelOf(question.command), (running) => this.#ask(running, question.command, question.actor)));
      case 'open':
        return replyWith(this.#here(question.conversation, question.user, question.model, () => Promise.resolve(null)));
      case 'read':
        return replyWith(this.#here(question.conversation, question.user, undefined, ({ live }) => live.read()));
      case 'give':
        return replyWith(this.#here(question.conversation, question.from, undefined, ({ live }) => giveTo(live, question.to, question.actor)));
      case 'file': {
        const { conversation, actor, model, at, file } = question;
        return replyWith(this.#here(conversation, actor.user, model, ({ live }) => this.#world.files.add(live, { ...file, bytes: Buffer.from(file.bytes, 'base64') }, actor, at)));
      }
    }
  }

  /** Another instance has claimed it, or the bus has forgotten that this one did. What is being loaded still is told as soon as it is there: nobody says it twice. */
  lost(conversation: ConversationId, how: 'taken' | 'missing'): void {
    const tell = (live: LiveConversation): void => (how === 'taken' ? live.stepDown() : void live.breakLog());
    const live = this.#live.get(conversation);
    if (live !== undefined) tell(live);
    else this.#running.get(conversation)?.then((running) => tell(running.live), () => undefined); // it could not be loaded, so there is nothing to lose
  }

  /** Those of which no living instance has the actor. */
  async unowned(conversations: readonly ConversationId[]): Promise<readonly ConversationId[]> {
    const elsewhere = conversations.filter((conversation) => !this.#running.has(conversation));
    const owners = elsewhere.length === 0 ? [] : await this.#bus.owners(elsewhere);
    return elsewhere.filter((_, index) => owners[index] === undefined);
  }

  /** Does it with the actor here, or asks the instance that has it. While its owner neither answers nor is known to be dead it is asked again; commands have one effect however often they are asked. */
  async #reach<T>(conversation: ConversationId, user: UserId, model: ModelId | undefined, here: (running: Running) => Promise<T>, question: Question, from: (reply: unknown) => T = (reply) => reply as T): Promise<T> {
    const until = performance.now() + REACH_WITHIN_MS;
    for (let wasAsked = false; ; wasAsked = true) {
      try {
        return await here(this.#shown(await this.#find(conversation, user, model)));
      } catch (error) {
        if (!(error instanceof OwnedElsewhere)) throw afterAsking(error, wasAsked);
        const reply = await askOwner(this.#bus, error.instance, question).catch((failure: unknown) => {
          if (!(failure instanceof Failure) || failure.code !== 'outcome-unknown' || performance.now() > until) throw afterAsking(failure, wasAsked);
          return NO_REPLY;
        });
        if (reply !== NO_REPLY) return from(reply);
        await new Promise((resolve) => setTimeout(resolve, REACH_AGAIN_MS));
      }
    }
  }

  async #here<T>(conversation: ConversationId, user: UserId, model: ModelId | undefined, run: (running: Running) => Promise<T>): Promise<T> {
    const running = await this.#find(conversation, user, model).catch((error: unknown) => {
      throw error instanceof OwnedElsewhere ? new Failure('outcome-unknown', { cause: error }) : error;
    });
    return run(this.#shown(running));
  }

  async #ask(running: Running, command: Command, actor: Commander): Promise<Answer> {
    const answer = await this.#answerOf(running, command, actor);
    return answer.ok ? answer : ((await answerKept(this.#world.store, command.commandId, actor)) ?? answer);
  }

  #answerOf(running: Running, command: Command, actor: Actor, unasked?: UnaskedDelete): Promise<Answer> {
    const { live, answers } = running;
    live.touchedAt = this.#world.clock.now();
    const waiting = answers.get(command.commandId);
    if (waiting !== undefined) return waiting.promise;
    if (live.isBroken) return Promise.resolve(AWAY);
    if (asksAnew(command) && this.#world.isBehind() && !live.isOver) return Promise.resolve(BUSY);
    const { promise, resolve } = Promise.withResolvers<Answer>();
    answers.set(command.commandId, { promise, give: resolve });
    if (live.isOver) resolve(OVER);
    else running.actor.send(eventFor(live.view.conversation.handoff?.state === 'joined', { command, actor, at: live.touchedAt, ids: { turn: newId<TurnId>(), reply: newId<MessageId>() }, ...(unasked && { unasked }) }));
    return promise;
  }

  async #find(conversation: ConversationId, user: UserId, model: ModelId | undefined): Promise<Running> {
    if (this.#isClosing && !this.#running.has(conversation)) throw new Failure(this.#bus.isShared ? 'outcome-unknown' : 'server-busy');
    const starting = this.#running.get(conversation);
    if (starting !== undefined) {
      const running = await starting.catch(() => undefined);
      if (running !== undefined) return this.#forOwner(running, user);
      if (this.#running.get(conversation) !== starting && this.#running.has(conversation)) return this.#find(conversation, user, model);
    }
    const started = this.#start(conversation, user, model);
    this.#running.set(conversation, started);
    try {
      return await started;
    } catch (error) {
      if (this.#running.get(conversation) === started) this.#running.delete(conversation);
      throw error;
    }
  }

  #forOwner(running: Running, user: UserId): Running {
    if (running.live.owner !== user) throw new Failure('not-found');
    running.live.touchedAt = this.#world.clock.now();
    return running;
  }

  /** What was deleted for good is gone for whoever it belonged to, also while something keeps it. */
  #shown(running: Running): Running {
    const { view } = running.live;
    if (view.isErased || isGone(view.conversation, this.#world.clock.now(), this.#world.restoreMs)) throw new Failure('erased');
    return running;
  }

  async #start(conversation: ConversationId, user: UserId, model: ModelId | undefined): Promise<Running> {
    const { store, clock, epochsAfter } = this.#world;
    const [elsewhere] = this.#bus.isShared ? await this.#bus.owners([conversation]) : [];
    if (elsewhere !== undefined) throw new OwnedElsewhere(elsewhere);
    const begin = model === undefined ? undefined : { model, at: clock.now() };
    const loaded = await load({ store, bus: this.#bus, keys: this.#keys, epochsAfter }, conversation, user, begin).catch((error: unknown) => {
      throw error instanceof Failure ? error : new Failure('record-unavailable', { cause: error });
    });
    void removeDrafts(store, loaded.leftovers, conversation, this.#world.warn);
    const live = new LiveConversation(loaded, { store, bus: this.#bus, clock, onOver: () => this.#drop(conversation), onRow: this.#onRow });
    const { view } = live;
    if (view.turn !== null) this.#world.takenOver({ conversation, turn: view.turn.id, epoch: live.epoch, goesOn: loaded.kept?.mayGoOn === true });
    const actor = this.#newActor(live, loaded.kept, {
      open: view.turn === null ? undefined : { turn: view.turn.id, reply: view.turn.reply.id, resumes: loaded.kept?.mayGoOn === true },
      next: view.conversation.queue.length > 0 ? { turn: newId<TurnId>(), reply: newId<MessageId>() } : undefined,
      isDeleted: view.conversation.deletedAt !== null,
    });
    const running: Running = { live, actor, answers: new Map() };
    actor.on('answered', ({ command, answer }) => {
      running.answers.get(command)?.give(answer);
      running.answers.delete(command);
    });
    this.#live.set(conversation, live);
    void endTitles(live, loaded.titles, this.#world.warn);
    actor.start();
    return running;
  }

  /** Ends what was deleted and could at this time be restored no longer, in the tabs that still show it, also where something keeps it from being erased: nobody can tell which it is. */
  async conceal(at: number): Promise<void> {
    for (const live of this.#live.values()) {
      if (live.view.turn !== null || !isGone(live.view.conversation, at, this.#world.restoreMs)) continue;
      if (!live.view.isErased) await live.tell(() => [{ type: 'conversation-erased' }]);
      this.#handOver(live);
    }
  }

  /** The conversation itself, taken up where nobody has it; `undefined` where another instance has: it sees to what is due there. */
  async takeUp(conversation: ConversationId, owner: UserId, model?: ModelId): Promise<LiveConversation | undefined> {
    return (await this.#unlessElsewhere(conversation, owner, model))?.live;
  }

  #unlessElsewhere(conversation: ConversationId, owner: UserId, model?: ModelId): Promise<Running | undefined> {
    return this.#find(conversation, owner, model).catch((error: unknown) => {
      if (!(error instanceof OwnedElsewhere)) throw error;
      return undefined;
    });
  }

  /** Deletes it on record, as nobody's wish but the deployment's. Whether that was done here. */
  async deleteFor(unasked: UnaskedDelete, conversation: ConversationId, owner: UserId): Promise<boolean> {
    const running = await this.#unlessElsewhere(conversation, owner);
    if (running === undefined) return false; // its owner sees to it
    if (unasked.because === 'age' && running.actor.getSnapshot().context.task !== undefined) return false; // what was asked first is not on record yet
    const answer = await this.#answerOf(running, { type: 'conversation.delete', commandId: newId<CommandId>(), conversation }, ITSELF, unasked);
    if (!answer.ok) throw new Failure(answer.refusal.code);
    return answer.did === 'changed';
  }

  /** Erases for good, with a `model` also one that was never begun. It stays when the delete was undone, the turn has no outcome yet, or something keeps it. */
  async erase(conversation: ConversationId, owner: UserId, model?: ModelId): Promise<void> {
    const running = await this.#unlessElsewhere(conversation, owner, model);
    if (running === undefined) return; // its owner sees to it
    running.actor.send({ type: 'erase' });
    await untilErased(running.actor);
    if (running.live.view.isErased) this.#drop(conversation);
  }

  #drop(conversation: ConversationId): void {
    const starting = this.#running.get(conversation);
    const live = this.#live.get(conversation);
    this.#running.delete(conversation);
    this.#live.delete(conversation);
    if (live !== undefined) this.#bus.release(conversation, live.epoch).catch(() => undefined); // the bus is away: whoever claims it next claims a higher epoch
    void starting?.then((running) => {
      running.live.isOver = true;
      running.actor.stop();
      for (const { give } of running.answers.values()) give(OVER);
    });
  }

  /** Puts away what nobody needs. */
  passivate(): void {
    const before = this.#world.clock.now() - IDLE_MS;
    for (const [conversation, live] of this.#live) {
      const { view } = live;
      const isIdle = view.turn === null && (view.conversation.queue.length === 0 || view.conversation.deletedAt !== null);
      if (isIdle && live.touchedAt < before && !this.#isWatched(conversation) && live.tryTake()) this.#putAway(live);
    }
  }

  /** What was asked of it in this moment is told `outcome-unknown`, and asked again of the next actor. */
  #putAway(live: LiveConversation): void {
    this.#handOver(live);
    live.give();
  }

  #handOver(live: LiveConversation): void {
    if (live.isOver) return;
    live.isOver = true;
    this.#drop(live.id);
  }

  /**
   * Gives every conversation up to whoever opens it next: those without a turn at once, the others when their turn has ended, or after `graceMs` as they are. The turns of
   * these are concluded as interrupted by their next owner.
   */
  async close(graceMs = 0): Promise<void> {
    this.#isClosing = true;
    const until = performance.now() + graceMs;
    for (;;) {
      for (const starting of this.#running.values()) {
        const running = await starting.catch(() => undefined);
        if (running === undefined || running.live.isOver || (running.live.view.turn !== null && performance.now() < until)) continue;
        await running.live.rest();
        this.#drop(running.live.id);
      }
      if (this.#running.size === 0) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  }
}

/** How often a directory that is closing looks whether a turn has ended. */
const LOOK_AGAIN_MS = 100;

const NO_REPLY = Symbol('no reply');

/** What was asked of an owner and not answered may have been done: that the next one could not be reached, or could not take up the conversation, does not say that nothing was. */
function afterAsking(error: unknown, wasAsked: boolean): unknown {
  const isUnreached = error instanceof Failure && (error.code === 'bus-unavailable' || error.code === 'record-unavailable');
  return wasAsked && isUnreached ? new Failure('outcome-unknown', { cause: error }) : error;
}

function modelOf(command: Command): ModelId | undefined {
  return command.type === 'turn.send' ? command.model : undefined;
}

/**
 * Whether it begins a turn. Then it is not looked up first: a repeat cannot be recorded twice, so it is refused and found out after that, and the first token of
 * everybody else does not wait for a look that finds nothing.
 */
function asksAnew(command: Command): boolean {
  return command.type === 'turn.send' || command.type === 'turn.regenerate' || command.type === 'turn.continue';
}

/** Resolves when the erasure was done or refused, or the actor ended. */
async function untilErased(actor: Running['actor']): Promise<void> {
  const waits = (): boolean => actor.getSnapshot().context.backlog.includes('erase');
  if (!waits()) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const watch = actor.subscribe({ next: () => void (waits() || resolve()), complete: resolve, error: () => resolve() });
  await promise;
  watch.unsubscribe();
}

const OVER: Answer = { ok: false, refusal: { code: 'outcome-unknown' } };
const AWAY: Answer = { ok: false, refusal: { code: 'bus-unavailable' } };
const BUSY: Answer = { ok: false, refusal: { code: 'server-busy', retryAfterMs: 3_000 } };
