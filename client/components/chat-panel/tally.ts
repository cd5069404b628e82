import type { Message } from '../../../contracts/conversation.ts';
import type { ConversationId } from '../../../contracts/ids.ts';
import type { ConversationController } from '../../state/conversation.ts';
import { keepItem, readItem } from '../../state/storage.ts';

/** Counts what is new in a conversation: what came while somebody looked is not, here or on a page before where the browser keeps anything; without it, what was there when it was opened is not. */
export class Tally {
  /** Replies that have ended since somebody looked. */
  unread = 0;
  /** The last of them. */
  latest: Message | undefined;
  readonly #storage: Storage | undefined;
  readonly #key: () => string;
  #of: ConversationId | undefined;
  #seen = 0;
  #told = 0;

  /** Under this key the last reply that was looked at is kept. */
  constructor(storage: Storage | undefined, key: () => string) {
    this.#storage = storage;
    this.#key = key;
  }

  /** The messages that have come since the last time. */
  observe({ id, phase, view }: ConversationController, isLookedAt: boolean): readonly Message[] {
    if (phase !== 'new' && (phase !== 'ready' || view.position.epoch === 0)) return []; // what was sent may be there before what it belongs to
    const { messages } = view;
    const replies = messages.filter(({ author }) => author === 'model');
    const isOther = this.#of !== id;
    if (isOther) this.#seen = this.#seenBefore(replies);
    if (isLookedAt || phase === 'new') this.#look(replies);
    const fresh = messages.slice(isOther && phase !== 'new' ? messages.length : isOther ? 0 : this.#told);
    this.#of = id;
    this.#told = messages.length;
    this.unread = Math.max(0, replies.length - this.#seen);
    this.latest = this.unread === 0 ? undefined : (fresh.findLast(({ author }) => author === 'model') ?? this.latest);
    return fresh;
  }

  /** Of this site nothing was ever looked at. */
  forget(): void {
    keepItem(this.#storage, this.#key(), undefined);
  }

  #look(replies: readonly Message[]): void {
    const last = replies.at(-1)?.id;
    if (this.#seen !== replies.length && last !== undefined) keepItem(this.#storage, this.#key(), last);
    this.#seen = replies.length;
  }

  #seenBefore(replies: readonly Message[]): number {
    const last = readItem(this.#storage, this.#key());
    const at = replies.findIndex(({ id }) => id === last);
    return at < 0 ? replies.length : at + 1;
  }
}
