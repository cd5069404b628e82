import type { SessionId, UserId } from '../../contracts/ids.ts';
import type { Actor, AuditRecord } from '../../contracts/records.ts';
import { NOTICES_KEPT, type SecurityEvent } from '../../contracts/security.ts';
import type { Change, Store } from '../store/store.ts';
import { personKey, type Keys } from './keys.ts';
import { seal } from './seal.ts';

/** Somewhat more than there can be, where two instances add one at the same moment. */
const MOST_FOUND = 2 * NOTICES_KEPT;

/** A notice as it is kept, under the key of whom it is for. */
export interface NoticeContent {
  readonly what: SecurityEvent;
  readonly from: { readonly address: string; readonly agent: string } | null;
  /** The sign-in that it was done with. */
  readonly session: SessionId | null;
}

/** Whom a record concerns, and what tells them of it. */
export interface Noticed {
  readonly user: UserId;
  /** A sign-in that need not be told: it is what the notice is about. */
  readonly except: SessionId | undefined;
  /** Part of the commit of the record with this number, so that one is never without the other. Takes the place of the oldest ones. */
  changes(number: number, at: number): Change[];
}

export const noticeId = (user: string, number: number): string => `${user}:${number}`;

/** The notice that goes with a record. `undefined` for a record that concerns no account, and for somebody who was removed: nobody can read it as them. */
export async function noticeFor(store: Store, keys: Keys, said: AuditRecord, actor: Actor): Promise<Noticed | undefined> {
  const concerned = (CONCERNED[said.type] as Concerns<AuditRecord> | undefined)?.(said, actor);
  if (concerned === undefined) return undefined;
  const { user, what } = concerned;
  const account = await store.get('user', user);
  const key = account === undefined || account.body.removedAt !== undefined ? undefined : await keys.of(personKey(user));
  if (key === undefined) return undefined;
  const { items } = await store.find({ kind: 'security-notice', index: 'byUser', where: [user], order: 'down', limit: MOST_FOUND });
  const from = actor.user === user ? { address: actor.address, agent: actor.agent } : null;
  const content: NoticeContent = { what, from, session: actor.user === user ? actor.session : null };
  return {
    user,
    except: what.type === 'signed-in' ? what.session : undefined,
    changes: (number, at) => {
      const id = noticeId(user, number);
      const oldest = items.slice(NOTICES_KEPT - 1).map((one): Change => ({ do: 'remove', kind: 'security-notice', id: one.id }));
      return [{ do: 'add', kind: 'security-notice', id, body: { user, number, at, sealed: seal(content, key, `security-notice:${id}`) } }, ...oldest];
    },
  };
}

type AuditType = AuditRecord['type'];
type Concerns<S extends AuditRecord> = (said: S, actor: Actor) => { readonly user: UserId; readonly what: SecurityEvent } | undefined;

/** Whom a record tells something of their account. Holds, cases and what is exported for them are not here: whoever they are about is told nothing. */
const CONCERNED: { readonly [T in AuditType]?: Concerns<Extract<AuditRecord, { type: T }>> } = {
  'signed-in': ({ user, session }) => ({ user, what: { type: 'signed-in', session } }),
  'password-changed': ({ user }) => ({ user, what: { type: 'password-changed' } }),
  'key-set': ({ user, provider }) => ({ user, what: { type: 'key-set', provider } }),
  'key-removed': ({ user, provider }) => ({ user, what: { type: 'keys-removed', providers: [provider] } }),
  'keys-removed': ({ user, providers }) => ({ user, what: { type: 'keys-removed', providers } }),
  'role-changed': ({ user, role }) => ({ user, what: { type: 'role-changed', role } }),
  'signed-out': ({ user, sessions }, actor) => (actor.user === null || actor.user === user ? undefined : { user, what: { type: 'signed-out', count: sessions.length } }),
  'export-made': ({ by, export: made, case: of }) => (by === undefined ? undefined : { user: by, what: { type: 'export-made', export: made, case: of } }),
};
