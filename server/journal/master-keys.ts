import { createHmac, randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../contracts/failures.ts';
import type { Kinds } from '../store/kinds.ts';
import type { Change, Stored } from '../store/store.ts';
import { openBytes, sealBytes, type Key } from './seal.ts';

/** How a master key is given: with a variable, else in a file of the data folder. */
export const CURRENT = { variable: 'GORUNCHAT_MASTER_KEY', file: 'master.key' } as const;
export const BEFORE = { variable: 'GORUNCHAT_MASTER_KEY_BEFORE', file: 'master-before.key' } as const;

/** A key that wraps others. Its id tells it from another one, and nothing about it. */
export interface MasterKey {
  readonly id: string;
  readonly key: Key;
}

/** The master keys that an instance was given. */
export interface MasterKeys {
  readonly current: MasterKey;
  /** The one before it, by which keys may still be wrapped. */
  readonly before: MasterKey | undefined;
  /** Wraps what is new: the one before for as long as another instance runs that was not given the current one. */
  wrapping: MasterKey;
  /** On the clock of `performance.now()`: by then it has to be said again that this instance runs. Others no longer wait for it after that, so it wraps nothing more. */
  wrapsUntil: number;
}

/** Throws a sentence when they are the same one. */
export function masterKeys(current: Key, before?: Key): MasterKeys {
  const one = named(current);
  const other = before && named(before);
  if (other?.id === one.id) throw new Failure('internal', { detail: `${BEFORE.variable} is the same master key as ${CURRENT.variable}: it has to be the one that was used before.` });
  return { current: one, before: other, wrapping: other ?? one, wrapsUntil: Number.POSITIVE_INFINITY };
}

function named(key: Key): MasterKey {
  return { id: createHmac('sha256', key).update('the name of a master key').digest().subarray(0, 12).toString('base64url'), key };
}

/** Wraps a data key as it is kept. Throws `record-unavailable` where other instances may take this one for gone. */
export function wrap(id: string, key: Key, owner: string, { wrapping, wrapsUntil }: MasterKeys): Kinds['key'] {
  if (performance.now() > wrapsUntil) throw new Failure('record-unavailable', { cause: new Error('The database did not take in time that this instance runs, so others may take it for gone, and it makes no keys.') });
  return { owner, wrapped: sealBytes(key, wrapping.key, placeOf(id)), under: wrapping.id };
}

/** Throws when it was wrapped by none of these. */
export function unwrap(id: string, { wrapped, under }: Kinds['key'], { current, before }: MasterKeys): Key {
  const given = before === undefined ? [current] : [current, before];
  if (under === undefined) return openedByAny(given, wrapped, placeOf(id));
  const by = given.find((one) => one.id === under);
  if (by === undefined) throw new Error(`the key ${id} is wrapped by a master key that this instance was not given`);
  return openBytes(wrapped, by.key, placeOf(id));
}

/** From before a wrapped key said by which one. */
function openedByAny([first, ...others]: readonly MasterKey[], wrapped: string, place: string): Key {
  if (first === undefined) throw new Error('no master key was given that opens it');
  try {
    return openBytes(wrapped, first.key, place);
  } catch (error) {
    if (others.length === 0) throw error;
    return openedByAny(others, wrapped, place);
  }
}

/** The same key under the current master key; refused by the store when it was destroyed meanwhile. Throws as `wrap` does. */
export function rewrap({ id, version, body }: Stored<'key'>, masters: MasterKeys): Change {
  return { do: 'rewrap', kind: 'key', id, version, body: wrap(id, unwrap(id, body, masters), body.owner, { ...masters, wrapping: masters.current }) };
}

function placeOf(id: string): string {
  return `key:${id}`;
}

/** The master keys as they are given; `before` only where there was another one. Throws a sentence for whoever gave what is none. */
export function givenMasterKeys(folder: string, given: { readonly masterKey: string | undefined; readonly masterKeyBefore: string | undefined }): MasterKeys {
  const [current, before] = [join(folder, CURRENT.file), join(folder, BEFORE.file)];
  const earlier = given.masterKeyBefore ?? (existsSync(before) ? readFileSync(before, 'utf8') : undefined);
  if (earlier === undefined) return masterKeys(masterKey(current, given.masterKey));
  if (given.masterKey === undefined && !existsSync(current)) {
    throw new Failure('internal', { detail: `The master key from before is there, and ${current} is missing: put a new master key into it (64 hex digits, such as openssl rand -hex 32 writes them), or give one with ${CURRENT.variable}.` });
  }
  return masterKeys(masterKey(current, given.masterKey), keyIn(earlier, given.masterKeyBefore === undefined ? before : BEFORE.variable));
}

/** The master key: 64 hex digits from the environment, else from a file that is made at the first start, readable by its owner only. */
export function masterKey(file: string, fromEnvironment: string | undefined): Key {
  return keyIn(fromEnvironment ?? (existsSync(file) ? readFileSync(file, 'utf8') : makeMasterKey(file)), fromEnvironment === undefined ? file : CURRENT.variable);
}

function keyIn(text: string, place: string): Key {
  if (!/^[0-9a-f]{64}$/iu.test(text.trim())) throw new Failure('internal', { detail: `${place} ${place.startsWith('GORUNCHAT_') ? 'must be 64 hex digits' : 'does not hold a master key (64 hex digits)'}` });
  return Buffer.from(text.trim(), 'hex');
}

function makeMasterKey(file: string): string {
  const made = randomBytes(32).toString('hex');
  const handle = openSync(file, 'wx', 0o600);
  writeSync(handle, `${made}\n`);
  fsyncSync(handle);
  closeSync(handle);
  return made;
}
