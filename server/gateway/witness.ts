import type { FastifyInstance } from 'fastify';
import type { Allowance } from '../accounts/bucket.ts';
import type { Witness } from '../journal/witness.ts';
import { limiter } from './limits.ts';

/** Where logs of others ask for a cosignature. No cookie is looked at there, and what is asked is signed by the log: so it may come from anywhere. */
export const WITNESS_PATH = '/api/witness/add-checkpoint';

/** The largest request is a proof of 63 hashes and a note. */
const MOST_BYTES = 16_384;
const PER_ADDRESS: Allowance = { count: 60, perMs: 60_000 };

/** The write side of c2sp.org/tlog-witness: what it says is the protocol's, with its status codes and types. */
export async function openWitnessRoute(app: FastifyInstance, witness: Witness, now: () => number): Promise<void> {
  const limit = limiter(PER_ADDRESS, now);
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string', bodyLimit: MOST_BYTES }, (_request, body, done) => done(null, body));
    scope.post(WITNESS_PATH, { schema: { hide: true }, bodyLimit: MOST_BYTES }, async (request, reply) => {
      limit.admit(request.ip);
      const answer = await witness.add(typeof request.body === 'string' ? request.body : '');
      void reply.code(answer.status).header('cache-control', 'no-store');
      if (answer.status === 409) return reply.type('text/x.tlog.size').send(`${answer.size}\n`);
      return reply.type('text/plain; charset=utf-8').send(answer.status === 200 ? answer.cosignature : `${answer.says}\n`);
    });
  });
}
