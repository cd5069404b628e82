import { createHmac } from 'node:crypto';
import { Failure } from '../../contracts/failures.ts';
import type { CommandId, SiteId } from '../../contracts/ids.ts';
import type { Clock } from '../clock.ts';
import type { Keys } from '../journal/keys.ts';
import { commandKey } from '../store/kinds.ts';
import { wentThrough } from '../store/refused.ts';
import { UNFENCED, type Change, type Store } from '../store/store.ts';
import { draw } from './bucket.ts';
import { siteKey, type KnownSite } from './sites.ts';

/** An allowance is full again after that time without a reply. */
export const REFILLED_MS = 24 * 3_600_000;

/** Who asks for a reply. */
export interface Asker {
  readonly visitor: string;
  /** All of whoever has it: of IPv6 the network. */
  readonly address: string;
  /** A command is counted once, however often and wherever it is given; as one to a person it is another. */
  readonly command: CommandId;
  /** It is for a person, and costs the site no reply: it counts for the visitor and the address alone. */
  readonly toPerson?: boolean | undefined;
}

/** The replies that a site's visitors may ask for, counted in the store: the same for all instances, and over a restart. */
export interface Allowances {
  /**
   * Counts one more. Throws `day-used-up` when the visitor or the address has used up what the site allows, `budget-used-up` when all its visitors have, `record-unavailable` when it is not known
   * whether it was counted.
   */
  take(site: KnownSite, asker: Asker): Promise<void>;
  /** Removes what is full again, so that nothing is kept of those who came once. */
  removeRefilled(): Promise<void>;
}

/** Allowances that are kept in this store. */
export function openAllowances(store: Store, keys: Keys, clock: Clock): Allowances {
  /** One after another for each site: else those who ask at once would only get into each other's way. Other instances may still. */
  const lines = new Map<SiteId, Promise<void>>();
  return {
    take(site, asker) {
      const taken = (lines.get(site.id) ?? Promise.resolve()).then(() => takeOne(site, asker, { store, keys, clock }));
      const done = taken.catch(() => undefined).then(() => void (lines.get(site.id) === done && lines.delete(site.id)));
      lines.set(site.id, done);
      return taken;
    },
    async removeRefilled() {
      const { items } = await store.find({ kind: 'allowance', index: 'byAge', where: [], to: clock.now() - REFILLED_MS, limit: 500 });
      if (items.length > 0) await wentThrough(store.commit(items.map(({ id, version }) => ({ do: 'remove', kind: 'allowance', id, version })), UNFENCED));
    },
  };
}

async function takeOne(site: KnownSite, asker: Asker, { store, keys, clock }: { store: Store; keys: Keys; clock: Clock }): Promise<void> {
  const key = await keys.of(siteKey(site.id)).catch(uncounted);
  if (key === undefined) throw new Failure('site-closed');
  const drawOf = async (what: 'visitor' | 'address' | 'site', whose: string) => {
    // Under the site's key, so that no address can be read from it, and none at all once the site is gone.
    const id = createHmac('sha256', key).update(`${what}\n${whose}`).digest('base64url');
    const stored = await store.get('allowance', id).catch(uncounted);
    return { id, version: stored?.version ?? 0, ...draw(stored?.body, { count: site.settings.limits[what], perMs: REFILLED_MS }, clock.now()) };
  };
  // Counted with the others in one commit, so the same command is counted once, wherever and however often it comes, whether or not it is on record yet.
  const once: Change = { do: 'add', kind: 'allowance', id: createHmac('sha256', key).update(`command\n${commandKey(asker.visitor, asker.command)}${asker.toPerson === true ? '\nto a person' : ''}`).digest('base64url'), body: { left: 0, at: clock.now() } };
  for (;;) {
    if ((await store.get('allowance', once.id).catch(uncounted)) !== undefined) return;
    const [own, all] = await Promise.all([Promise.all([drawOf('visitor', asker.visitor), drawOf('address', asker.address)]), Promise.all(asker.toPerson === true ? [] : [drawOf('site', site.id)])]);
    const [ownWaitMs, allWaitMs] = [own, all].map((drawn) => drawn.find(({ waitMs }) => waitMs > 0)?.waitMs ?? 0) as [number, number];
    const isUsedUp = ownWaitMs > 0 || allWaitMs > 0;
    // It may have been this very command, on another instance, that took the last one.
    if (isUsedUp && (await store.get('allowance', once.id).catch(uncounted)) !== undefined) return;
    if (ownWaitMs > 0) throw new Failure('day-used-up', { retryAfterMs: ownWaitMs });
    if (isUsedUp) throw new Failure('budget-used-up', { retryAfterMs: allWaitMs });
    if (await wentThrough(store.commit([once, ...[...own, ...all].map(({ id, version, after }): Change => ({ do: 'put', kind: 'allowance', id, version, body: after }))], UNFENCED)).catch(uncounted)) return;
  }
}

function uncounted(error: unknown): never {
  throw new Failure('record-unavailable', { cause: error });
}
