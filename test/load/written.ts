import { join } from 'node:path';
import type { Message } from '../../contracts/conversation.ts';
import type { ConversationId, MessageId, ModelId, TurnId, UserId } from '../../contracts/ids.ts';
import type { ChatRecord } from '../../contracts/records.ts';
import { newId } from '../../server/ids.ts';
import { nextRecord, START } from '../../server/journal/journal.ts';
import { masterKey, openKeys } from '../../server/journal/keys.ts';
import { seal } from '../../server/journal/seal.ts';
import type { Head } from '../../server/store/kinds.ts';
import { sqliteStore } from '../../server/store/sqlite.ts';
import type { Change } from '../../server/store/store.ts';

const MODEL = 'demo/demo' as ModelId;
const AT_ONCE = 200;
const DAY_MS = 86_400_000;
/** Some seven hundred characters, as replies have them. */
const WORDS = 'The quick brown fox jumps over the lazy dog, "and" then, <again>, it does. '.repeat(9);

/** Conversations of somebody in a data folder that no server has open, as their owners would have written them. */
export async function writeConversations(folder: string, owner: UserId, count: number, messages: number): Promise<void> {
  const store = await sqliteStore({ folder });
  const keys = openKeys(store, masterKey(join(folder, 'master.key'), undefined));
  const began = Date.now() - 30 * DAY_MS;
  for (let number = 0; number < count; number++) {
    const id = newId<ConversationId>();
    const { key, change } = keys.make(id, owner);
    const content = { title: `Conversation ${number}`, titledBy: 'model', model: MODEL, parameters: {}, choices: {}, queue: [] };
    const body = { owner, conversation: id, createdAt: began, updatedAt: began + messages * 60_000, pinned: false, archived: false, deletedAt: null, waits: false, eraseAt: null, isErased: false, sealed: seal(content, key, `conversation:${id}`) };
    let head: Head = START;
    let parent: MessageId | null = null;
    for (let first = 0; first < messages; first += AT_ONCE) {
      const from = head;
      const changes: Change[] = first === 0 ? [change, { do: 'add', kind: 'conversation', id, body }] : [];
      for (let place = first; place < Math.min(messages, first + AT_ONCE); place++) {
        const message = messageAt(place, parent, began);
        const record = nextRecord(head, { chain: id, epoch: 1, at: message.at, keyId: id, key }, { actor: { user: owner, session: null, address: '203.0.113.7', agent: 'load' }, said: recordOf(message) });
        changes.push(...record.changes, { do: 'add', kind: 'message', id: message.id, body: { conversation: id, parent, at: message.at, place, sealed: seal(message, key, `message:${message.id}`) } });
        [head, parent] = [record.head, message.id];
      }
      await store.commit(changes, { chain: id, from: first === 0 ? null : from, to: head });
    }
  }
  await store.close();
}

function messageAt(place: number, parent: MessageId | null, began: number): Message {
  const common = { id: newId<MessageId>(), parent, parts: [{ type: 'text' as const, text: WORDS }], at: began + place * 60_000 };
  return place % 2 === 0 ? { ...common, author: 'person' } : { ...common, author: 'model', model: MODEL, turn: newId<TurnId>(), outcome: { kind: 'completed' } };
}

function recordOf(message: Message): ChatRecord {
  return message.author === 'person' ? { type: 'message-added', v: 1, message, command: newId() } : { type: 'turn-ended', v: 1, turn: message.turn as TurnId, outcome: { kind: 'completed' }, message };
}
