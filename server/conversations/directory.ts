import { createActor, type ActorRefFrom } from 'xstate';
import type { Answer, Command } from '../../contracts/commands.ts';
import { Failure, refusalOf } from '../../contracts/failures.ts';
import type { CommandId, ConversationId, MessageId, ModelId, TurnId, UserId } from '../../contracts/ids.ts';
import type { Actor } from '../../contracts/records.ts';
import type { conversationMachine, ConversationMachineEvent } from '../../machines/conversation.ts';
import type { Given } from '../../machines/task.ts';
import type { Bus } from '../bus/bus.ts';
import { newId } from '../ids.ts';
import type { Keys } from '../journal/keys.ts';
import { machineFor, type World } from './actors.ts';
import { removeDrafts } from './drafts-kept.ts';
import { LiveConversation } from './live.ts';
import { load } from './loading.ts';

/** An actor that no tab and no turn needs is put away after this long; opening it again costs a few reads. */
const IDLE_MS = 5 * 60_000;

/** A person who commands. */
export type Commander = Actor & { readonly user: UserId };

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
  readonly #bus: Bus;
  readonly #keys: Keys;
  readonly #isWatched: (conversation: ConversationId) => boolean;
  readonly #onRow: (live: LiveConversation) => void;
  #isClosing = false;

  constructor(world: World, bus: Bus, keys: Keys, tabs: { isWatched(conversation: ConversationId): boolean; onRow(live: LiveConversation): void }) {
    this.#world = world;
    this.#bus = bus;
    this.#keys = keys;
    this.#isWatched = (conversation) => tabs.isWatched(conversation);
    this.#onRow = (live) => tabs.onRow(live);
  }

  /** Whether a reply is being written in this conversation. */
  isRunning(conversation: ConversationId): boolean {
    return this.#live.get(conversation)?.view.turn != null;
  }

  /** The conversation for its owner; `not-found` for anybody else. With `model`, one that does not exist yet may begin. */
  async open(conversation: ConversationId, user: UserId, model?: ModelId): Promise<LiveConversation> {
    return (await this.#find(conversation, user, model)).live;
  }

  /** Gives a command to its conversation. The same `commandId` again: the same answer, no second effect. Refusals are answers, too. */
  async command(command: Command, actor: Commander): Promise<Answer> {
    try {
      const kept = asksAnew(command) ? undefined : await this.#answerKept(command.commandId, actor.user);
      if (kept !== undefined) return kept;
      const running = await this.#find(command.conversation, actor.user, command.type === 'turn.send' ? command.model : undefined);
      const answer = await this.#ask(running, command, actor);
      return answer.ok ? answer : ((await this.#answerKept(command.commandId, actor.user)) ?? answer);
    } catch (error) {
      return { ok: false, refusal: refusalOf(error) };
    }
  }

  async #answerKept(id: CommandId, user: UserId): Promise<Answer | undefined> {
    try {
      return (await this.#world.store.get('command', `${user}:${id}`))?.body.answer;
    } catch (error) {
      throw new Failure('record-unavailable', { cause: error });
    }
  }

  #ask(running: Running, command: Command, actor: Commander): Promise<Answer> {
    const { live, answers } = running;
    live.touchedAt = this.#world.clock.now();
    const waiting = answers.get(command.commandId);
    if (waiting !== undefined) return waiting.promise;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    answers.set(command.commandId, { promise, give: resolve });
    if (live.isOver) resolve(OVER);
    else running.actor.send(eventFor({ command, actor, at: live.touchedAt, ids: { turn: newId<TurnId>(), reply: newId<MessageId>() } }));
    return promise;
  }

  async #find(conversation: ConversationId, user: UserId, model: ModelId | undefined): Promise<Running> {
    if (this.#isClosing) throw new Failure('server-busy');
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
    if (running.live.view.isErased) throw new Failure('erased');
    return running;
  }

  async #start(conversation: ConversationId, user: UserId, model: ModelId | undefined): Promise<Running> {
    const { store, clock } = this.#world;
    const begin = model === undefined ? undefined : { model, at: clock.now() };
    const loaded = await load(store, this.#keys, conversation, user, begin).catch((error: unknown) => {
      throw error instanceof Failure ? error : new Failure('record-unavailable', { cause: error });
    });
    if ((await this.#bus.claim(conversation, loaded.view.position.epoch)) === 'stale') throw new Failure('outcome-unknown');
    void removeDrafts(store, loaded.leftovers, conversation);
    const live = new LiveConversation(loaded, { store, bus: this.#bus, clock, onOver: () => this.#drop(conversation), onRow: this.#onRow });
    const { view } = live;
    const actor = createActor(machineFor(live, this.#world), {
      input: {
        open: view.turn === null ? undefined : { turn: view.turn.id, reply: view.turn.reply.id },
        next: view.conversation.queue.length > 0 ? { turn: newId<TurnId>(), reply: newId<MessageId>() } : undefined,
        isDeleted: view.conversation.deletedAt !== null,
      },
    });
    const running: Running = { live, actor, answers: new Map() };
    actor.on('answered', ({ command, answer }) => {
      running.answers.get(command)?.give(answer);
      running.answers.delete(command);
    });
    this.#live.set(conversation, live);
    actor.start();
    return running;
  }

  /** Erases for good. `moved-on` when the delete was undone or the turn has no outcome yet. */
  async erase(conversation: ConversationId, owner: UserId): Promise<void> {
    const running = await this.#find(conversation, owner, undefined);
    running.actor.send({ type: 'erase' });
    await untilErased(running.actor);
    if (running.live.view.isErased) this.#drop(conversation);
  }

  #drop(conversation: ConversationId): void {
    const starting = this.#running.get(conversation);
    const live = this.#live.get(conversation);
    this.#running.delete(conversation);
    this.#live.delete(conversation);
    if (live !== undefined) void this.#bus.release(conversation, live.epoch);
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
      if (isIdle && live.touchedAt < before && !this.#isWatched(conversation) && live.tryTake()) this.#drop(conversation);
    }
  }

  /** Ends every actor. Turns that run are concluded as interrupted when they are opened next. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const all = [...this.#running.values()];
    for (const starting of all) {
      const running = await starting.catch(() => undefined);
      if (running === undefined) continue;
      await running.live.rest();
      this.#drop(running.live.id);
    }
  }
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

function eventFor(given: Given): ConversationMachineEvent {
  switch (given.command.type) {
    case 'turn.send':
    case 'turn.regenerate':
    case 'turn.continue':
    case 'turn.stop':
      return { type: given.command.type, given } as ConversationMachineEvent;
    case 'queue.edit':
    case 'queue.remove':
    case 'queue.move':
    case 'branch.choose':
    case 'conversation.change':
    case 'conversation.delete':
    case 'conversation.restore':
      return { type: 'change', given } as ConversationMachineEvent;
  }
}
