import type { DisposedConversation } from '../../contracts/retention.ts';
import type { ConversationId } from '../../contracts/ids.ts';
import type { Store } from '../store/store.ts';
import { contentOf, recordId } from './journal.ts';
import type { Keys } from './keys.ts';

/** Certificates of what was erased, the latest first: at most `limit` of them from before this moment. `before` of the answer goes on from there; `null`: there are no others. */
export type Dispositions = (before: number | undefined, limit: number) => Promise<{ disposed: DisposedConversation[]; before: number | null }>;

/** Those that this store holds. */
export function openDispositions(store: Store, keys: Keys): Dispositions {
  return async (before, limit) => {
    const { items, cursor } = await store.find({ kind: 'disposition', index: 'byAge', where: [], ...(before !== undefined && { to: before - 1 }), order: 'down', limit });
    const disposed = await Promise.all(items.map(async ({ id, body: { at, number } }): Promise<DisposedConversation> => {
      const record = (await store.get('record', recordId(id, number)))?.body;
      const key = record && (await keys.of(record.key));
      const said = record === undefined || key === undefined ? undefined : contentOf(record, key).said;
      return { conversation: id as ConversationId, record: number, at, certificate: (said?.type === 'conversation-erased' ? said.certificate : undefined) ?? null };
    }));
    return { disposed, before: cursor === null ? null : (items.at(-1)?.body.at ?? null) };
  };
}
