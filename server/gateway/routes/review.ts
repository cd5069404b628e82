import type { HoldScope } from '../../../contracts/cases.ts';
import type { CaseId, UserId } from '../../../contracts/ids.ts';
import type { RouteBody } from '../../../contracts/routes.ts';
import type { RouteCodes } from '../http.ts';
import { actorOf } from '../request.ts';
import type { RouteWorld } from './world.ts';

/** Who may do what, for admins; cases and holds, for reviewers. */
export function reviewRoutes({ people, cases }: Pick<RouteWorld, 'people' | 'cases'>): Pick<RouteCodes, 'people' | 'setRole' | 'cases' | 'openCase' | 'closeCase' | 'placeHold' | 'releaseHold'> {
  return {
    people: async () => ({ people: await people.list() }),
    setRole: ({ request, session, params, body }) => people.setRole(params['user'] as UserId, (body as RouteBody<'setRole'>).role, actorOf(request, session)),
    cases: async () => ({ cases: await cases.list() }),
    openCase: ({ request, session, body }) => {
      const { name, reason } = body as RouteBody<'openCase'>;
      return cases.open(name, reason, actorOf(request, session));
    },
    closeCase: ({ request, session, params, body }) => cases.close(params['case'] as CaseId, (body as RouteBody<'closeCase'>).reason, actorOf(request, session)),
    placeHold: ({ request, session, params, body }) => {
      const { scope, reason } = body as { scope: HoldScope; reason: string };
      return cases.hold(params['case'] as CaseId, scope, reason, { ...actorOf(request, session), user: session.user });
    },
    releaseHold: ({ request, session, params, body }) => cases.release(params['case'] as CaseId, String(params['hold']), (body as RouteBody<'releaseHold'>).reason, actorOf(request, session)),
  };
}
