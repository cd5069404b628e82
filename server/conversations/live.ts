import type { Done } from '../../contracts/commands.ts';
import type { ConversationEvent } from '../../contracts/events.ts';
import { Failure } from '../../contracts/failures.ts';
import type { CommandId, ConversationId, UserId } from '../../contracts/ids.ts';
import type { Position } from '../../contracts/position.ts';
import type { Actor, ChatRecord } from '../../contracts/records.ts';
import type { PlacedEvent } from '../../contracts/socket.ts';
import { fold, type ConversationView } from '../../contracts/view.ts';
import type { Bus, LogEntry, Verdict } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import { nextRecord, START } from '../journal/journal.ts';
import { commitKnown } from '../journal/known.ts';
import type { Key } from '../journal/seal.ts';
import { commandKey, type Head } from '../store/kinds.ts';
import { CommitRefused } from '../store/refused.ts';
import type { Change, Store } from '../store/store.ts';
import { changesBetween, conversationChange } from './documents.ts';
import { withVouched } from './vouching.ts';

/** A conversation that tabs may follow, wherever its owner is. */
export interface OpenConversation {
  readonly id: ConversationId;
  /** Whose it is. */
  readonly owner: UserId;
  /** Set when it has to be opened again: another instance owns it by now. */
  readonly isOver: boolean;
  /** Everything as it is now. Rejects with `outcome-unknown` when its owner does not answer. */
  read(): Promise<ConversationView>;
}

/** One thing that happens: what is recorded, and what tabs are told of it. All of it becomes durable in one commit, or none. */
export interface Happening {
  readonly records: readonly ChatRecord[];
  readonly events: readonly ConversationEvent[];
  readonly actor: Actor;
  /** The command that asked for it, with the answer that every repeat of it gets. */
  readonly command?: { readonly id: CommandId; readonly done: Done };
  readonly changes?: readonly Change[];
  /** The key that its records are under, where that is not the conversation's own. */
  readonly under?: { readonly id: string; readonly key: Key };
  /** Of a delete: when it can no longer be undone. */
  readonly eraseAt?: number;
  /** Whose it is from then on, when it goes over to somebody else. */
  readonly owner?: UserId;
}

export interface LiveStart {
  readonly id: ConversationId;
  readonly owner: UserId;
  readonly view: ConversationView;
  readonly head: Head | null;
  readonly key: Key;
  /** Keeps the key, when it is not kept yet. */
  readonly keyChange?: Change | undefined;
  /** When the last delete could no longer be undone. */
  readonly eraseAt: number | null;
}

export interface LiveWorld {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock;
  onOver(live: LiveConversation): void;
  /** What a list shows of the conversation may have changed. */
  onRow(live: LiveConversation): void;
}

const MEND_AGAIN_MS = 250;

/**
 * A conversation that this instance owns: its view, its place in the order, and the only way to change either. Whatever happens is first durable, then seen.
 * One thing happens at a time; what comes meanwhile waits in the order it came.
 */
export class LiveConversation implements OpenConversation {
  readonly id: ConversationId;
  owner: UserId;
  readonly key: Key;
  view: ConversationView;
  /** Set when another owner has written: this one changes nothing any more. */
  isOver = false;
  /** When somebody last wanted something of it. */
  touchedAt: number;
  /** Puts what a growing reply has shown into the store; needed before a log that was lost begins anew. */
  saveDraft: (() => Promise<void>) | undefined;
  /** Up to here everything is in the store; a draft that has not been saved yet holds it back. */
  stored: Position;
  #head: Head | null;
  #eraseAt: number | null;
  #keyChange: Change | undefined;
  #isTaken = false;
  #isBroken = false;
  /** Set while events are on their way into the log. */
  #unsettled: PromiseWithResolvers<void> | undefined;
  readonly #waiting: (() => void)[] = [];
  readonly #store: Store;
  readonly #bus: Bus;
  readonly #clock: Clock;
  readonly #onOver: (live: LiveConversation) => void;
  readonly #onRow: (live: LiveConversation) => void;

