import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ConversationId, MessageId } from '../../contracts/ids.ts';
import type { ChatRecord } from '../../contracts/records.ts';
import { contentOf } from '../../server/journal/journal.ts';
import { masterKey, openKeys } from '../../server/journal/keys.ts';
import type { Key } from '../../server/journal/seal.ts';
import type { Store } from '../../server/store/store.ts';
import { all } from '../../server/store/walk.ts';
import type { Place } from './deployment.ts';
import { withStore } from './kept-store.ts';

/** A call as it stands in the journal. */
export interface Begun {
  /** Of the record. */
  readonly id: string;
  readonly turn: string;
  readonly purpose: 'reply' | 'title';
  /** What was asked, as whoever asked wrote it. */
  readonly question: string;
  readonly attempt: number;
  /** What became of the turn; `undefined` when that is not on record. */
  readonly outcome: string | undefined;
  /** The types of the records that follow it in its chain, to see why. */
  readonly then: readonly string[];
}

/** The journal of a place, read from outside with its master key. */
export interface KeptJournal extends Disposable {
  /** The ids of the records that calls are begun with, also while the product runs. */
  begun(): readonly string[] | Promise<readonly string[]>;
  /** How many turns, and calls for titles, have no end yet, and conversations a message that waits for one; also while the product runs. */
  goingOn(): Promise<number>;
  /** While the product does not run: takes the keys of these conversations, so that they can be read after they were erased. */
  takeKeys(conversations: Iterable<string>): Promise<void>;
  /** While the product does not run: all calls, and the conversations whose keys were gone before anybody took them. */
  calls(): Promise<{ calls: readonly Begun[]; unreadable: readonly string[] }>;
}

export function keptJournal({ folder, database }: Place, master: string): KeptJournal {
  const keys = new Map<string, Key>();
  let db: DatabaseSync | undefined;
  const reading = (): DatabaseSync => (db ??= new DatabaseSync(join(folder, 'gorunchat.db'), { readOnly: true, timeout: 5_000 }));
  const begun = (): readonly string[] | Promise<readonly string[]> => {
    if (database !== undefined) return database.db.collection<{ _id: string }>('record').find({ json: { $regex: '"type":"turn-begun"' } }, { projection: { _id: 1 } }).toArray().then((found) => found.map(({ _id }) => _id));
    return reading().prepare("SELECT id FROM record WHERE json_extract(body, '$.type') = 'turn-begun'").all().map(({ id }) => String(id));
  };
  const opened = async <T>(read: (store: Store) => Promise<T>): Promise<T> => {
    db?.close();
    db = undefined;
    return withStore({ folder, database }, read);
  };
  const take = async (store: Store, conversations: Iterable<string>): Promise<void> => {
    const kept = openKeys(store, masterKey('', master));
    for (const id of conversations) {
      const key = keys.has(id) ? undefined : await kept.of(id);
      if (key !== undefined) keys.set(id, key);
    }
  };
  return {
    begun,
    async goingOn() {
      if (database === undefined) return Number(reading().prepare("SELECT (SELECT count(*) FROM conversation WHERE json_extract(body, '$.waits')) + (SELECT count(*) FROM turn WHERE json_extract(body, '$.state') = 'open') + (SELECT count(*) FROM titling) AS count").get()?.['count']);
      const waiting = await database.db.collection('conversation').countDocuments({ 'by.waits': true }); // before the turns: what waited is one of those in the same commit
      return waiting + (await database.db.collection('turn').countDocuments({ 'by.state': 'open' })) + (await database.db.collection('titling').countDocuments());
    },
    takeKeys: (conversations) => opened((store) => take(store, conversations)),
    async calls() {
      const ids = await begun();
      const chains = new Set(ids.map((id) => id.slice(0, id.lastIndexOf(':'))));
      return opened(async (store) => {
        await take(store, chains);
        const calls: Begun[] = [];
        for (const chain of chains) if (keys.has(chain)) calls.push(...(await callsIn(store, chain, keys.get(chain)!)));
        return { calls, unreadable: [...chains].filter((chain) => !keys.has(chain)) };
      });
    },
    [Symbol.dispose]: () => db?.close(),
  };
}

type Said<T extends ChatRecord['type']> = Extract<ChatRecord, { type: T }>;

async function callsIn(store: Store, chain: string, key: Key): Promise<Begun[]> {
  const records = await all(store, { kind: 'record', index: 'byChain', where: [chain as ConversationId], limit: 1_000 });
  const read = records.flatMap(({ id, body }) => (body.key === chain ? [{ id, said: contentOf(body, key).said as ChatRecord }] : []));
  const of = <T extends ChatRecord['type']>(type: T) => read.filter((one): one is { id: string; said: Said<T> } => one.said.type === type);
  const messages = new Map(of('message-added').map(({ said: { message } }) => [message.id, message]));
  for (const { said: { message } } of of('turn-ended')) if (message !== undefined) messages.set(message.id, message);
  const questionBefore = (id: MessageId | null): string => {
    const message = id === null ? undefined : messages.get(id);
    if (message === undefined) return '';
    return message.author === 'person' ? message.parts.map((part) => ('text' in part ? part.text : '')).join('') : questionBefore(message.parent);
  };
  const ended = new Map(of('turn-ended').map(({ said }) => [said.turn, said.outcome.kind]));
  return of('turn-begun').map(({ id, said: { turn, purpose, parent, attempt } }) => ({ id, turn, purpose, attempt, question: questionBefore(parent), outcome: ended.get(turn), then: records.slice(records.findIndex((one) => one.id === id) + 1).map(({ body }) => body.type) }));
}
