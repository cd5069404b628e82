import { msg, str } from '@lit/localize';
import type { HoldScope, Names } from '../../../contracts/cases.ts';
import type { AuditEntry, AuditRecord } from '../../../contracts/records.ts';
import { allNamed, nameOf } from '../../state/whom.ts';

export type AuditType = AuditRecord['type'];
type Said<T extends AuditType> = Extract<AuditRecord, { type: T }>;

export const GROUPS = ['sign-ins', 'people', 'keys', 'sites', 'visitors', 'review', 'log'] as const;
export type Group = (typeof GROUPS)[number];

/** One kind of entries: where it is found among the others, what it is called, and what one of them says in a sentence. */
interface Kind<T extends AuditType> {
  readonly group: Group;
  readonly name: () => string;
  readonly says: (said: Said<T>, names: Names) => string;
}

const KINDS: { readonly [T in AuditType]: Kind<T> } = {
  'signed-in': { group: 'sign-ins', name: () => msg('Signed in'), says: () => msg('Signed in') },
  'sign-in-refused': { group: 'sign-ins', name: () => msg('Sign-in refused'), says: ({ email }) => msg(str`Sign-in refused: ${email}`) },
  'signed-out': { group: 'sign-ins', name: () => msg('Signed out'), says: ({ sessions }) => (sessions.length === 1 ? msg('Signed out') : msg(str`Signed out of ${sessions.length} sign-ins`)) },
  'password-changed': { group: 'sign-ins', name: () => msg('Password changed'), says: ({ sessions }) => (sessions.length === 0 ? msg('Password changed') : sessions.length === 1 ? msg('Password changed, 1 other sign-in ended') : msg(str`Password changed, ${sessions.length} other sign-ins ended`)) },
  'account-made': { group: 'people', name: () => msg('Account made'), says: ({ email, role }) => msg(str`Account made: ${email}, ${roleInWords(role)}`) },
  'person-renamed': { group: 'people', name: () => msg('Name changed'), says: ({ name }) => msg(str`Name changed to “${name}”`) },
  'settings-changed': { group: 'people', name: () => msg('Settings changed'), says: ({ change }) => msg(str`Settings changed: ${Object.keys(change).map(inWords).join(', ')}`) },
  'role-changed': { group: 'people', name: () => msg('Role changed'), says: saysRole },
  'address-sealed': { group: 'people', name: () => msg('Address put under a key'), says: ({ user }, names) => msg(str`E-mail address of ${nameOf({ type: 'person', id: user }, names)} put under their key, which an earlier version had kept in the open`) },
  'person-removed': { group: 'people', name: () => msg('Person removed'), says: ({ user }, names) => msg(str`Removed ${nameOf({ type: 'person', id: user }, names)}`) },
  'person-erased': { group: 'people', name: () => msg('Person erased'), says: () => msg('Erased what was left of somebody who had been removed') },
  'key-set': { group: 'keys', name: () => msg('Key of a provider given'), says: ({ provider }) => msg(str`Key for ${provider} given`) },
  'key-removed': { group: 'keys', name: () => msg('Key of a provider removed'), says: ({ provider }) => msg(str`Key for ${provider} removed`) },
  'keys-removed': { group: 'keys', name: () => msg('All keys of providers removed'), says: ({ providers }) => msg(str`All keys removed: ${providers.join(', ')}`) },
  'site-made': { group: 'sites', name: () => msg('Site added'), says: ({ settings }) => msg(str`Site added: “${settings.name}”`) },
  'site-changed': { group: 'sites', name: () => msg('Site changed'), says: saysSite },
  'site-removed': { group: 'sites', name: () => msg('Site removed'), says: ({ name }) => msg(str`Site removed: “${name}”`) },
  'site-key-made': { group: 'sites', name: () => msg('Key of a site made'), says: ({ site }, names) => msg(str`Key made for the site “${siteIn(site, names)}”`) },
  'site-key-removed': { group: 'sites', name: () => msg('Key of a site removed'), says: ({ site }, names) => msg(str`Key removed from the site “${siteIn(site, names)}”`) },
  'inbox-read': { group: 'visitors', name: () => msg('Inbox read'), says: ({ sites }, names) => msg(str`Read the inbox: first words of what visitors wrote, of ${sites.map((site) => siteIn(site, names)).join(', ') || msg('no site')}`) },
  'visitor-read': { group: 'visitors', name: () => msg('Conversation of a visitor read'), says: ({ site }, names) => msg(str`Read a conversation of a visitor of “${siteIn(site, names)}”`) },
  'visitor-blocked': { group: 'visitors', name: () => msg('Visitor blocked or let in again'), says: ({ site, isBlocked }, names) => (isBlocked ? msg(str`Visitor of “${siteIn(site, names)}” blocked`) : msg(str`Visitor of “${siteIn(site, names)}” let in again`)) },
  'visitor-known': { group: 'visitors', name: () => msg('Visitor known'), says: ({ site }, names) => msg(str`An anonymous visitor of “${siteIn(site, names)}” turned out to be a user of it`) },
  'case-opened': { group: 'review', name: () => msg('Case opened'), says: ({ name }) => msg(str`Case opened: “${name}”`) },
  'case-closed': { group: 'review', name: () => msg('Case closed'), says: ({ released }) => (released.length === 0 ? msg('Case closed') : released.length === 1 ? msg('Case closed, 1 hold released') : msg(str`Case closed, ${released.length} holds released`)) },
  'hold-placed': { group: 'review', name: () => msg('Hold placed'), says: ({ scope }, names) => msg(str`Hold placed on ${whomInWords(scope.of, names)}`) },
  'hold-released': { group: 'review', name: () => msg('Hold released'), says: () => msg('Hold released') },
  'review-named': { group: 'review', name: () => msg('Names told for a case'), says: () => msg('Was told who is here, for a case') },
  'review-searched': { group: 'review', name: () => msg('Looked for conversations'), says: ({ asked }, names) => msg(str`Looked for conversations of ${searchedIn(asked.of, names)}, for a case`) },
  'review-read': { group: 'review', name: () => msg('Conversation read for a case'), says: ({ asked }) => (asked.at === null ? msg('Read a conversation, for a case') : msg('Read a conversation as it was, for a case')) },
  'review-exported': { group: 'review', name: () => msg('Conversations exported'), says: ({ asked }) => (asked.conversations.length === 1 ? msg('Exported 1 conversation, for a case') : msg(str`Exported ${asked.conversations.length} conversations, for a case`)) },
  'export-ordered': { group: 'review', name: () => msg('Export ordered'), says: saysOrder },
  'export-approved': { group: 'review', name: () => msg('Export approved'), says: () => msg('Export approved') },
  'export-refused': { group: 'review', name: () => msg('Export refused'), says: () => msg('Export refused') },
  'export-made': { group: 'review', name: () => msg('Export made'), says: ({ made }) => (made.conversations === 1 ? msg('Export of 1 conversation made') : msg(str`Export of ${made.conversations} conversations made`)) },
  'export-downloaded': { group: 'review', name: () => msg('Export downloaded'), says: () => msg('Export downloaded') },
  'export-cancelled': { group: 'review', name: () => msg('Export cancelled'), says: () => msg('Export cancelled') },
  'export-failed': { group: 'review', name: () => msg('Export failed'), says: ({ why }) => msg(str`Export could not be made: ${why}`) },
  'export-expired': { group: 'review', name: () => msg('Export expired'), says: () => msg('Export expired, its key was destroyed') },
  'access-asked': { group: 'review', name: () => msg('Access asked for'), says: ({ hours }) => (hours === 1 ? msg('Asked to read for a case, for 1 hour') : msg(str`Asked to read for a case, for ${hours} hours`)) },
  'access-granted': { group: 'review', name: () => msg('Access granted'), says: ({ to }, names) => msg(str`Granted ${nameOf({ type: 'person', id: to }, names)} to read for a case`) },
  'access-refused': { group: 'review', name: () => msg('Access refused'), says: () => msg('Refused to let somebody read for a case') },
  'access-withdrawn': { group: 'review', name: () => msg('Access withdrawn'), says: () => msg('Access to a case withdrawn') },
  'audit-read': { group: 'log', name: () => msg('Audit log read'), says: ({ query }) => (query['format'] !== undefined ? msg(str`Took the audit log away as ${query['format'].toUpperCase()}`) : query['follow'] !== undefined ? msg('Followed the audit log') : msg('Read the audit log')) },
  'list-read': { group: 'log', name: () => msg('List read'), says: saysList },
  'backup-begun': { group: 'log', name: () => msg('Backup begun'), says: ({ name, by }) => msg(str`Backup ${name} begun by ${by}`) },
  'restored': { group: 'log', name: () => msg('Restored from a backup'), says: ({ backup }) => msg(str`All data restored from the backup ${backup}`) },
  'configuration-changed': { group: 'log', name: () => msg('Configuration changed'), says: ({ change, before }) => msg(str`Configuration changed: ${settingsIn(change, before).join(', ')}`) },
  'master-key-changing': { group: 'log', name: () => msg('Master key changing'), says: ({ keys }) => (keys === 1 ? msg('1 key is being wrapped with another master key') : msg(str`${keys} keys are being wrapped with another master key`)) },
  'master-key-changed': { group: 'log', name: () => msg('Master key changed'), says: () => msg('All keys are wrapped with the new master key') },
  'signing-key-made': { group: 'log', name: () => msg('Signing key made'), says: () => msg('Key made that signs the log') },
  'witness-key-made': { group: 'log', name: () => msg('Witness key made'), says: () => msg('Key made under which this deployment is a witness') },
  'checkpoint-cosigned': { group: 'log', name: () => msg('Checkpoint cosigned'), says: ({ origin, size }) => msg(str`Cosigned a checkpoint of ${origin} over ${size} records`) },
  'checkpoint-refused': { group: 'log', name: () => msg('Checkpoint refused'), says: ({ origin, size }) => msg(str`Refused a checkpoint of ${origin}: it has signed two different ones over ${size} records`) },
};

