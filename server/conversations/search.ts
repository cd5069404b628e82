import type { ConversationId, MessageId, UserId } from '../../contracts/ids.ts';
import type { SearchHit } from '../../contracts/routes.ts';
import type { Keys } from '../journal/keys.ts';
import type { Store, TextHit } from '../store/store.ts';
import { conversationOf } from './documents.ts';

const PAGE = 30;

/** Messages and titles of one person that hold all the words. Deleted conversations are not found. */
export type SearchMessages = (owner: UserId, words: string, cursor: string | undefined) => Promise<{ hits: SearchHit[]; cursor: string | null }>;

/** Search in what this store’s index finds; snippets are made anew from what was found. */
export function openSearch(store: Store, keys: Keys): SearchMessages {
  const conversationFor = async (id: string, owner: UserId) => {
    const stored = await store.get('conversation', id);
    if (stored === undefined || stored.body.owner !== owner || stored.body.deletedAt !== null || stored.body.isErased) return undefined;
    const key = await keys.of(id);
    return key === undefined ? undefined : { key, conversation: conversationOf(stored, key) };
  };
  const hitOf = async (hit: TextHit, owner: UserId): Promise<SearchHit | undefined> => {
    const message = hit.kind === 'message' ? await store.get('message', hit.id) : undefined;
    const found = await conversationFor(message?.body.conversation ?? hit.id, owner);
    if (found === undefined || (hit.kind === 'message' && message === undefined)) return undefined;
    const { conversation } = found;
    const at = message?.body.at ?? conversation.updatedAt;
    return { conversation: conversation.id as ConversationId, title: conversation.title, message: (message?.id ?? null) as MessageId | null, snippet: hit.snippet, at };
  };
  return async (owner, words, cursor) => {
    const page = await store.search({ kinds: ['message', 'conversation'], owner, words, limit: PAGE, after: cursor });
    const hits = await Promise.all(page.items.map((hit) => hitOf(hit, owner)));
    return { hits: hits.filter((hit) => hit !== undefined), cursor: page.cursor };
  };
}

