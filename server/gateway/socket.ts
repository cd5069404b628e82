import type { Server as HttpServer } from 'node:http';
import { Server } from 'socket.io';
import { Command, PositionShape, type Answer } from '../../contracts/commands.ts';
import { MESSAGE_CHARACTERS } from '../../contracts/conversation.ts';
import { Failure, refusalOf, type Refusal } from '../../contracts/failures.ts';
import { ConversationId, TabId, UserId } from '../../contracts/ids.ts';
import { PROTOCOL_VERSION, type Hello, type Opened } from '../../contracts/socket.ts';
import { z } from '../../contracts/zod.ts';
import type { Allowances } from '../accounts/allowances.ts';
import type { Sites } from '../accounts/sites.ts';
import type { Rooms } from '../bus/rooms.ts';
import type { Directory } from '../conversations/directory.ts';
import type { OpenConversation } from '../conversations/live.ts';
import type { Commander } from '../conversations/questions.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Traces } from '../observe/traces.ts';
import type { Delivery, Io, TabSocket } from './delivery.ts';
import { answering, mayAnswer, visitorToRead, type AnsweringWorld } from './answering.ts';
import { commanderOf, greet, mayStayUntil, renew, type GreetingWorld } from './greeting.ts';
import { Crowd } from './crowd.ts';
import { limiter, networkAt, type Limiter } from './limits.ts';
import type { Notices } from './notices.ts';
import { isOwnOrigin, visitOf, type Trust } from './request.ts';
import { INBOX, inboxOf, openRoomOf, personRoom, sessionRoom, siteRoom } from './tab-rooms.ts';

/** Far above the largest command (a message of control characters takes six bytes for each), so that what is too large is refused in words; only what is larger than this is cut off. */
const FRAME_BYTES = MESSAGE_CHARACTERS * 25;
/** When a command's outcome is not known by then, its tab is told that it is being found out; it asks again with the same id. */
const ANSWER_WITHIN_MS = 10_000;
const COMMANDS = { count: 120, perMs: 60_000 };
/** Of everybody at one address. */
const COMMANDS_PER_ADDRESS = { count: 1_200, perMs: 60_000 };
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** Times that somebody may say that they are writing. */
const WRITES = { count: 60, perMs: 60_000 };
const OPENS = { count: 300, perMs: 60_000 };
/** Its owner may change while a conversation is being opened. */
const OPEN_TRIES = 5;
const HALF_TYPED_CHARACTERS = 20_000;
/** What a model answers. */
const ASKS: readonly Command['type'][] = ['turn.send', 'turn.regenerate', 'turn.continue'];

const OpenAsked = z.object({ conversation: ConversationId, position: PositionShape });
const LeaveAsked = z.object({ conversation: ConversationId });
const TypingAsked = z.object({ conversation: z.union([ConversationId, z.literal('new')]), text: z.string().max(HALF_TYPED_CHARACTERS) });

/** Milliseconds until this person may command again; 0 now. */
type CommandLimit = (actor: Commander) => number;

/** Lets in sockets of this server's own pages and of pages of any site; which of them may stay depends on who it is, and `greet` sees to that. */
export function openIo(http: HttpServer, trust: Trust, { adapter }: Rooms, sites: Sites): Io {
  return new Server(http, {
    ...(adapter !== undefined && { adapter }),
    transports: ['websocket'],
    serveClient: false,
    perMessageDeflate: false,
    maxHttpBufferSize: FRAME_BYTES,
    pingInterval: 20_000,
    pingTimeout: 20_000,
    allowRequest: (request, decide) => {
      const { origin } = request.headers;
      const { host, protocol } = visitOf(request, trust);
      if (isOwnOrigin(origin, host, protocol)) return decide(null, true);
      sites.allow(origin ?? '').then((isAllowed) => decide(null, isAllowed), () => decide(null, false)); // the tab comes again
    },
  });
}

