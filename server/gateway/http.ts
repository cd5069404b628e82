import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import staticFiles from '@fastify/static';
import swagger from '@fastify/swagger';
import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { existsSync } from 'node:fs';
import { FILE_BYTES } from '../../contracts/conversation.ts';
import { Failure, FAILURES, refusalOf, type FailureCode, type Refusal } from '../../contracts/failures.ts';
import { RefusedReply, ROUTES, type Route, type RouteName } from '../../contracts/routes.ts';
import type { Allowance } from '../accounts/bucket.ts';
import type { People } from '../accounts/people.ts';
import type { Session, Sessions } from '../accounts/sessions.ts';
import type { KnownSite, Sites } from '../accounts/sites.ts';
import type { Visitor, Visits } from '../accounts/visits.ts';
import { visitorOf } from './greeting.ts';
import { limiter } from './limits.ts';
import { admitPage, answerPage, embedPage, siteFor, verifierFile, verifyPage, WIDGET_PATH } from './pages.ts';
import { PROTOCOL_PATH, protocolSchema } from './protocol.ts';
import { isOwnOrigin, originOfPage, SESSION_COOKIE, trustIn } from './request.ts';
import { WITNESS_PATH } from './witness.ts';

/** What a route's code is given: everything parsed by the contract's schema. `session` is there on the routes of people who are signed in, `site` on those of its pages, `visitor` on those of visitors. */
export interface Asked {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly session: Session;
  readonly maybeSession: Session | undefined;
  readonly site: KnownSite;
  readonly visitor: Visitor;
  readonly params: Record<string, string>;
  readonly query: Record<string, string | undefined>;
  readonly body: unknown;
}

/** Who may be behind a request. */
export interface HttpWorld {
  readonly sessions: Sessions;
  readonly people: People;
  readonly sites: Sites;
  readonly visits: Visits;
}

export type RouteCode = (asked: Asked) => Promise<unknown>;
export type RouteCodes = Record<RouteName, RouteCode>;

export interface HttpOptions {
  readonly trustProxy: boolean | string | ((address: string, hop: number) => boolean);
  readonly clientFolder: string;
  readonly now: () => number;
  readonly logger: FastifyBaseLogger;
}

/** JSON bodies; files have a limit of their own. */
const BODY_BYTES = 2_000_000;
/** As many sockets of visitors as an address may have renew their visits 236 times a minute. */
const PER_ADDRESS: Allowance = { count: 600, perMs: 60_000 };
const PER_SIGN_IN: Allowance = { count: 20, perMs: 60_000 };
const GUARDED: readonly RouteName[] = ['signIn', 'register'];

/** The HTTP edge: parses by the contract, checks origin, sign-in and rate, and turns every `Failure` into its reply. It decides nothing else. */
export async function openHttp(codes: RouteCodes, world: HttpWorld, options: HttpOptions): Promise<FastifyInstance> {
  const app: FastifyInstance = fastify({
    trustProxy: trustIn(options.trustProxy), bodyLimit: BODY_BYTES, loggerInstance: options.logger, logController: new LogController({ disableRequestLogging: true }), forceCloseConnections: true,
    frameworkErrors: (error, _request, reply) => void refuse(app, reply as FastifyReply, error),
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, _request, reply) => refuse(app, reply, error));
  app.setNotFoundHandler((request, reply) => (/^\/(api|assets)\//u.test(request.url) || request.method !== 'GET' ? refuse(app, reply, new Failure('not-found')) : sendPage(reply, options)));
  await app.register(cookie);
  await app.register(helmet, HEADERS);
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: 'GoRunChat', version: '1', description: `The shapes of what crosses the websocket, and of the records, are in ${PROTOCOL_PATH} (JSON Schema).` } },
    transform: jsonSchemaTransform, transformObject: jsonSchemaTransformObject,
  });
  app.addContentTypeParser(/^image\/|^application\/octet-stream/, { parseAs: 'buffer', bodyLimit: FILE_BYTES + 1 }, (_request, body, done) => done(null, body));
  guard(app, world.sites, options.now);
  for (const name of Object.keys(ROUTES) as RouteName[]) mount(app, name, codes[name], world, options.now);
  app.get('/api/openapi.json', { schema: { hide: true } }, () => app.swagger());
  const protocol = protocolSchema();
  app.get(PROTOCOL_PATH, { schema: { hide: true } }, () => protocol);
  app.get('/livez', { schema: { hide: true } }, () => ({ ok: true }));
  embedPage(app, world.sites, options.clientFolder);
  verifyPage(app, options.clientFolder);
  verifierFile(app, options.clientFolder);
  app.get('/', { schema: { hide: true } }, (_request, reply) => sendPage(reply, options));
  if (existsSync(options.clientFolder)) await app.register(staticFiles, { root: options.clientFolder, index: false, immutable: true, maxAge: '1y', setHeaders: forPages });
  return app;
}

const HEADERS = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"], scriptSrc: ["'self'"], styleSrc: ["'self'"], imgSrc: ["'self'", 'data:', 'blob:'], fontSrc: ["'self'"], connectSrc: ["'self'"], manifestSrc: ["'self'"],
      baseUri: ["'none'"], formAction: ["'self'"], frameAncestors: ["'none'"], requireTrustedTypesFor: ["'script'"], trustedTypes: ['lit-html'],
    },
  },
  // Over plain http on a LAN address these would be wrong or without effect; behind https the proxy decides.
  strictTransportSecurity: false,
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  referrerPolicy: { policy: 'no-referrer' },
} as const;

