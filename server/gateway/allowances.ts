import type { Command } from '../../contracts/commands.ts';
import { Failure } from '../../contracts/failures.ts';
import type { KnownSite } from '../accounts/sites.ts';
import type { Commander } from '../conversations/questions.ts';
import { limiter, type Limiter } from './limits.ts';

const DAY_MS = 24 * 3_600_000;
const ASKS: readonly Command['type'][] = ['turn.send', 'turn.regenerate', 'turn.continue'];

/**
 * Counts the replies that a site's visitors ask for. Throws `rate-limited` when one of them, or one address, has used up what the site allows, and `budget-used-up` when all
 * of them have. What this instance counts is forgotten when it ends, and each instance counts its own.
 */
export function openAllowances(now: () => number): (command: Command, actor: Commander, site: KnownSite) => void {
  const limiters = new Map<string, Limiter>();
  const take = (what: 'visitor' | 'address' | 'site', site: KnownSite, key: string): number => {
    const count = site.settings.limits[what];
    const name = `${site.id} ${what} ${count}`;
    const found = limiters.get(name) ?? limiter({ count, perMs: DAY_MS }, now);
    limiters.set(name, found);
    return found.take(key);
  };
  return (command, actor, site) => {
    if (!ASKS.includes(command.type)) return;
    const own = take('visitor', site, actor.user) || take('address', site, actor.address);
    if (own > 0) throw new Failure('rate-limited', { retryAfterMs: own, detail: 'That was a lot for one day. Your conversation stays here.' });
    if (take('site', site, site.id) > 0) throw new Failure('budget-used-up', { detail: 'This chat has answered as much as it may today.' });
  };
}