export interface SocketWorld extends GreetingWorld, AnsweringWorld {
  readonly allowances: Allowances;
  readonly metrics: Metrics;
  readonly traces: Traces;
  readonly directory: Directory;
  readonly delivery: Delivery;
  readonly notices: Notices;
  readonly warn: (error: unknown, what: string) => void;
  /** A person has seen a conversation up to now. */
  seen(conversation: OpenConversation): void;
}

/** The socket edge: parses commands by the contract, acknowledges, lets tabs follow conversations. It decides nothing. */
export function serveSockets(io: Io, world: SocketWorld): void {
  const person = limiter(COMMANDS, world.now);
  const address = limiter(COMMANDS_PER_ADDRESS, world.now);
  const limit: CommandLimit = (actor) => person.take(actor.user) || address.take(actor.address);
  const opens = limiter(OPENS, world.now);
  const writes = limiter(WRITES, world.now);
  const crowd = new Crowd();
  io.use((socket, next) => {
    greet(socket, world).then(() => socket.data.visitor && crowd.admit(comerOf(socket, world))).then(
      () => next(),
      (error: unknown) => {
        // A refusal here is for good, or says when the tab may come again. What else may pass (a store that is closing) must look like a lost connection instead.
        if (!(error instanceof Failure)) return socket.conn.close();
        next(Object.assign(new Error(error.code), { data: refusalOf(error) }));
      },
    );
  });
  io.on('connection', (socket) => {
    const user = socket.data.user as UserId;
    const { session, visitor } = socket.data;
    if (visitor !== undefined) socket.once('disconnect', crowd.enter(comerOf(socket, world)));
    void socket.join([personRoom(user), visitor === undefined ? sessionRoom(String(session)) : siteRoom(visitor.site)]);
    void welcome(socket, user, world);
    listen(socket, user, world, { limit, opens, writes });
  });
}

function comerOf(socket: TabSocket, { trust }: SocketWorld): { visitor: UserId; address: string } {
  return { visitor: socket.data.user as UserId, address: visitOf(socket.request, trust).address };
}

/** From the rooms on it hears what is told, so only now it is counted, and looked whether the sign-in has ended since the handshake. */
async function welcome(socket: TabSocket, user: UserId, world: SocketWorld): Promise<void> {
  const [notices, until] = await Promise.all([world.notices.count(user), mayStayUntil(socket, world).catch(() => undefined)]);
  if (until === undefined) return socket.conn.close(); // the next handshake is told why
  closeAt(socket, until, world);
  hello(socket, notices);
}

/** A visitor whose token was renewed meanwhile stays as long as the new one lasts. */
function closeAt(socket: TabSocket, until: number, world: SocketWorld): void {
  const timer = setTimeout(() => {
    const later = socket.data.visitor?.expiresAt ?? until;
    if (later > until) closeAt(socket, later, world);
    else socket.conn.close();
  }, Math.min(until - world.now(), LONGEST_TIMER_MS)).unref();
  socket.once('disconnect', () => clearTimeout(timer));
}

function hello(socket: Pick<TabSocket, 'data' | 'emit'>, notices: number): void {
  const said: Hello = { version: PROTOCOL_VERSION, user: socket.data.user as UserId, tab: socket.data.tab as TabId, notices };
  socket.emit('hello', said);
}

/** What others told may not have arrived here: each tab is greeted with a number that it does not know, so it reads its lists and its conversation again. */
export async function greetAgain(io: Io, rooms: Rooms): Promise<void> {
  const byUser = Map.groupBy(io.sockets.sockets.values(), (tab) => tab.data.user as UserId);
  for (const [user, tabs] of byUser) {
    const number = await rooms.next(user);
    for (const tab of tabs) hello(tab, number);
  }
}

interface Limits {
  readonly limit: CommandLimit;
  readonly opens: Limiter;
  readonly writes: Limiter;
}

