import type { SessionId, SiteId, UserId } from '../../contracts/ids.ts';
import type { Sessions } from '../accounts/sessions.ts';
import type { Sites } from '../accounts/sites.ts';
import type { Io } from './delivery.ts';
import { personRoom, sessionRoom, siteRoom } from './tab-rooms.ts';

/** Ends sockets on every instance, whatever route decides that. */
export interface Endings {
  /** Those of these sign-ins, after telling them why. */
  disconnect(sessions: readonly SessionId[]): void;
  /** Those of a site's visitors, after telling them why; no instance takes a site for what it was before. */
  endVisits(site: SiteId): void;
  /** Those of one of them. */
  endVisitor(visitor: UserId): void;
  /** Those of a person whose rights have changed. Their tabs come back by themselves, and are judged anew. */
  judgeAnew(user: UserId): void;
}

/** Before there are sockets, nobody has to be told. */
export function openEndings(parts: { readonly io?: Io }, isShared: boolean): Endings {
  const endRoom = (room: string): void => {
    parts.io?.to(room).emit('session-ended');
    parts.io?.in(room).disconnectSockets();
  };
  return {
    disconnect(ended) {
      for (const session of ended) endRoom(sessionRoom(session));
      if (isShared) parts.io?.serverSideEmit('ended', ended);
    },
    endVisits(site) {
      if (isShared) parts.io?.serverSideEmit('changed', site); // before its visitors come again, to any instance
      endRoom(siteRoom(site));
    },
    endVisitor: (visitor) => endRoom(personRoom(visitor)),
    judgeAnew(user) {
      if (parts.io !== undefined) closeHere(parts.io, user);
      if (isShared) parts.io?.serverSideEmit('judged', user);
    },
  };
}

/** Like a lost connection: a tab that is told to go does not come back by itself. */
function closeHere(io: Io, user: UserId): void {
  for (const id of io.sockets.adapter.rooms.get(personRoom(user)) ?? []) io.sockets.sockets.get(id)?.conn.close();
}

/** What other instances have ended is remembered here as what it was no longer. */
export function hearEndings(io: Io, { sessions, sites }: { readonly sessions: Sessions; readonly sites: Sites }): void {
  io.on('ended', (ended) => sessions.forget(ended));
  io.on('changed', (site) => sites.forget(site));
  io.on('judged', (user) => closeHere(io, user));
}
