import type { Conversation, Message } from '../../contracts/conversation.ts';
import type { ConversationId, TurnId } from '../../contracts/ids.ts';
import type { Position } from '../../contracts/position.ts';
import type { Note } from '../../contracts/sites.ts';
import { siteOf } from '../../contracts/site-model.ts';
import { textOf, type ConversationView } from '../../contracts/view.ts';
import { open, seal, type Key } from '../journal/seal.ts';
import type { Kinds } from '../store/kinds.ts';
import type { Change, Stored } from '../store/store.ts';

/** What of a conversation is content, and so under its key. */
type Content = Pick<Conversation, 'title' | 'titledBy' | 'model' | 'parameters' | 'choices' | 'queue' | 'ratings' | 'handoff' | 'visitor'>;

/** A conversation as the store keeps it: what lists are ordered by in the open, the rest under its key. */
export function conversationBody(conversation: Conversation, owner: string, key: Key, more: { eraseAt: number | null; isErased: boolean; runs: boolean; position: Position }): Kinds['conversation'] {
  const { id, title, titledBy, model, parameters, choices, queue, ratings, handoff, visitor, createdAt, updatedAt, pinned, archived, deletedAt, temporary } = conversation;
  const content: Content = { title, titledBy, model, parameters, choices, queue, ...(ratings && { ratings }), ...(handoff && { handoff }), ...(visitor && { visitor }) };
  const site = siteOf(model);
  return { owner, conversation: id, createdAt, updatedAt, pinned, archived, deletedAt, waits: queue.length > 0 && deletedAt === null, ...more, ...(temporary === true && !more.isErased && { temporary }), ...(site !== undefined && { site }), ...(handoff && { handoff: handoff.state }), sealed: seal(content, key, `conversation:${id}`) };
}

/** The conversation that a document holds. Throws when it was sealed under another key or for another place. */
export function conversationOf(stored: Stored<'conversation'>, key: Key): Conversation {
  const { createdAt, updatedAt, pinned, archived, deletedAt, temporary, sealed } = stored.body;
  return { id: stored.id as ConversationId, createdAt, updatedAt, pinned, archived, deletedAt, ...(temporary === true && { temporary }), ...open<Content>(sealed, key, `conversation:${stored.id}`) };
}

function messageChange(message: Message, place: number, { id, temporary }: Conversation, owner: string, key: Key): Change {
  const body = { conversation: id, parent: message.parent, at: message.at, place, sealed: seal(message, key, `message:${message.id}`) };
  const words = temporary === true ? '' : textOf(message);
  return { do: 'add', kind: 'message', id: message.id, body, ...(words !== '' && { text: { owner, words } }) };
}

/** The message that a document holds. Throws as `conversationOf` does. */
export function messageOf(stored: Stored<'message'>, key: Key): Message {
  return open(stored.body.sealed, key, `message:${stored.id}`);
}

/** A note as the store keeps it. */
export function noteChange(note: Note, conversation: ConversationId, key: Key): Change {
  return { do: 'add', kind: 'note', id: note.id, body: { conversation, at: note.at, sealed: seal(note, key, `note:${note.id}`) } };
}

/** The note that a document holds. Throws as `conversationOf` does. */
export function noteOf(stored: Stored<'note'>, key: Key): Note {
  return open(stored.body.sealed, key, `note:${stored.id}`);
}

/** What a restart needs to know of a turn that has no outcome. */
export interface TurnContent {
  readonly reply: Message;
}

/** A turn as the store keeps it. */
export function turnBody(conversation: ConversationId, turn: TurnId, state: 'open' | 'concluded', content: TurnContent, key: Key): Kinds['turn'] {
  return { conversation, state, startedAt: content.reply.at, sealed: seal(content, key, `turn:${turn}`) };
}

/** What a turn’s document holds. Throws as `conversationOf` does. */
export function turnOf(stored: Stored<'turn'>, key: Key): TurnContent {
  return open(stored.body.sealed, key, `turn:${stored.id}`);
}

/** A file that is in a message, or in one that waits, is no longer unsent. */
function filesSent(before: ConversationView, after: ConversationView, added: readonly Message[]): Change[] {
  const queued = after.conversation.queue.filter((one) => before.conversation.queue.every((other) => other.command !== one.command));
  const parts = [...added.flatMap((message) => message.parts), ...queued.flatMap((one) => one.files)];
  return parts.flatMap((part): Change[] => (part.type === 'file' ? [{ do: 'remove', kind: 'unsent', id: part.fileId }] : []));
}

/** The documents that make a view durable, given what was durable before; `eraseAt` counts only while it is deleted and not erased. Events decide, documents follow: there is no second account of what happened. */
export function changesBetween(before: ConversationView, after: ConversationView, owner: string, key: Key, eraseAt: number | null): Change[] {
  const { id } = after.conversation;
  const added = after.messages.slice(before.messages.length);
  const changes: Change[] = added.map((message, index) => messageChange(message, before.messages.length + index, after.conversation, owner, key));
  changes.push(...filesSent(before, after, added));
  if (after.turn !== null && after.turn.id !== before.turn?.id) {
    const content: TurnContent = { reply: after.turn.reply };
    changes.push({ do: 'add', kind: 'turn', id: after.turn.id, body: turnBody(id, after.turn.id, 'open', content, key) });
  }
  if (before.turn !== null && after.turn?.id !== before.turn.id) {
    const content: TurnContent = { reply: { ...before.turn.reply, parts: [] } };
    changes.push({ do: 'put', kind: 'turn', id: before.turn.id, body: turnBody(id, before.turn.id, 'concluded', content, key) });
  }
  if (after.conversation !== before.conversation || (after.turn === null) !== (before.turn === null)) {
    const text = after.conversation.temporary === true || after.conversation.title === before.conversation.title ? {} : { text: { owner, words: after.conversation.title } };
    changes.push({ ...conversationChange(after, owner, key, eraseAt), ...text });
  }
  return changes;
}

/** The document of the conversation itself, as it is in this view; `eraseAt` as for `changesBetween`. */
export function conversationChange({ conversation, isErased, turn, position }: ConversationView, owner: string, key: Key, eraseAt: number | null): Extract<Change, { do: 'put'; kind: 'conversation' }> {
  const isDue = conversation.deletedAt !== null && !isErased;
  const body = conversationBody(conversation, owner, key, { eraseAt: isDue ? eraseAt : null, isErased, runs: turn !== null, position });
  return { do: 'put', kind: 'conversation', id: conversation.id, body };
}
