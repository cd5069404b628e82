import { createHash } from 'node:crypto';
import { SignJWT } from 'jose';
import { Failure } from '../../contracts/failures.ts';
import type { SiteId } from '../../contracts/ids.ts';
import type { Challenge, Solution } from '../../contracts/sites.ts';
import type { Clock } from '../clock.ts';
import { newId } from '../ids.ts';
import type { Keys } from '../journal/keys.ts';
import { isConflict } from '../store/refused.ts';
import { UNFENCED, type Change, type Store } from '../store/store.ts';
import { openSigningKey, verified } from './signing-key.ts';

/** How long a challenge may be solved. */
export const CHALLENGE_MS = 2 * 60_000;
/** A page tries 2 to the power of these hashes on average; what that takes is measured in `infra/embedding.md`. */
const BITS = 17;

/** Work that a browser does before somebody new may come: little for one, much for who makes up many. Nothing is stored of a challenge before it is solved. */
export interface Challenges {
  give(site: SiteId, origin: string): Promise<Challenge>;
  /** Takes a solution, once. Throws `challenge-needed` for none, a wrong one, and one that is too late, used, or of another site or origin; `record-unavailable` when it cannot be known whether it was used. */
  take(site: SiteId, origin: string, solution: Solution | undefined): Promise<void>;
  /** Removes what is remembered of challenges that have run out. */
  removeSpent(): Promise<void>;
}

/** Challenges, signed with a key of the deployment. Which were used is kept in this store: for all instances, and over a restart. */
export function openChallenges(store: Store, keys: Keys, clock: Clock): Challenges {
  const secret = openSigningKey(store, keys, 'challenges');
  return {
    async give(site, origin) {
      const until = Math.floor((clock.now() + CHALLENGE_MS) / 1_000);
      const challenge = await new SignJWT({ site, bits: BITS }).setProtectedHeader({ alg: 'HS256' }).setSubject(newId()).setAudience(origin).setExpirationTime(until).sign(await secret());
      return { challenge, bits: BITS };
    },
    async take(site, origin, solution) {
      const payload = solution && (await verified(solution.challenge, [await secret()], { currentDate: new Date(clock.now()) }));
      if (payload?.['site'] !== site || payload.aud !== origin || !isSolved(solution as Solution, payload['bits'] as number)) throw new Failure('challenge-needed');
      const spent: Change = { do: 'add', kind: 'spent-challenge', id: payload.sub as string, body: { until: (payload.exp as number) * 1_000 } };
      await store.commit([spent], UNFENCED).catch((error: unknown) => {
        throw new Failure(isConflict(error) ? 'challenge-needed' : 'record-unavailable', { cause: error });
      });
    },
    async removeSpent() {
      const { items } = await store.find({ kind: 'spent-challenge', index: 'byEnd', where: [], to: clock.now() - CHALLENGE_MS, limit: 500 });
      if (items.length > 0) await store.commit(items.map(({ id }): Change => ({ do: 'remove', kind: 'spent-challenge', id })), UNFENCED);
    },
  };
}

function isSolved({ challenge, nonce }: Solution, bits: number): boolean {
  return Math.clz32(createHash('sha256').update(challenge + nonce).digest().readUInt32BE(0)) >= bits;
}
