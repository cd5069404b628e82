import type { RouteCodes } from '../http.ts';
import type { RouteWorld } from './world.ts';

/** Proofs over all records, for admins. Nothing of what a record says is in them. */
export function logRoutes({ log }: Pick<RouteWorld, 'log'>): Pick<RouteCodes, 'logCheckpoint' | 'logInclusion' | 'logConsistency'> {
  return {
    logCheckpoint: () => log.checkpoint(),
    logInclusion: ({ query }) => log.inclusion(String(query['chain']), Number(query['number'])),
    logConsistency: ({ query }) => log.consistency(Number(query['from'])),
  };
}
