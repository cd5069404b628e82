import type { ConversationEvent } from '../../contracts/events.ts';
import { Failure } from '../../contracts/failures.ts';
import type { TurnId } from '../../contracts/ids.ts';
import type { Part } from '../../contracts/conversation.ts';
import type { Position } from '../../contracts/position.ts';
import { appendText } from '../../contracts/view.ts';
import { open, seal, type Key } from '../journal/seal.ts';
import type { Kinds } from '../store/kinds.ts';
import type { Change, Stored } from '../store/store.ts';
import type { LiveConversation } from './live.ts';
import type { DraftTick } from './draft-tick.ts';

/** Characters that may wait to be made durable, of one turn. A provider that is faster than that for long ends the turn. */
export const BUFFERED_CHARACTERS = 1_000_000;

/** A run of text as the provider gave it. */
export type Run = readonly [type: 'text' | 'reasoning', text: string];

/** What was shown up to a position, on its way into a document. */
export interface Checkpoint {
  readonly draft: Draft;
  readonly runs: number;
  readonly position: Position;
  readonly change: Change;
}

/**
 * The reply of one turn while it grows. Text that is pushed becomes durable at the next tick and is shown only then, so whatever stands on a screen survives
 * the death of this process. `push` never waits.
 */
export class Draft {
  readonly turn: TurnId;
  readonly live: LiveConversation;
  /** When its provider was turned to. */
  readonly beganAt = performance.now();
  /** Documents that hold the text shown so far. */
  readonly ids: string[] = [];
  readonly #tick: DraftTick;
  #pending: Run[] = [];
  #pendingLength = 0;
  #sending: readonly Run[] = [];
  /** The document that holds what is being sent: the same one when it is tried again. */
  #sendingId = '';
  #isRepeated = false;
  /** Shown, but in no document yet. */
  readonly #unsaved: Run[] = [];
  #isFresh = true;
  #isClosed = false;
  #failure: Failure | undefined;
  #settled: (() => void)[] = [];

  constructor(live: LiveConversation, turn: TurnId, tick: DraftTick) {
    this.live = live;
    this.turn = turn;
    this.#tick = tick;
  }

  /** Adds text. Throws what made the draft fail: `record-unavailable` after the store was away too long, `too-large` when too much waits. */
  push(type: 'text' | 'reasoning', text: string): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#isClosed || text === '') return;
    const last = this.#pending.at(-1);
    if (last?.[0] === type) this.#pending[this.#pending.length - 1] = [type, last[1] + text];
    else this.#pending.push([type, text]);
    this.#pendingLength += text.length;
    if (this.#pendingLength > BUFFERED_CHARACTERS) this.fail(new Failure('record-unavailable', { detail: 'The reply came faster than it could be put on record.' }));
    this.#tick.want(this);
  }

  /** Resolves when everything pushed so far is shown; throws what made the draft fail. */
  async flush(): Promise<void> {
    while (!this.#isEmpty && this.#failure === undefined) await new Promise<void>((resolve) => this.#settled.push(resolve));
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** No further text. What is being made durable is waited for; what only waited is dropped. After this the view holds exactly what people saw. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#pending = [];
    this.#pendingLength = 0;
    while (this.#sending.length > 0 && this.#failure === undefined) await new Promise<void>((resolve) => this.#settled.push(resolve));
  }

  get #isEmpty(): boolean {
    return this.#pending.length === 0 && this.#sending.length === 0;
  }

  /** Characters that wait to be made durable. */
  get waiting(): number {
    return this.#pendingLength;
  }

  /** Nothing of it has been shown yet. */
  get isFresh(): boolean {
    return this.#isFresh;
  }

  /** For the tick: takes the text that is shown next, the same again after a try that failed. False when there is none. */
  take(): boolean {
    this.#isRepeated = this.#sending.length > 0;
    if (!this.#isRepeated) {
      this.#sending = this.#pending;
      this.#pending = [];
      this.#pendingLength = 0;
      this.#sendingId = '';
    }
    return this.#sending.length > 0;
  }

  /** For the tick: characters of what was taken. */
  get taken(): number {
    return this.#sending.reduce((sum, [, text]) => sum + text.length, 0);
  }

  /** For the tick: the change that makes what was taken durable. */
  change(): Change {
    const { epoch, seq } = this.live.view.position;
    const id = (this.#sendingId ||= draftId(this.turn, epoch, seq + 1));
    // Only what was tried before may be there already; adding is the cheaper way by far when it is thousands a second.
    return this.#piece(this.#isRepeated ? 'put' : 'add', id, { epoch, seq: seq + 1 }, this.#sending);
  }

  /** For the tick: the events that show what was taken. */
  events(): ConversationEvent[] {
    return this.#sending.map(([type, text]): ConversationEvent => ({ type: type === 'text' ? 'text-delta' : 'reasoning-delta', text }));
  }

  /** For the tick: what was taken has been shown. Without a document that holds it, the next checkpoint does. */
  shown(id: string | undefined): void {
    this.#isFresh = false;
    if (id === undefined) this.#unsaved.push(...this.#sending);
    else this.ids.push(id);
    this.#sending = [];
  }

  /** Everything that was shown and is in no document yet; `undefined` when there is nothing. */
  checkpoint(): Checkpoint | undefined {
    if (this.#unsaved.length === 0) return undefined;
    const { position } = this.live.view;
    return { draft: this, runs: this.#unsaved.length, position, change: this.#piece('add', draftId(this.turn, position.epoch, position.seq), position, this.#unsaved) };
  }

  saved({ runs, position, change }: Checkpoint): void {
    this.ids.push(change.id);
    this.#unsaved.splice(0, runs);
    this.live.stored = position;
  }

  #piece(how: 'add' | 'put', id: string, { epoch, seq }: Position, runs: readonly Run[]): Change {
    return { do: how, kind: 'draft', id, body: { conversation: this.live.id, turn: this.turn, epoch, seq, sealed: seal(runs, this.live.key, `draft:${id}`) } };
  }

  settle(): void {
    const settled = this.#settled;
    this.#settled = [];
    for (const resolve of settled) resolve();
    if (this.#pending.length > 0) this.#tick.want(this);
  }

  fail(failure: Failure): void {
    this.#failure ??= failure;
    this.#pending = [];
    this.#sending = [];
    this.settle();
  }
}

/** Begins with the time: what is written together then lies together in the store's file, however many turns it is of. */
function draftId(turn: TurnId, epoch: number, seq: number): string {
  return `${Date.now().toString(36)}:${turn}:${epoch}:${seq}`;
}

/** The parts that the kept pieces of a draft come to, in the order they were shown. */
export function partsOfDraft(pieces: readonly Stored<'draft'>[], key: Key): Part[] {
  return pieces
    .toSorted((a, b) => placeOf(a.body) - placeOf(b.body))
    .flatMap((piece) => open<Run[]>(piece.body.sealed, key, `draft:${piece.id}`))
    .reduce<Part[]>((parts, [type, text]) => appendText(parts, type, text), []);
}

function placeOf(body: Kinds['draft']): number {
  return body.epoch * 2 ** 32 + body.seq;
}
