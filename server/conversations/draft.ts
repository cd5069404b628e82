import type { ConversationEvent } from '../../contracts/events.ts';
import { Failure } from '../../contracts/failures.ts';
import type { TurnId } from '../../contracts/ids.ts';
import type { Position } from '../../contracts/position.ts';
import { open, seal, type Key } from '../journal/seal.ts';
import type { Kinds } from '../store/kinds.ts';
import type { Change, Stored } from '../store/store.ts';
import type { LiveConversation } from './live.ts';
import type { DraftTick } from './draft-tick.ts';

/**
 * Bytes of one reply, as JSON writes them. Its outcome keeps the reply twice, sealed, and its words once, and all of that has to fit in one commit beside the longest queue:
 * what could not be put on record would keep the conversation from ever going on.
 */
export const REPLY_BYTES = 1_000_000;
/** A part counts for more than its text: each new one costs a copy of all before it. */
const PART_BYTES = 500;

/** A run of text as the provider gave it. */
export type Run = readonly [type: 'text' | 'reasoning', text: string];

/** What a lost owner had shown of a reply. */
export interface FoundDraft {
  /** The documents that hold it, but for what was in the log alone. */
  readonly ids: readonly string[];
  readonly runs: readonly Run[];
}

/** What was shown up to a position, on its way into a document. */
export interface Checkpoint {
  readonly draft: Draft;
  readonly runs: number;
  readonly position: Position;
  readonly change: Change;
}

/**
 * The reply of one turn while it grows. Text that is pushed becomes durable at the next tick and is shown only then, so whatever stands on a screen survives
 * the death of this process. `push` never waits, and the whole reply is bounded, so what waits is, too.
 */
export class Draft {
  readonly turn: TurnId;
  readonly live: LiveConversation;
  /** When its provider was turned to. */
  readonly beganAt = performance.now();
  readonly #ids: string[] = [];
  readonly #tick: DraftTick;
  #pending: Run[] = [];
  #left = REPLY_BYTES;
  #lastType: Run[0] | undefined;
  #isFull = false;
  #sending: readonly Run[] = [];
  /** The document that holds what is being sent: the same one when it is tried again. */
  #sendingId = '';
  #isRepeated = false;
  /** A checkpoint that is under way, or whose fate is not known. */
  #saving: Checkpoint | undefined;
  /** Shown, but in no document yet. */
  readonly #unsaved: Run[] = [];
  /** The next checkpoint holds all of it, so that nothing which an owner before still writes counts beside it. */
  #isAnew = false;
  #isFresh = true;
  #isClosed = false;
  #failure: Failure | undefined;
  #settled: (() => void)[] = [];

  /** With `found`, it goes on with what a lost owner had shown. */
  constructor(live: LiveConversation, turn: TurnId, tick: DraftTick, found?: FoundDraft) {
    this.live = live;
    this.turn = turn;
    this.#tick = tick;
    if (found === undefined) return;
    this.#ids.push(...found.ids);
    this.#unsaved.push(...found.runs);
    this.#isAnew = true;
    this.#isFresh = false;
    for (const part of live.view.turn?.reply.parts ?? []) if (part.type !== 'file') this.#fitting(part.type, part.text);
  }

