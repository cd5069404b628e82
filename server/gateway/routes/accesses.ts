import type { AccessAsked, CaseAccess } from '../../../contracts/access.ts';
import type { AccessId, CaseId } from '../../../contracts/ids.ts';
import type { Asked, RouteCodes } from '../http.ts';
import { actorOf } from '../request.ts';
import type { RouteWorld } from './world.ts';

/** Who may read what others wrote for a case. Whoever asked is told in their tabs what became of it. */
export function accessRoutes({ accesses, notices, disclosures }: Pick<RouteWorld, 'accesses' | 'notices' | 'disclosures'>): Pick<RouteCodes, 'accesses' | 'askAccess' | 'grantAccess' | 'refuseAccess' | 'withdrawAccess'> {
  const reviewer = ({ request, session }: Asked) => ({ ...actorOf(request, session), user: session.user });
  const step = (take: (id: AccessId, reason: string, asked: Asked) => Promise<CaseAccess>) => async (asked: Asked) => {
    const changed = await take(asked.params['access'] as AccessId, (asked.body as { reason: string }).reason, asked);
    notices.tell(changed.by, { type: 'access', case: changed.case });
    return changed;
  };
  return {
    accesses: async ({ request, session, params }) => {
      const id = params['case'] as CaseId;
      await disclosures.list('accesses', actorOf(request, session), { case: id });
      return { accesses: await accesses.list(id), isNeeded: accesses.isNeeded };
    },
    askAccess: (asked) => accesses.ask(asked.body as AccessAsked, reviewer(asked)),
    grantAccess: step((id, reason, asked) => accesses.decide(id, true, reason, reviewer(asked))),
    refuseAccess: step((id, reason, asked) => accesses.decide(id, false, reason, reviewer(asked))),
    withdrawAccess: step((id, reason, asked) => accesses.withdraw(id, reason, reviewer(asked))),
  };
}
