import { Failure } from '../../../contracts/failures.ts';
import type { Case, FindAsked, HoldScope, NamesAsked, ReadAsked } from '../../../contracts/cases.ts';
import type { CaseId, UserId } from '../../../contracts/ids.ts';
import type { RouteBody } from '../../../contracts/routes.ts';
import type { RouteCodes } from '../http.ts';
import { actorOf } from '../request.ts';
import type { RouteWorld } from './world.ts';

type ReviewWorld = Pick<RouteWorld, 'people' | 'sites' | 'cases' | 'accesses' | 'rows' | 'notices' | 'showsHolds' | 'disclosures' | 'discovery' | 'removal' | 'judgeAnew'>;

/** Who may do what, for admins; cases, holds and what they lead to, for reviewers: on record before anything is shown. */
export function reviewRoutes({ people, sites, cases, accesses, rows, notices, showsHolds, disclosures, discovery, removal, judgeAnew }: ReviewWorld): Pick<RouteCodes, 'names' | 'find' | 'readForCase' | 'people' | 'setRole' | 'removePerson' | 'cases' | 'openCase' | 'closeCase' | 'placeHold' | 'releaseHold'> {
  const checkOpen = async (id: CaseId): Promise<void> => {
    if ((await cases.find(id)).closedAt !== null) throw new Failure('moved-on', { detail: 'The case is closed.' });
  };
  /** Whose a hold is; visitors are told of none. */
  const ownersOf = async (of: HoldScope['of']): Promise<readonly UserId[]> => {
    if (of.type === 'everybody') return (await people.everybody()).map(({ id }) => id);
    const owner = of.type === 'person' ? of.id : of.type === 'conversation' ? await rows.ownerOf(of.id) : undefined;
    return owner === undefined ? [] : [owner];
  };
  /** Whoever something is held of, or no more, where that is shown. */
  const tellHeld = async (scopes: readonly HoldScope[]): Promise<void> => {
    if (!showsHolds) return;
    const owners = await Promise.all(scopes.map(({ of }) => ownersOf(of)));
    for (const owner of new Set(owners.flat())) notices.tell(owner, { type: 'holds' });
  };
  /** Of a case whose holds change with this. */
  const withHolds = async (id: CaseId, change: () => Promise<Case>): Promise<Case> => {
    const before = showsHolds ? (await cases.find(id)).holds : [];
    const after = await change();
    const has = (holds: Case['holds'], hold: string): boolean => holds.some((one) => one.id === hold);
    const changed = [...before.filter(({ id: hold }) => !has(after.holds, hold)), ...after.holds.filter(({ id: hold }) => !has(before, hold))].map(({ scope }) => scope);
    await tellHeld(changed).catch(() => undefined); // it has happened; who was not told finds it when they read their list the next time
    return after;
  };
  return {
    names: async ({ request, session, body }) => {
      const asked = body as NamesAsked;
      await checkOpen(asked.case);
      await disclosures.names({ type: 'review-named', v: 1, asked }, actorOf(request, session));
      const [everybody, all] = await Promise.all([people.everybody(), sites.list()]);
      return { people: everybody.map(({ id, name, email }) => ({ id, name, email })), sites: all.map(({ id, settings }) => ({ id, name: settings.name })) };
    },
    find: async ({ request, session, body }) => {
      const asked = body as FindAsked;
      await checkOpen(asked.case);
      return accesses.read({ type: 'review-searched', v: 1, asked }, { ...actorOf(request, session), user: session.user }, () => discovery.find(asked));
    },
    readForCase: async ({ request, session, body }) => {
      const asked = body as ReadAsked;
      await checkOpen(asked.case);
      return accesses.read({ type: 'review-read', v: 1, asked }, { ...actorOf(request, session), user: session.user }, () => discovery.read(asked.conversation, asked.at));
    },
    people: async ({ request, session }) => {
      await disclosures.list('people', actorOf(request, session));
      return { people: await people.list() };
    },
    setRole: async ({ request, session, params, body }) => {
      const user = params['user'] as UserId;
      const set = await people.setRole(user, (body as RouteBody<'setRole'>).role, actorOf(request, session));
      judgeAnew(user);
      return set;
    },
    removePerson: async ({ request, session, params }) => {
      const user = params['user'] as UserId;
      await removal.remove(user, actorOf(request, session));
      judgeAnew(user);
      return {};
    },
    cases: async ({ request, session }) => {
      await disclosures.list('cases', actorOf(request, session));
      return { cases: await cases.list() };
    },
    openCase: ({ request, session, body }) => {
      const { name, reason } = body as RouteBody<'openCase'>;
      return cases.open(name, reason, actorOf(request, session));
    },
    closeCase: ({ request, session, params, body }) => withHolds(params['case'] as CaseId, () => cases.close(params['case'] as CaseId, (body as RouteBody<'closeCase'>).reason, actorOf(request, session))),
    placeHold: ({ request, session, params, body }) => {
      const { scope, reason } = body as { scope: HoldScope; reason: string };
      return withHolds(params['case'] as CaseId, () => cases.hold(params['case'] as CaseId, scope, reason, { ...actorOf(request, session), user: session.user }));
    },
    releaseHold: ({ request, session, params, body }) => withHolds(params['case'] as CaseId, () => cases.release(params['case'] as CaseId, String(params['hold']), (body as RouteBody<'releaseHold'>).reason, actorOf(request, session))),
  };
}