  /** Adds text, and of the text that makes it full only as much as fits. Throws `record-unavailable` after the store was away too long. */
  push(type: 'text' | 'reasoning', given: string): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#isClosed || this.#isFull || given === '') return;
    const text = this.#fitting(type, given);
    if (text === '') return;
    const last = this.#pending.at(-1);
    if (last?.[0] === type) this.#pending[this.#pending.length - 1] = [type, last[1] + text];
    else this.#pending.push([type, text]);
    this.#tick.want(this);
  }

  /** What was pushed last did not fit any more, or not all of it: the reply ends here. */
  get isFull(): boolean {
    return this.#isFull;
  }

  #fitting(type: Run[0], given: string): string {
    const room = this.#left - (type === this.#lastType ? 0 : PART_BYTES);
    const text = beginningOf(given, room);
    this.#isFull = text !== given;
    this.#left = room - bytesOf(text);
    this.#lastType = type;
    return text;
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
    while (this.#sending.length > 0 && this.#failure === undefined) await new Promise<void>((resolve) => this.#settled.push(resolve));
  }

  get #isEmpty(): boolean {
    return this.#pending.length === 0 && this.#sending.length === 0;
  }

  /** Characters that the tick would take. */
  get waiting(): number {
    return (this.#sending.length > 0 ? this.#sending : this.#pending).reduce((sum, [, text]) => sum + text.length, 0);
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
    else this.#ids.push(id);
    this.#sending = [];
  }

  /** Whether something was shown that is in no document yet. */
  get isUnsaved(): boolean {
    return this.#unsaved.length > 0;
  }

  /** Characters of that. */
  get unsaved(): number {
    return this.#unsaved.reduce((sum, [, text]) => sum + text.length, 0);
  }

  /** Documents that hold the text shown so far, and the one of which that is not known. */
  get ids(): readonly string[] {
    return this.#saving === undefined ? this.#ids : [...this.#ids, this.#saving.change.id];
  }

  /**
   * What was shown and is in no document yet; `undefined` when there is nothing. While it is not known whether a checkpoint arrived, the same one again and no word more: text under
   * another name would be there twice after a crash, and with more text the first try, arriving late, would take away what the second has saved.
   */
  checkpoint(): Checkpoint | undefined {
    if (this.#saving !== undefined) return { ...this.#saving, change: { ...this.#saving.change, do: 'put' } as Change };
    if (this.#unsaved.length === 0) return undefined;
    const { position } = this.live.view;
    const change = this.#piece('add', draftId(this.turn, position.epoch, position.seq), position, this.#unsaved, this.#isAnew);
    return (this.#saving = { draft: this, runs: this.#unsaved.length, position, change });
  }

  saved({ runs, position, change }: Checkpoint): void {
    this.#ids.push(change.id);
    this.#saving = undefined;
    this.#isAnew = false;
    this.#unsaved.splice(0, runs);
    this.live.stored = position;
  }

  #piece(how: 'add' | 'put', id: string, { epoch, seq }: Position, runs: readonly Run[], isAnew = false): Change {
    return { do: how, kind: 'draft', id, body: { conversation: this.live.id, turn: this.turn, epoch, seq, ...(isAnew && { isAnew }), sealed: seal(runs, this.live.key, `draft:${id}`) } };
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

function bytesOf(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}

/** As much of it as takes no more bytes than this. */
function beginningOf(text: string, bytes: number): string {
  let kept = text;
  for (let size = bytesOf(kept); size > Math.max(0, bytes); size = bytesOf(kept)) kept = kept.slice(0, Math.floor((kept.length * Math.max(0, bytes)) / size));
  return kept.isWellFormed() ? kept : kept.slice(0, -1); // half a character at the end
}

/** Begins with the time: what is written together then lies together in the store's file, however many turns it is of. */
function draftId(turn: TurnId, epoch: number, seq: number): string {
  return `${Date.now().toString(36)}:${turn}:${epoch}:${seq}`;
}

/** The text that the kept pieces of a draft hold, in the order it was shown. What an owner that was replaced wrote too late, or what its successor has taken over, does not count. */
export function runsOfDraft(pieces: readonly Stored<'draft'>[], key: Key): Run[] {
  const since = Math.max(0, ...pieces.filter(({ body }) => body.isAnew).map(({ body }) => body.epoch));
  const counting = pieces.filter(({ body }) => body.epoch >= since);
  return counting.toSorted((a, b) => placeOf(a.body) - placeOf(b.body)).flatMap((piece) => open<Run[]>(piece.body.sealed, key, `draft:${piece.id}`));
}

function placeOf(body: Kinds['draft']): number {
  return body.epoch * 2 ** 32 + body.seq;
}
