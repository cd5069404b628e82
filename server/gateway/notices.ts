import type { InboxRow } from '../../contracts/sites.ts';
import type { ConversationId, SessionId, UserId } from '../../contracts/ids.ts';
import type { Notice } from '../../contracts/socket.ts';
import type { Rooms } from '../bus/rooms.ts';
import type { Io, TabSocket } from './delivery.ts';
import { INBOX, inboxOf, personRoom, sessionRoom } from './tab-rooms.ts';

/** Tells all tabs of a person, wherever they are, what concerns the person. Numbered, so that a tab that missed one reads the lists again. */
export interface Notices {
  /** The number of the last notice; one that no tab knows while the others cannot be reached, so that it reads again. */
  count(user: UserId): Promise<number>;
  /** Not to the tabs of the sign-in `except`, if any. */
  tell(user: UserId, notice: Notice, except?: SessionId): void;
  /** What only the moment matters of (half-typed text): not numbered, not to the tab itself. */
  tellOthers(tab: TabSocket, notice: Notice): void;
  /** Of a visitor's conversation, to the tabs that look at the inbox and of which it is on record that they see this site's: not numbered, whoever comes back reads it again. */
  tellInbox(row: InboxRow): void;
  /** There is another site: to the same tabs, which follow the inbox anew. */
  tellSites(): void;
  /** Its visitor has deleted it: to the same tabs. */
  tellRemoved(conversation: ConversationId): void;
  /** There is another note on a visitor's conversation: to the same tabs. */
  tellNoted(conversation: ConversationId): void;
}

/** Notices over these rooms, on every instance. */
export function openNotices(io: Io, rooms: Rooms): Notices {
  return {
    count: async (user) => {
      try {
        return await rooms.count(user);
      } catch {
        return Date.now(); // told as a number that fits nothing
      }
    },
    tell(user, notice, except) {
      const to = except === undefined ? io.to(personRoom(user)) : io.to(personRoom(user)).except(sessionRoom(except));
      const emit = (number: number): void => void to.emit('notice', number, notice);
      const number = rooms.next(user);
      if (typeof number === 'number') emit(number);
      else number.then(emit, () => undefined); // when the others can be reached again everybody reads again
    },
    tellInbox(row) {
      io.to(inboxOf(row.site)).emit('notice', 0, { type: 'inbox', row });
    },
    tellSites() {
      io.to(INBOX).emit('notice', 0, { type: 'sites' });
    },
    tellRemoved(conversation) {
      io.to(INBOX).emit('notice', 0, { type: 'inbox-removed', conversation });
    },
    tellNoted(conversation) {
      io.to(INBOX).emit('notice', 0, { type: 'noted', conversation });
    },
    tellOthers(tab, notice) {
      tab.to(personRoom(tab.data.user)).emit('notice', 0, notice);
    },
  };
}
