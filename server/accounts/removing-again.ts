import type { SessionId, UserId } from '../../contracts/ids.ts';
import type { KeptRecord } from '../../contracts/records.ts';
import { DEPLOYMENT } from '../journal/audit.ts';
import type { Recording, RemovedAgain, Since } from '../journal/erased-since.ts';
import { personGate } from '../journal/holds.ts';
import { contentOf } from '../journal/journal.ts';
import { personKey, type Keys } from '../journal/keys.ts';
import type { Change, Store, Stored } from '../store/store.ts';
import { walk } from '../store/walk.ts';
import { addressIn } from './addresses.ts';
import { FIRST } from './people.ts';
import { lastOf, removeMarkers } from './removal.ts';
import { ENDED_AT_ONCE } from './sessions.ts';

/**
 * Removes in a restored store who had been removed since the backup: whoever is on record to have been, and whoever's key was destroyed by the time that the keys are of, which happens to nobody else. From
 * the first start on nobody signs in as them, and the sweep erases what is still theirs. Throws a sentence when a record cannot be read. Nobody else writes this store meanwhile.
 */
export async function removeAgain(store: Store, keys: Keys, since: readonly Since[], at: number, record: Recording): Promise<RemovedAgain> {
  const removed = await removedIn(keys, since);
  const gone: Gone[] = [];
  let hasAdmin = false;
  for await (const stored of walk(store, { kind: 'user', index: 'byAge', where: [], limit: 1_000 })) {
    const isKeyless = (await keys.of(personKey(stored.id))) === undefined;
    const isRemoved = stored.body.removedAt !== undefined;
    if (isKeyless || (!isRemoved && removed.has(stored.id))) gone.push({ stored, isKeyless });
    else hasAdmin ||= !isRemoved && stored.body.role === 'admin';
  }
  // Who became an administrator in the lost time is none now: whoever registers next is one, as at the very first.
  const first: Change[] = gone.length === 0 || hasAdmin ? [] : [{ do: 'remove', kind: 'address', id: FIRST }];
  for (const [index, one] of gone.entries()) await removeOne(store, one, { at, also: index === 0 ? first : [] }, record);
  return { people: gone.length, hasAdmin };
}

interface Gone {
  readonly stored: Stored<'user'>;
  /** Their key was destroyed: nothing else of them was left then. */
  readonly isKeyless: boolean;
}

async function removedIn(keys: Keys, since: readonly Since[]): Promise<Set<string>> {
  const users = new Set<string>();
  const key = await keys.of(DEPLOYMENT.id);
  for (const { place, removals } of since) {
    for (const kept of removals) {
      const said = key && readable(kept, key, place);
      if (said?.type === 'person-removed') users.add(said.user);
    }
  }
  return users;
}

function readable(kept: KeptRecord, key: Buffer, place: string) {
  try {
    return contentOf(kept, key).said;
  } catch (error) {
    throw new Error(`Who was removed cannot be read in ${place}: it is of another deployment, or was changed.`, { cause: error });
  }
}

async function removeOne(store: Store, { stored, isKeyless }: Gone, { at, also }: { at: number; also: readonly Change[] }, record: Recording): Promise<void> {
  const { id, version, body } = stored;
  const user = id as UserId;
  const taken = addressIn(body);
  const address = taken === undefined ? undefined : await store.get('address', taken);
  const free: Change[] = [...also, ...(address?.body.user === id ? [{ do: 'remove', kind: 'address', id: address.id } as const] : [])];
  await endSessions(store, user, record);
  const removedAt = body.removedAt ?? at;
  if (!isKeyless) return record({ type: 'person-removed', v: 1, user }, [...free, { do: 'put', kind: 'user', id, version, body: { ...body, passwordHash: '', removedAt } }]);
  while (!(await removeMarkers(store, user)));
  const { passed } = await personGate(store, id); // they had passed every hold, so one that the backup still has keeps nothing of them
  return record({ type: 'person-erased', v: 1, user, removedAt }, [...passed, ...free, ...(await lastOf(store, stored))]);
}

/** Without waiting for the sweep: whoever has one could come in with the first start. */
async function endSessions(store: Store, user: UserId, record: Recording): Promise<void> {
  for (;;) {
    const { items } = await store.find({ kind: 'session', index: 'byUser', where: [user], limit: ENDED_AT_ONCE });
    if (items.length === 0) return;
    await record({ type: 'signed-out', v: 1, user, sessions: items.map(({ body }) => body.publicId as SessionId) }, items.map(({ id }) => ({ do: 'remove', kind: 'session', id })));
  }
}
