import type { UserId } from '../../../contracts/ids.ts';
import type { Accesses } from '../../accounts/accesses.ts';
import type { Cases } from '../../accounts/cases.ts';
import type { Challenges } from '../../accounts/challenges.ts';
import type { Disclosures } from '../../accounts/disclosures.ts';
import type { Exports } from '../../accounts/exports.ts';
import type { People, RegistrationRules } from '../../accounts/people.ts';
import type { ProviderKeys } from '../../accounts/provider-keys.ts';
import type { Removal } from '../../accounts/removal.ts';
import type { ChangePassword } from '../../accounts/password-change.ts';
import type { Security } from '../../accounts/security.ts';
import type { Sessions } from '../../accounts/sessions.ts';
import type { Sites } from '../../accounts/sites.ts';
import type { Visits } from '../../accounts/visits.ts';
import type { Discovery } from '../../conversations/discovery.ts';
import type { AuditReader } from '../../journal/audit-reader.ts';
import type { Directory } from '../../conversations/directory.ts';
import type { Files } from '../../conversations/files.ts';
import type { GiveAll } from '../../conversations/giving.ts';
import type { Retention } from '../../conversations/retention.ts';
import type { Rows } from '../../conversations/rows.ts';
import type { SiteNumbers } from '../../conversations/site-numbers.ts';
import type { SearchMessages } from '../../conversations/search.ts';
import type { Witness } from '../../journal/witness.ts';
import type { WitnessState } from '../../journal/witnessing.ts';
import type { SealedLog } from '../../journal/sealed-log.ts';
import type { Dispositions } from '../../journal/dispositions.ts';
import type { Rotation } from '../../journal/rotation.ts';
import type { Signers } from '../../journal/signers.ts';
import type { FeedState } from '../../journal/feeding.ts';
import type { CopyState } from '../../journal/ship.ts';
import type { Catalog, KeyOf } from '../../providers/catalog.ts';
import type { Endings } from '../endings.ts';
import type { Notices } from '../notices.ts';

/** What the routes act on. */
export interface RouteWorld extends Endings {
  readonly people: People;
  readonly sessions: Sessions;
  readonly security: Security;
  readonly changePassword: ChangePassword;
  readonly sites: Sites;
  readonly visits: Visits;
  readonly challenges: Challenges;
  readonly disclosures: Disclosures;
  readonly providerKeys: ProviderKeys;
  readonly directory: Directory;
  readonly rows: Rows;
  readonly siteNumbers: SiteNumbers;
  readonly files: Files;
  readonly giveAll: GiveAll;
  readonly search: SearchMessages;
  readonly catalog: Catalog;
  readonly cases: Cases;
  readonly accesses: Accesses;
  readonly removal: Removal;
  readonly discovery: Discovery;
  readonly exports: Exports;
  readonly log: SealedLog;
  readonly signers: Signers;
  readonly rotation: Pick<Rotation, 'state'>;
  readonly retention: Retention;
  /** Whether people are told that something of theirs is kept for a case. */
  readonly showsHolds: boolean;
  readonly dispositions: Dispositions;
  readonly copies: () => Promise<readonly CopyState[]>;
  readonly auditReader: AuditReader;
  readonly feeds: () => Promise<FeedState[]>;
  /** Who cosigns the log. */
  readonly witnesses: () => Promise<WitnessState[]>;
  /** What this deployment is for the logs of others; `undefined`: nothing. */
  readonly witness: Witness | undefined;
  readonly notices: Notices;
  readonly rules: RegistrationRules;
  readonly deployment: string;
  readonly restoreMs: number;
  /** Aborted when this server leaves: replies without an end of their own end then. */
  readonly leaving: AbortSignal;
  readonly keyOf: (user: UserId) => KeyOf;
  readonly now: () => number;
}
