import { FILE_BYTES, FILES_PER_MESSAGE, MESSAGE_CHARACTERS } from '../../../contracts/conversation.ts';
import { textOn } from '../../../contracts/contrast.ts';
import { Failure } from '../../../contracts/failures.ts';
import type { ConversationId, FileId, UserId } from '../../../contracts/ids.ts';
import type { RouteBody } from '../../../contracts/routes.ts';
import { siteModel } from '../../../contracts/site-model.ts';
import type { ShownSite, Visit } from '../../../contracts/sites.ts';
import type { Allowance } from '../../accounts/bucket.ts';
import type { KnownSite } from '../../accounts/sites.ts';
import { namesOf } from '../../accounts/visits.ts';
import type { RouteCodes } from '../http.ts';
import { limiter } from '../limits.ts';
import { pageOf } from '../pages.ts';
import { actorOf, originOfPage } from '../request.ts';
import { sendFile } from '../send-file.ts';
import type { RouteWorld } from './world.ts';

type WidgetRoutes = Pick<RouteCodes, 'shownSite' | 'challenge' | 'visit' | 'visitorUpload' | 'visitorFile'>;

/** Challenges that one address may ask for. */
const CHALLENGES: Allowance = { count: 120, perMs: 60_000 };
/** Images that one address may send, however many visitors it makes up. */
const IMAGES: Allowance = { count: 60, perMs: 3_600_000 };

/** What pages of sites ask, for their visitors. */
export function widgetRoutes(world: RouteWorld): WidgetRoutes {
  const challenges = limiter(CHALLENGES, world.now);
  const images = limiter(IMAGES, world.now);
  return {
    shownSite: ({ site }) => Promise.resolve(shown(site)),
    challenge: ({ request, site }) => {
      challenges.admit(request.ip);
      return world.challenges.give(site.id, originOfPage(request));
    },
    visit: async ({ request, site, body }): Promise<Visit> => {
      const actor = actorOf(request, undefined);
      const { page: around, ...brought } = body as RouteBody<'visit'>;
      const page = pageOf(request, site, around);
      const { visitor, token, keep, was, isKnown } = await world.visits.begin(site, originOfPage(request), { ...brought, page }, actor);
      if (was !== undefined && isKnown) {
        world.endVisitor(was);
        await world.giveAll(was, visitor.id, { ...actor, ...namesOf(visitor) });
      }
      return { visitor: visitor.id, token, keep, lastsMs: visitor.expiresAt - world.now(), now: world.now(), name: visitor.name ?? null, ...(was !== undefined && { was }), conversation: await latestOf(world, visitor.id) };
    },
    visitorUpload: async (asked) => {
      const { request, site, visitor, params, query, body } = asked;
      if (!site.settings.uploads) throw new Failure('not-permitted');
      images.admit(request.ip);
      if (!Buffer.isBuffer(body) || body.length === 0) throw new Failure('unreadable-file');
      const file = { id: query['file'] as FileId, name: query['name'] ?? '', bytes: body };
      const actor = { ...actorOf(request, undefined), ...namesOf(visitor) };
      return world.directory.addFile(params['conversation'] as ConversationId, siteModel(site.id), file, actor);
    },
    visitorFile: async ({ visitor, params, reply }) => sendFile(reply, await world.files.read(params['file'] ?? '', visitor.id)),
  };
}

async function latestOf({ rows }: RouteWorld, visitor: UserId): Promise<ConversationId | null> {
  return (await rows.list(visitor, false, undefined)).rows[0]?.id ?? null;
}

function shown({ id, settings }: KnownSite): ShownSite {
  const { title, greeting, starters, accent, theme, languages, uploads, handoff, hours, tellsText, privacy } = settings;
  return { site: id, title, greeting, starters, theme, languages, uploads, handoff, hours, tellsText, privacy, accent: accent === null ? null : { ground: accent, text: textOn(accent).text }, limits: { messageCharacters: MESSAGE_CHARACTERS, fileBytes: FILE_BYTES, filesPerMessage: FILES_PER_MESSAGE } };
}
