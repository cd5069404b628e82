import { Failure } from '../../contracts/failures.ts';
import type { Kind } from '../store/kinds.ts';
import { UNFENCED, type Change, type Store } from '../store/store.ts';
import { ITSELF } from './asking.ts';
import type { LiveConversation } from './live.ts';
import type { World } from './actors.ts';

const CHANGES_PER_COMMIT = 400;

/**
 * Makes a deleted conversation unreadable for good: removes what it held, each part with a record, then destroys its key and says on record that it is erased. Runs in the owner, under its fence.
 * Refused as `moved-on` while a turn is open or when the delete was undone. After a crash the next sweep begins again.
 */
export async function eraseConversation(live: LiveConversation, world: World): Promise<void> {
  if (live.view.turn !== null || live.view.conversation.deletedAt === null) throw new Failure('moved-on');
  await removeContent(world.store, live);
  const key: Change = { do: 'remove', kind: 'key', id: live.id };
  await live.happen(() => ({ actor: ITSELF, records: [{ type: 'conversation-erased', v: 1 }], events: [{ type: 'conversation-erased' }], changes: [key] }));
  world.forgetKey(live.id);
}

async function removeContent(store: Store, live: LiveConversation): Promise<void> {
  for (const kind of ['draft', 'message', 'note', 'turn', 'file'] as const) {
    for (;;) {
      const ids = await idsOf(store, kind, live.id);
      if (ids.length === 0) break;
      const changes = ids.flatMap((id): Change[] => [{ do: 'remove', kind, id }, ...(kind === 'file' ? [{ do: 'remove' as const, kind: 'unsent' as const, id }] : [])]);
      if (kind === 'draft') await store.commit(changes, UNFENCED);
      else await live.happen(() => ({ actor: ITSELF, records: [{ type: 'content-removed', v: 1, kind, count: ids.length }], events: [], changes }));
    }
  }
}

async function idsOf(store: Store, kind: Extract<Kind, 'draft' | 'message' | 'note' | 'turn' | 'file'>, conversation: string): Promise<string[]> {
  if (kind === 'turn') {
    const states = await Promise.all(['open', 'concluded'].map((state) => store.find({ kind, index: 'byConversation', where: [conversation, state], limit: CHANGES_PER_COMMIT })));
    return states.flatMap((page) => page.items.map((item) => item.id)).slice(0, CHANGES_PER_COMMIT);
  }
  return (await store.find({ kind, index: 'byConversation', where: [conversation], limit: CHANGES_PER_COMMIT })).items.map((item) => item.id);
}
