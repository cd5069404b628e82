import { Failure } from '../../../contracts/failures.ts';
import type { InboxRow } from '../../../contracts/sites.ts';
import type { RouteCodes } from '../http.ts';
import { actorOf } from '../request.ts';
import type { RouteWorld } from './world.ts';

/** What those see who answer visitors. That it was shown is on record before it is. */
export function inboxRoutes({ sites, rows, people, disclosures }: RouteWorld): Pick<RouteCodes, 'inbox'> {
  return {
    inbox: async ({ request, session }): Promise<{ rows: InboxRow[] }> => {
      const role = (await people.find(session.user))?.role;
      if (role !== 'admin' && role !== 'member') throw new Failure('not-permitted');
      const known = await sites.list();
      await disclosures.inbox(known.map(({ id }) => id), actorOf(request, session));
      const found = await Promise.all(known.map(async ({ id, settings: { name } }) => (await rows.ofSite(id)).map((row) => ({ ...row, siteName: name }))));
      return { rows: found.flat().toSorted((a, b) => b.updatedAt - a.updatedAt) };
    },
  };
}
