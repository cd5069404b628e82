import type { ConversationId } from '../../../contracts/ids.ts';
import { comparePositions, type Position } from '../../../contracts/position.ts';
import type { Listener, LogEntry } from '../bus.ts';
import { idOf } from './keys.ts';
import type { Log } from './log.ts';
import { openEntry, type SealedEntry, type Sealings } from './sealing.ts';

export interface HearingParts {
  readonly log: Log;
  readonly sealings: Sealings;
  /** From now on this instance is told of the conversation. Resolves with where the log stood at that moment. */
  watch(conversation: ConversationId): Promise<Position>;
  report(sentence: string, error?: unknown): void;
}

/**
 * What is heard here of one conversation. It knows the position that its listeners have heard last; whatever does not follow is read from the log, and what cannot be read
 * is `restarted`. One thing at a time, in the order it came: opening the first announcement waits for a key.
 */
export class Hearing {
  readonly conversation: ConversationId;
  readonly listeners = new Set<Listener>();
  readonly #parts: HearingParts;
  readonly #waiting: (() => Promise<void> | void)[] = [];
  #isBusy = false;
  /** Unknown until it is watched. */
  #heard: Position | undefined;
  #beginning: Promise<void> | undefined;
  /** Listeners may have been told by somebody else what this has not heard. */
  #isLate = false;
  /** The log could not be read; it is tried again. */
  #isBehind = false;

  constructor(conversation: ConversationId, parts: HearingParts) {
    this.conversation = conversation;
    this.#parts = parts;
    this.ready().catch(() => undefined); // tried again by whoever reads, and with the next beat
  }

  /** Whether something is missing that has to be tried again. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** Resolves once nothing that is appended from now on can be missed: whoever reads the log then has all that came before. Rejects when that is not so. */
  ready(): Promise<void> {
    if (this.#heard !== undefined) return Promise.resolve();
    return (this.#beginning ??= this.#begin().finally(() => (this.#beginning = undefined)));
  }

  /** An entry of an owner elsewhere, as it was announced. */
  announced(entry: SealedEntry): void {
    this.#next(() => {
      if (!this.#isNext(entry.last, entry.after)) return this.#passOn(entry.last);
      const sealing = this.#parts.sealings.known(this.conversation);
      return sealing === undefined ? this.#parts.sealings.of(this.conversation).then((found) => this.#tellSealed(entry, found)) : this.#tellSealed(entry, sealing);
    });
  }

  /** An entry that was appended here. */
  appended(entry: LogEntry, last: Position): void {
    this.#next(() => (this.#isNext(last, entry.after.seq) ? this.#tell(entry, last) : this.#passOn(last)));
  }

  /** An owner has begun an epoch. */
  begun(at: Position): void {
    this.#next(() => {
      if (this.#heard !== undefined && comparePositions(at, this.#heard) > 0) this.#tell('restarted', at);
    });
  }

  /** Where the log stands by now. */
  standsAt(last: Position): void {
    this.#next(() => this.#passOn(last));
  }

  /** The owner here has let go. */
  released(): void {
    this.#next(() => this.#tell('restarted', this.#heard));
  }

  /** Tries again what failed. */
  catchUp(): void {
    if (this.#heard === undefined) this.ready().catch(() => undefined);
    else this.#next(() => this.#read());
  }

  async #begin(): Promise<void> {
    try {
      const stood = await this.#parts.watch(this.conversation);
      this.#isBehind = false;
      this.#heard = stood;
      // Nobody knows what was appended while it could not be watched.
      if (this.#isLate) this.#tell('restarted', stood);
      this.#drain();
    } catch (error) {
      this.#isLate = true;
      this.#isBehind = true;
      throw error;
    }
  }

  #isNext(last: Position, after: number): boolean {
    return this.#heard !== undefined && last.epoch === this.#heard.epoch && after === this.#heard.seq && last.seq > after;
  }

  /** What does not follow: heard already, or something is missing in between. */
  #passOn(last: Position): Promise<void> | void {
    if (this.#heard !== undefined && comparePositions(last, this.#heard) > 0) return this.#read();
  }

  async #read(): Promise<void> {
    const { conversation } = this;
    const from = this.#heard;
    if (from === undefined) return;
    this.#isBehind = true;
    const read = await this.#parts.log.read(conversation, from);
    this.#isBehind = false;
    if ('gone' in read) {
      if (comparePositions(read.gone, from) > 0) this.#tell('restarted', read.gone); // a log that lost its end begins anew under its owner
    } else if (read.events.length > 0) {
      const { events } = read;
      this.#tell({ conversation, after: from, events }, { epoch: from.epoch, seq: from.seq + events.length });
    }
  }

  #tellSealed({ after, last, sealed }: SealedEntry, sealing: Parameters<typeof openEntry>[3]): void {
    const { conversation } = this;
    try {
      this.#tell({ conversation, after: { epoch: last.epoch, seq: after }, ...openEntry(conversation, idOf(last), sealed, sealing) }, last);
    } catch (error) {
      this.#parts.report(`What was announced of conversation ${conversation} cannot be opened.`, error);
      this.#tell('restarted', last);
    }
  }

  #tell(what: LogEntry | 'restarted', heard: Position | undefined): void {
    this.#heard = heard;
    for (const listener of this.listeners) {
      try {
        listener(what);
      } catch (error) {
        this.#parts.report(`A listener of conversation ${this.conversation} failed.`, error);
      }
    }
  }

  #next(work: () => Promise<void> | void): void {
    this.#waiting.push(work);
    this.#drain();
  }

  #drain(): void {
    while (!this.#isBusy && this.#heard !== undefined) {
      const done = this.#waiting.shift()?.();
      if (done === undefined) {
        if (this.#waiting.length === 0) return;
        continue;
      }
      this.#isBusy = true;
      void done.catch(() => (this.#isBehind = true)).then(() => {
        this.#isBusy = false;
        this.#drain();
      });
    }
  }
}