function listen(socket: TabSocket, user: UserId, world: SocketWorld, limits: Limits): void {
  const { opens, writes } = limits;
  const actorNow = (): Commander => commanderOf(socket, world.trust); // what a site says of its visitor may be renewed
  socket.on('command', (asked, answer) => {
    if (typeof answer !== 'function') return;
    void commandOf(socket, asked, actorNow(), world, limits).then((said) => {
      if (!said.ok) world.metrics.commandRefused(said.refusal.code);
      answer(said);
    });
  });
  socket.on('open', (asked, answer) => {
    if (typeof answer !== 'function') return;
    void openFor(socket, actorNow(), world, opens.take(user), asked, answer);
  });
  socket.on('leave', (asked) => {
    const parsed = LeaveAsked.safeParse(asked);
    if (!parsed.success) return;
    world.delivery.leave(socket, parsed.data.conversation);
  });
  socket.on('typing', (asked) => {
    const parsed = TypingAsked.safeParse(asked);
    if (parsed.success && socket.data.visitor === undefined) world.notices.tellOthers(socket, { type: 'typing', tab: socket.data.tab as TabId, ...parsed.data });
  });
  socket.on('writing', (asked) => {
    const parsed = LeaveAsked.safeParse(asked);
    if (parsed.success && writes.take(user) === 0) tellWriting(socket, parsed.data.conversation, actorNow(), world).catch(() => undefined); // only the moment matters
  });
  socket.on('renew', (token, answer) => {
    if (typeof answer !== 'function') return;
    if (opens.take(user) > 0) return answer(false);
    void renew(socket, token, world).then(answer, () => answer(false));
  });
  socket.on('inbox', (isOpen, given) => {
    const answer = typeof given === 'function' ? given : () => undefined;
    socket.data.looksAtInbox = isOpen === true;
    if (isOpen !== true) void leaveInbox(socket).then(() => answer(false));
    else if (opens.take(user) > 0) answer(false);
    else void followInbox(socket, actorNow(), world).then(answer, (error: unknown) => {
      if (!(error instanceof Failure)) world.warn(error, 'the inbox could not be followed');
      answer(false); // it is asked for again with the next greeting
    });
  });
  socket.on('hidden', (isHidden) => {
    if (socket.data.isHidden === (isHidden === true)) return;
    if (opens.take(user) > 0) return socket.conn.close(); // it comes back, and is given everything then
    world.delivery.setHidden(socket, isHidden === true);
    if (isHidden !== true) for (const conversation of world.delivery.openIn(socket)) if (conversation.owner === user) world.seen(conversation);
  });
  socket.on('disconnect', () => world.delivery.gone(socket));
}

/** Tells the other side of a visitor's conversation that somebody writes. */
async function tellWriting(socket: TabSocket, conversation: ConversationId, { user, site }: Commander, world: SocketWorld): Promise<void> {
  const open = world.delivery.openIn(socket).find(({ id }) => id === conversation);
  if (open === undefined || (site === undefined && open.owner === user)) return;
  const by = site === undefined ? ((await world.people.find(user))?.name ?? '') : null;
  socket.to(openRoomOf(conversation)).emit('notice', 0, { type: 'writing', conversation, by });
}

/** What comes into the inbox is shown to this tab, once it is on record that it is. Resolves whether it is told from now on. */
async function followInbox(socket: TabSocket, actor: Commander, world: SocketWorld): Promise<boolean> {
  if (actor.site !== undefined || !(await mayAnswer(actor.user, world))) return false;
  const sites = (await world.sites.list()).map(({ id }) => id);
  await world.disclosures.inbox(sites, actor);
  if (socket.data.looksAtInbox !== true) return false;
  await socket.join([INBOX, ...sites.map(inboxOf)]);
  return true;
}

async function leaveInbox(socket: TabSocket): Promise<void> {
  for (const room of [...socket.rooms].filter((one) => one.startsWith(INBOX))) await socket.leave(room);
}

