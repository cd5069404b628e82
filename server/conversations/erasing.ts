import type { ConversationId, UserId } from '../../contracts/ids.ts';
import type { Clock } from '../clock.ts';
import { gatesBefore, lastRelease, lifeOf } from '../journal/holds.ts';
import type { Store, Stored } from '../store/store.ts';
import { walk } from '../store/walk.ts';
import type { Directory } from './directory.ts';

const AT_ONCE = 20;
/** Clocks of instances may differ by so much: what another one deleted may be due a little earlier than what was looked at already. */
const CLOCKS_DIFFER_MS = 600_000;
/** So often everything is looked at again, whatever was found before. */
const ALL_AGAIN_MS = 3_600_000;

interface Looked {
  /** What was due by then, and is due still, a hold keeps, or is among those to be tried again. */
  readonly upTo: number;
  /** As of this release. */
  readonly release: number;
  /** When the last look at everything began. */
  readonly allAt: number;
}

/**
 * A duty for the sweep: erases what was deleted and is due. What a hold keeps is not looked at again until something is released, so a look costs no more the more is held. That is only about looking: each
 * commit that erases passes the gates. Goes past those that cannot be erased, so that they keep no others waiting; they are tried again each time.
 */
export function openErasing(store: Store, directory: Pick<Directory, 'erase'>, clock: Clock, attempt: (what: string, work: Promise<unknown>) => Promise<boolean>): () => Promise<void> {
  const again = new Set<string>();
  let looked: Looked | undefined;
  /** Whether it was erased. What is neither erased nor held is tried again: another instance has it, or it failed. */
  const eraseOne = async ({ id, body }: Stored<'conversation'>): Promise<boolean> => {
    again.delete(id);
    if ((await gatesBefore(store, { conversation: id, owner: body.owner, site: body.site, ...lifeOf(body) })).isHeld) return false;
    again.add(id);
    if (!(await attempt(`conversation ${id} could not be erased`, directory.erase(id as ConversationId, body.owner as UserId)))) return false;
    const isErased = (await store.get('conversation', id))?.body.isErased !== false;
    if (isErased) again.delete(id);
    return isErased;
  };
  const tryAgain = async (now: number): Promise<number> => {
    let erased = 0;
    const waiting = [...again]; // each once: one that is not erased comes back
    for (const id of waiting) {
      const stored = await store.get('conversation', id);
      const isDue = stored !== undefined && !stored.body.isErased && stored.body.eraseAt !== null && stored.body.eraseAt <= now;
      if (!isDue) again.delete(id);
      else if (await eraseOne(stored)) erased += 1;
      if (erased === AT_ONCE) break;
    }
    return erased;
  };
  return async () => {
    const now = clock.now();
    const release = await lastRelease(store); // before anything is looked at: what is released meanwhile is looked at the next time
    const goesOn = looked?.release === release && now < looked.allAt + ALL_AGAIN_MS && now >= looked.allAt - CLOCKS_DIFFER_MS ? looked : undefined;
    const allAt = goesOn?.allAt ?? now;
    let erased = await tryAgain(now);
    for await (const stored of walk(store, { kind: 'conversation', index: 'byErasure', where: [false], from: Math.max(0, (goesOn?.upTo ?? 0) - CLOCKS_DIFFER_MS), to: now, limit: AT_ONCE })) {
      if (erased >= AT_ONCE) return void (looked = { upTo: stored.body.eraseAt ?? 0, release, allAt });
      if (!again.has(stored.id) && (await eraseOne(stored))) erased += 1;
    }
    looked = { upTo: now, release, allAt };
  };
}
