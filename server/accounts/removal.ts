import type { SessionId, UserId } from '../../contracts/ids.ts';
import { Failure } from '../../contracts/failures.ts';
import type { Actor } from '../../contracts/records.ts';
import type { Clock } from '../clock.ts';
import { ITSELF } from '../journal/journal.ts';
import { DEPLOYMENT, type Audit } from '../journal/audit.ts';
import { personGate } from '../journal/holds.ts';
import { personKey, type Keys } from '../journal/keys.ts';
import type { Kind } from '../store/kinds.ts';
import { isConflict } from '../store/refused.ts';
import { UNFENCED, type Change, type Store, type Stored } from '../store/store.ts';
import { all, walk } from '../store/walk.ts';
import { addressIn } from './addresses.ts';
import { otherAdmin } from './people.ts';
import type { Sessions } from './sessions.ts';

/** Conversations of one person that are deleted in one go. */
const AT_ONCE = 20;
/** Well below what a commit may change. */
const IN_ONE_COMMIT = 500;

export interface RemovalWorld {
  readonly store: Store;
  readonly keys: Keys;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly sessions: Sessions;
  /** Ends the sockets of sign-ins that were found only later, on every instance. */
  ended(sessions: readonly SessionId[]): void;
  /** Deletes a conversation as the deployment's own wish. */
  deleteFor(conversation: string, owner: UserId): Promise<unknown>;
}

/** Removing somebody: they are gone at once, and what is theirs is erased as far as nothing keeps it. */
export interface Removal {
  /**
   * From the answer on nobody signs in as them, their address is free, and every sign-in that they had is over. What they wrote is deleted and erased after that, by the duty.
   * Throws `not-found`, and `not-permitted` when no administrator would be left.
   */
  remove(user: UserId, actor: Actor): Promise<void>;
  /** For the sweep: goes on with everybody who was removed, until nothing of them is left but records that nobody can read any more. Holds and schedules keep what they keep. */
  goOn(): Promise<void>;
}

/** Removal from this store. */
export function openRemoval(world: RemovalWorld): Removal {
  const { store, audit, clock, sessions } = world;
  return {
    async remove(user, actor) {
      const stored = await store.get('user', user);
      if (stored === undefined || stored.body.removedAt !== undefined) throw new Failure('not-found');
      const other = stored.body.role === 'admin' ? await otherAdmin(store, user) : undefined;
      if (stored.body.role === 'admin' && other === undefined) throw new Failure('not-permitted', { detail: 'There has to be one administrator.' });
      // The other one is written too: two who remove each other at once cannot both do it.
      const stays: Change[] = other === undefined ? [] : [{ do: 'put', kind: 'user', id: other.id, version: other.version, body: other.body }];
      const gone: Change = { do: 'put', kind: 'user', id: user, version: stored.version, body: { ...stored.body, passwordHash: '', removedAt: clock.now() } };
      const address = addressIn(stored.body);
      const free: Change[] = address === undefined ? [] : [{ do: 'remove', kind: 'address', id: address }];
      await audit.commit([...stays, gone, ...free], { type: 'person-removed', v: 1, user }, actor, DEPLOYMENT).catch((error: unknown) => {
        throw isConflict(error) ? new Failure('moved-on', { cause: error }) : error;
      });
      await sessions.endAll(user, actor, world.ended);
    },
    async goOn() {
      const failures: unknown[] = [];
      for await (const person of walk(store, { kind: 'user', index: 'byRemoval', where: [], from: 0, limit: 50 })) await eraseOne(world, person).catch((error: unknown) => failures.push(error));
      if (failures.length > 0) throw failures[0]; // it is tried again; the others did not wait for it
    },
  };
}

async function eraseOne(world: RemovalWorld, person: Stored<'user'>): Promise<void> {
  const user = person.id as UserId;
  await world.sessions.endAll(user, ITSELF, world.ended); // what a server left that died in between
  if (!(await hasNothingLeft(world, user))) return;
  const { isHeld, passed } = await personGate(world.store, user);
  if (isHeld) return;
  const changes = [...passed, ...(await lastOf(world.store, person))];
  try {
    await world.audit.commit(changes, { type: 'person-erased', v: 1, user, removedAt: person.body.removedAt ?? 0 }, ITSELF, DEPLOYMENT);
    world.keys.forget(personKey(user));
  } catch (error) {
    if (!isConflict(error)) throw error; // a hold was placed at the same moment, or another instance was first
  }
}

/** What goes in one commit, when nothing else of somebody is left: who they were, what they had set and been told, and their key. */
export async function lastOf(store: Store, { id, version }: Stored<'user'>): Promise<Change[]> {
  const [settings, keys, notices] = await Promise.all([
    store.get('settings', id),
    all(store, { kind: 'provider-key', index: 'byUser', where: [id], limit: IN_ONE_COMMIT }),
    all(store, { kind: 'security-notice', index: 'byUser', where: [id], limit: IN_ONE_COMMIT }),
  ]);
  const set = [...(settings === undefined ? [] : [removal('settings', settings.id)]), ...keys.map((key) => removal('provider-key', key.id)), ...notices.map((notice) => removal('security-notice', notice.id))];
  return [...set, { do: 'remove', kind: 'user', id, version }, removal('key', personKey(id))];
}

/** Deletes what is not deleted yet. Whether everything is erased: some may be kept. */
async function hasNothingLeft({ store, deleteFor }: RemovalWorld, user: UserId): Promise<boolean> {
  let isErased = true;
  let deleted = 0;
  const failures: unknown[] = [];
  for (const archived of [false, true]) {
    for await (const { id, body } of walk(store, { kind: 'conversation', index: 'byOwner', where: [user, archived], limit: 200 })) {
      isErased &&= body.isErased;
      if (body.deletedAt !== null || body.isErased) continue;
      await deleteFor(id, user).then(() => (deleted += 1), (error: unknown) => failures.push(error)); // one that cannot be reached keeps no other
      if (deleted === AT_ONCE) return false;
    }
  }
  if (failures.length > 0) throw failures[0];
  const unsent = await store.find({ kind: 'unsent', index: 'byOwner', where: [user], limit: 1 }); // gone within a day
  return isErased && unsent.items.length === 0 && (await removeMarkers(store, user));
}

/** What they have read up to where, so many at once. Whether that was all. */
export async function removeMarkers(store: Store, user: UserId): Promise<boolean> {
  const { items } = await store.find({ kind: 'read-marker', index: 'byOwner', where: [user], limit: IN_ONE_COMMIT });
  if (items.length > 0) await store.commit(items.map(({ id }) => removal('read-marker', id)), UNFENCED);
  return items.length < IN_ONE_COMMIT;
}

function removal(kind: Kind, id: string): Change {
  return { do: 'remove', kind, id } as Change;
}

