import type { FindAsked, FindFound, Found, Subject } from '../../contracts/cases.ts';
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
/** Of everybody less is looked at for one question, since whoever asks can go on: it stops after one of these many that are looked at together. */
const LOOKED_AT_ONCE = 1_000;
const MESSAGES_AT_ONCE = 20_000;
const LOOKED_TOGETHER = 20;

/** Reads what others wrote, for a case. Whoever asks has put that on record; what is erased is found no more. */
export interface Discovery {
  /** The latest ones of each, each once; of everybody the latest of all, as far as it looks for one question. Throws `invalid-command` for an `after` that is no place in the order. */
  find(asked: Pick<FindAsked, 'of' | 'from' | 'to' | 'models' | 'words' | 'after'>): Promise<FindFound>;
  /** With every branch: as it is, or with what was there at a moment. Throws `not-found`, and `erased` for what can be read no more. */
  read(id: ConversationId, at: number | null): Promise<{ found: Found; messages: Message[]; notes: Note[] }>;
}

type Asked = Pick<FindAsked, 'from' | 'to' | 'models' | 'words' | 'after'>;

/** What one question has cost so far. */
interface Looked {
  conversations: number;
  messages: number;
}

/** Discovery in this store. */
export function openDiscovery(store: Store, keys: Keys): Discovery {
  const keyFor = async ({ id, body }: Stored<'conversation'>): Promise<Key | undefined> => (body.isErased ? undefined : keys.of(id));
  /** As it is shown, when it can be read and has what is wanted. */
  const shownOf = async (stored: Stored<'conversation'>, { from, to, models, words }: Asked, looked: Looked): Promise<Found | undefined> => {
    const key = isWithin(stored.body, from, to) ? await keyFor(stored) : undefined;
    if (key === undefined) return undefined;
    looked.conversations += 1;
    const conversation = conversationOf(stored, key);
    if (!(await fits(store, stored.id, key, wantedIn(conversation, models, words), looked))) return undefined;
    return describe(conversation, stored, await countIn(store, stored.id));
  };
  const findOf = async (of: readonly Subject[], asked: Asked): Promise<FindFound> => {
    const found = new Map<string, Found>();
    const looked = { conversations: 0, messages: 0 };
    let isWhole = true;
    for (const subject of of) {
      let shown = 0;
      for await (const stored of conversationsOf(store, subject, 'down')) {
        if (shown === MOST_FOUND || looked.conversations === MOST_READ || looked.messages >= MOST_MESSAGES) {
          isWhole = false;
          break;
        }
        const one = found.has(stored.id) ? undefined : await shownOf(stored, asked, looked);
        if (one === undefined) continue;
        shown += 1;
        found.set(stored.id, one);
      }
    }
    return { found: [...found.values()], isWhole };
  };
  const findOfEverybody = async (asked: Asked): Promise<FindFound> => {
    const found: Found[] = [];
    const looked = { conversations: 0, messages: 0 };
    let { after } = asked;
    for (let passed = 0; ; ) {
      const page = await store.find({ kind: 'conversation', index: 'byChange', where: [false], ...(asked.from !== null && { from: asked.from }), order: 'down', limit: LOOKED_TOGETHER, after });
      for (const stored of page.items) {
        const one = await shownOf(stored, asked, looked);
        if (one !== undefined) found.push(one);
      }
      const last = page.items.at(-1);
      if (page.cursor === null || last === undefined) return { found, isWhole: true };
      after = page.cursor;
      passed += page.items.length;
      const isEnough = found.length + LOOKED_TOGETHER > MOST_FOUND || passed >= LOOKED_AT_ONCE || looked.messages >= MESSAGES_AT_ONCE;
      if (isEnough) return { found, isWhole: false, goesOn: { after, at: last.body.updatedAt } };
    }
  };
  return {
    find: ({ of, ...asked }) => (Array.isArray(of) ? findOf(of, asked) : findOfEverybody(asked)),
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
async function fits(store: Store, id: string, key: Key, { models, words }: Wanted, looked: Looked): Promise<boolean> {
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
