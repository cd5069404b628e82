import { timingSafeEqual } from 'node:crypto';
import { Failure } from '../../contracts/failures.ts';
import type { UserId } from '../../contracts/ids.ts';
import type { Actor } from '../../contracts/records.ts';
import { DEFAULT_SETTINGS, type Person, type Settings } from '../../contracts/routes.ts';
import type { Clock } from '../clock.ts';
import { newId } from '../ids.ts';
import { DEPLOYMENT, type Audit } from '../journal/audit.ts';
import { personKey, type Keys } from '../journal/keys.ts';
import { open, seal, type Key } from '../journal/seal.ts';
import { isConflict, wentThrough } from '../store/refused.ts';
import type { Change, Store, Stored } from '../store/store.ts';
import { walk } from '../store/walk.ts';
import { openAddresses, personIn, sealedPerson, type AddressOf } from './addresses.ts';
import { hashPassword, isPassword } from './passwords.ts';

/** The address that stands for the first account of all: where it is free, whoever registers next is an administrator. */
export const FIRST = 'first-account';
const MOST_LISTED = 1_000;

export interface RegistrationRules {
  readonly isOpen: boolean;
  /** Only addresses at these domains; empty = any. */
  readonly domains: readonly string[];
  /** Asked of the first account when the server listens beyond this machine. */
  readonly firstCode: string | undefined;
}

/** Accounts: every change with its audit record in one commit. */
export interface People {
  /** Whether there is an account at all. */
  hasAnybody(): Promise<boolean>;
  register(asked: { email: string; password: string; name: string; code?: string | undefined }, actor: Actor): Promise<Person>;
  /** Throws `sign-in-refused`, on record, without telling whether the address or the password was wrong. `proof` stands for the password that was right. */
  check(email: string, password: string, actor: Actor): Promise<{ readonly person: Person; readonly proof: string }>;
  /** Whether somebody is still here, and with that password. */
  stands(user: UserId, proof: string | undefined): Promise<boolean>;
  find(user: UserId): Promise<Person | undefined>;
  rename(user: UserId, name: string, actor: Actor): Promise<Person>;
  settings(user: UserId): Promise<Settings>;
  changeSettings(user: UserId, change: Partial<Settings>, actor: Actor): Promise<Settings>;
  /** Everybody who has an account, the newest first. */
  list(): Promise<Person[]>;
  /** Those as well who were removed, as long as something of them is kept. */
  everybody(): Promise<Person[]>;
  /** Throws `not-found`, and `not-permitted` when nobody would be left who can change roles. */
  setRole(user: UserId, role: Person['role'], actor: Actor): Promise<Person>;
  /** The key that a person's own things are under. */
  keyOf(user: UserId): Promise<Key>;
}

/** Accounts that are kept in this store; `rules` says who may register. */
export function openPeople(store: Store, keys: Keys, audit: Audit, clock: Clock, rules: RegistrationRules): People {
  const addressOf = openAddresses(store, keys);
  const keyOf = async (user: UserId): Promise<Key> => {
    const key = await keys.of(personKey(user));
    if (key === undefined) throw new Failure('not-found');
    return key;
  };
  const find = async (user: UserId): Promise<Person | undefined> => {
    const stored = await store.get('user', user);
    if (stored === undefined || stored.body.removedAt !== undefined) return undefined;
    return opened(stored);
  };
  const opened = async (stored: Stored<'user'>): Promise<Person> => ({ id: stored.id as UserId, role: stored.body.role, ...personIn(stored, await keyOf(stored.id as UserId)) });
  const settingsIn = (stored: Stored<'settings'> | undefined, key: Key): Settings => ({ ...DEFAULT_SETTINGS, ...(stored && open<Partial<Settings>>(stored.body.sealed, key, `settings:${stored.id}`)) });
  const settings = async (user: UserId): Promise<Settings> => settingsIn(await store.get('settings', user), await keyOf(user));
  const hasAnybody = async (): Promise<boolean> => (await store.get('address', FIRST)) !== undefined;

  return {
    hasAnybody,
    find,
    settings,
    keyOf,
    register: (asked, actor) => register({ store, keys, audit, clock, rules, addressOf }, asked, actor),
    async check(email, password, actor) {
      const user = (await store.get('address', await addressOf(email)))?.body.user as UserId | undefined;
      const stored = user === undefined ? undefined : await store.get('user', user);
      const isRight = await isPassword(password, stored?.body.passwordHash);
      const person = isRight && user !== undefined ? await find(user) : undefined;
      if (person !== undefined) return { person, proof: stored?.body.passwordHash ?? '' };
      await audit.commit([], { type: 'sign-in-refused', v: 1, email }, actor, user === undefined ? DEPLOYMENT : { id: personKey(user) });
      throw new Failure('sign-in-refused');
    },
    async stands(user, proof) {
      const stored = await store.get('user', user);
      return stored !== undefined && stored.body.removedAt === undefined && (proof === undefined || stored.body.passwordHash === proof);
    },
    async rename(user, name, actor) {
      for (;;) {
        const stored = await store.get('user', user);
        if (stored === undefined || stored.body.removedAt !== undefined) throw new Failure('not-found');
        const { name: from, email } = await opened(stored);
        const sealed = sealedPerson(user, { name, email }, await keyOf(user));
        // With its version: a role that is changed, or a removal, at the same moment is not written over.
        const commit = audit.commit([{ do: 'put', kind: 'user', id: user, version: stored.version, body: { ...stored.body, sealed } }], { type: 'person-renamed', v: 1, user, name, from }, actor, { id: personKey(user) });
        if (await wentThrough(commit)) return { id: user, email, role: stored.body.role, name };
      }
    },
    async list() {
      const { items } = await store.find({ kind: 'user', index: 'byAge', where: [], order: 'down', limit: MOST_LISTED });
      return (await Promise.all(items.map(({ id }) => find(id as UserId)))).filter((person) => person !== undefined);
    },
    async everybody() {
      const { items } = await store.find({ kind: 'user', index: 'byAge', where: [], order: 'down', limit: MOST_LISTED });
      return Promise.all(items.map(opened));
    },
    async setRole(user, role, actor) {
      await changeRole({ store, audit }, user, role, actor);
      return (await find(user)) as Person;
    },
    async changeSettings(user, change, actor) {
      const key = await keyOf(user);
      for (;;) {
        const stored = await store.get('settings', user);
        const before = settingsIn(stored, key);
        const changed = { ...before, ...change };
        const body = { sealed: seal(changed, key, `settings:${user}`) };
        try {
          const said = { type: 'settings-changed', v: 1, user, change, before: Object.fromEntries(Object.keys(change).map((name) => [name, before[name as keyof typeof before]])) } as const;
          await audit.commit([{ do: 'put', kind: 'settings', id: user, body, version: stored?.version ?? 0 }], said, actor, { id: personKey(user) });
          return changed;
        } catch (error) {
          if (!isConflict(error)) throw error; // another tab changed something first: the change goes on top of that
        }
      }
    },
  };
}