/** The element runs on pages of other origins, which must be let to load it. Its first file, and what describes it, have no name of their own for each version, so they are asked for again. */
function forPages(reply: FastifyReply, path: string): void {
  const isFirst = /\/widget\.(?:js|d\.ts)$/u.test(path);
  if (!isFirst && !/\/assets\/[^/]+\.js$/u.test(path)) return;
  void reply.header('access-control-allow-origin', '*').header('cross-origin-resource-policy', 'cross-origin');
  if (isFirst) void reply.header('cache-control', 'public, max-age=300');
  if (path.endsWith('.d.ts')) void reply.type('text/plain; charset=utf-8');
}

function guard(app: FastifyInstance, sites: Sites, now: () => number): void {
  const limit = limiter(PER_ADDRESS, now);
  app.addHook('onRequest', async (request, reply) => {
    if (!request.url.startsWith('/api/')) return;
    const isPage = request.url.startsWith(WIDGET_PATH);
    if (isPage && answerPage(request, reply)) return reply.code(204).send();
    limit.admit(request.ip);
    if (isPage) await admitPage(request, sites);
    else if (request.url !== WITNESS_PATH && !['GET', 'HEAD'].includes(request.method) && !isOwnOrigin(request.headers.origin, request.host, request.protocol)) throw new Failure('foreign-origin');
  });
}

function mount(app: FastifyInstance, name: RouteName, code: RouteCode, world: HttpWorld, now: () => number): void {
  const route: Route = ROUTES[name];
  const limit = limiter(PER_SIGN_IN, now);
  const { params, query, body, bytes } = route;
  app.route({
    method: route.method,
    url: route.path,
    ...(bytes === 'body' && { bodyLimit: FILE_BYTES + 1 }),
    schema: {
      operationId: name,
      summary: route.says,
      ...(params && { params }),
      ...(query && { querystring: query }),
      ...(body && { body }),
      response: bytes === 'reply' ? {} : { 200: route.reply, '4xx': RefusedReply, '5xx': RefusedReply },
    },
    handler: async (request, reply) => {
      if (GUARDED.includes(name)) limit.admit(request.ip);
      const asked: Asked = {
        request, reply, body: request.body, ...(await whoAsks(route.who, request, world)),
        params: request.params as Record<string, string>, query: request.query as Record<string, string | undefined>,
      };
      void reply.header('cache-control', 'no-store');
      return code(asked);
    },
  });
}

type Who = Pick<Asked, 'session' | 'maybeSession' | 'site' | 'visitor'>;

/** Whoever may ask such a route; throws for everybody else. What a route is not given by its `who` is not there. */
async function whoAsks(who: Route['who'], request: FastifyRequest, world: HttpWorld): Promise<Who> {
  if (who === 'page' || who === 'visitor') {
    const site = await siteFor((request.params as Record<string, string>)['site'], world.sites);
    const token = /^Bearer (\S+)$/u.exec(request.headers.authorization ?? '')?.[1];
    const visitor = who === 'page' || token === undefined ? undefined : await visitorOf(token, originOfPage(request), { ...world, now: Date.now });
    if (who === 'visitor' && visitor?.site !== site.id) throw new Failure('session-ended');
    return { site, visitor: visitor as Visitor, maybeSession: undefined, session: undefined as never };
  }
  const token = request.cookies[SESSION_COOKIE];
  const session = token === undefined ? undefined : await world.sessions.find(token);
  if (who !== 'anybody' && session === undefined) throw new Failure('session-ended');
  if (who === 'reviewer' && (await world.people.find((session as Session).user))?.role !== 'reviewer') throw new Failure('not-permitted');
  if (who === 'admin' && (await world.people.find((session as Session).user))?.role !== 'admin') throw new Failure('not-permitted');
  return { maybeSession: session, session: session as Session, site: undefined as never, visitor: undefined as never };
}

function refuse(app: FastifyInstance, reply: FastifyReply, error: unknown): FastifyReply {
  const refusal = refusalFor(error);
  if (refusal.code === 'internal') app.log.error({ err: error }, 'a request ended in a mistake of ours');
  return reply.code(FAILURES[refusal.code].status).header('cache-control', 'no-store').send({ refusal });
}

const EDGE_CODES: Readonly<Record<string, FailureCode>> = {
  FST_ERR_VALIDATION: 'invalid-command',
  FST_ERR_CTP_BODY_TOO_LARGE: 'too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'invalid-command',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid-command',
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalid-command',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid-command',
  FST_ERR_BAD_URL: 'invalid-command',
};

/** Of the static files and the parser. */
const BY_STATUS: Readonly<Record<number, FailureCode>> = { 400: 'invalid-command', 403: 'not-found', 404: 'not-found' };

function refusalFor(error: unknown): Refusal {
  if (error instanceof Failure) return refusalOf(error);
  const { code, statusCode } = error as { code?: string; statusCode?: number };
  const known = EDGE_CODES[code ?? ''] ?? BY_STATUS[statusCode ?? 0];
  return known === undefined ? { code: 'internal' } : { code: known };
}

function sendPage(reply: FastifyReply, options: HttpOptions): FastifyReply {
  if (!existsSync(`${options.clientFolder}/app.html`)) return reply.code(503).type('text/plain').send('The client has not been built yet: npm run build\n');
  return reply.header('cache-control', 'no-cache').sendFile('app.html', { immutable: false, maxAge: 0 });
}
