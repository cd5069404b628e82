import type { SessionId, UserId } from '../../contracts/ids.ts';
import { NOTICES_KEPT, type SecurityNotice } from '../../contracts/security.ts';
import type { NoticeContent } from '../journal/noticed.ts';
import { open, type Key } from '../journal/seal.ts';
import { UNFENCED, type Store } from '../store/store.ts';

/** What somebody was told of what happened to their account. The notices themselves come with the records of it (`journal/noticed.ts`). */
export interface Security {
  /** The latest first. `session` is the sign-in that they look with. */
  list(user: UserId, key: Key, session: SessionId): Promise<SecurityNotice[]>;
  /** They have seen all up to this number. Whether that is news. */
  see(user: UserId, upTo: number): Promise<boolean>;
}

/** Notices that are kept in this store. */
export function openSecurity(store: Store): Security {
  const latest = async (user: UserId) => (await store.find({ kind: 'security-notice', index: 'byUser', where: [user], order: 'down', limit: NOTICES_KEPT })).items;
  const seenBy = async (user: UserId): Promise<number> => (await store.get('read-marker', markerId(user)))?.body.at ?? 0;
  return {
    async list(user, key, session) {
      const [items, seen] = await Promise.all([latest(user), seenBy(user)]);
      return items.map(({ id, body: { number, at, sealed } }) => {
        const { what, from, session: by } = open<NoticeContent>(sealed, key, `security-notice:${id}`);
        return { number, at, what, from, isThis: by === session, isSeen: number <= seen };
      });
    },
    async see(user, upTo) {
      const [newest] = await latest(user);
      const at = Math.min(upTo, newest?.body.number ?? 0); // what comes later is not seen yet, whatever was asked
      if (at <= (await seenBy(user))) return false;
      await store.commit([{ do: 'put', kind: 'read-marker', id: markerId(user), body: { owner: user, at } }], UNFENCED);
      return true;
    },
  };
}

/** Beside those of conversations; `at` is a number of the audit log here. */
function markerId(user: UserId): string {
  return `${user}:security`;
}
