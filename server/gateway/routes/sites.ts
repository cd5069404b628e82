import type { ModelId, SiteId, UserId } from '../../../contracts/ids.ts';
import { Failure } from '../../../contracts/failures.ts';
import { siteOf } from '../../../contracts/site-model.ts';
import type { Site, SiteSettings } from '../../../contracts/sites.ts';
import type { KnownSite } from '../../accounts/sites.ts';
import { tellBlocked } from '../answering.ts';
import type { RouteCodes } from '../http.ts';
import { actorOf } from '../request.ts';
import type { RouteWorld } from './world.ts';

type SiteRoutes = Pick<RouteCodes, 'sites' | 'siteModels' | 'makeSite' | 'changeSite' | 'removeSite' | 'siteNumbers' | 'makeSiteKey' | 'removeSiteKey' | 'blockedVisitors' | 'unblockVisitor'>;

/** What admins do with sites. */
export function siteRoutes(world: RouteWorld): SiteRoutes {
  const { sites, catalog } = world;
  const nobody = () => Promise.resolve(undefined);
  /** Visitors of a site whose model is not there would be told so one by one; the admin can still choose another. */
  const checkModel = async (model: ModelId | undefined): Promise<void> => {
    if (model === undefined) return;
    if (siteOf(model) !== undefined) throw new Failure('model-unknown');
    await catalog.serve(model, nobody);
  };
  return {
    sites: async () => ({ sites: (await sites.list()).map(shown) }),
    siteModels: async () => ({ models: (await catalog.list(nobody)).models.filter((model) => !model.needsKey) }),
    makeSite: async ({ request, session, body }) => {
      const settings = body as SiteSettings;
      await checkModel(settings.model);
      const made = await sites.make(settings, actorOf(request, session));
      world.notices.tellSites();
      return shown(made);
    },
    changeSite: async ({ request, session, params, body }) => {
      const change = body as { settings?: Partial<SiteSettings>; isLive?: boolean };
      await checkModel(change.settings?.model);
      const site = params['site'] as SiteId;
      const before = (await sites.find(site))?.generation;
      const after = await sites.change(site, change, actorOf(request, session));
      if (after.generation !== before) world.endVisits(site);
      return shown(after);
    },
    removeSite: async ({ request, session, params }) => {
      await sites.remove(params['site'] as SiteId, actorOf(request, session));
      world.endVisits(params['site'] as SiteId);
      return {};
    },
    siteNumbers: async ({ params, query }) => {
      const site = params['site'] as SiteId;
      if ((await sites.find(site)) === undefined) throw new Failure('not-found');
      return world.siteNumbers(site, Number(query['days'] ?? 30), world.now());
    },
    blockedVisitors: async ({ request, session, params }) => {
      const site = params['site'] as SiteId;
      await world.disclosures.list('blocked', actorOf(request, session), { site });
      return { blocked: await world.visits.blockedOf(site) };
    },
    unblockVisitor: async ({ request, session, params }) => {
      const visitor = params['visitor'] as UserId;
      await world.visits.block(params['site'] as SiteId, visitor, false, actorOf(request, session));
      await tellBlocked(visitor, world);
      return {};
    },
    makeSiteKey: ({ request, session, params }) => sites.makeKey(params['site'] as SiteId, actorOf(request, session)),
    removeSiteKey: async ({ request, session, params }) => {
      await sites.removeKey(params['site'] as SiteId, params['key'] ?? '', actorOf(request, session));
      world.endVisits(params['site'] as SiteId);
      return {};
    },
  };
}

function shown({ id, createdAt, isLive, settings, keys }: KnownSite): Site {
  return { id, createdAt, isLive, settings, keys: [...keys] };
}
