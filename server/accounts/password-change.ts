import { Failure } from '../../contracts/failures.ts';
import type { SessionId, UserId } from '../../contracts/ids.ts';
import type { Actor } from '../../contracts/records.ts';
import type { Audit } from '../journal/audit.ts';
import { personKey } from '../journal/keys.ts';
import { wentThrough } from '../store/refused.ts';
import type { Store } from '../store/store.ts';
import { hashPassword } from './passwords.ts';
import { sessionEnd, type Sessions } from './sessions.ts';

/**
 * Gives somebody another password and ends every sign-in of theirs but `session`, in one commit as far as one reaches; `ended` hears of them. The password before it has to have been checked, and to be theirs still. Throws
 * `session-ended` when they, or that sign-in, were removed meanwhile. Who was let in with the password before it at the same moment is let out again by the sign-in itself (`People.stands`).
 */
export type ChangePassword = (of: { readonly user: UserId; readonly session: SessionId; /** Stands for the password before it. */ readonly proof: string }, password: string, actor: Actor, ended: (sessions: readonly SessionId[]) => void) => Promise<void>;

/** Changes of password in this store. */
export function openPasswordChange(store: Store, audit: Audit, sessions: Sessions): ChangePassword {
  return async ({ user, session, proof }, password, actor, ended) => {
    const passwordHash = await hashPassword(password);
    for (;;) {
      const stored = await store.get('user', user);
      const [own] = (await store.find({ kind: 'session', index: 'byPublicId', where: [user], from: session, to: session, limit: 1 })).items;
      if (stored === undefined || stored.body.removedAt !== undefined || own === undefined) throw new Failure('session-ended');
      if (stored.body.passwordHash !== proof) throw new Failure('sign-in-refused', { detail: 'Your password was changed at the same moment.' });
      const others = await sessions.others(user, session);
      const ids = others.map(({ body }) => body.publicId as SessionId);
      const commit = audit.commit(
        [{ do: 'put', kind: 'user', id: user, version: stored.version, body: { ...stored.body, passwordHash } }, { do: 'put', kind: 'session', id: own.id, version: own.version, body: own.body }, ...others.map(sessionEnd)],
        { type: 'password-changed', v: 1, user, sessions: ids }, actor, { id: personKey(user) },
      );
      if (!(await wentThrough(commit))) continue; // a role was changed at the same moment, or a name
      sessions.forget(ids);
      ended(ids);
      return sessions.endOthers(user, session, actor, ended);
    }
  };
}
