import { Failure } from '../../contracts/failures.ts';
import type { ConversationId, UserId } from '../../contracts/ids.ts';
import type { Actor } from '../../contracts/records.ts';
import type { Store } from '../store/store.ts';
import { all } from '../store/walk.ts';
import type { Directory } from './directory.ts';
import type { LiveConversation } from './live.ts';

/**
 * Gives a conversation to somebody else, on record, in one commit of its owner: whatever runs in it goes on. What is theirs already stays as it is.
 * Who may ask for it is the caller's to know, and so is ending what the one before still has open.
 */
export async function giveTo(live: LiveConversation, to: UserId, actor: Actor): Promise<void> {
  await live.happen(() => (live.owner === to ? { actor, records: [], events: [] } : { actor, records: [{ type: 'owner-changed', v: 1, from: live.owner, to }], events: [], owner: to }));
}

/** Gives everything that somebody has begun to somebody else. Throws `record-unavailable` when some of it could not be; the rest is given when it is asked again. */
export type GiveAll = (from: UserId, to: UserId, actor: Actor) => Promise<void>;

/** Gives what this store says is somebody's. */
export function openGiving(store: Store, directory: Pick<Directory, 'give'>): GiveAll {
  return async (from, to, actor) => {
    try {
      const theirs = await all(store, { kind: 'conversation', index: 'byOwner', where: [from, false], limit: 100 });
      for (const { id, body } of theirs) if (!body.isErased) await directory.give(id as ConversationId, from, to, actor);
    } catch (error) {
      throw new Failure('record-unavailable', { cause: error });
    }
  };
}
