import type { ConversationId } from '../../contracts/ids.ts';
import type { Position } from '../../contracts/position.ts';
import type { PlacedEvent } from '../../contracts/socket.ts';

/** One process of the product. A restart is another instance. */
export type InstanceId = string;

/** Events of one conversation, in order and without a gap; `after` is the position before the first. */
export interface LogEntry {
  readonly conversation: ConversationId;
  readonly after: Position;
  readonly events: readonly PlacedEvent[];
  /** Everything up to here is in the store, so the log need not hold it for a new owner any longer. */
  readonly stored?: Position;
  /**
   * Where traces are on, and it is more than growing text: what it was appended in, as the fields of W3C Trace Context that a question has, too. It is kept and announced with the events, so
   * that whoever shows them on another instance goes on from it; what is read from the log again comes without.
   */
  readonly carried?: { readonly traceparent?: string; readonly tracestate?: string };
}

/** `behind`: the log lacks what comes before (claim again). `stale`: somebody owns a higher epoch (step down). */
export type Verdict = 'written' | 'behind' | 'stale';

/** Hears a conversation's events as they become visible, each entry once and in order; `restarted` when some may have been missed. */
export type Listener = (heard: LogEntry | 'restarted') => void;

/**
 * What an instance does for the others. Questions and answers are the product's and cross as JSON; the bus only carries them. Where traces are on, a question has two fields more, `traceparent`
 * and, where there is one, `tracestate` of W3C Trace Context: `observe/traced.ts` puts them in and reads them, and nobody else looks at them. Both may be missing.
 */
export interface Serving {
  answer(question: unknown): Promise<unknown>;
  /** A conversation that was claimed here has another owner (`taken`: step down), or the bus has forgotten who owns it (`missing`: claim again). */
  lost(conversation: ConversationId, how: 'taken' | 'missing'): void;
}

/**
 * The live log of every conversation, how tabs on any instance hear it, and how instances find the owner of one. Owners number; the bus keeps the order and
 * refuses whoever writes from behind. What it holds is what happened lately: `since` answers `gone` when the log does not reach back that far, or began anew
 * under another epoch. While the bus is away every call rejects with `bus-unavailable`; after a rejected `append` it is not known what was written.
 */
export interface Bus {
  /** Whether there may be other instances. Then an appended entry survives the death of its owner; when not, a draft is committed to the store before it is appended. */
  readonly isShared: boolean;
  /** Whether the bus is known to be away. New commands are refused then, before anything of them is on record. */
  readonly isAway: boolean;
  /** One call per tick for all conversations of this instance; one verdict each. */
  append(entries: readonly LogEntry[]): Promise<readonly Verdict[]>;
  since(conversation: ConversationId, position: Position): Promise<readonly PlacedEvent[] | 'gone'>;
  subscribe(conversation: ConversationId, listener: Listener): () => void;
  /** Begins the log of an epoch, whose owner is this instance, and gives what the log still held of the epochs before, in one step. `stale` when this one or a higher one has begun. */
  claim(conversation: ConversationId, epoch: number): Promise<readonly PlacedEvent[] | 'stale'>;
  /** Lets go of a conversation that was claimed under this epoch, unless somebody else has it by now. Listeners here hear `restarted` in any case. */
  release(conversation: ConversationId, epoch: number): Promise<void>;
  /** Which living instance owns each of these; `undefined` where none does. An instance that does not answer is living until it is proven dead or its lease has run out. */
  owners(conversations: readonly ConversationId[]): Promise<readonly (InstanceId | undefined)[]>;
  /** Rejects with `outcome-unknown` when no answer came. */
  ask(owner: InstanceId, question: unknown): Promise<unknown>;
  /** Begins to answer. What it returns ends that, gives up every claim and closes the bus. */
  serve(serving: Serving): () => Promise<void>;
}
