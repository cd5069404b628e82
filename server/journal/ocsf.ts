// The audit log in the words of the Open Cybersecurity Schema Framework (schema.ocsf.io, version 1.6.0), which systems that watch many products read.
import type { Actor, AuditEntry, AuditRecord } from '../../contracts/records.ts';

const VERSION = '1.6.0';
const CATEGORIES = { iam: 3, application: 6 } as const;
const AUTHENTICATION = 3002;
const ACCOUNT_CHANGE = 3001;
const ENTITY_MANAGEMENT = 3004;
const USER_ACCESS = 3005;
const API_ACTIVITY = 6003;
const [CREATE, READ, UPDATE, DELETE] = [1, 2, 3, 4] as const;
const OTHER = 99;
const [SUCCESS, FAILURE] = [1, 2] as const;
const [INFORMATIONAL, LOW, MEDIUM, HIGH] = [1, 2, 3, 4] as const;

/** One event. `metadata.uid` is the same whenever it is sent again, so whoever receives it twice can tell; an entry that takes the place of one that a restore has undone has another. */
export interface OcsfEvent {
  readonly class_uid: number;
  readonly category_uid: number;
  readonly activity_id: number;
  readonly type_uid: number;
  readonly time: number;
  readonly severity_id: number;
  readonly status_id: number;
  readonly metadata: { readonly version: string; readonly uid: string; readonly event_code: string; readonly product: { readonly name: string; readonly vendor_name: string } };
  readonly unmapped: Readonly<Record<string, unknown>>;
  readonly [more: string]: unknown;
}

type AuditType = AuditRecord['type'];
type Said<T extends AuditType> = Extract<AuditRecord, { type: T }>;
interface Meaning {
  readonly is: number;
  readonly activity: number;
  readonly severity?: number;
}

const changed = (activity: number, severity?: number): Meaning => ({ is: ENTITY_MANAGEMENT, activity, ...(severity !== undefined && { severity }) });
const read = (severity: number): Meaning => ({ is: API_ACTIVITY, activity: READ, severity });

/** What each kind of entry is there. A kind that is not in this table does not compile. */
const MEANINGS: { readonly [T in AuditType]: Meaning } = {
  'account-made': { is: ACCOUNT_CHANGE, activity: 1 },
  'signed-in': { is: AUTHENTICATION, activity: 1 },
  'sign-in-refused': { is: AUTHENTICATION, activity: 1, severity: MEDIUM },
  'signed-out': { is: AUTHENTICATION, activity: 2 },
  'password-changed': { is: ACCOUNT_CHANGE, activity: 3, severity: LOW },
  'person-renamed': { is: ACCOUNT_CHANGE, activity: OTHER },
  'settings-changed': { is: ACCOUNT_CHANGE, activity: OTHER },
  'role-changed': { is: USER_ACCESS, activity: 1, severity: MEDIUM },
  'address-sealed': { is: ACCOUNT_CHANGE, activity: OTHER },
  'person-removed': { is: ACCOUNT_CHANGE, activity: 6, severity: MEDIUM },
  'person-erased': { is: ACCOUNT_CHANGE, activity: 6, severity: LOW },
  'key-set': changed(UPDATE, LOW),
  'key-removed': changed(DELETE),
  'keys-removed': changed(DELETE),
  'signing-key-made': changed(CREATE, MEDIUM),
  'backup-begun': read(MEDIUM),
  'witness-key-made': changed(CREATE, MEDIUM),
  'checkpoint-cosigned': changed(UPDATE, INFORMATIONAL),
  'checkpoint-refused': { is: ENTITY_MANAGEMENT, activity: UPDATE, severity: HIGH },
  'master-key-changing': changed(UPDATE, MEDIUM),
  'master-key-changed': changed(UPDATE, MEDIUM),
  'configuration-changed': changed(UPDATE, MEDIUM),
  'restored': changed(UPDATE, MEDIUM),
  'case-opened': changed(CREATE),
  'case-closed': changed(UPDATE),
  'hold-placed': changed(CREATE, LOW),
  'hold-released': changed(DELETE, LOW),
  'audit-read': read(INFORMATIONAL),
  'list-read': read(INFORMATIONAL),
  'review-named': read(LOW),
  'review-searched': read(LOW),
  'review-read': read(MEDIUM),
  'review-exported': read(MEDIUM),
  'export-ordered': changed(CREATE, LOW),
  'export-approved': changed(UPDATE, LOW),
  'export-refused': changed(UPDATE, LOW),
  'export-made': changed(UPDATE),
  'export-downloaded': read(MEDIUM),
  'export-cancelled': changed(DELETE),
  'export-failed': { is: ENTITY_MANAGEMENT, activity: UPDATE, severity: LOW },
  'export-expired': changed(DELETE),
  'access-asked': changed(CREATE, LOW),
  'access-granted': changed(UPDATE, LOW),
  'access-refused': changed(UPDATE, LOW),
  'access-withdrawn': changed(DELETE, LOW),
  'site-made': changed(CREATE),
  'site-changed': changed(UPDATE),
  'site-removed': changed(DELETE, LOW),
  'site-key-made': changed(CREATE, LOW),
  'site-key-removed': changed(DELETE, LOW),
  'visitor-blocked': changed(UPDATE),
  'visitor-known': changed(UPDATE),
  'inbox-read': read(INFORMATIONAL),
  'visitor-read': read(INFORMATIONAL),
};

