import type { SessionId } from '../../../contracts/ids.ts';
import { Failure } from '../../../contracts/failures.ts';
import { FILE_BYTES, FILES_PER_MESSAGE, MESSAGE_CHARACTERS, QUEUE_LENGTH } from '../../../contracts/conversation.ts';
import type { Person, RouteBody, Settings, Welcome } from '../../../contracts/routes.ts';
import { PROTOCOL_VERSION } from '../../../contracts/socket.ts';
import type { Allowance } from '../../accounts/bucket.ts';
import { SESSION_MS, type Session } from '../../accounts/sessions.ts';
import type { Asked, RouteCodes } from '../http.ts';
import { limiter, networkAt } from '../limits.ts';
import { actorOf, SESSION_COOKIE } from '../request.ts';
import type { RouteWorld } from './world.ts';

/** Guesses of one visitor at one account. */
const PER_GUESSER: Allowance = { count: 10, perMs: 600_000 };
/** Guesses at one account, from however many addresses: more than one visitor can use up, so that nobody alone keeps its owner out. */
const PER_ACCOUNT: Allowance = { count: 100, perMs: 3_600_000 };

type AuthRoutes = Pick<RouteCodes, 'welcome' | 'register' | 'signIn' | 'signOut' | 'signOutEverywhere' | 'signOutOthers' | 'changePassword' | 'sessions' | 'endSession' | 'rename' | 'settings'>;

/** Accounts, sign-ins and what belongs to a person. */
export function authRoutes(world: RouteWorld): AuthRoutes {
  const { people, sessions } = world;
  const perGuesser = limiter(PER_GUESSER, world.now);
  const perAccount = limiter(PER_ACCOUNT, world.now);
  /** Closes the sockets of what has ended, and lets this browser forget its own. */
  const told = (asked: Asked, ended: readonly SessionId[]): void => {
    world.disconnect(ended);
    if (ended.includes(asked.session.id)) void asked.reply.clearCookie(SESSION_COOKIE, { path: '/' });
  };
  const check = (asked: Asked, email: string, password: string, session?: Session): ReturnType<RouteWorld['people']['check']> => {
    perGuesser.admit(`${email} ${networkAt(asked.request.ip)}`);
    perAccount.admit(email);
    return people.check(email, password, actorOf(asked.request, session));
  };
  const end = async (asked: Asked, session: SessionId): Promise<object> => {
    const hasEnded = await sessions.end(asked.session.user, session, actorOf(asked.request, asked.session));
    if (!hasEnded && session !== asked.session.id) throw new Failure('not-found');
    told(asked, [session]);
    return {};
  };
  const signIn = async (asked: Asked, person: Person, proof?: string): Promise<Welcome> => {
    const { token, session } = await sessions.begin(person.id, await people.keyOf(person.id), actorOf(asked.request, undefined));
    // A removal, or another password, that came in between has not seen this one; what comes later does.
    if (!(await people.stands(person.id, proof))) {
      await sessions.end(person.id, session.id, actorOf(asked.request, undefined));
      throw new Failure('sign-in-refused');
    }
    const secure = asked.request.protocol === 'https';
    void asked.reply.setCookie(SESSION_COOKIE, token, { path: '/', httpOnly: true, sameSite: 'lax', secure, maxAge: SESSION_MS / 1_000 });
    return welcome(world, person);
  };
  return {
    welcome: async ({ maybeSession }) => welcome(world, maybeSession && (await people.find(maybeSession.user))),
    register: async (asked) => signIn(asked, await people.register(asked.body as RouteBody<'register'>, actorOf(asked.request, undefined))),
    signIn: async (asked) => {
      const { email, password } = asked.body as RouteBody<'signIn'>;
      const { person, proof } = await check(asked, email, password);
      return signIn(asked, person, proof);
    },
    signOut: (asked) => end(asked, asked.session.id),
    signOutEverywhere: async (asked) => {
      await sessions.endAll(asked.session.user, actorOf(asked.request, asked.session), (ended) => told(asked, ended));
      return {};
    },
    signOutOthers: async (asked) => {
      await sessions.endOthers(asked.session.user, asked.session.id, actorOf(asked.request, asked.session), world.disconnect);
      return {};
    },
    changePassword: async (asked) => {
      const { session } = asked;
      const { current, password } = asked.body as RouteBody<'changePassword'>;
      const person = await people.find(session.user);
      if (person === undefined) throw new Failure('session-ended');
      const { proof } = await check(asked, person.email, current, session).catch((error: unknown) => {
        throw error instanceof Failure && error.code === 'sign-in-refused' ? new Failure('sign-in-refused', { cause: error, detail: 'That is not your password.' }) : error;
      });
      await world.changePassword({ user: session.user, session: session.id, proof }, password, actorOf(asked.request, session), world.disconnect);
      return {};
    },
    endSession: (asked) => end(asked, asked.params['session'] as SessionId),
    sessions: async ({ session }) => {
      const rows = await sessions.list(session.user, await people.keyOf(session.user));
      return { sessions: rows.map(({ id, createdAt, agent, address }) => ({ id, createdAt, seenAt: createdAt, agent, address, isThis: id === session.id })) };
    },
    rename: (asked) => people.rename(asked.session.user, (asked.body as RouteBody<'rename'>).name, actorOf(asked.request, asked.session)),
    settings: async (asked) => {
      const settings = await people.changeSettings(asked.session.user, asked.body as Partial<Settings>, actorOf(asked.request, asked.session));
      world.notices.tell(asked.session.user, { type: 'settings', settings });
      return settings;
    },
  };
}

async function welcome(world: RouteWorld, person: Person | undefined): Promise<Welcome> {
  return {
    person: person ?? null,
    settings: person === undefined ? null : await world.people.settings(person.id),
    deployment: world.deployment,
    hasSites: person !== undefined && (await world.sites.list()).length > 0,
    registration: await registration(world),
    restoreSeconds: world.restoreMs / 1_000,
    temporaryHours: (world.retention.temporary.deleteAfterDays ?? 0) * 24,
    limits: { messageCharacters: MESSAGE_CHARACTERS, fileBytes: FILE_BYTES, filesPerMessage: FILES_PER_MESSAGE, queueLength: QUEUE_LENGTH },
    version: String(PROTOCOL_VERSION),
  };
}

async function registration(world: RouteWorld): Promise<Welcome['registration']> {
  if (!(await world.people.hasAnybody())) return world.rules.firstCode === undefined ? 'first-account' : 'first-account-with-code';
  return world.rules.isOpen ? 'open' : 'closed';
}

