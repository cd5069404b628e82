import { FAILURES } from '../../contracts/failures.ts';
import type { FailureCode, Refusal } from '../../contracts/failures.ts';
import type { ConversationEvent } from '../../contracts/events.ts';
import type { ConversationId } from '../../contracts/ids.ts';
import { comparePositions, NOWHERE, stepTo } from '../../contracts/position.ts';
import type { Position } from '../../contracts/position.ts';
import type { Alias, Opened } from '../../contracts/socket.ts';
import { fold, OutOfStep } from '../../contracts/view.ts';
import type { ConversationView } from '../../contracts/view.ts';

/** The one question this file asks. Rejects when no answer came. */
export type Open = (conversation: ConversationId, position: Position) => Promise<Opened>;

/** A refusal to open with one of these passes: it is asked again. */
export const PASSING: readonly FailureCode[] = ['record-unavailable', 'bus-unavailable', 'outcome-unknown', 'server-busy', 'rate-limited', 'moved-on'];

/** `asking`: what is shown may be behind. `unanswered`: the server did not say anything. `refused`: it said no. */
export type FollowState = 'away' | 'asking' | 'following' | 'unanswered' | 'refused';

type Frame =
  | { readonly kind: 'event'; readonly epoch: number | undefined; readonly seq: number; readonly event: ConversationEvent }
  | { readonly kind: 'view'; readonly view: ConversationView };

/**
 * One conversation as this tab knows it. Every event is applied exactly once and in the owner's order, or the server is
 * asked again from the last place that is certain: a gap is never skipped, by no clock and by no later event.
 * It does not know of sockets: whoever has one hands the frames in.
 */
export class Follow {
  view: ConversationView | undefined;
  state: FollowState = 'away';
  refusal: Refusal | undefined;
  readonly conversation: ConversationId;
  readonly #open: Open;
  readonly #changed: () => void;
  #alias: Alias | undefined;
  /** Frames that came while an answer is due; they are tried after it. */
  #early: { alias: Alias; frame: Frame }[] = [];
  #epochOnWire: number | undefined;
  #question = 0;

  constructor(conversation: ConversationId, open: Open, changed: () => void) {
    this.conversation = conversation;
    this.#open = open;
    this.#changed = changed;
  }

  /** To be called after every greeting: an earlier question is forgotten, and so is the earlier connection's alias. */
  connected(): void {
    this.#alias = undefined;
    this.#epochOnWire = undefined;
    this.#early = [];
    void this.#ask(this.view?.position ?? NOWHERE);
  }

  disconnected(): void {
    this.#question++;
    this.#alias = undefined;
    this.#early = [];
    this.#move('away');
  }

  /** Asks once more after it was refused or not answered. */
  again(): void {
    void this.#ask(this.view?.position ?? NOWHERE);
  }

  text(alias: Alias, seq: number, text: string): void {
    this.#take(alias, { kind: 'event', epoch: this.#epochOnWire, seq, event: { type: 'text-delta', text } });
  }

  reasoning(alias: Alias, seq: number, text: string): void {
    this.#take(alias, { kind: 'event', epoch: this.#epochOnWire, seq, event: { type: 'reasoning-delta', text } });
  }

  event(alias: Alias, epoch: number, seq: number, event: ConversationEvent): void {
    if (alias === this.#alias || this.state === 'asking') this.#epochOnWire = Math.max(epoch, this.#epochOnWire ?? 0);
    this.#take(alias, { kind: 'event', epoch, seq, event });
  }

  whole(alias: Alias, view: ConversationView): void {
    this.#take(alias, { kind: 'view', view });
  }

  /** The server broke the events off here. */
  brokenOff(alias: Alias): void {
    if (alias === this.#alias && this.state === 'following') this.again();
  }

  #take(alias: Alias, frame: Frame): void {
    if (this.state === 'asking') this.#early.push({ alias, frame });
    else if (this.state === 'following' && alias === this.#alias) this.#apply(frame);
  }

  async #ask(position: Position): Promise<void> {
    const question = ++this.#question;
    this.refusal = undefined;
    this.#move('asking');
    const opened = await this.#open(this.conversation, position).catch(() => undefined);
    if (question !== this.#question) return;
    if (opened === undefined) return this.#give('unanswered');
    if (!opened.ok) {
      this.refusal = opened.refusal.code in FAILURES ? opened.refusal : { code: 'internal' };
      return this.#give('refused');
    }
    this.#answered(opened, position);
  }

  #give(state: 'unanswered' | 'refused'): void {
    this.#early = [];
    this.#move(state);
  }

  #answered(opened: Extract<Opened, { ok: true }>, from: Position): void {
    const early = this.#early;
    this.#early = [];
    this.#alias = opened.alias;
    this.#move('following');
    if ('view' in opened) this.#show(opened.view);
    else if (this.view === undefined) return this.#give('unanswered');
    else for (const [epoch, seq, event] of opened.events) if (!this.#apply({ kind: 'event', epoch, seq, event }, from)) return;
    for (const { alias, frame } of early) if (alias === opened.alias && !this.#apply(frame)) return;
  }

  /** @returns false when the events no longer fit and the server is being asked again. */
  #apply(frame: Frame, from?: Position): boolean {
    if (frame.kind === 'view') {
      if (this.view === undefined || comparePositions(frame.view.position, this.view.position) >= 0) this.#show(frame.view);
      return true;
    }
    if (this.view === undefined) return this.#startOver(from);
    const here = this.view.position;
    const there = { epoch: frame.epoch ?? here.epoch, seq: frame.seq };
    switch (stepTo(here, there)) {
      case 'drop':
        return true;
      case 'resume':
        void this.#ask(from === undefined ? here : NOWHERE);
        return false;
      case 'apply':
        return this.#fold(this.view, frame.event, there, from);
    }
  }

  #fold(view: ConversationView, event: ConversationEvent, there: Position, from: Position | undefined): boolean {
    try {
      this.#show(fold(view, event, there));
      return true;
    } catch (error) {
      if (!(error instanceof OutOfStep)) throw error;
      return this.#startOver(from);
    }
  }

  /** What is held cannot have come from these events, so nothing of it is built upon. A server that answers so to a first question is not asked for ever. */
  #startOver(from: Position | undefined): false {
    if (from !== undefined && comparePositions(from, NOWHERE) === 0) this.#give('unanswered');
    else void this.#ask(NOWHERE);
    return false;
  }

  #show(view: ConversationView): void {
    this.view = view;
    this.#epochOnWire = Math.max(view.position.epoch, this.#epochOnWire ?? 0);
    this.#changed();
  }

  #move(state: FollowState): void {
    this.state = state;
    this.#changed();
  }
}
