import type { Duplex } from 'node:stream';
import type { FastifyBaseLogger } from 'fastify';
import type { ConversationId, UserId } from '../../contracts/ids.ts';
import type { Allowances } from '../accounts/allowances.ts';
import type { Bus } from '../bus/bus.ts';
import type { Rooms } from '../bus/rooms.ts';
import type { ConversationView } from '../../contracts/view.ts';
import { LiveConversation, type OpenConversation } from '../conversations/live.ts';
import { visitorRow } from '../conversations/rows.ts';
import { Delivery, type Io, QUIET_MS } from './delivery.ts';
import type { Noticed } from '../journal/noticed.ts';
import type { Health } from '../observe/health.ts';
import type { Meter } from '../observe/metrics.ts';
import { tracedDelivery } from '../observe/traced.ts';
import type { Traces } from '../observe/traces.ts';
import { hearEndings, openEndings, type Endings } from './endings.ts';
import { openHttp } from './http.ts';
import { openNotices, type Notices } from './notices.ts';
import { operationRoutes } from './operations.ts';
import { trustIn } from './request.ts';
import { accessRoutes } from './routes/accesses.ts';
import { authRoutes } from './routes/auth.ts';
import { conversationRoutes } from './routes/conversations.ts';
import { logRoutes } from './routes/log.ts';
import { inboxRoutes } from './routes/inbox.ts';
import { modelRoutes } from './routes/models.ts';
import { exportRoutes } from './routes/exports.ts';
import { reviewRoutes } from './routes/review.ts';
import { securityRoutes } from './routes/security.ts';
import { siteRoutes } from './routes/sites.ts';
import { widgetRoutes } from './routes/widget.ts';
import type { RouteWorld } from './routes/world.ts';
import { greetAgain, openIo, serveSockets } from './socket.ts';
import { openRoomOf } from './tab-rooms.ts';
import { openWitnessRoute } from './witness.ts';

export interface GatewayOptions {
  readonly host: string;
  readonly port: number;
  readonly trustProxy: boolean | string | ((address: string, hop: number) => boolean);
  readonly clientFolder: string;
  readonly metricsToken: string | undefined;
  readonly logger: FastifyBaseLogger;
}

export interface Gateway {
  readonly url: string;
  readonly port: number;
  /** Takes no new tabs, and sends those that are here away one by one within `spreadMs`: they come back elsewhere, where they are expected. */
  leave(spreadMs: number): Promise<void>;
  close(): Promise<void>;
}

/** What the gateway needs of the world, before its own parts are added. `watch` is how conversations ask whether a tab has them open. */
export type GatewayWorld = Omit<RouteWorld, 'notices' | 'leaving' | keyof Endings> & {
  readonly allowances: Allowances;
  readonly bus: Bus;
  readonly rooms: Rooms;
  readonly meter: Meter;
  readonly health: Health;
  readonly traces: Traces;
  /** Called once with what tells tabs of rows. */
  onRows(tell: (live: LiveConversation) => void): void;
  /** Called once with what tells somebody that something happened to their account. */
  onNoticed(tell: (notice: Noticed) => void): void;
  onWatched(isWatched: (conversation: ConversationId) => boolean): void;
  /** Called once with what ends the sockets of sign-ins. */
  onEndings(end: Endings['disconnect']): void;
};

/** How long replies that are on their way have when the product ends. */
const LAST_REPLY_MS = 2_000;

