import type { Command } from '../../contracts/commands.ts';
import type { Refusal } from '../../contracts/failures.ts';
import type { CommandId, TabId, UserId } from '../../contracts/ids.ts';
import { outboxOf } from './outbox-keys.ts';

/** A command that has no final answer yet, or was refused and waits for the person. */
export interface OutboxEntry {
  readonly command: Command;
  /** The tab that sends it. */
  readonly tab: TabId;
  /** Milliseconds since 1970 at which the person decided, and the place among those of one millisecond. */
  readonly at: number;
  readonly order: number;
  readonly state: 'pending' | 'refused';
  /** It may have been done: it was sent, and no answer has said otherwise. */
  readonly wasSent?: true;
  /** When it was taken over from whom the person was before: what that one sent of it may still become the person's. */
  readonly broughtAt?: number;
  readonly refusal?: Refusal;
}

/**
 * The entries of one account as this browser keeps them: one item of storage for each, so that two tabs never write over
 * each other's. Where storage is closed or full they live as long as the page, and `isKept` is false.
 */
export class OutboxEntries {
  isKept = true;
  readonly #prefix: string;
  readonly #storage: Storage | undefined;
  readonly #entries = new Map<CommandId, OutboxEntry>();
  /** Entries that storage would not take: what it says of them is not believed. */
  readonly #unkept = new Set<CommandId>();

  constructor(account: UserId, storage: Storage | undefined) {
    this.#prefix = outboxOf(account);
    this.#storage = storage;
    this.read();
  }

  /** In the order in which they were decided. */
  all(): readonly OutboxEntry[] {
    return [...this.#entries.values()].toSorted((a, b) => a.at - b.at || a.order - b.order);
  }

  get(id: CommandId): OutboxEntry | undefined {
    return this.#entries.get(id);
  }

  put(entry: OutboxEntry): void {
    const id = entry.command.commandId;
    this.#entries.set(id, entry);
    try {
      if (this.#storage === undefined) throw new Error('no storage');
      this.#storage.setItem(this.#prefix + id, JSON.stringify(entry));
      this.#unkept.delete(id);
    } catch {
      // Private windows refuse storage and a full one throws: the entry is still sent, and the page warns before it closes.
      this.#unkept.add(id);
    }
    this.isKept = this.#unkept.size === 0;
  }

  remove(id: CommandId): void {
    this.#entries.delete(id);
    this.#unkept.delete(id);
    this.isKept = this.#unkept.size === 0;
    try {
      this.#storage?.removeItem(this.#prefix + id);
    } catch {
      // A storage that cannot be written holds nothing of ours either.
    }
  }

  clear(): void {
    for (const id of this.#entries.keys()) this.remove(id);
  }

  /** Takes over what other tabs have written or removed. */
  read(): void {
    const stored = this.#stored();
    if (stored === undefined) return;
    for (const id of this.#entries.keys()) if (!stored.has(id) && !this.#unkept.has(id)) this.#entries.delete(id);
    for (const [id, entry] of stored) if (!this.#unkept.has(id)) this.#entries.set(id, entry);
  }

  isAbout(event: StorageEvent): boolean {
    return event.key === null || event.key.startsWith(this.#prefix);
  }

  #stored(): Map<CommandId, OutboxEntry> | undefined {
    const stored = new Map<CommandId, OutboxEntry>();
    try {
      if (this.#storage === undefined) return undefined;
      for (let index = 0; index < this.#storage.length; index++) {
        const key = this.#storage.key(index);
        if (key === null || !key.startsWith(this.#prefix)) continue;
        const entry = parse(this.#storage.getItem(key));
        if (entry !== undefined && entry.command.commandId === key.slice(this.#prefix.length)) stored.set(entry.command.commandId, entry);
      }
    } catch {
      return undefined; // closed storage: what is in memory is all there is
    }
    return stored;
  }
}

/** Entries of accounts that are gone from this browser, or written by hand, must not stop the page. */
function parse(text: string | null): OutboxEntry | undefined {
  try {
    const entry = JSON.parse(text ?? 'null') as OutboxEntry | null;
    const isEntry = typeof entry?.command?.commandId === 'string' && typeof entry.command.conversation === 'string' && (entry.state === 'pending' || entry.state === 'refused');
    return isEntry ? entry : undefined;
  } catch {
    return undefined;
  }
}
