import type { UserId } from '../../contracts/ids.ts';
import type { Notice } from '../../contracts/socket.ts';
import type { Io, TabSocket } from './delivery.ts';

/** Tells all tabs of a person what concerns the person. Numbered, so that a tab that missed one reads the lists again. */
export interface Notices {
  count(user: UserId): number;
  tell(user: UserId, notice: Notice): void;
  /** What only the moment matters of (half-typed text): not numbered, not to the tab itself. */
  tellOthers(tab: TabSocket, notice: Notice): void;
}

export function openNotices(io: Io): Notices {
  // Begins at the time of the start: a tab that was greeted by an earlier process always meets another number.
  const began = Date.now();
  const counts = new Map<UserId, number>();
  const count = (user: UserId): number => counts.get(user) ?? began;
  return {
    count,
    tell(user, notice) {
      const number = count(user) + 1;
      counts.set(user, number);
      io.local.to(`u:${user}`).emit('notice', number, notice);
    },
    tellOthers(tab, notice) {
      const user = tab.data.user as UserId;
      tab.to(`u:${user}`).emit('notice', count(user), notice);
    },
  };
}
