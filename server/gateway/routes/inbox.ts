import { Failure } from '../../../contracts/failures.ts';
import type { ConversationId, UserId } from '../../../contracts/ids.ts';
import type { RouteBody } from '../../../contracts/routes.ts';
import type { InboxRow, Note } from '../../../contracts/sites.ts';
import { mayAnswer, visitorToRead } from '../answering.ts';
import type { RouteCodes } from '../http.ts';
import { actorOf } from '../request.ts';
import type { RouteWorld } from './world.ts';

/** What those see who answer visitors. That it was shown is on record before it is. */
export function inboxRoutes(world: RouteWorld): Pick<RouteCodes, 'inbox' | 'notes' | 'blockVisitor'> {
  const { sites, rows, disclosures } = world;
  const mayOnly = async (user: UserId): Promise<void> => {
    if (!(await mayAnswer(user, world))) throw new Failure('not-permitted');
  };
  return {
    blockVisitor: async ({ request, session, params, body }) => {
      await mayOnly(session.user);
      const found = await rows.visitorOf(params['conversation'] as ConversationId);
      if (found === undefined) throw new Failure('not-found');
      const { isBlocked } = body as RouteBody<'blockVisitor'>;
      await world.visits.block(found.site, found.visitor, isBlocked, actorOf(request, session));
      if (isBlocked) world.endVisitor(found.visitor);
      return {};
    },
    notes: async ({ request, session, params }): Promise<{ notes: Note[] }> => {
      const conversation = params['conversation'] as ConversationId;
      if ((await visitorToRead(conversation, { ...actorOf(request, session), user: session.user }, world)) === undefined) throw new Failure('not-found');
      return { notes: await rows.notesOf(conversation) };
    },
    inbox: async ({ request, session }): Promise<{ rows: InboxRow[] }> => {
      await mayOnly(session.user);
      const known = await sites.list();
      await disclosures.inbox(known.map(({ id }) => id), actorOf(request, session));
      const found = await Promise.all(known.map(async ({ id, settings: { name, answers } }) => (await rows.ofSite(id)).map((row) => ({ ...row, siteName: name, answers }))));
      return { rows: found.flat().toSorted((a, b) => b.updatedAt - a.updatedAt) };
    },
  };
}
