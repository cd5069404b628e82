import { createHash, randomBytes } from 'node:crypto';
import type { SessionId, UserId } from '../../contracts/ids.ts';
import type { Actor } from '../../contracts/records.ts';
import type { Clock } from '../clock.ts';
import { newId } from '../ids.ts';
import type { Audit } from '../journal/audit.ts';
import { personKey } from '../journal/keys.ts';
import { open, seal, type Key } from '../journal/seal.ts';
import type { Change, Store, Stored } from '../store/store.ts';

/** A sign-in lasts this long. */
export const SESSION_MS = 30 * 24 * 3_600_000;
const CACHED = 20_000;
/** Well below what a commit may change. */
export const ENDED_AT_ONCE = 500;
const MOST_LISTED = 1_000;
/** How long this process trusts what it read; an end of a session here is known at once. */
const TRUSTED_MS = 30_000;

export interface Session {
  readonly id: SessionId;
  readonly user: UserId;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** Sign-ins. The token is known to the browser alone; what is kept is its hash. Those that ran out are removed when their person signs in again. */
export interface Sessions {
  begin(user: UserId, key: Key, actor: Actor): Promise<{ token: string; session: Session }>;
  find(token: string): Promise<Session | undefined>;
  list(user: UserId, key: Key): Promise<(Session & { agent: string; address: string })[]>;
  /** Sign-ins of the person beside this one, so many as one commit ends, the latest first. */
  others(user: UserId, session: SessionId): Promise<Stored<'session'>[]>;
  /** These ended elsewhere: what is remembered of them here counts no more. */
  forget(sessions: readonly SessionId[]): void;
  /** Ends one of the person's sessions; `false` when the person has none of that id. */
  end(user: UserId, session: SessionId, actor: Actor): Promise<boolean>;
  /** Ends all that the person has, so many in one commit; `ended` hears of each commit, also when a later one is refused. */
  endAll(user: UserId, actor: Actor, ended: (sessions: SessionId[]) => void): Promise<void>;
  /** The same, but for this one. */
  endOthers(user: UserId, session: SessionId, actor: Actor, ended: (sessions: SessionId[]) => void): Promise<void>;
}

/** Sign-ins that are kept in this store. */
export function openSessions(store: Store, audit: Audit, clock: Clock): Sessions {
  const cache = new Map<string, { session: Session; until: number }>();
  /** How often sessions ended here: what was read before that may be one of them. */
  let ends = 0;
  const remove = async (user: UserId, kept: readonly Stored<'session'>[], actor: Actor): Promise<SessionId[]> => {
    const ids = kept.map(({ body }) => body.publicId as SessionId);
    await audit.commit(kept.map(sessionEnd), { type: 'signed-out', v: 1, user, sessions: ids }, actor, { id: personKey(user) });
    ends += 1;
    for (const { id } of kept) cache.delete(id);
    return ids;
  };
  const others = async (user: UserId, session: SessionId): Promise<Stored<'session'>[]> => {
    const { items } = await store.find({ kind: 'session', index: 'byUser', where: [user], order: 'down', limit: ENDED_AT_ONCE });
    return items.filter(({ body }) => body.publicId !== session);
  };
  const find = async (token: string): Promise<Session | undefined> => {
    const id = idOf(token);
    const now = clock.now();
    const known = cache.get(id);
    if (known !== undefined && known.until > now) return known.session.expiresAt > now ? known.session : undefined;
    const before = ends;
    const kept = await store.get('session', id);
    if (before !== ends) return find(token);
    if (kept === undefined || kept.body.expiresAt <= now) return undefined;
    const session: Session = { id: kept.body.publicId as SessionId, user: kept.body.user as UserId, createdAt: kept.body.createdAt, expiresAt: kept.body.expiresAt };
    cache.set(id, { session, until: now + TRUSTED_MS });
    if (cache.size > CACHED) cache.delete(cache.keys().next().value as string);
    return session;
  };
  return {
    async begin(user, key, actor) {
      const token = randomBytes(32).toString('base64url');
      const id = idOf(token);
      const session: Session = { id: newId<SessionId>(), user, createdAt: clock.now(), expiresAt: clock.now() + SESSION_MS };
      const sealed = seal({ agent: actor.agent, address: actor.address }, key, `session:${id}`);
      const body = { user, createdAt: session.createdAt, expiresAt: session.expiresAt, publicId: session.id, sealed };
      const { items: expired } = await store.find({ kind: 'session', index: 'byUser', where: [user], to: clock.now() - SESSION_MS, limit: ENDED_AT_ONCE });
      const said = { type: 'signed-in', v: 1, user, session: session.id, ...(expired.length > 0 && { expired: expired.map((one) => one.body.publicId as SessionId) }) } as const;
      await audit.commit([...expired.map(sessionEnd), { do: 'add', kind: 'session', id, body }], said, { ...actor, user, session: session.id }, { id: personKey(user) });
      return { token, session };
    },
    find,
    async list(user, key) {
      const { items } = await store.find({ kind: 'session', index: 'byUser', where: [user], order: 'down', limit: MOST_LISTED });
      return items
        .filter(({ body }) => body.expiresAt > clock.now())
        .map(({ id, body }) => ({ id: body.publicId as SessionId, user, createdAt: body.createdAt, expiresAt: body.expiresAt, ...open<{ agent: string; address: string }>(body.sealed, key, `session:${id}`) }));
    },
    others,
    forget(sessions) {
      ends += 1;
      for (const [id, { session }] of cache) if (sessions.includes(session.id)) cache.delete(id);
    },
    async end(user, session, actor) {
      const { items } = await store.find({ kind: 'session', index: 'byPublicId', where: [user], from: session, to: session, limit: 1 });
      if (items.length > 0) await remove(user, items, actor);
      return items.length > 0;
    },
    async endAll(user, actor, ended) {
      for (;;) {
        const { items } = await store.find({ kind: 'session', index: 'byUser', where: [user], order: 'down', limit: ENDED_AT_ONCE });
        if (items.length === 0) return;
        ended(await remove(user, items, actor));
      }
    },
    async endOthers(user, session, actor, ended) {
      for (;;) {
        const found = await others(user, session);
        if (found.length === 0) return;
        ended(await remove(user, found, actor));
      }
    },
  };
}

/** Part of every commit that ends a sign-in. */
export function sessionEnd({ id }: Stored<'session'>): Change {
  return { do: 'remove', kind: 'session', id };
}

function idOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
