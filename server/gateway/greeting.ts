import { Failure } from '../../contracts/failures.ts';
import { TabId, UserId } from '../../contracts/ids.ts';
import type { Actor } from '../../contracts/records.ts';
import { PROTOCOL_VERSION } from '../../contracts/socket.ts';
import { z } from '../../contracts/zod.ts';
import { allowsOrigin } from '../accounts/origins.ts';
import type { Sessions } from '../accounts/sessions.ts';
import type { Sites } from '../accounts/sites.ts';
import { namesOf, type Visitor, type Visits } from '../accounts/visits.ts';
import type { TabSocket } from './delivery.ts';
import { isOwnOrigin, SESSION_COOKIE, visitOf, type Trust } from './request.ts';

/** Characters of a token in which a site says as much of its user as it may, in a script of three bytes for each character. */
const MOST_TOKEN = 12_000;

const Shake = z.object({ version: z.int(), tab: TabId, user: UserId, token: z.string().max(MOST_TOKEN).optional() });

export interface GreetingWorld {
  readonly sessions: Sessions;
  readonly sites: Sites;
  readonly visits: Visits;
  readonly trust: Trust;
  readonly now: () => number;
}

/** Who is behind a socket: somebody signed in, by the cookie of a page of this server's own origin; or a visitor, by the token of a page of the site's. Throws what they are refused with. */
export async function greet(socket: TabSocket, world: GreetingWorld): Promise<void> {
  const shake = Shake.safeParse(socket.handshake.auth);
  if (!shake.success) throw new Failure('invalid-command');
  const { version, tab, user, token } = shake.data;
  if (version !== PROTOCOL_VERSION) throw new Failure('client-outdated');
  if (token !== undefined) {
    const visitor = await visitorOf(token, socket.handshake.headers.origin, world);
    if (visitor?.id !== user) throw new Failure('session-ended');
    Object.assign(socket.data, { user, session: null, visitor, tab, isHidden: false });
    return;
  }
  const { host, protocol } = visitOf(socket.request, world.trust);
  if (!isOwnOrigin(socket.handshake.headers.origin, host, protocol)) throw new Failure('foreign-origin');
  const session = await sessionOf(socket, world);
  if (session === undefined || session.user !== user) throw new Failure('session-ended');
  Object.assign(socket.data, { user, session: session.id, tab, isHidden: false });
}

/** Until when whoever was greeted may stay; `undefined` when that is over. A visitor's is checked with every command. */
export async function mayStayUntil(socket: TabSocket, world: GreetingWorld): Promise<number | undefined> {
  const { visitor } = socket.data;
  if (visitor === undefined) return (await sessionOf(socket, world))?.expiresAt;
  return (await isVisiting(visitor, world)) && (await world.visits.mayCome(visitor.id)) ? visitor.expiresAt : undefined;
}

/** The next token of the same visitor; `false` when it is not one. */
export async function renew(socket: TabSocket, token: unknown, world: GreetingWorld): Promise<boolean> {
  const { visitor } = socket.data;
  const next = typeof token === 'string' ? await visitorOf(token, socket.handshake.headers.origin, world) : undefined;
  if (visitor === undefined || next?.id !== visitor.id || next.site !== visitor.site) return false;
  socket.data.visitor = next;
  return true;
}

/** The visitor of a token that a page of this origin brings. */
export async function visitorOf(token: string, origin: string | undefined, world: Pick<GreetingWorld, 'visits' | 'sites' | 'now'>): Promise<Visitor | undefined> {
  const visitor = await world.visits.read(token);
  const isThere = visitor !== undefined && visitor.origin === origin && (await isVisiting(visitor, world)) && (await world.visits.mayCome(visitor.id));
  return isThere ? visitor : undefined;
}

async function isVisiting({ site, generation, page, expiresAt }: Visitor, { sites, now }: Pick<GreetingWorld, 'sites' | 'now'>): Promise<boolean> {
  if (expiresAt <= now()) return false;
  const known = await sites.find(site);
  return known !== undefined && known.isLive && known.generation === generation && (page === undefined || allowsOrigin(known.settings.origins, page));
}

/** Whose commands a socket brings, as they go on record. */
export function commanderOf(socket: TabSocket, trust: Trust): Actor & { readonly user: UserId } {
  const { user, session, visitor } = socket.data;
  return {
    user: user as UserId,
    session: session as Actor['session'],
    address: visitOf(socket.request, trust).address.slice(0, 100),
    agent: String(socket.handshake.headers['user-agent'] ?? '').slice(0, 400).toWellFormed(),
    ...(visitor && namesOf(visitor)),
  };
}

function sessionOf(socket: TabSocket, { sessions }: Pick<GreetingWorld, 'sessions'>): ReturnType<Sessions['find']> {
  const cookies = (socket.handshake.headers.cookie ?? '').split(';').map((one) => one.trim().split('='));
  const token = cookies.find(([name]) => name === SESSION_COOKIE)?.[1];
  return token === undefined ? Promise.resolve(undefined) : sessions.find(token);
}
