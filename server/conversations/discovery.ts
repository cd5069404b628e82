import type { FindAsked, Found } from '../../contracts/cases.ts';
import type { Conversation, Message } from '../../contracts/conversation.ts';
import { Failure } from '../../contracts/failures.ts';
import type { ConversationId, SiteId, UserId } from '../../contracts/ids.ts';
import type { Note } from '../../contracts/sites.ts';
import { textOf } from '../../contracts/view.ts';
import type { Keys } from '../journal/keys.ts';
import type { Key } from '../journal/seal.ts';
import type { Store, Stored } from '../store/store.ts';
import { all, walk } from '../store/walk.ts';
import { conversationOf, noteOf } from './documents.ts';
import { messagesIn } from './loading.ts';

/** Conversations that are shown, and looked through, at once. */
const MOST_FOUND = 500;
const MOST_READ = 5_000;
const PAGE = 200;

/** Reads what others wrote, for a case. Whoever asks has put that on record; what is erased is found no more. */
export interface Discovery {
  /** The latest ones. `isWhole`: there are no others. */
  find(asked: Pick<FindAsked, 'of' | 'from' | 'to' | 'words'>): Promise<{ found: Found[]; isWhole: boolean }>;
  /** With every branch: as it is, or with what was there at a moment. Throws `not-found`, and `erased` for what can be read no more. */
  read(id: ConversationId, at: number | null): Promise<{ found: Found; messages: Message[]; notes: Note[] }>;
}

/** Discovery in this store. */
export function openDiscovery(store: Store, keys: Keys): Discovery {
  const foundIn = async (stored: Stored<'conversation'>): Promise<{ found: Found; messages: Message[]; key: Key } | undefined> => {
    const key = stored.body.isErased ? undefined : await keys.of(stored.id);
    if (key === undefined) return undefined;
    const messages = await messagesIn(store, stored.id, key);
    return { key, messages, found: describe(conversationOf(stored, key), stored, messages) };
  };
  return {
    async find({ of, from, to, words }) {
      const found: Found[] = [];
      let read = 0;
      for await (const stored of conversationsOf(store, of)) {
        if (found.length === MOST_FOUND || read === MOST_READ) return { found, isWhole: false };
        const { createdAt, updatedAt } = stored.body;
        if (createdAt > (to ?? createdAt) || updatedAt < (from ?? updatedAt)) continue;
        read += 1;
        const one = await foundIn(stored);
        if (one !== undefined && hasWords(one, words)) found.push(one.found);
      }
      return { found, isWhole: true };
    },
    async read(id, at) {
      const stored = await store.get('conversation', id);
      if (stored === undefined) throw new Failure('not-found');
      const one = await foundIn(stored);
      if (one === undefined) throw new Failure('erased');
      const notes = (await all(store, { kind: 'note', index: 'byConversation', where: [id], limit: 1_000 })).map((note) => noteOf(note, one.key));
      const wasThere = (thing: { readonly at: number }): boolean => thing.at <= (at ?? thing.at);
      const messages = one.messages.filter(wasThere);
      return { found: { ...one.found, messages: messages.length }, messages, notes: notes.filter(wasThere) };
    },
  };
}

/** Archived ones and deleted ones, too. */
async function* conversationsOf(store: Store, of: FindAsked['of']): AsyncIterable<Stored<'conversation'>> {
  const queries = of.type === 'site' ? [{ index: 'bySite', where: [of.id] } as const] : [false, true].map((archived) => ({ index: 'byOwner', where: [of.id, archived] }) as const);
  for (const query of queries) yield* walk(store, { kind: 'conversation', ...query, order: 'down', limit: PAGE });
}

function describe({ title, createdAt, updatedAt, deletedAt }: Conversation, { id, body }: Stored<'conversation'>, messages: readonly Message[]): Found {
  return { id: id as ConversationId, owner: body.owner as UserId, site: (body.site ?? null) as SiteId | null, title, createdAt, updatedAt, deletedAt, messages: messages.length };
}

function hasWords({ found, messages }: { found: Found; messages: readonly Message[] }, words: string): boolean {
  const wanted = words.toLocaleLowerCase().split(/\s+/u).filter((word) => word !== '');
  return wanted.length === 0 || [found.title, ...messages.map(textOf)].some((text) => wanted.every((word) => text.toLocaleLowerCase().includes(word)));
}
