import type { Answer, Command, Done } from '../../contracts/commands.ts';
import { FAILURES } from '../../contracts/failures.ts';
import type { FailureCode, Refusal } from '../../contracts/failures.ts';
import type { CommandId, ConversationId, TabId } from '../../contracts/ids.ts';
import { newId } from './ids.ts';
import type { OutboxEntries, OutboxEntry } from './outbox-entries.ts';

export interface OutboxParts {
  readonly entries: OutboxEntries;
  readonly tab: TabId;
  /** Rejects when it is not known what became of the command. */
  readonly send: (command: Command) => Promise<Answer>;
  /** Absent on plain http: then each tab adopts what it finds, and the server's memory of commands keeps that harmless. */
  readonly locks: Pick<LockManager, 'request'> | undefined;
  readonly now: () => number;
  readonly later: (ms: number, run: () => void) => () => void;
  readonly changed: () => void;
  readonly done: (command: Command, answer: Done) => void;
  readonly refused: (entry: OutboxEntry, refusal: Refusal) => void;
}

const SOONEST_AGAIN_MS = 500;
const LATEST_AGAIN_MS = 10_000;
/** Characters of a command. What is smaller and still too large, the server refuses in words. */
const LARGEST_COMMAND = 1_600_000;
/** A refusal with one of these says nothing about the command itself: it stays pending. */
const NOT_YET: readonly FailureCode[] = ['outcome-unknown', 'session-ended', 'client-outdated'];
/** One with these says that nothing was done this time, and nothing of an earlier time that was not answered. */
const NOT_NOW: readonly FailureCode[] = ['bus-unavailable', 'record-unavailable', 'server-busy', 'rate-limited'];

/** Milliseconds within which what was brought is there, or will never be. */
const COMES_WITHIN_MS = 60_000;

/** Whether such a refusal leaves open what becomes of a command; `wasSent` when it was sent before and not answered. */
export function leavesOpen(code: FailureCode, wasSent: boolean): boolean {
  return NOT_YET.includes(code) || (wasSent && NOT_NOW.includes(code));
}

/** The lock that a living tab holds, so that others know its entries are looked after. */
function lockOf(tab: TabId): string {
  return `gorunchat.tab.${tab}`;
}

/**
 * Commands on their way. Each is kept from the moment the person decided until the server has said what became of it:
 * through a lost connection, a reload and a closed tab. Within a conversation they are sent one after another; a stop
 * passes the rest. A refused one is never sent again by itself.
 */
