import { Failure } from '../../../contracts/failures.ts';
import type { RouteBody } from '../../../contracts/routes.ts';
import type { RouteCodes } from '../http.ts';
import { actorOf } from '../request.ts';
import type { RouteWorld } from './world.ts';

/** Models, and the keys that people bring for them. */
export function modelRoutes(world: RouteWorld): Pick<RouteCodes, 'models' | 'keys' | 'setKey' | 'removeKey' | 'removeKeys'> {
  const { catalog, providerKeys } = world;
  const known = (provider: string | undefined): { provider: string; providerName: string } => {
    const found = catalog.ownKeys.find((one) => one.provider === provider);
    if (found === undefined) throw new Failure('not-found');
    return found;
  };
  return {
    models: ({ session }) => catalog.list(world.keyOf(session.user)),
    keys: async ({ session }) => ({ keys: await providerKeys.list(session.user, catalog.ownKeys) }),
    setKey: async ({ request, session, params, body }) => {
      const { provider, providerName } = known(params['provider']);
      const { key, expiresInDays } = body as RouteBody<'setKey'>;
      await providerKeys.set(session.user, provider, key, expiresInDays, actorOf(request, session));
      world.notices.tell(session.user, { type: 'models' });
      return (await providerKeys.list(session.user, [{ provider, providerName }]))[0];
    },
    removeKey: async ({ request, session, params }) => {
      await providerKeys.remove(session.user, known(params['provider']).provider, actorOf(request, session));
      world.notices.tell(session.user, { type: 'models' });
      return {};
    },
    removeKeys: async ({ request, session }) => {
      await providerKeys.removeAll(session.user, actorOf(request, session));
      world.notices.tell(session.user, { type: 'models' });
      return {};
    },
  };
}
