import { Failure } from '../../contracts/failures.ts';
import type { Actor } from '../../contracts/records.ts';
import { CannotStart } from '../start-up.ts';
import { isConflict } from '../store/refused.ts';
import type { Store } from '../store/store.ts';
import { DEPLOYMENT, type Audit } from './audit.ts';
import { ITSELF } from './journal.ts';
import type { Keys } from './keys.ts';
import { openSigner, originOf, type Signer } from './signed-note.ts';

/** The deployment's keys for checkpoints, numbered, under the master key like every other. */
export interface Signers {
  /**
   * Who signs at the moment, the newest first: the key that was made last, whichever instance made it, and the one before it, so that whoever trusts only that one can still check and has time to learn of the
   * next. Throws when they cannot be read; then nothing is to be signed.
   */
  now(): Promise<readonly Signer[]>;
  /** Makes the next key, with its record, which the one before it signs for as well. Resolves with the public one. Throws `moved-on` when another one was made at the same moment. */
  change(actor: Actor): Promise<string>;
}

/** Opens them, and makes the first one when there is none. Throws `CannotStart` while that cannot be put on record. */
export async function openSigners(store: Store, keys: Keys, audit: Audit): Promise<Signers> {
  const make = async (number: number, actor: Actor, origin?: string): Promise<string> => {
    const { key, change } = keys.make(nameOf(number), DEPLOYMENT.id);
    const { verifierKey } = openSigner(key, origin);
    await audit.commit([change], { type: 'signing-key-made', v: 1, key: verifierKey }, actor, DEPLOYMENT);
    return verifierKey;
  };
  if ((await keys.ownerOf(nameOf(1))) === undefined) await make(1, ITSELF).catch((error: unknown) => unlessThere(error, 'The key that the log is signed with'));
  const { now, last } = await keptSigners(store, keys);
  return {
    now,
    async change(actor) {
      const [{ origin }] = await now();
      return make(last() + 1, actor, origin).catch((error: unknown) => {
        throw isConflict(error) ? new Failure('moved-on', { detail: 'Another key was made at the same moment.', cause: error }) : error;
      });
    },
  };
}

/** Those that this store has. Rejects when the first one cannot be opened. */
export async function keptSigners(store: Store, keys: Keys): Promise<{ now(): Promise<[Signer, ...Signer[]]>; last(): number }> {
  const checkpoint = (await store.get('checkpoint', 'latest'))?.body;
  let origin = checkpoint && originOf(checkpoint.note);
  let last = 0;
  const signer = async (number: number): Promise<Signer | undefined> => {
    const key = await keys.of(nameOf(number));
    return key && openSigner(key, origin);
  };
  const first = await signer(1);
  origin ??= first?.origin; // what the log is called does not change with the key
  return {
    last: () => last,
    async now() {
      while ((await keys.ownerOf(nameOf(last + 1))) !== undefined) last += 1;
      const [newest, before] = await Promise.all([signer(last), signer(last - 1)]);
      if (newest === undefined) throw new Error('The key that the log is signed with is missing. Nothing is signed.');
      return before === undefined ? [newest] : [newest, before];
    },
  };
}

function nameOf(number: number): string {
  return `signer:${number}`;
}

/** Of a key that a start makes: returns when another instance was first. Throws `CannotStart` in words when it could not be put on record, since nothing is signed with one that is not. */
export function unlessThere(error: unknown, which: string): void {
  if (isConflict(error)) return;
  if (!(error instanceof Failure && error.code === 'record-unavailable')) throw error;
  const { cause } = error;
  throw new CannotStart(error, `${which} could not be put on record, and none is made without that${cause instanceof Error ? `: ${cause.message}` : '.'}`);
}
