import type { FastifyInstance } from 'fastify';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Failure } from '../../contracts/failures.ts';
import type { Health } from '../observe/health.ts';
import type { Meter } from '../observe/metrics.ts';
import { trustIn } from './request.ts';

/** A proxy adds at least one of these; what comes through one comes from anywhere. */
const OF_PROXIES = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'];
const isLoopback = trustIn('loopback');

/** What those ask who run the product. The metrics are not for the public: they are given to this machine, and to whoever brings the token; for everybody else they are not there. */
export function operationRoutes(app: FastifyInstance, { health, meter }: { readonly health: Health; readonly meter: Meter }, token: string | undefined): void {
  app.get('/readyz', { schema: { hide: true } }, async (_request, reply) => {
    const problems = await health.problems();
    return reply.code(problems.length === 0 ? 200 : 503).header('cache-control', 'no-store').send({ ok: problems.length === 0, problems });
  });
  app.get('/metrics', { schema: { hide: true } }, async ({ raw }, reply) => {
    if (!bringsToken(raw, token) && !isFromHere(raw)) throw new Failure('not-found');
    return reply.header('cache-control', 'no-store').type(meter.contentType).send(await meter.text());
  });
}

function bringsToken({ headers }: IncomingMessage, token: string | undefined): boolean {
  const given = /^Bearer (\S+)$/iu.exec(headers.authorization ?? '')?.[1];
  return token !== undefined && given !== undefined && timingSafeEqual(hashOf(given), hashOf(token));
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/**
 * A proxy on this machine makes everybody look as if they were here. So whoever is here must also have asked for this machine by its own name, which no page behind a proxy
 * is reached by, and no foreign page that had its own name point here either.
 */
function isFromHere({ headers, socket }: IncomingMessage): boolean {
  const address = `http://${headers.host}`;
  const asked = URL.canParse(address) ? new URL(address).hostname.replace(/^\[|\]$/gu, '') : '';
  return isLoopback(socket.remoteAddress ?? '', 0) && (asked === 'localhost' || isLoopback(asked, 0)) && OF_PROXIES.every((name) => headers[name] === undefined);
}
