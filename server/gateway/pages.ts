import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Failure } from '../../contracts/failures.ts';
import { SiteId } from '../../contracts/ids.ts';
import { allowsOrigin } from '../accounts/origins.ts';
import type { KnownSite, Sites } from '../accounts/sites.ts';
import { isOwnOrigin, originOfPage } from './request.ts';

/** Where pages of sites ask. */
export const WIDGET_PATH = '/api/widget/';

/**
 * Lets the page that asks read the answer, also a refusal, which a browser would hide from it otherwise: then whoever chats could not be told why it ends. No cookie is looked at under `WIDGET_PATH`, so no
 * credentials are allowed. Whether the browser only asked beforehand, which is answered alike for every page.
 */
export function answerPage(request: FastifyRequest, reply: FastifyReply): boolean {
  const { origin } = request.headers;
  void reply.header('vary', 'origin');
  if (origin !== undefined && !isOwnOrigin(origin, request.host, request.protocol)) void reply.header('access-control-allow-origin', origin).header('access-control-expose-headers', 'retry-after');
  if (request.method !== 'OPTIONS') return false;
  void reply.header('access-control-allow-methods', 'GET, POST').header('access-control-allow-headers', 'authorization, content-type').header('access-control-max-age', '600');
  return true;
}

/** Lets pages of a site's origins, and this server's own page that stands in a frame of them, ask for what is under `WIDGET_PATH`. Throws `foreign-origin` for every other page. */
export async function admitPage(request: FastifyRequest, sites: Sites): Promise<void> {
  const { origin } = request.headers;
  if (isOwnOrigin(origin, request.host, request.protocol)) return;
  const site = await siteIn(request.url, sites);
  if (site === undefined || !allowsOrigin(site.settings.origins, origin ?? '')) throw new Failure('foreign-origin');
}

/**
 * The origin of the page that shows the chat: of the element that of the page which asks, of a frame (whose requests are this server's own) that of the page `around` it, as the
 * browser told the frame; none where this server's own page stands alone. Throws `foreign-origin` for one that the site does not allow. What is no browser can say whatever it
 * likes, here as in an `Origin`: this keeps pages out, not programs.
 */
export function pageOf(request: FastifyRequest, { settings }: KnownSite, around: string | undefined): string | undefined {
  const isOwn = (origin: string | undefined): boolean => isOwnOrigin(origin, request.host, request.protocol);
  const page = isOwn(request.headers.origin) ? around : originOfPage(request);
  if (isOwn(page)) return undefined;
  if (!allowsOrigin(settings.origins, page as string)) throw new Failure('foreign-origin');
  return page;
}

/** The site that a route is about. Throws `not-found`, and `site-closed` for one that is not open. */
export async function siteFor(id: string | undefined, sites: Sites): Promise<KnownSite> {
  const parsed = SiteId.safeParse(id);
  const site = parsed.success ? await sites.find(parsed.data) : undefined;
  if (site === undefined) throw new Failure('not-found');
  if (!site.isLive) throw new Failure('site-closed');
  return site;
}

async function siteIn(url: string, sites: Sites): Promise<KnownSite | undefined> {
  const parsed = SiteId.safeParse(url.slice(WIDGET_PATH.length).split(/[/?]/u)[0]);
  return parsed.success ? sites.find(parsed.data) : undefined;
}

/** The page with the chat alone, for frames on the site's pages and on no others; for sites whose own policy does not let the element run there. */
export function embedPage(app: FastifyInstance, sites: Sites, clientFolder: string): void {
  app.get<{ Params: { site: string } }>('/embed/:site', { schema: { hide: true } }, async (request, reply) => {
    const site = await siteFor(request.params.site, sites);
    if (!existsSync(`${clientFolder}/embed.html`)) return reply.code(503).type('text/plain').send('The client has not been built yet: npm run build\n');
    const policy = String(reply.getHeader('content-security-policy')).replace(/frame-ancestors [^;]*/u, `frame-ancestors 'self' ${site.settings.origins.join(' ')}`);
    void reply.removeHeader('x-frame-options').header('content-security-policy', policy).header('cache-control', 'no-cache');
    return reply.sendFile('embed.html', { immutable: false, maxAge: 0 });
  });
}

/** The page that verifies packages without a server. It has its own policy in it, which lets its one script run and nothing be fetched; that holds here as well as for a page that was saved. */
export function verifyPage(app: FastifyInstance, clientFolder: string): void {
  app.get('/verify', { schema: { hide: true } }, async (_request, reply) => {
    const file = `${clientFolder}/verify.html`;
    const page = existsSync(file) ? await readFile(file, 'utf8') : '';
    const [, policy] = /<meta http-equiv="Content-Security-Policy" content="([^"]+)"/u.exec(page) ?? [];
    if (policy === undefined) return reply.code(503).type('text/plain').send('The client has not been built yet: npm run build\n');
    return reply.header('content-security-policy', `${policy}; frame-ancestors 'none'`).header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(page);
  });
}

/** The same verifier for Node, to be saved: one file that needs nothing beside it. */
export function verifierFile(app: FastifyInstance, clientFolder: string): void {
  app.get('/verify.mjs', { schema: { hide: true } }, async (_request, reply) => {
    const file = `${clientFolder}/verify.mjs`;
    if (!existsSync(file)) return reply.code(503).type('text/plain').send('The client has not been built yet: npm run build\n');
    return reply.header('content-disposition', 'attachment; filename="verify.mjs"').header('cache-control', 'no-cache').type('text/javascript; charset=utf-8').send(await readFile(file));
  });
}
