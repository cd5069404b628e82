import type { Answer, Command } from '../../../contracts/commands.ts';
import type { CommandId, ConversationId, MessageId, TabId, UserId } from '../../../contracts/ids.ts';
import type { ConversationEvent } from '../../../contracts/events.ts';
import { PROTOCOL_VERSION, type Opened } from '../../../contracts/socket.ts';
import { fold, OutOfStep, textOf, type ConversationView } from '../../../contracts/view.ts';
import { OutboxEntries } from '../../../client/link/outbox-entries.ts';
import { Outbox } from '../../../client/link/outbox.ts';
import { Follow, PASSING } from '../../../client/link/resume.ts';
import type { SimulatedSocket } from './gateway.ts';
import type { SimulatedInstance } from './instance.ts';
import type { Stage } from './wire.ts';

const OPEN_AGAIN_MS = 1_000;
const ANSWER_WITHIN_MS = 15_000;
const CONNECT_WITHIN_MS = 2_000;

/** What all tabs of a history write down. */
export interface Notes {
  readonly answers: Map<CommandId, Answer>;
  /** For each reply, what any tab showed of it, whenever that was more than before. */
  readonly shown: Map<MessageId, { readonly at: number; readonly text: string }[]>;
  /** Events that did not fit what a tab had. */
  outOfStep: number;
}

interface TabParts {
  readonly stage: Stage;
  readonly instances: readonly SimulatedInstance[];
  readonly user: UserId;
  readonly notes: Notes;
  readonly conversation: ConversationId;
  readonly checksPositions: boolean;
}

/** A page without a screen: the client's own outbox and the client's own way of following, over connections that break. */
export class SimulatedTab {
  readonly id: TabId;
  readonly outbox: Outbox;
  readonly follow: Follow;
  readonly #parts: TabParts;
  readonly #early: ConversationEvent[] = [];
  #socket: SimulatedSocket | undefined;
  #isGreeted = false;
  #isAskingAgain = false;
  #isClosed = false;
  #isFollowing = false;

  constructor(parts: TabParts, id: TabId, entries = new OutboxEntries(parts.user, undefined)) {
    this.#parts = parts;
    this.id = id;
    const { stage, notes } = parts;
    this.follow = new Follow(parts.conversation, (conversation, position) => this.#ask<Opened>('open', { conversation, position }), () => this.#changed());
    this.outbox = new Outbox({
      entries, tab: id, locks: undefined, send: (command) => this.#ask<Answer>('command', command), changed: () => undefined, now: () => stage.time.now,
      later: (ms, run) => stage.time.later(ms, run),
      done: (command, answer) => void notes.answers.set(command.commandId, answer),
      refused: ({ command }, refusal) => void notes.answers.set(command.commandId, { ok: false, refusal }),
    });
    this.#connect();
  }

  get view(): ConversationView | undefined {
    return this.follow.view;
  }

  get isConnected(): boolean {
    return this.#isGreeted;
  }

  put(command: Command): void {
    this.outbox.put(command);
  }

  /** The conversation is there: from now on it is followed. */
  open(): void {
    this.#isFollowing = true;
    if (this.#isGreeted && this.follow.state === 'away') this.follow.connected();
  }

  drop(): void {
    this.#socket?.drop();
  }

  close(): void {
    this.#isClosed = true;
    this.outbox.close();
    this.#socket?.drop();
  }

  #connect(): void {
    if (this.#isClosed) return;
    const { stage, instances, user } = this.#parts;
    const gateway = stage.dice.pick(instances).gateway;
    if (gateway === undefined) return this.#connectLater();
    const socket = gateway.connect({ version: PROTOCOL_VERSION, tab: this.id, user }, { said: (event, ...given) => this.#hear(event, given), gone: () => this.#gone(socket) });
    this.#socket = socket;
    stage.time.later(CONNECT_WITHIN_MS, () => this.#socket === socket && !this.#isGreeted && socket.drop());
  }

  #connectLater(): void {
    this.#parts.stage.time.later(50 + this.#parts.stage.dice.below(250), () => this.#connect());
  }

  #gone(socket: SimulatedSocket): void {
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    this.#isGreeted = false;
    this.follow.disconnected();
    this.outbox.disconnected();
    this.#connectLater();
  }

  #hear(event: string, given: readonly unknown[]): void {
    const [alias, ...rest] = given as [number, ...unknown[]];
    if (event === 'hello') {
      this.#isGreeted = true;
      if (this.#isFollowing) this.follow.connected();
      this.outbox.connected();
    } else if (event === 't') this.#event(alias, undefined, rest[0] as number, { type: 'text-delta', text: rest[1] as string });
    else if (event === 'e') this.#event(alias, rest[0] as number, rest[1] as number, rest[2] as ConversationEvent);
    else if (event === 'view') this.follow.whole(alias, rest[0] as ConversationView);
    else if (event === 'resume') this.follow.brokenOff(alias);
  }

  #event(alias: number, epoch: number | undefined, seq: number, event: ConversationEvent): void {
    if (!this.#parts.checksPositions) return this.follow.state === 'asking' ? void this.#early.push(event) : this.#believe(event);
    if (epoch === undefined && event.type === 'text-delta') this.follow.text(alias, seq, event.text);
    else this.follow.event(alias, epoch ?? 0, seq, event);
  }

  /** Without the check: what was heard while an answer was due comes after it. */
  #believeEarly(): void {
    if (this.follow.state === 'following') for (const event of this.#early.splice(0)) this.#believe(event);
  }

  /** Without the check whatever is heard counts as what comes next. */
  #believe(event: ConversationEvent): void {
    const { view } = this;
    if (view === undefined) return;
    try {
      this.follow.view = fold(view, event, { epoch: view.position.epoch, seq: view.position.seq + 1 });
      this.#changed();
    } catch (error) {
      if (!(error instanceof OutOfStep)) throw error;
      this.#parts.notes.outOfStep += 1;
    }
  }

  #noteShown(): void {
    const reply = this.view?.turn?.reply;
    if (reply === undefined) return;
    const { shown } = this.#parts.notes;
    const before = shown.get(reply.id) ?? [];
    const text = textOf(reply);
    if (text.length > (before.at(-1)?.text.length ?? 0)) shown.set(reply.id, [...before, { at: this.#parts.stage.time.now, text }]);
  }

  #changed(): void {
    if (this.#early.length > 0) queueMicrotask(() => this.#believeEarly());
    this.#noteShown();
    if (this.follow.state !== 'refused' || this.#isAskingAgain || !PASSING.includes(this.follow.refusal?.code ?? 'internal')) return;
    this.#isAskingAgain = true;
    this.#parts.stage.time.later(this.follow.refusal?.retryAfterMs ?? OPEN_AGAIN_MS, () => {
      this.#isAskingAgain = false;
      if (this.follow.state === 'refused') this.follow.again();
    });
  }

  #ask<T>(event: 'command' | 'open', asked: unknown): Promise<T> {
    const socket = this.#socket;
    return new Promise<T>((resolve, reject) => {
      if (socket === undefined || !this.#isGreeted) return reject(new Error('not connected'));
      this.#parts.stage.time.later(ANSWER_WITHIN_MS, () => reject(new Error('no answer')));
      socket.ask(event, asked, (answer) => resolve(answer as T));
    });
  }
}
