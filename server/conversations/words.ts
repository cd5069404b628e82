import { textOf } from '../../contracts/view.ts';
import type { Keys } from '../journal/keys.ts';
import { UNFENCED, type Change, type DocumentName, type Store, type Text } from '../store/store.ts';
import { conversationOf, messageOf } from './documents.ts';

const DOCUMENTS_AT_ONCE = 100;
/** Characters in one commit, so that it stays far below what a commit may hold. */
const CHARACTERS_AT_ONCE = 1_000_000;
const NOTHING: Text = { owner: '', words: '' };

/**
 * Gives search the words again that a crash kept from it, read from the encrypted documents, in steps that let others write in between. What has no key any more gets no
 * words. Resolves with how many documents it were, early when `signal` is aborted; throws when the store takes no words.
 */
export async function repairSearch(store: Store, keys: Keys, signal: AbortSignal): Promise<number> {
  let repaired = 0;
  let last: DocumentName | undefined;
  while (!signal.aborted) {
    const missing = await store.behind(DOCUMENTS_AT_ONCE);
    const [first] = missing;
    if (first === undefined) break;
    if (first.kind === last?.kind && first.id === last.id) throw new Error('the store does not keep the words that it is given');
    last = first;
    repaired += await giveAgain(store, keys, missing);
  }
  return repaired;
}

/** As many of them as fit in one commit, at least the first. */
async function giveAgain(store: Store, keys: Keys, missing: readonly DocumentName[]): Promise<number> {
  const changes: Change[] = [];
  let characters = 0;
  for (const { kind, id } of missing) {
    const text = (await (kind === 'message' ? textOfMessage(store, keys, id) : textOfConversation(store, keys, id))) ?? NOTHING;
    changes.push({ do: 'words', kind, id, text });
    characters += text.words.length;
    if (characters >= CHARACTERS_AT_ONCE) break;
  }
  await store.commit(changes, UNFENCED);
  return changes.length;
}

async function textOfMessage(store: Store, keys: Keys, id: string): Promise<Text | undefined> {
  const message = await store.get('message', id);
  const conversation = message && (await store.get('conversation', message.body.conversation));
  const key = conversation && conversation.body.temporary !== true ? await keys.of(conversation.id) : undefined;
  return message && conversation && key && { owner: conversation.body.owner, words: textOf(messageOf(message, key)) };
}

async function textOfConversation(store: Store, keys: Keys, id: string): Promise<Text | undefined> {
  const conversation = await store.get('conversation', id);
  const key = conversation && !conversation.body.isErased && conversation.body.temporary !== true ? await keys.of(id) : undefined;
  return conversation && key && { owner: conversation.body.owner, words: conversationOf(conversation, key).title };
}
