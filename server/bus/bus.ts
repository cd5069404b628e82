import type { PlacedEvent } from '../../contracts/socket.ts';
import type { ConversationId } from '../../contracts/ids.ts';
import type { Position } from '../../contracts/position.ts';

/** Events of one conversation, in order and without a gap; `after` is the position before the first. */
export interface LogEntry {
  readonly conversation: ConversationId;
  readonly after: Position;
  readonly events: readonly PlacedEvent[];
}

/** `behind`: the log lacks what comes before (send again from memory). `stale`: somebody owns a higher epoch (step down). */
export type Verdict = 'written' | 'behind' | 'stale';

/** Hears a conversation's events as they become visible, each entry once and in order; `restarted` when some may have been missed. */
export type Listener = (heard: LogEntry | 'restarted') => void;

/**
 * The live log of every conversation, and how tabs on any instance hear it. Owners number; the bus keeps the order and refuses whoever writes from behind.
 * What it holds is what happened lately: `since` answers `gone` when the log does not reach back that far, or began anew under another epoch.
 */
export interface Bus {
  /** Whether an appended entry survives the death of the owner. When not, a draft is committed to the store before it is appended. */
  readonly isDurable: boolean;
  /** One call per tick for all conversations of this instance; one verdict each. */
  append(entries: readonly LogEntry[]): Promise<readonly Verdict[]>;
  since(conversation: ConversationId, position: Position): Promise<readonly PlacedEvent[] | 'gone'>;
  subscribe(conversation: ConversationId, listener: Listener): () => void;
  /** Begins the log of an epoch. False when a higher one has begun. */
  claim(conversation: ConversationId, epoch: number): Promise<boolean>;
  /** Forgets the log: its conversation has no owner here any more. */
  release(conversation: ConversationId): Promise<void>;
}
