import { createHash, randomBytes } from 'node:crypto';
import type { SessionId, UserId } from '../../contracts/ids.ts';
import type { Actor } from '../../contracts/records.ts';
import type { Clock } from '../clock.ts';
import { newId } from '../ids.ts';
import type { Audit } from '../journal/audit.ts';
import { open, seal, type Key } from '../journal/seal.ts';
import type { Change, Store } from '../store/store.ts';
import { personKey } from './people.ts';

/** A sign-in lasts this long. */
export const SESSION_MS = 30 * 24 * 3_600_000;
const CACHED = 20_000;
/** How long this process trusts what it read; an end of a session here is known at once. */
const TRUSTED_MS = 30_000;

export interface Session {
  readonly id: SessionId;
  readonly user: UserId;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** Sign-ins. The token is known to the browser alone; what is kept is its hash. */
export interface Sessions {
  begin(user: UserId, key: Key, actor: Actor): Promise<{ token: string; session: Session }>;
  find(token: string): Promise<Session | undefined>;
  list(user: UserId, key: Key): Promise<(Session & { agent: string; address: string })[]>;
  /** Ends these of the person's sessions, all with no `only`. Resolves with those that ended. */
  end(user: UserId, actor: Actor, only?: SessionId): Promise<SessionId[]>;
}

export function openSessions(store: Store, audit: Audit, clock: Clock): Sessions {
  const cache = new Map<string, { session: Session; until: number }>();
  const stored = (user: UserId) => store.find({ kind: 'session', index: 'byUser', where: [user], order: 'down', limit: 1_000 });
  return {
    async begin(user, key, actor) {
      const token = randomBytes(32).toString('base64url');
      const id = idOf(token);
      const session: Session = { id: newId<SessionId>(), user, createdAt: clock.now(), expiresAt: clock.now() + SESSION_MS };
      const sealed = seal({ agent: actor.agent, address: actor.address }, key, `session:${id}`);
      const body = { user, createdAt: session.createdAt, expiresAt: session.expiresAt, publicId: session.id, sealed };
      const said = { type: 'signed-in', v: 1, user, session: session.id } as const;
      await audit.commit([{ do: 'add', kind: 'session', id, body }], said, { ...actor, user, session: session.id }, { id: personKey(user) });
      return { token, session };
    },
    async find(token) {
      const id = idOf(token);
      const now = clock.now();
      const known = cache.get(id);
      if (known !== undefined && known.until > now) return known.session.expiresAt > now ? known.session : undefined;
      const kept = await store.get('session', id);
      if (kept === undefined || kept.body.expiresAt <= now) return undefined;
      const session: Session = { id: kept.body.publicId as SessionId, user: kept.body.user as UserId, createdAt: kept.body.createdAt, expiresAt: kept.body.expiresAt };
      cache.set(id, { session, until: now + TRUSTED_MS });
      if (cache.size > CACHED) cache.delete(cache.keys().next().value as string);
      return session;
    },
    async list(user, key) {
      const { items } = await stored(user);
      return items
        .filter(({ body }) => body.expiresAt > clock.now())
        .map(({ id, body }) => ({ id: body.publicId as SessionId, user, createdAt: body.createdAt, expiresAt: body.expiresAt, ...open<{ agent: string; address: string }>(body.sealed, key, `session:${id}`) }));
    },
    async end(user, actor, only) {
      const { items } = await stored(user);
      const ending = items.filter(({ body }) => only === undefined || body.publicId === only);
      if (ending.length === 0) return [];
      const ids = ending.map(({ body }) => body.publicId as SessionId);
      const changes = ending.map(({ id }): Change => ({ do: 'remove', kind: 'session', id }));
      await audit.commit(changes, { type: 'signed-out', v: 1, user, sessions: ids }, actor, { id: personKey(user) });
      for (const { id } of ending) cache.delete(id);
      return ids;
    },
  };
}

function idOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