export class Outbox {
  readonly #parts: OutboxParts;
  #isConnected = false;
  readonly #sending = new Set<CommandId>();
  /** Entries whose outcome is being found out, by the number of times it was asked. */
  readonly #waiting = new Map<CommandId, { times: number; cancel: (() => void) | undefined }>();
  readonly #unknown = new Set<CommandId>();
  readonly #adopting = new Set<TabId>();
  readonly #closing = new AbortController();
  #order = 0;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
    void parts.locks?.request(lockOf(parts.tab), { signal: this.#closing.signal }, () => this.#untilClosed()).catch(() => undefined);
    this.#adopt();
  }

  /** In the order in which they were decided, those of the account's other tabs included. */
  get entries(): readonly OutboxEntry[] {
    return this.#parts.entries.all();
  }

  of(conversation: ConversationId): readonly OutboxEntry[] {
    return this.entries.filter((entry) => entry.command.conversation === conversation);
  }

  /** Whether the server has said that it does not know yet what became of it. */
  isUnknown(id: CommandId): boolean {
    return this.#unknown.has(id);
  }

  put(command: Command): void {
    const { entries, tab, now } = this.#parts;
    entries.put({ command, tab, at: now(), order: this.#order++, state: 'pending' });
    this.#parts.changed();
    this.#drain();
  }

  /** The person wants a refused command after all: a new intention, so it gets a new name. */
  sendAgain(id: CommandId, change: (command: Command) => Command = (command) => command): void {
    const entry = this.#parts.entries.get(id);
    if (entry?.state !== 'refused') return;
    this.#parts.entries.remove(id);
    this.put({ ...change(entry.command), commandId: newId<CommandId>() });
  }

  remove(id: CommandId): void {
    this.#forget(id);
    this.#parts.changed();
    this.#drain();
  }

  /** Takes over what the person had in an outbox under another name: of the tab that they are in here, and of others once those have ended. */
  bring(from: OutboxEntries, fromTab: TabId | undefined): readonly OutboxEntry[] {
    const { entries, tab, now } = this.#parts;
    const brought = from.all();
    from.clear();
    for (const entry of brought) entries.put({ ...entry, tab: entry.tab === fromTab ? tab : entry.tab, broughtAt: now() });
    this.reread();
    return brought;
  }

  /** Takes everything of this account out of this browser. */
  clear(): void {
    for (const { cancel } of this.#waiting.values()) cancel?.();
    this.#waiting.clear();
    this.#parts.entries.clear();
    this.#parts.changed();
  }

  /** To be called once greeted as this account. */
  connected(): void {
    this.#isConnected = true;
    this.#sending.clear();
    for (const { cancel } of this.#waiting.values()) cancel?.();
    this.#waiting.clear();
    this.#adopt();
    this.#drain();
  }

  disconnected(): void {
    this.#isConnected = false;
  }

  /** Another tab has written, sent or removed something. */
  reread(): void {
    this.#parts.entries.read();
    this.#parts.changed();
    // Without locks two tabs would take an entry from each other for ever, so there it waits for a connection.
    if (this.#parts.locks !== undefined) this.#adopt();
    this.#drain();
  }

  close(): void {
    this.disconnected();
    for (const { cancel } of this.#waiting.values()) cancel?.();
    this.#closing.abort();
  }

  #drain(): void {
    if (!this.#isConnected) return;
    const held = new Set<ConversationId>();
    for (const entry of this.entries) {
      const { commandId, conversation, type } = entry.command;
      if (entry.state === 'refused' || entry.tab !== this.#parts.tab) continue;
      const isHeld = held.has(conversation) && type !== 'turn.stop';
      held.add(conversation);
      if (isHeld || this.#sending.has(commandId) || this.#waiting.get(commandId)?.cancel !== undefined) continue;
      void this.#send(entry);
    }
  }

  async #send(entry: OutboxEntry): Promise<void> {
    const { commandId } = entry.command;
    if (JSON.stringify(entry.command).length > LARGEST_COMMAND) return this.#refuseUnsent(entry);
    this.#sending.add(commandId);
    // Written down first: whoever sends it again after a reload has to know.
    if (entry.wasSent !== true) this.#parts.entries.put({ ...entry, wasSent: true });
    const answer = await this.#parts.send(entry.command).catch(() => undefined);
    if (this.#closing.signal.aborted || this.#parts.entries.get(commandId)?.state !== 'pending') return;
    this.#sending.delete(commandId);
    if (answer === undefined) this.#askLater(commandId);
    else if (answer.ok) this.#settle(entry, answer);
    else this.#refuse(entry, answer.refusal);
    this.#parts.changed();
    this.#drain();
  }

  /** What the server would cut the connection for, again and again, is never sent. */
  #refuseUnsent(entry: OutboxEntry): void {
    this.#refuse(entry, { code: 'too-large' });
    this.#parts.changed();
    this.#drain();
  }

  #settle(entry: OutboxEntry, answer: Done): void {
    this.#forget(entry.command.commandId);
    this.#parts.done(entry.command, answer);
  }

  #refuse(entry: OutboxEntry, said: Refusal): void {
    const refusal: Refusal = said.code in FAILURES ? said : { ...said, code: 'internal' };
    // Of what was brought: on record under the name that the person had, and not theirs yet.
    const isComing = refusal.code === 'not-found' && this.#parts.now() - (entry.broughtAt ?? -Infinity) < COMES_WITHIN_MS;
    if (isComing || leavesOpen(refusal.code, entry.wasSent === true)) {
      if (refusal.code === 'outcome-unknown' || NOT_NOW.includes(refusal.code)) this.#unknown.add(entry.command.commandId);
      return this.#askLater(entry.command.commandId, refusal.retryAfterMs);
    }
    const refused: OutboxEntry = { ...entry, state: 'refused', refusal };
    this.#waiting.delete(entry.command.commandId);
    this.#unknown.delete(entry.command.commandId);
    this.#parts.entries.put(refused);
    this.#parts.refused(refused, refusal);
  }

  #askLater(id: CommandId, atLeastMs = 0): void {
    if (!this.#isConnected) return;
    const times = (this.#waiting.get(id)?.times ?? 0) + 1;
    const ms = Math.max(atLeastMs, Math.min(LATEST_AGAIN_MS, SOONEST_AGAIN_MS * 2 ** (times - 1)));
    const cancel = this.#parts.later(ms, () => {
      this.#waiting.set(id, { times, cancel: undefined });
      this.#drain();
    });
    this.#waiting.set(id, { times, cancel });
  }

  #forget(id: CommandId): void {
    this.#waiting.get(id)?.cancel?.();
    this.#waiting.delete(id);
    this.#sending.delete(id);
    this.#unknown.delete(id);
    this.#parts.entries.remove(id);
  }

  /** Looks after the entries of tabs that have gone. A living tab holds its lock, so waiting for that lock is waiting for the end of the tab. */
  #adopt(): void {
    const { locks, tab } = this.#parts;
    for (const other of new Set(this.entries.map((entry) => entry.tab))) {
      if (other === tab || this.#adopting.has(other)) continue;
      this.#adopting.add(other);
      if (locks === undefined) this.#takeFrom(other);
      else void locks.request(lockOf(other), { signal: this.#closing.signal }, () => this.#takeFrom(other)).catch(() => undefined); // closed while it waited
    }
  }

  #takeFrom(other: TabId): void {
    this.#adopting.delete(other);
    this.#parts.entries.read();
    for (const entry of this.entries) if (entry.tab === other) this.#parts.entries.put({ ...entry, tab: this.#parts.tab });
    this.#parts.changed();
    this.#drain();
  }

  #untilClosed(): Promise<void> {
    return new Promise((resolve) => this.#closing.signal.addEventListener('abort', () => resolve(), { once: true }));
  }
}