/** An entry of the audit log as an event. Of what was erased since there are the kind, the number and the time, and nothing more. */
export function ocsfOf({ number, at, type, result, actor, said }: AuditEntry): OcsfEvent {
  const meaning = MEANINGS[type as AuditType] ?? { is: API_ACTIVITY, activity: OTHER }; // written by a newer version
  const { is, activity, severity = INFORMATIONAL } = meaning;
  return {
    class_uid: is,
    category_uid: is === API_ACTIVITY ? CATEGORIES.application : CATEGORIES.iam,
    activity_id: activity,
    type_uid: is * 100 + activity,
    time: at,
    severity_id: severity,
    status_id: result === 'refused' ? FAILURE : SUCCESS,
    metadata: { version: VERSION, uid: `audit:${number}:${at}`, event_code: type, product: { name: 'GoRunChat', vendor_name: 'GoRunChat' } },
    ...(actor !== null && fromWhere(actor)),
    ...(said !== null && aboutWhat(said, is)),
    ...(is === API_ACTIVITY && { api: { operation: type } }),
    unmapped: { number, ...(said !== null && detailsOf(said)) },
  };
}

function fromWhere({ user, session, address, agent }: Actor): object {
  return {
    actor: { ...(user === null ? { app_name: 'GoRunChat' } : { user: { uid: user } }), ...(session !== null && { session: { uid: session } }) },
    ...(address !== '' && { src_endpoint: { ip: address } }),
    ...(agent !== '' && { http_request: { user_agent: agent } }),
  };
}

function aboutWhat(said: AuditRecord, is: number): object {
  const user = userIn(said);
  if (is === ENTITY_MANAGEMENT) return { entity: { type: said.type.split('-')[0], uid: entityIn(said) }, ...(user && { user }) };
  return user === undefined ? {} : { user };
}

function userIn(said: AuditRecord): { uid?: string; email_addr?: string } | undefined {
  if (said.type === 'sign-in-refused') return { email_addr: said.email };
  if (!('user' in said)) return undefined;
  return { uid: said.user, ...(said.type === 'account-made' && { email_addr: said.email }) };
}

function entityIn(said: AuditRecord): string {
  if (said.type === 'list-read') return said.case ?? said.site ?? said.list;
  if ('hold' in said) return said.hold;
  if ('export' in said) return said.export;
  if ('case' in said) return said.case;
  if ('visitor' in said) return said.visitor;
  if ('site' in said) return said.site;
  if ('provider' in said) return said.provider;
  return 'key' in said ? said.key : said.type;
}

/** All that the entry says. */
function detailsOf<T extends AuditType>({ type: _type, v: _version, ...details }: Said<T>): object {
  return details;
}