interface RegisteringWorld {
  readonly store: Store;
  readonly keys: Keys;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly rules: RegistrationRules;
  readonly addressOf: AddressOf;
}

async function register(world: RegisteringWorld, asked: Parameters<People['register']>[0], actor: Actor): Promise<Person> {
  const { store, keys, audit, clock, rules, addressOf } = world;
  const isFirst = (await store.get('address', FIRST)) === undefined;
  checkRules(asked, rules, isFirst);
  const user = newId<UserId>();
  const role = isFirst ? 'admin' : 'member';
  const made = keys.make(personKey(user), user);
  const passwordHash = await hashPassword(asked.password);
  const address = await addressOf(asked.email);
  const body = { address, role, createdAt: clock.now(), passwordHash, sealed: sealedPerson(user, { name: asked.name, email: asked.email }, made.key) } as const;
  const changes: Change[] = [made.change, { do: 'add', kind: 'address', id: address, body: { user } }, { do: 'add', kind: 'user', id: user, body }];
  if (isFirst) changes.push({ do: 'add', kind: 'address', id: FIRST, body: { user } });
  try {
    await audit.commit(changes, { type: 'account-made', v: 1, user, email: asked.email, role }, actor, { id: personKey(user), fresh: made.key });
  } catch (error) {
    if (!isConflict(error)) throw error;
    if (isFirst && (await store.get('address', address)) === undefined) return register(world, asked, actor); // somebody else was the first at the same moment
    throw new Failure('address-taken', { cause: error });
  }
  return { id: user, email: asked.email, name: asked.name, role };
}

async function changeRole({ store, audit }: { store: Store; audit: Audit }, user: UserId, role: Person['role'], actor: Actor): Promise<void> {
  const stored = await store.get('user', user);
  if (stored === undefined || stored.body.removedAt !== undefined) throw new Failure('not-found');
  const other = role === 'admin' ? undefined : await otherAdmin(store, user);
  if (role !== 'admin' && other === undefined) throw new Failure('not-permitted', { detail: 'There has to be one administrator.' });
  // The other one is written too: two who take each other's role at once cannot both do it.
  const kept: Change[] = other === undefined ? [] : [{ do: 'put', kind: 'user', id: other.id, version: other.version, body: other.body }];
  const changes: Change[] = [...kept, { do: 'put', kind: 'user', id: user, version: stored.version, body: { ...stored.body, role } }];
  await audit.commit(changes, { type: 'role-changed', v: 1, user, from: stored.body.role, role }, actor, { id: personKey(user) }).catch((error: unknown) => {
    throw isConflict(error) ? new Failure('moved-on', { cause: error }) : error;
  });
}

/** An administrator beside this one. */
export async function otherAdmin(store: Store, user: UserId): Promise<Stored<'user'> | undefined> {
  for await (const one of walk(store, { kind: 'user', index: 'byAge', where: [], limit: MOST_LISTED })) if (one.id !== user && one.body.role === 'admin' && one.body.removedAt === undefined) return one;
  return undefined;
}

function checkRules(asked: { email: string; code?: string | undefined }, rules: RegistrationRules, isFirst: boolean): void {
  if (isFirst) {
    if (rules.firstCode !== undefined && !sameText(asked.code ?? '', rules.firstCode)) throw new Failure('code-needed');
    return;
  }
  if (!rules.isOpen) throw new Failure('registration-closed');
  const domain = asked.email.split('@').at(-1) ?? '';
  if (rules.domains.length > 0 && !rules.domains.includes(domain)) throw new Failure('registration-closed', { detail: 'Accounts here need an address of the organisation.' });
}

function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a.trim().toUpperCase().padEnd(64));
  const right = Buffer.from(b.toUpperCase().padEnd(64));
  return left.length === right.length && timingSafeEqual(left, right);
}
