import type { ConversationId, SiteId } from '../../contracts/ids.ts';

// Which sockets are told together, on all instances.

/** Everybody who has it open, also who is sent nothing just now; counted over all instances. */
export const openRoomOf = (conversation: ConversationId): string => `o:${conversation}`;

/** The tabs of a person or a visitor. */
export const personRoom = (user: string): string => `u:${user}`;

/** The tabs of one sign-in. */
export const sessionRoom = (session: string): string => `s:${session}`;

/** The tabs of a site's visitors. */
export const siteRoom = (site: SiteId): string => `site:${site}`;

/** The tabs that look at the inbox. */
export const INBOX = 'inbox';

/** Those among them that may be shown what comes to this site. */
export const inboxOf = (site: SiteId): string => `${INBOX}:${site}`;