export const AUDIT_TYPES = Object.keys(KINDS) as readonly AuditType[];

/** Kinds under their heading, in the order in which they are offered. */
export function typesIn(group: Group): readonly AuditType[] {
  return AUDIT_TYPES.filter((type) => KINDS[type].group === group);
}

export function groupInWords(group: Group): string {
  return { 'sign-ins': msg('Sign-ins'), 'people': msg('People'), 'keys': msg('Keys of providers'), 'sites': msg('Sites'), 'visitors': msg('Visitors'), 'review': msg('Cases and review'), 'log': msg('The log itself') }[group];
}

/** What entries of a kind are called; one that this page does not know is called what the log calls it. */
export function typeInWords(type: string): string {
  return isKnown(type) ? KINDS[type].name() : type;
}

/** What an entry says, in a sentence. Of one that was erased only the kind is known. */
export function sentenceOf({ type, said }: AuditEntry, names: Names): string {
  return said !== null && isKnown(said.type) ? (KINDS[said.type].says as (said: AuditRecord, names: Names) => string)(said, names) : typeInWords(type);
}

/** A word of the record as one reads it: `enterSends` is "enter sends". */
export function inWords(key: string): string {
  return key.replaceAll(/(?=[A-Z])/gu, ' ').toLowerCase();
}

