import type { Conversation, Message } from '../../contracts/conversation.ts';
import { Failure } from '../../contracts/failures.ts';
import type { ConversationId, ModelId, TurnId, UserId } from '../../contracts/ids.ts';
import { NOWHERE } from '../../contracts/position.ts';
import type { ConversationView, OpenTurn } from '../../contracts/view.ts';
import type { Keys } from '../journal/keys.ts';
import type { Key } from '../journal/seal.ts';
import type { Kind } from '../store/kinds.ts';
import type { IndexQuery, Store, Stored } from '../store/store.ts';
import { conversationOf, messageOf, turnOf } from './documents.ts';
import { partsOfDraft } from './draft.ts';
import type { LiveStart } from './live.ts';

export interface Loaded extends LiveStart {
  /** Pieces of drafts whose turn has an outcome: left behind by a crash. */
  readonly leftovers: readonly string[];
}

/**
 * A conversation as the store has it, under the next epoch. `not-found` for everybody but its owner; a conversation that was never begun is made for `user` when
 * `begin` says with which model. A turn without an outcome comes with the text that had been shown.
 */
export async function load(store: Store, keys: Keys, id: ConversationId, user: UserId, begin: { model: ModelId; at: number } | undefined): Promise<Loaded> {
  const stored = await store.get('conversation', id);
  if (stored === undefined) return loadBlank(store, keys, id, user, begin);
  if (stored.body.owner !== user) throw new Failure('not-found');
  if (stored.body.isErased) throw new Failure('erased');
  const key = await keys.of(id);
  if (key === undefined) throw new Failure('erased');
  const head = (await store.get('head', id))?.body ?? null;
  const messages = (await all(store, { kind: 'message', index: 'byConversation', where: [id], limit: 1_000 })).map((one) => messageOf(one, key));
  const drafts = await all(store, { kind: 'draft', index: 'byConversation', where: [id], limit: 1_000 });
  const turn = await openTurn(store, id, key, drafts);
  const view = viewOf(conversationOf(stored, key), messages, turn, head ?? NOWHERE);
  const leftovers = drafts.filter((piece) => piece.body.turn !== turn?.id).map((piece) => piece.id);
  return { id, owner: user, view, head, key, eraseAt: stored.body.eraseAt, leftovers };
}

async function loadBlank(store: Store, keys: Keys, id: ConversationId, user: UserId, begin: { model: ModelId; at: number } | undefined): Promise<Loaded> {
  const owner = await keys.ownerOf(id);
  if (begin === undefined || (owner !== undefined && owner !== user)) throw new Failure('not-found');
  const kept = owner === undefined ? undefined : await keys.of(id);
  const made = kept === undefined ? keys.make(id, user) : undefined;
  const head = (await store.get('head', id))?.body ?? null;
  const conversation: Conversation = {
    id, title: '', titledBy: 'nobody', model: begin.model, parameters: {}, createdAt: begin.at, updatedAt: begin.at,
    pinned: false, archived: false, deletedAt: null, choices: {}, queue: [],
  };
  return { id, owner: user, view: viewOf(conversation, [], null, head ?? NOWHERE), head, key: (kept ?? made?.key) as Key, keyChange: made?.change, eraseAt: null, leftovers: [] };
}

function viewOf(conversation: Conversation, messages: readonly Message[], turn: OpenTurn | null, last: { epoch: number; seq: number }): ConversationView {
  return { conversation, messages, turn, isErased: false, position: { epoch: last.epoch + 1, seq: 0 }, lastMessage: { epoch: last.epoch, seq: last.seq } };
}

async function openTurn(store: Store, id: ConversationId, key: Key, drafts: readonly Stored<'draft'>[]): Promise<OpenTurn | null> {
  const [turn] = (await store.find({ kind: 'turn', index: 'byConversation', where: [id, 'open'], limit: 1 })).items;
  if (turn === undefined) return null;
  const parts = partsOfDraft(drafts.filter((piece) => piece.body.turn === turn.id), key);
  return { id: turn.id as TurnId, reply: { ...turnOf(turn, key).reply, parts }, phase: 'closing' };
}

/** Every document of a query, page by page. */
export async function all<K extends Kind>(store: Store, query: IndexQuery<K>): Promise<Stored<K>[]> {
  const found: Stored<K>[] = [];
  for (let after: string | undefined; ; ) {
    const page = await store.find({ ...query, after });
    found.push(...page.items);
    if (page.cursor === null) return found;
    after = page.cursor;
  }
}
