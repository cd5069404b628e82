import { Failure } from '../../../contracts/failures.ts';
import type { UserId } from '../../../contracts/ids.ts';
import type { RouteBody } from '../../../contracts/routes.ts';
import type { RouteCodes } from '../http.ts';
import { actorOf } from '../request.ts';
import type { RouteWorld } from './world.ts';

type SecurityWorld = Pick<RouteWorld, 'people' | 'sessions' | 'security' | 'notices' | 'disconnect'>;

/** What happened to somebody's account, for them; and what an administrator does about somebody's sign-ins. */
export function securityRoutes({ people, sessions, security, notices, disconnect }: SecurityWorld): Pick<RouteCodes, 'securityNotices' | 'seeSecurity' | 'signOutPerson'> {
  return {
    securityNotices: async ({ session }) => ({ notices: await security.list(session.user, await people.keyOf(session.user), session.id) }),
    seeSecurity: async ({ session, body }) => {
      if (await security.see(session.user, (body as RouteBody<'seeSecurity'>).upTo)) notices.tell(session.user, { type: 'security' });
      return {};
    },
    signOutPerson: async ({ request, session, params }) => {
      const user = params['user'] as UserId;
      if (user === session.user) throw new Failure('not-permitted', { detail: 'Your own sign-ins are in Settings.' });
      if ((await people.find(user)) === undefined) throw new Failure('not-found');
      await sessions.endAll(user, actorOf(request, session), disconnect);
      return {};
    },
  };
}
