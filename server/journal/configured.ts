import { createHmac } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Told } from '../../contracts/records.ts';
import { isConflict, unread } from '../store/refused.ts';
import type { Store } from '../store/store.ts';
import { DEPLOYMENT, type Audit } from './audit.ts';
import { ITSELF } from './journal.ts';
import type { Keys } from './keys.ts';
import { open, seal, type Key } from './seal.ts';

/** Where what was told last is kept. */
const PLACE = `settings:${DEPLOYMENT.id}`;

/** Eight digits of a hash under the key of the deployment: the same for the same text, and nobody finds out by trying which it was. */
type NameFor = (text: string) => string;

/**
 * Puts on record what is told otherwise than at the last start of any instance, before this one does anything by it; what never was told counts as told nothing, and so does what cannot be read any more.
 * `tell` is given what names a secret. `by`: who starts it, on which machine. Throws `record-unavailable` where that could not be, and then nothing has happened. Needs the deployment's key, which its first record has made.
 */
export async function recordConfiguration({ store, keys, audit }: { readonly store: Store; readonly keys: Keys; readonly audit: Audit }, tell: (nameFor: NameFor) => Told, by: string): Promise<void> {
  const key = await keys.of(DEPLOYMENT.id).catch(unread);
  if (key === undefined) return unread(new Error('the key of the deployment is missing'));
  const told = tell((text) => createHmac('sha256', key).update(`configuration\n${text}`).digest('hex').slice(0, 8));
  for (;;) {
    const stored = await store.get('settings', DEPLOYMENT.id).catch(unread);
    const last = stored === undefined ? {} : lastIn(stored.body.sealed, key);
    if (last !== undefined && isDeepStrictEqual(last, told)) return;
    const said = { type: 'configuration-changed', v: 1, by, change: without(told, last ?? {}), before: without(last ?? {}, told) } as const;
    try {
      await audit.commit([{ do: 'put', kind: 'settings', id: DEPLOYMENT.id, body: { sealed: seal(told, key, PLACE) }, version: stored?.version ?? 0 }], said, ITSELF, DEPLOYMENT);
      return;
    } catch (error) {
      if (!isConflict(error)) throw error; // another instance was started with it at the same moment
    }
  }
}

function lastIn(sealed: string, key: Key): Told | undefined {
  try {
    return open<Told>(sealed, key, PLACE);
  } catch {
    return undefined; // it was damaged: it serves for nothing but to compare
  }
}

/** What of these settings the others do not say, or not so. */
function without(told: Told, other: Told): Told {
  return Object.fromEntries(Object.entries(told).filter(([name, value]) => other[name] !== value));
}
