import type { Clock } from '../clock.ts';
import type { Audit } from '../journal/audit.ts';
import type { Keys } from '../journal/keys.ts';
import type { Store } from '../store/store.ts';
import { openAllowances } from './allowances.ts';
import { openChallenges } from './challenges.ts';
import { openDisclosures } from './disclosures.ts';
import { openKnownVisitors } from './known-visitors.ts';
import { openPasswordChange } from './password-change.ts';
import { openPeople, type RegistrationRules } from './people.ts';
import { openProviderKeys } from './provider-keys.ts';
import { openSecurity } from './security.ts';
import { openSessions } from './sessions.ts';
import { openSites } from './sites.ts';
import { openVisits } from './visits.ts';

interface AccountsWorld {
  readonly store: Store;
  readonly keys: Keys;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly rules: RegistrationRules;
}

/** Who is here and what they may do: people, visitors of sites, and what stands on record of what they were shown. */
export function openAccounts({ store, keys, audit, clock, rules }: AccountsWorld) {
  const people = openPeople(store, keys, audit, clock, rules);
  const challenges = openChallenges(store, keys, clock);
  const knownVisitors = openKnownVisitors(store, keys, audit, clock);
  const sessions = openSessions(store, audit, clock);
  return {
    people, challenges, knownVisitors,
    sessions, changePassword: openPasswordChange(store, audit, sessions), security: openSecurity(store),
    providerKeys: openProviderKeys(store, people, audit, clock),
    sites: openSites(store, keys, audit, clock),
    visits: openVisits(store, keys, audit, clock, { knownVisitors, challenges }),
    allowances: openAllowances(store, keys, clock),
    disclosures: openDisclosures(audit),
  };
}