function isKnown(type: string): type is AuditType {
  return Object.hasOwn(KINDS, type);
}

function saysRole({ user, role, from }: Said<'role-changed'>, names: Names): string {
  const name = nameOf({ type: 'person', id: user }, names);
  return from === undefined ? msg(str`Role of ${name} changed to ${roleInWords(role)}`) : msg(str`Role of ${name} changed: ${roleInWords(from)} → ${roleInWords(role)}`);
}

function saysOrder({ wanted: { scope } }: Said<'export-ordered'>, names: Names): string {
  if (scope.type === 'whole') return msg(str`Export of all of ${allNamed(scope.of, names)} ordered`);
  return scope.conversations.length === 1 ? msg('Export of 1 conversation ordered') : msg(str`Export of ${scope.conversations.length} conversations ordered`);
}

function saysList({ list, site }: Said<'list-read'>, names: Names): string {
  switch (list) {
    case 'people':
      return msg('Was shown who is here');
    case 'cases':
      return msg('Was shown the cases');
    case 'accesses':
      return msg('Was shown who may read for a case');
    case 'exports':
      return msg('Was shown the exports of a case');
    case 'retention':
      return msg('Was shown what was erased');
    case 'blocked':
      return msg(str`Was shown who is blocked from the site “${site === undefined ? '' : siteIn(site, names)}”`);
  }
}

function saysSite({ site, change, isLive }: Said<'site-changed'>, names: Names): string {
  const name = siteIn(site, names);
  const changed = Object.keys(change).map(inWords);
  if (changed.length > 0) return msg(str`Site “${name}” changed: ${[...changed, ...(isLive === undefined ? [] : [isLive ? msg('opened') : msg('closed')])].join(', ')}`);
  return isLive === true ? msg(str`Site “${name}” opened`) : isLive === false ? msg(str`Site “${name}” closed`) : msg(str`Site “${name}” saved unchanged`);
}

function siteIn(id: Said<'site-removed'>['site'], names: Names): string {
  return nameOf({ type: 'site', id }, names);
}

/** The settings that differ, each once, by the first of their names. */
function settingsIn(change: object, before: object): readonly string[] {
  return [...new Set([...Object.keys(change), ...Object.keys(before)].map((name) => inWords(name.split('.')[0]!)))].toSorted();
}

function searchedIn(of: Said<'review-searched'>['asked']['of'], names: Names): string {
  return 'type' in of && of.type !== 'everybody' ? nameOf(of, names) : allNamed(of, names);
}

function whomInWords(of: HoldScope['of'], names: Names): string {
  if (of.type === 'everybody') return msg('all of everybody');
  const name = nameOf(of, names);
  return { conversation: msg('one conversation'), person: msg(str`all of ${name}`), site: msg(str`all of the site “${name}”`) }[of.type];
}

function roleInWords(role: string): string {
  return ({ admin: msg('admin'), member: msg('member'), reviewer: msg('reviewer') } as Readonly<Record<string, string>>)[role] ?? role;
}
