import { createHmac } from 'node:crypto';
import type { UserId } from '../../contracts/ids.ts';
import { Failure } from '../../contracts/failures.ts';
import { DEPLOYMENT, type Audit } from '../journal/audit.ts';
import { ITSELF } from '../journal/journal.ts';
import { personKey, type Keys } from '../journal/keys.ts';
import { open, seal } from '../journal/seal.ts';
import { CannotStart } from '../start-up.ts';
import type { Kinds } from '../store/kinds.ts';
import { wentThrough } from '../store/refused.ts';
import type { Change, Store, Stored } from '../store/store.ts';
import { walk } from '../store/walk.ts';
import { openSigningKey } from './signing-key.ts';

/** By what an account is found, instead of the e-mail address itself: what is copied without the keys tells nobody who is here. */
export type AddressOf = (email: string) => Promise<string>;

export function openAddresses(store: Store, keys: Keys): AddressOf {
  const secret = openSigningKey(store, keys, 'addresses');
  return async (email) => createHmac('sha256', await secret()).update(email).digest('base64url');
}

/** What is under a person's own key. */
export interface PersonContent {
  readonly name: string;
  readonly email: string;
}

/** Of an account from before addresses were under keys, until `sealAddresses` has seen it, the address stands beside that. */
export function personIn({ id, body }: Stored<'user'>, key: Buffer): PersonContent {
  return { email: body.email ?? '', ...open<Partial<PersonContent> & { name: string }>(body.sealed, key, `user:${id}`) };
}

export function sealedPerson(user: string, content: PersonContent, key: Buffer): string {
  return seal(content, key, `user:${user}`);
}

/** Under which id the address of an account is taken; not at all where it is somebody else's. */
export function addressIn({ address, email }: Kinds['user']): string | undefined {
  return address ?? email;
}

interface AddressesWorld {
  readonly store: Store;
  readonly keys: Keys;
  readonly audit: Audit;
}

/** Puts the addresses that versions before this one kept in the open under the keys of whom they are of, on record, before anybody is served. Throws `CannotStart` where that cannot be put on record; those that were done before stay done. */
export async function sealAddresses(world: AddressesWorld): Promise<void> {
  const addressOf = openAddresses(world.store, world.keys);
  for await (const stored of walk(world.store, { kind: 'user', index: 'byAge', where: [], limit: 1_000 })) {
    if (stored.body.email === undefined) continue;
    await sealOne(world, addressOf, stored).catch((error: unknown) => {
      if (!(error instanceof Failure && error.code === 'record-unavailable')) throw error;
      throw new CannotStart(error, 'E-mail addresses that an earlier version kept in the open could not be put under their keys, since that could not be put on record. Start it again once the database can be written.');
    });
  }
}

async function sealOne({ store, keys, audit }: AddressesWorld, addressOf: AddressOf, stored: Stored<'user'>): Promise<void> {
  const { id, version, body: { email = '', ...body } } = stored;
  const key = await keys.of(personKey(id));
  if (key === undefined) return; // destroyed: nothing of them is left but this
  const address = await addressOf(email);
  const sealed = sealedPerson(id, personIn(stored, key), key);
  const isHere = body.removedAt === undefined;
  const free: Change[] = isHere ? [{ do: 'remove', kind: 'address', id: email }] : [];
  const commit = (changes: readonly Change[]): Promise<boolean> => wentThrough(audit.commit([...changes, ...free], { type: 'address-sealed', v: 1, user: id as UserId }, ITSELF, DEPLOYMENT));
  const taken: Change[] = isHere ? [{ do: 'add', kind: 'address', id: address, body: { user: id } }] : [];
  if (await commit([{ do: 'put', kind: 'user', id, version, body: { ...body, address, sealed } }, ...taken])) return;
  // Another instance was first; or the address is somebody else's by now, who came while two versions ran beside each other: an administrator sees both.
  if ((await store.get('user', id))?.body.email !== undefined) await commit([{ do: 'put', kind: 'user', id, version, body: { ...body, sealed } }]);
}
