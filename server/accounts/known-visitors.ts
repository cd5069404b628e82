import type { SiteId, UserId } from '../../contracts/ids.ts';
import type { Actor } from '../../contracts/records.ts';
import type { Clock } from '../clock.ts';
import type { Audit } from '../journal/audit.ts';
import { holdsMoved } from '../journal/holds.ts';
import { ITSELF } from '../journal/journal.ts';
import type { Keys } from '../journal/keys.ts';
import { open, seal } from '../journal/seal.ts';
import { isConflict, unread } from '../store/refused.ts';
import type { Change, Store } from '../store/store.ts';
import { siteKey } from './sites.ts';

/** Commands that an anonymous visitor gave before it was known may arrive so much later. */
const STRAGGLERS_MS = 30_000;
const MOST_AT_ONCE = 200;

/** Anonymous visitors who turned out to be users of their site: each at most once, for good, and on record. */
export interface KnownVisitors {
  of(visitor: UserId): Promise<UserId | undefined>;
  /** Puts on record who somebody is, unless it is known. Resolves with who they are. Throws `record-unavailable` when nothing has happened. */
  know(site: SiteId, visitor: UserId, user: UserId, actor: Actor): Promise<UserId>;
  /** Those of a moment ago: something of theirs may still have been on its way. `by`: as whom the user went on record then, in whose name it goes over whoever gives it; the deployment where that cannot be read any more. */
  latest(): Promise<{ visitor: UserId; user: UserId; by: Actor }[]>;
}

/** Known visitors that are kept in this store. */
export function openKnownVisitors(store: Store, keys: Keys, audit: Audit, clock: Clock): KnownVisitors {
  const of = async (visitor: UserId): Promise<UserId | undefined> => (await store.get('known-as', visitor))?.body.user as UserId | undefined;
  const keyOf = (site: string) => keys.of(siteKey(site as SiteId));
  return {
    of,
    async know(site, visitor, user, actor) {
      for (;;) {
        const before = await of(visitor);
        if (before !== undefined) return before;
        const key = await keyOf(site).catch(unread);
        try {
          const known: Change = { do: 'add', kind: 'known-as', id: visitor, body: { site, user, at: clock.now(), ...(key && { sealed: seal(actor, key, placeOf(visitor)) }) } };
          await audit.commit([known, ...(await holdsMoved(store, visitor, user))], { type: 'visitor-known', v: 1, site, visitor, user }, actor, { id: siteKey(site) });
          return user;
        } catch (error) {
          if (!isConflict(error)) unread(error); // another tab was first, or a hold came
        }
      }
    },
    async latest() {
      const { items } = await store.find({ kind: 'known-as', index: 'byAge', where: [], from: clock.now() - STRAGGLERS_MS, order: 'down', limit: MOST_AT_ONCE });
      return Promise.all(items.map(async ({ id, body: { site, user, sealed } }) => {
        const key = sealed === undefined ? undefined : await keyOf(site);
        return { visitor: id as UserId, user: user as UserId, by: key === undefined ? ITSELF : open<Actor>(sealed!, key, placeOf(id)) };
      }));
    },
  };
}

function placeOf(visitor: string): string {
  return `known-as:${visitor}`;
}
