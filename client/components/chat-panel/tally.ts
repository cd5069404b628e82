import type { Message } from '../../../contracts/conversation.ts';
import type { ConversationId } from '../../../contracts/ids.ts';
import type { ConversationController } from '../../state/conversation.ts';

/** Counts what is new in a conversation: whatever was there when it was opened, or came while somebody looked, is not. */
export class Tally {
  /** Replies that have ended since somebody looked. */
  unread = 0;
  /** The last of them. */
  latest: Message | undefined;
  #of: ConversationId | undefined;
  #seen = 0;
  #told = 0;

  /** The messages that have come since the last time. */
  observe({ id, phase, view }: ConversationController, isLookedAt: boolean): readonly Message[] {
    if (phase !== 'new' && phase !== 'ready') return [];
    const { messages } = view;
    const replies = messages.filter(({ author }) => author === 'model').length;
    const isOther = this.#of !== id;
    if (isLookedAt || phase === 'new' || isOther) this.#seen = replies;
    const fresh = messages.slice(isOther && phase !== 'new' ? messages.length : isOther ? 0 : this.#told);
    this.#of = id;
    this.#told = messages.length;
    this.unread = Math.max(0, replies - this.#seen);
    this.latest = this.unread === 0 ? undefined : (fresh.findLast(({ author }) => author === 'model') ?? this.latest);
    return fresh;
  }
}
