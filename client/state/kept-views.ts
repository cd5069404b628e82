import type { ConversationId, ModelId } from '../../contracts/ids.ts';
import { NOWHERE } from '../../contracts/position.ts';
import type { ConversationView } from '../../contracts/view.ts';

const VIEWS_KEPT = 12;

/** The conversations that were looked at last, so that they are there at once when somebody comes back to them. */
export class KeptViews {
  readonly #views = new Map<ConversationId, ConversationView>();

  get(id: ConversationId): ConversationView | undefined {
    return this.#views.get(id);
  }

  keep(view: ConversationView): void {
    const { id } = view.conversation;
    this.#views.delete(id);
    this.#views.set(id, view);
    for (const oldest of this.#views.keys()) if (this.#views.size > VIEWS_KEPT) this.#views.delete(oldest);
  }

  clear(): void {
    this.#views.clear();
  }
}

/** What stands for a conversation of which nothing is known yet; the one before as long as nothing changes. */
export function emptyView(id: ConversationId, before: ConversationView | undefined, model = '' as ModelId): ConversationView {
  if (before?.conversation.id === id && before.conversation.model === model) return before;
  return {
    conversation: {
      id, title: '', titledBy: 'nobody', model, parameters: {},
      createdAt: 0, updatedAt: 0, pinned: false, archived: false, deletedAt: null, choices: {}, queue: [],
    },
    messages: [], turn: null, isErased: false, position: NOWHERE, lastMessage: NOWHERE,
  };
}
