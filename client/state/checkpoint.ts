import { msg } from '@lit/localize';
import { Failure } from '../../contracts/failures.ts';
import type { RouteReply } from '../../contracts/routes.ts';
import type { call } from '../link/api.ts';

/** The last checkpoint of the log over all records. In the first seconds of a deployment there is none, which is said as that. */
export async function readCheckpoint(ask: typeof call): Promise<RouteReply<'logCheckpoint'>> {
  try {
    return await ask('logCheckpoint');
  } catch (error) {
    if (error instanceof Failure && error.code === 'not-found') throw new Failure('not-found', { cause: error, detail: msg('Nothing was sealed yet. It takes a few seconds.') });
    throw error;
  }
}
