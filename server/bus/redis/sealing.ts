import { Failure } from '../../../contracts/failures.ts';
import type { ConversationId } from '../../../contracts/ids.ts';
import type { Position } from '../../../contracts/position.ts';
import type { PlacedEvent } from '../../../contracts/socket.ts';
import type { LogEntry } from '../bus.ts';
import { idOf, positionOf } from './keys.ts';

/** Makes text unreadable for Redis. What is sealed for one place cannot be opened as if it stood elsewhere, and holds no spaces or line breaks. */
export interface Sealing {
  seal(text: string, place: string): string;
  open(sealed: string, place: string): string;
}

/** An entry as it is kept and announced. */
export interface SealedEntry {
  readonly conversation: ConversationId;
  /** The number before its first event. */
  readonly after: number;
  /** The position of its last event. */
  readonly last: Position;
  readonly sealed: string;
}

const placeOf = (conversation: ConversationId, id: string): string => `log/${conversation}/${id}`;

/** An entry as Redis keeps it: its events encrypted, bound to their conversation and place. What it carries stands behind them, where an instance that knows nothing of it does not look. */
export function sealEntry({ conversation, after, events, carried }: LogEntry, sealing: Sealing): SealedEntry {
  const last: Position = { epoch: after.epoch, seq: after.seq + events.length };
  const text = JSON.stringify([after.seq + 1, events.map(([, , event]) => event), ...(carried === undefined ? [] : [carried])]);
  return { conversation, after: after.seq, last, sealed: sealing.seal(text, placeOf(conversation, idOf(last))) };
}

/** The events of an entry, each with its place, and what it carries. Throws when it was sealed with another key. */
export function openEntry(conversation: ConversationId, id: string, sealed: string, sealing: Sealing): Pick<LogEntry, 'events' | 'carried'> {
  const [first, events, carried] = JSON.parse(sealing.open(sealed, placeOf(conversation, id))) as [number, PlacedEvent[2][], LogEntry['carried']?];
  const { epoch } = positionOf(id);
  return { events: events.map((event, index): PlacedEvent => [epoch, first + index, event]), ...(carried !== undefined && { carried }) };
}

/** The sealings of the conversations that are owned or watched here, so that most events need not wait for a key. */
export class Sealings {
  readonly #keyed: (conversation: ConversationId) => Promise<Sealing>;
  readonly #known = new Map<ConversationId, Sealing>();

  constructor(keyed: (conversation: ConversationId) => Promise<Sealing>) {
    this.#keyed = keyed;
  }

  known(conversation: ConversationId): Sealing | undefined {
    return this.#known.get(conversation);
  }

  /** Rejects with `record-unavailable` while the key cannot be read. */
  async of(conversation: ConversationId): Promise<Sealing> {
    const known = this.#known.get(conversation);
    if (known !== undefined) return known;
    const sealing = await this.#keyed(conversation).catch((error: unknown) => {
      throw error instanceof Failure ? error : new Failure('record-unavailable', { cause: error });
    });
    this.#known.set(conversation, sealing);
    return sealing;
  }

  forget(conversation: ConversationId): void {
    this.#known.delete(conversation);
  }
}