  constructor(start: LiveStart, world: LiveWorld) {
    this.id = start.id;
    this.owner = start.owner;
    this.key = start.key;
    this.view = start.view;
    this.#eraseAt = start.eraseAt;
    this.#head = start.head;
    this.#keyChange = start.keyChange;
    this.#store = world.store;
    this.#bus = world.bus;
    this.#clock = world.clock;
    this.#onOver = world.onOver;
    this.#onRow = world.onRow;
    this.touchedAt = world.clock.now();
    this.stored = start.view.position;
  }

  /**
   * Never before all of it is durable: while the log is lost, what was on its way into it may be nowhere else. What tabs may have heard already is part of it, also when the
   * log has not answered yet: a tab that is given this view hears only what comes after.
   */
  async read(): Promise<ConversationView> {
    await this.#unsettled?.promise;
    if (this.#isBroken) {
      await this.#take();
      this.give();
    }
    return this.view;
  }

  /** Whether the log has to begin anew before anything else can happen here. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  get epoch(): number {
    return this.view.position.epoch;
  }

  /** The number of the last record, 0 before the first. */
  get number(): number {
    return this.#head?.number ?? 0;
  }

  /** Takes the conversation for one step if nobody has it: the draft's way in, which never waits. */
  tryTake(): boolean {
    if (this.#isTaken || this.isOver) return false;
    this.#isTaken = true;
    return true;
  }

  give(): void {
    if (this.#isBroken && !this.isOver) return void this.#mend().then(() => this.give());
    const next = this.#waiting.shift();
    if (next === undefined) this.#isTaken = false;
    else next();
  }

  async #take(): Promise<void> {
    if (!this.#isTaken) {
      this.#isTaken = true;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /**
   * Makes it durable, then lets every tab see it. `plan` decides on the view as it is when the turn comes, and may throw a `Failure`; nothing has happened then, nor when there is nothing to record.
   * Throws `record-unavailable` when it is known that nothing happened, and `outcome-unknown` when another owner took over: the command is asked for again there.
   */
  async happen(plan: (view: ConversationView) => Happening): Promise<Happening> {
    await this.#take();
    try {
      if (this.isOver) throw new Failure('outcome-unknown');
      if (this.view.isErased) throw new Failure('erased'); // its key is gone, and what waited for its turn meanwhile would be under it
      const happening = plan(this.view);
      if (happening.records.length === 0) return happening;
      const events = withVouched(this.view, happening.events, happening.actor);
      const after = this.#after(events);
      const { changes, head } = this.#commitFor(happening, after);
      await this.#commit(changes, head);
      this.#head = head;
      this.#eraseAt = happening.eraseAt ?? this.#eraseAt;
      this.#keyChange = undefined;
      this.owner = happening.owner ?? this.owner;
      await this.show(events);
      if ((events.length > 0 || happening.owner !== undefined) && !this.isOver) this.#onRow(this);
      return happening;
    } finally {
      this.give();
    }
  }

  #after(events: readonly ConversationEvent[]): ConversationView {
    const { epoch, seq } = this.view.position;
    return events.reduce((view, event, index) => fold(view, event, { epoch, seq: seq + index + 1 }), this.view);
  }

  #commitFor(happening: Happening, after: ConversationView): { changes: Change[]; head: Head } {
    const at = this.#clock.now();
    const eraseAt = happening.eraseAt ?? this.#eraseAt;
    const documents = happening.owner === undefined ? changesBetween(this.view, after, this.owner, this.key, eraseAt) : [conversationChange(after, happening.owner, this.key, eraseAt)];
    const changes: Change[] = [...(this.#keyChange ? [this.#keyChange] : []), ...documents, ...(happening.changes ?? [])];
    let head = this.#head ?? START;
    const { id: keyId, key } = happening.under ?? this;
    for (const said of happening.records) {
      const next = nextRecord(head, { chain: this.id, epoch: this.epoch, at, keyId, key }, { actor: happening.actor, said });
      changes.push(...next.changes);
      head = next.head;
    }
    if (happening.command !== undefined) {
      const { id, done } = happening.command;
      changes.push({ do: 'add', kind: 'command', id: commandKey(String(happening.actor.user), id), body: { conversation: this.id, number: head.number, answer: done } });
    }
    return { changes, head: { ...head, epoch: this.epoch, seq: after.position.seq } };
  }

  async #commit(changes: readonly Change[], to: Head): Promise<void> {
    try {
      await commitKnown(this.#store, changes, { chain: this.id, from: this.#head, to });
    } catch (error) {
      if (!(error instanceof CommitRefused)) throw error;
      if (error.reason === 'conflict') throw new Failure('invalid-command', { cause: error, detail: 'An id in it is already taken.' });
      if (error.reason === 'too-large') throw new Failure('too-large', { cause: error });
      if (error.reason === 'stale') {
        this.stepDown();
        throw new Failure('outcome-unknown', { cause: error });
      }
      throw new Failure('record-unavailable', { cause: error });
    }
  }

  /** Lets every tab see what needs no record because it ends with the turn: that a provider is waited for, that an outcome is being put on record. */
  async tell(plan: (view: ConversationView) => readonly ConversationEvent[]): Promise<void> {
    await this.#take();
    try {
      if (!this.isOver) await this.show(plan(this.view));
    } finally {
      this.give();
    }
  }

  /** Numbers events that are durable already and lets every tab see them. Only for whoever has taken the conversation. */
  private async show(events: readonly ConversationEvent[]): Promise<void> {
    if (this.saveDraft === undefined) this.stored = { epoch: this.epoch, seq: this.view.position.seq + events.length };
    const entry = this.entryOf(events);
    if (entry === undefined) return;
    const [verdict] = await this.#bus.append([entry]).catch((): Verdict[] => ['behind']);
    this.settle(entry, verdict);
  }

  /** Numbers events for the log. They are part of the view once they are settled. */
  entryOf(events: readonly ConversationEvent[]): LogEntry | undefined {
    if (events.length === 0) return undefined;
    const after: Position = this.view.position;
    this.#unsettled ??= Promise.withResolvers();
    const placed = events.map((event, index): PlacedEvent => [after.epoch, after.seq + index + 1, event]);
    return { conversation: this.id, after, events: placed, stored: this.stored };
  }

  /** What became of an entry. When that is not known some tab may have seen it, so it counts as seen, and the log begins anew under the next epoch. */
  settle(entry: LogEntry, verdict: Verdict | undefined): void {
    if (verdict === 'stale') this.stepDown();
    else {
      this.view = this.#after(entry.events.map(([, , event]) => event));
      if (verdict !== 'written') this.#isBroken = true;
    }
    this.#unsettled?.resolve();
    this.#unsettled = undefined;
  }

  /** The bus has forgotten who owns this, so the log begins anew. */
  async breakLog(): Promise<void> {
    await this.#take();
    this.#isBroken = true;
    this.give();
  }

  /** Claims the conversation again under the next epoch, as often as it takes. Tabs are given the whole view, of which everything is in the store. */
  async #mend(): Promise<void> {
    let claimed: number | undefined;
    while (!this.isOver) {
      try {
        await this.saveDraft?.();
        claimed ??= await this.#raiseEpoch();
        if ((await this.#bus.claim(this.id, claimed)) === 'stale') return this.stepDown();
        this.#isBroken = false;
        return;
      } catch (error) {
        if (error instanceof CommitRefused && error.reason === 'stale') return this.stepDown();
        await new Promise((resolve) => setTimeout(resolve, MEND_AGAIN_MS)); // the bus or the store is away; nothing can happen here before both are back
      }
    }
  }

  async #raiseEpoch(): Promise<number> {
    const epoch = this.epoch + 1;
    if (this.#head !== null) {
      const to: Head = { ...this.#head, epoch, seq: 0 };
      await commitKnown(this.#store, [], { chain: this.id, from: this.#head, to });
      this.#head = to;
    }
    this.view = { ...this.view, position: { epoch, seq: 0 } };
    this.stored = this.view.position;
    return epoch;
  }

  /** Waits for what is being written and lets nothing be written any more. */
  async rest(): Promise<void> {
    await this.#take();
    this.isOver = true;
  }

  /** Somebody else owns the conversation. Tabs are told to ask again; nothing here writes any more. */
  stepDown(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#onOver(this);
  }
}
