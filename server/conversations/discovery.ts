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
import { conversationsOf, isWithin } from '../journal/exports/plan.ts';
import { conversationOf, messageOf, noteOf } from './documents.ts';
import { messagesIn } from './loading.ts';

/** Conversations that are shown of each person or site, and conversations and messages that are looked through at once. */
const MOST_FOUND = 500;
const MOST_READ = 5_000;
const MOST_MESSAGES = 200_000;
const PAGE = 100;

/** Reads what others wrote, for a case. Whoever asks has put that on record; what is erased is found no more. */
export interface Discovery {
  /** The latest ones of each, each once. `isWhole`: there are no others. */
  find(asked: Pick<FindAsked, 'of' | 'from' | 'to' | 'models' | 'words'>): Promise<{ found: Found[]; isWhole: boolean }>;
  /** With every branch: as it is, or with what was there at a moment. Throws `not-found`, and `erased` for what can be read no more. */
  read(id: ConversationId, at: number | null): Promise<{ found: Found; messages: Message[]; notes: Note[] }>;
}

/** Discovery in this store. */
export function openDiscovery(store: Store, keys: Keys): Discovery {
  const keyFor = async ({ id, body }: Stored<'conversation'>): Promise<Key | undefined> => (body.isErased ? undefined : keys.of(id));
  return {
    async find({ of, from, to, models, words }) {
      const found = new Map<string, Found>();
      const looked = { conversations: 0, messages: 0 };
      let isWhole = true;
      for (const subject of of) {
        let shown = 0;
        for await (const stored of conversationsOf(store, subject)) {
          if (shown === MOST_FOUND || looked.conversations === MOST_READ || looked.messages >= MOST_MESSAGES) {
            isWhole = false;
            break;
          }
          if (found.has(stored.id) || !isWithin(stored.body, from, to)) continue;
          const key = await keyFor(stored);
          if (key === undefined) continue;
          looked.conversations += 1;
          const conversation = conversationOf(stored, key);
          if (!(await fits(store, stored.id, key, wantedIn(conversation, models, words), looked))) continue;
          shown += 1;
          found.set(stored.id, describe(conversation, stored, await countIn(store, stored.id)));
        }
      }
      return { found: [...found.values()], isWhole };
    },
    async read(id, at) {
      const stored = await store.get('conversation', id);
      if (stored === undefined) throw new Failure('not-found');
      const key = await keyFor(stored);
      if (key === undefined) throw new Failure('erased');
      const notes = (await all(store, { kind: 'note', index: 'byConversation', where: [id], limit: 1_000 })).map((note) => noteOf(note, key));
      const wasThere = (thing: { readonly at: number }): boolean => thing.at <= (at ?? thing.at);
      const messages = (await messagesIn(store, id, key)).filter(wasThere);
      return { found: describe(conversationOf(stored, key), stored, messages.length), messages, notes: notes.filter(wasThere) };
    },
  };
}

function describe({ title, createdAt, updatedAt, deletedAt }: Conversation, { id, body }: Stored<'conversation'>, messages: number): Found {
  return { id: id as ConversationId, owner: body.owner as UserId, site: (body.site ?? null) as SiteId | null, title, createdAt, updatedAt, deletedAt, messages };
}

/** Messages are placed without gap, so the last place tells how many there are. */
async function countIn(store: Store, id: string): Promise<number> {
  const { items } = await store.find({ kind: 'message', index: 'byConversation', where: [id], order: 'down', limit: 1 });
  return items[0] === undefined ? 0 : items[0].body.place + 1;
}

/** What one conversation has to have. */
interface Wanted {
  readonly models: ReadonlySet<string>;
  /** Empty once they are in the title. */
  readonly words: readonly string[];
}

function wantedIn({ title }: Conversation, models: readonly string[], words: string): Wanted {
  const wanted = words.toLocaleLowerCase().split(/\s+/u).filter((word) => word !== '');
  return { models: new Set(models), words: holdsAll(title, wanted) ? [] : wanted };
}

/** Reads no further than it has to. */
async function fits(store: Store, id: string, key: Key, { models, words }: Wanted, looked: { messages: number }): Promise<boolean> {
  let [hasModel, hasWords] = [models.size === 0, words.length === 0];
  if (hasModel && hasWords) return true;
  for await (const stored of walk(store, { kind: 'message', index: 'byConversation', where: [id], limit: PAGE })) {
    looked.messages += 1;
    const message = messageOf(stored, key);
    hasModel ||= message.model !== undefined && models.has(message.model);
    hasWords ||= holdsAll(textOf(message), words);
    if (hasModel && hasWords) return true;
  }
  return false;
}

function holdsAll(text: string, words: readonly string[]): boolean {
  const lower = text.toLocaleLowerCase();
  return words.every((word) => lower.includes(word));
}