async function commandOf(socket: TabSocket, asked: unknown, actor: Commander, world: SocketWorld, { limit }: Limits): Promise<Answer> {
  const wait = limit(actor);
  if (wait > 0) return refused({ code: 'rate-limited', retryAfterMs: wait });
  const parsed = Command.safeParse(asked);
  if (!parsed.success) return refused({ code: parsed.error.issues.some((issue) => issue.code === 'too_big') ? 'too-large' : 'invalid-command' });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Answer>((resolve) => (timer = setTimeout(() => resolve(refused({ code: 'outcome-unknown' })), ANSWER_WITHIN_MS)));
  const command = parsed.data;
  const told = world.traces.span('command', { type: command.type, conversation: command.conversation }, async () => {
    await checkVisit(socket, command, actor, world);
    const answer = await world.directory.command(command, await answering(command, actor, world));
    if (command.type === 'handoff.note' && answer.ok) world.notices.tellNoted(command.conversation);
    return answer;
  });
  const answer = await Promise.race([told.catch((error: unknown) => refused(refusalOf(error))), late]);
  clearTimeout(timer);
  return answer;
}

/** Of a visitor: whether the visit still holds, and the site allows one more reply. */
async function checkVisit(socket: TabSocket, command: Command, actor: Commander, world: SocketWorld): Promise<void> {
  const { visitor } = socket.data;
  if (visitor === undefined) return;
  const [until, site] = await Promise.all([mayStayUntil(socket, world), world.sites.find(visitor.site)]).catch((error: unknown) => {
    throw error instanceof Failure ? error : new Failure('record-unavailable', { cause: error });
  });
  if (until === undefined || site === undefined) throw new Failure('session-ended');
  if (command.type === 'turn.send' && command.files.length > 0 && !site.settings.uploads) throw new Failure('not-permitted');
  const toPerson = command.type === 'turn.send' && command.toPerson === true;
  if ((command.type === 'handoff.ask' || toPerson) && !site.settings.handoff) throw new Failure('not-permitted');
  if (!ASKS.includes(command.type)) return;
  // What is said to a person asks no model.
  if (command.type === 'turn.send' && site.settings.handoff && (await world.rows.visitorOf(command.conversation))?.isAnswered === true) return;
  await world.allowances.take(site, { visitor: actor.user, address: networkAt(actor.address), command: command.commandId, toPerson });
}

async function openFor(socket: TabSocket, actor: Commander, world: SocketWorld, waitMs: number, asked: unknown, answer: (opened: Opened) => void): Promise<void> {
  try {
    const parsed = OpenAsked.safeParse(asked);
    if (waitMs > 0 || (parsed.success && !world.delivery.hasRoom(socket, parsed.data.conversation))) throw new Failure('rate-limited', { retryAfterMs: Math.max(waitMs, 1_000) });
    if (!parsed.success) throw new Failure('invalid-command');
    const { conversation: id, position } = parsed.data;
    if (socket.data.visitor !== undefined && (await mayStayUntil(socket, world)) === undefined) throw new Failure('session-ended');
    for (let tries = 0; tries < OPEN_TRIES; tries++) {
      const conversation = await openAs(id, actor, world);
      if (!(await world.delivery.open(socket, conversation, position, answer))) continue;
      if (!socket.connected) world.delivery.gone(socket);
      else if (!socket.data.isHidden && conversation.owner === actor.user) world.seen(conversation);
      return;
    }
    throw new Failure('outcome-unknown');
  } catch (error) {
    if (!(error instanceof Failure)) world.warn(error, 'a conversation could not be opened');
    answer({ ok: false, refusal: refusalOf(error) });
  }
}

/** One's own conversation, or a visitor's for those who answer visitors. */
async function openAs(id: ConversationId, actor: Commander, world: SocketWorld): Promise<OpenConversation> {
  try {
    return await world.directory.open(id, actor.user);
  } catch (error) {
    if (!(error instanceof Failure && error.code === 'not-found')) throw error;
    const visitor = await visitorToRead(id, actor, world);
    if (visitor === undefined) throw error;
    return world.directory.open(id, visitor);
  }
}

function refused(refusal: Refusal): Answer {
  return { ok: false, refusal };
}
