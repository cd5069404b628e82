import type { FastifyRequest } from 'fastify';
import { Failure } from '../../../contracts/failures.ts';
import type { ConversationId, UserId } from '../../../contracts/ids.ts';
import type { RouteBody } from '../../../contracts/routes.ts';
import type { InboxRow, Note, Site } from '../../../contracts/sites.ts';
import type { Session } from '../../accounts/sessions.ts';
import type { Which } from '../../conversations/rows.ts';
import { mayAnswer, tellBlocked, visitorToRead } from '../answering.ts';
import type { RouteCodes } from '../http.ts';
import { actorOf } from '../request.ts';
import { sendFile } from '../send-file.ts';
import type { RouteWorld } from './world.ts';

/** How long a picture may stay in the browser of whoever was shown it. */
const SHOWN_FOR_S = 600;

/** What those see who answer visitors. That it was shown is on record before it is. */
export function inboxRoutes(world: RouteWorld): Pick<RouteCodes, 'inbox' | 'inboxFile' | 'notes' | 'blockVisitor'> {
  const { sites, rows, disclosures } = world;
  const checkMayAnswer = async (user: UserId): Promise<void> => {
    if (!(await mayAnswer(user, world))) throw new Failure('not-permitted');
  };
  const toRead = async (request: FastifyRequest, session: Session, conversation: ConversationId): Promise<UserId> => {
    const visitor = await visitorToRead(conversation, { ...actorOf(request, session), user: session.user }, world);
    if (visitor === undefined) throw new Failure('not-found');
    return visitor;
  };
  const ofSite = async ({ id, settings: { name, answers } }: Pick<Site, 'id' | 'settings'>, which: Which): Promise<Page> => {
    const { rows: found, reached } = await rows.ofSite(id, which);
    return { rows: found.map((row) => ({ ...row, siteName: name, answers })), reached };
  };
  return {
    blockVisitor: async ({ request, session, params, body }) => {
      await checkMayAnswer(session.user);
      const found = await rows.visitorOf(params['conversation'] as ConversationId);
      if (found === undefined) throw new Failure('not-found');
      const { isBlocked } = body as RouteBody<'blockVisitor'>;
      await world.visits.block(found.site, found.visitor, isBlocked, actorOf(request, session));
      if (isBlocked) world.endVisitor(found.visitor);
      await tellBlocked(found.visitor, world);
      return {};
    },
    notes: async ({ request, session, params }): Promise<{ notes: Note[]; isBlocked: boolean }> => {
      const conversation = params['conversation'] as ConversationId;
      const visitor = await toRead(request, session, conversation);
      return { notes: await rows.notesOf(conversation), isBlocked: await world.visits.isBlocked(visitor) };
    },
    inboxFile: async ({ request, session, params, reply }) => {
      const visitor = await toRead(request, session, params['conversation'] as ConversationId);
      return sendFile(reply, await world.files.read(params['file'] ?? '', visitor, params['conversation']), SHOWN_FOR_S);
    },
    inbox: async ({ request, session, query }) => {
      await checkMayAnswer(session.user);
      const all = await sites.list();
      const wanted = query['site'] === undefined ? all : all.filter(({ id }) => id === query['site']);
      await disclosures.inbox(wanted.map(({ id }) => id), actorOf(request, session));
      const which: Which = { handoff: query['handoff'] as Which['handoff'], upTo: query['before'] === undefined ? undefined : Number(query['before']) };
      return { ...pageOf(await Promise.all(wanted.map((site) => ofSite(site, which)))), sites: all.map(({ id, settings: { name } }) => ({ id, name })) };
    },
  };
}

interface Page {
  readonly rows: InboxRow[];
  readonly reached: number | null;
}

/** One page of what several sites have: up to where each of them was looked at. */
function pageOf(pages: readonly Page[]): { rows: InboxRow[]; before: number | null } {
  const before = pages.reduce<number | null>((latest, { reached }) => (reached === null ? latest : Math.max(latest ?? 0, reached)), null);
  const rows = pages.flatMap((page) => page.rows).filter(({ updatedAt }) => before === null || updatedAt >= before);
  return { rows: rows.toSorted((a, b) => b.updatedAt - a.updatedAt), before };
}