/** The one port of the product: pages and routes over HTTP, live tabs over websockets. */
export async function startGateway(world: GatewayWorld, options: GatewayOptions): Promise<Gateway> {
  const parts: { io?: Io; notices?: Notices } = {};
  const notices = onceThere(parts);
  const leaving = new AbortController();
  const routeWorld: RouteWorld = { ...world, ...openEndings(parts, world.rooms.adapter !== undefined), notices, leaving: leaving.signal };
  world.onEndings(routeWorld.disconnect);
  world.onNoticed(({ user, except }) => notices.tell(user, { type: 'security' }, except));
  const codes = { ...authRoutes(routeWorld), ...conversationRoutes(routeWorld), ...modelRoutes(routeWorld), ...siteRoutes(routeWorld), ...widgetRoutes(routeWorld), ...inboxRoutes(routeWorld), ...logRoutes(routeWorld), ...reviewRoutes(routeWorld), ...securityRoutes(routeWorld), ...accessRoutes(routeWorld), ...exportRoutes(routeWorld) };
  const app = await openHttp(codes, world, { ...options, now: world.now });
  operationRoutes(app, world, options.metricsToken);
  if (world.witness !== undefined) await openWitnessRoute(app, world.witness, world.now);
  await app.ready();
  const trust = trustIn(options.trustProxy);
  const io = openIo(app.server, trust, world.rooms, world.sites);
  parts.io = io;
  parts.notices = openNotices(io, world.rooms);
  const delivery: Delivery = new Delivery({
    io,
    bus: world.bus,
    metrics: world.meter,
    sending: tracedDelivery(world.traces),
    onTabs: ({ id, owner }, count) => {
      const tell = (all: number): void => notices.tell(owner, { type: 'tabs', conversation: id, count: all });
      if (world.rooms.adapter === undefined) return tell(count);
      io.in(openRoomOf(id)).fetchSockets().then((tabs) => tell(tabs.length), () => tell(count)); // an instance that does not answer is not counted
    },
    isOwn: (conversation) => conversation instanceof LiveConversation && !conversation.isOver,
    // Its owner takes the mark of what is looked at there; for what is looked at elsewhere whoever shows it does.
    onSeen: (conversation) => void (conversation instanceof LiveConversation || seen(conversation)),
  });
  const looking = world.bus.isShared ? setInterval(() => void delivery.lookAfterQuiet().catch(() => undefined), QUIET_MS).unref() : undefined; // a bus that is away is asked again
  world.meter.reads({ openTabs: () => io.of('/').sockets.size, slowTabs: () => delivery.slow });
  const warn = (error: unknown, what: string): void => {
    if (!leaving.signal.aborted) options.logger.error({ err: error }, what); // what tabs are told need not reach tabs that are being sent away
  };
  const seen = (conversation: OpenConversation): void => {
    markSeen(conversation, world, delivery, notices).catch((error: unknown) => warn(error, 'a conversation could not be marked as read'));
  };
  world.onWatched((conversation) => delivery.isWatched(conversation));
  world.onRows((live) => void tellRow(live.owner, () => live.view, world, delivery, notices).catch((error: unknown) => warn(error, 'a row could not be told')));
  serveSockets(io, { metrics: world.meter, traces: world.traces, sessions: world.sessions, sites: world.sites, visits: world.visits, allowances: world.allowances, people: world.people, rows: world.rows, disclosures: world.disclosures, directory: world.directory, delivery, notices, trust, now: world.now, warn, seen });
  hearEndings(io, world);
  world.rooms.onMissed(() => void greetAgain(io, world.rooms).catch((error: unknown) => warn(error, 'tabs could not be greeted again')));
  await app.listen({ host: options.host, port: options.port });
  const port = (app.server.address() as { port: number }).port;
  return {
    port,
    url: `http://${options.host === '0.0.0.0' || options.host === '::' ? 'localhost' : options.host}:${port}`,
    async leave(spreadMs) {
      leaving.abort();
      app.server.removeAllListeners('upgrade');
      app.server.on('upgrade', turnAway);
      const tabs = [...io.sockets.sockets.values()];
      await Promise.all(tabs.map(async (tab, index) => {
        await new Promise((resolve) => setTimeout(resolve, (spreadMs * index) / tabs.length));
        tab.conn.close();
      }));
    },
    async close() {
      leaving.abort();
      clearInterval(looking);
      const cut = setTimeout(() => app.server.closeAllConnections(), LAST_REPLY_MS); // one that is kept alive after its reply, or that nobody reads, would hold this up for a minute
      await io.close();
      clearTimeout(cut);
      await app.close();
    },
  };
}

/** Notices before there are sockets that could hear them: nobody does. */
function onceThere(parts: { readonly notices?: Notices }): Notices {
  return {
    count: (user) => parts.notices?.count(user) ?? Promise.resolve(0),
    tell: (user, notice, except) => parts.notices?.tell(user, notice, except),
    tellOthers: (tab, notice) => parts.notices?.tellOthers(tab, notice),
    tellInbox: (row) => parts.notices?.tellInbox(row),
    tellSites: () => parts.notices?.tellSites(),
    tellRemoved: (conversation) => parts.notices?.tellRemoved(conversation),
    tellNoted: (conversation) => parts.notices?.tellNoted(conversation),
  };
}

/** A tab that comes while this instance leaves goes to another one, and a balancer learns of it. From here on nobody else looks after its connection. */
function turnAway(_request: unknown, socket: Duplex): void {
  socket.on('error', () => socket.destroy()); // it may be gone already, which must not end this process
  socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
}

/** Takes the mark of what is new from a conversation that is looked at, in every tab. */
async function markSeen(conversation: OpenConversation, world: GatewayWorld, delivery: Delivery, notices: Notices): Promise<void> {
  const before = await world.rows.markRead(conversation.owner, conversation.id, world.now());
  const view = await conversation.read();
  if (before < view.conversation.updatedAt) await tellRow(conversation.owner, () => (conversation instanceof LiveConversation ? conversation.view : view), world, delivery, notices);
}

async function tellRow(owner: UserId, now: () => ConversationView, world: GatewayWorld, delivery: Delivery, notices: Notices): Promise<void> {
  const { conversation, isErased, turn, position } = now();
  const { id, updatedAt } = conversation;
  const visited = visitorRow(conversation, turn !== null, position);
  if (isErased || conversation.deletedAt !== null) {
    if (visited !== undefined) notices.tellRemoved(id);
    return notices.tell(owner, { type: 'row-removed', conversation: id, position });
  }
  if (visited !== undefined) {
    const { name = '', answers = [] } = (await world.sites.find(visited.site))?.settings ?? {};
    notices.tellInbox({ ...visited, siteName: name, answers });
  }
  if (conversation.temporary === true) return;
  const isSeen = delivery.isSeen(id);
  if (isSeen && turn === null) await world.rows.markRead(owner, id, updatedAt);
  const row = await world.rows.rowOf(conversation, owner, { running: turn !== null, position }, isSeen ? updatedAt : undefined);
  if (now().conversation === conversation) notices.tell(owner, { type: 'row', row }); // else whatever changed it tells
}
