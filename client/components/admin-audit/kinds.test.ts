import { describe, expect, it } from 'vitest';
import type { Names } from '../../../contracts/cases.ts';
import type { AccessId, CaseId, ConversationId, ExportId, SessionId, SiteId, UserId } from '../../../contracts/ids.ts';
import { type AuditEntry, AuditRecord } from '../../../contracts/records.ts';
import type { SiteSettings } from '../../../contracts/sites.ts';
import { factsOf } from './facts.ts';
import { AUDIT_TYPES, GROUPS, groupInWords, sentenceOf, typeInWords, typesIn, type AuditType } from './kinds.ts';

const id = (name: string): string => name.padEnd(22, '0');
const MARA = id('mara') as UserId;
const SHOP = `site_${id('shop')}` as SiteId;
const CASE = id('case') as CaseId;
const NAMES: Names = { people: [{ id: MARA, name: 'Mara Lindqvist', email: 'mara@example.org' }], sites: [{ id: SHOP, name: 'Shop' }] };
const SETTINGS: SiteSettings = {
  name: 'Shop', origins: ['https://shop.example'], model: 'demo/demo' as SiteSettings['model'], instructions: 'Be kind', title: 'Ask us', greeting: '', starters: ['Hours?'], accent: null, theme: 'host', languages: ['en'], uploads: false,
  handoff: true, answers: [], limits: { visitor: 5, address: 6, site: 7 }, challenge: false, hours: '', tellsText: false, privacy: { note: 'We keep it', address: '', asks: true },
};
const EXPORT = id('export') as ExportId;
const because = { case: CASE, reason: 'Named in the letter' };

/** One record of each type, all that it can say said. */
const SAID: { readonly [T in AuditType]: readonly [said: Omit<Extract<AuditRecord, { type: T }>, 'type' | 'v'>, sentence: string] } = {
  'account-made': [{ user: MARA, email: 'mara@example.org', role: 'admin' }, 'Account made: mara@example.org, admin'],
  'password-changed': [{ user: MARA, sessions: [id('s1') as SessionId, id('s2') as SessionId] }, 'Password changed, 2 other sign-ins ended'],
  'access-asked': [{ access: id('access') as AccessId, case: CASE, hours: 8, reason: 'Named in the letter' }, 'Asked to read for a case, for 8 hours'],
  'access-granted': [{ access: id('access') as AccessId, case: CASE, to: MARA, until: 1_764_500_000_000, reason: 'As agreed' }, 'Granted Mara Lindqvist to read for a case'],
  'access-refused': [{ access: id('access') as AccessId, case: CASE, reason: 'Not needed' }, 'Refused to let somebody read for a case'],
  'access-withdrawn': [{ access: id('access') as AccessId, case: CASE, reason: 'Settled' }, 'Access to a case withdrawn'],
  'backup-begun': [{ by: 'root at chat1', name: '20261130T034500Z', place: '/mnt/backups', keyBackupDays: 7 }, 'Backup 20261130T034500Z begun by root at chat1'],
  'configuration-changed': [{ by: 'root at chat1', change: { 'retention.ordinary.keepDays': 400, 'showHolds': true }, before: { secondApprover: 'exports' } }, 'Configuration changed: retention, second approver, show holds'],
  'signed-in': [{ user: MARA, session: id('s1') as SessionId, expired: [id('s0') as SessionId] }, 'Signed in'],
  'sign-in-refused': [{ email: 'eve@example.org' }, 'Sign-in refused: eve@example.org'],
  'signed-out': [{ user: MARA, sessions: [id('s1') as SessionId, id('s2') as SessionId] }, 'Signed out of 2 sign-ins'],
  'person-renamed': [{ user: MARA, name: '<b>Mara</b>' }, 'Name changed to “<b>Mara</b>”'],
  'settings-changed': [{ user: MARA, change: { theme: 'dark', enterSends: false } }, 'Settings changed: theme, enter sends'],
  'key-set': [{ user: MARA, provider: 'openai', expiresAt: 1_800_000_000_000 }, 'Key for openai given'],
  'key-removed': [{ user: MARA, provider: 'openai' }, 'Key for openai removed'],
  'keys-removed': [{ user: MARA, providers: ['openai', 'google'] }, 'All keys removed: openai, google'],
  'master-key-changing': [{ from: 'a', to: 'b', keys: 12 }, '12 keys are being wrapped with another master key'],
  'master-key-changed': [{ from: 'a', to: 'b', keys: 12 }, 'All keys are wrapped with the new master key'],
  'signing-key-made': [{ key: 'gorunchat+1234+abc' }, 'Key made that signs the log'],
  'witness-key-made': [{ key: 'witness+1234+abc' }, 'Key made under which this deployment is a witness'],
  'checkpoint-cosigned': [{ origin: 'gorunchat/0', size: 12, root: 'abc' }, 'Cosigned a checkpoint of gorunchat/0 over 12 records'],
  'checkpoint-refused': [{ origin: 'gorunchat/0', size: 12, note: 'note' }, 'Refused a checkpoint of gorunchat/0: it has signed two different ones over 12 records'],
  'restored': [{ by: 'root at a', backup: '20261130T034500Z', backupAt: 1_790_000_000_000, manifest: 'ab', checkpoint: null, generation: 1, keys: '20261130T034500Z', checked: [], erased: 0 }, 'All data restored from the backup 20261130T034500Z'],
  'role-changed': [{ user: MARA, role: 'admin', from: 'member' }, 'Role of Mara Lindqvist changed: member → admin'],
  'address-sealed': [{ user: MARA }, 'E-mail address of Mara Lindqvist put under their key, which an earlier version had kept in the open'],
  'person-removed': [{ user: MARA }, 'Removed Mara Lindqvist'],
  'person-erased': [{ user: MARA, removedAt: 1 }, 'Erased what was left of somebody who had been removed'],
  'case-opened': [{ ...because, name: 'Roe v. Kiln' }, 'Case opened: “Roe v. Kiln”'],
  'case-closed': [{ ...because, released: ['h1', 'h2'], exports: [EXPORT] }, 'Case closed, 2 holds released'],
  'hold-placed': [{ ...because, hold: 'h1', scope: { of: { type: 'person', id: MARA }, from: 1_700_000_000_000, to: null } }, 'Hold placed on all of Mara Lindqvist'],
  'hold-released': [{ ...because, hold: 'h1' }, 'Hold released'],
  'audit-read': [{ query: { format: 'csv', user: MARA } }, 'Took the audit log away as CSV'],
  'review-named': [{ asked: because }, 'Was told who is here, for a case'],
  'review-searched': [{ asked: { ...because, of: { type: 'site', id: SHOP }, from: null, to: null, words: 'canary' } }, 'Looked for conversations of Shop, for a case'],
  'review-read': [{ asked: { ...because, conversation: id('c') as ConversationId, at: 1_700_000_000_000 } }, 'Read a conversation as it was, for a case'],
  'review-exported': [{ asked: { ...because, conversations: [id('c') as ConversationId] } }, 'Exported 1 conversation, for a case'],
  'export-ordered': [{ export: EXPORT, wanted: { ...because, scope: { type: 'whole', of: [{ type: 'person', id: MARA }], from: 1_700_000_000_000, to: null }, forms: ['csv'], recipient: 'age1nobody' } }, 'Export of all of Mara Lindqvist ordered'],
  'export-approved': [{ ...because, export: EXPORT }, 'Export approved'],
  'export-refused': [{ ...because, export: EXPORT }, 'Export refused'],
  'export-made': [{ case: CASE, export: EXPORT, made: { conversations: 2, files: 5, bytes: 1_000, manifest: 'abc' } }, 'Export of 2 conversations made'],
  'export-downloaded': [{ ...because, export: EXPORT }, 'Export downloaded'],
  'export-cancelled': [{ ...because, export: EXPORT }, 'Export cancelled'],
  'export-failed': [{ case: CASE, export: EXPORT, why: 'too-large' }, 'Export could not be made: too-large'],
  'export-expired': [{ case: CASE, export: EXPORT }, 'Export expired, its key was destroyed'],
  'site-made': [{ site: SHOP, settings: SETTINGS }, 'Site added: “Shop”'],
  'site-changed': [{ site: SHOP, change: { title: 'Ask', handoff: false }, isLive: false }, 'Site “Shop” changed: title, handoff, closed'],
  'site-removed': [{ site: SHOP, name: 'Shop' }, 'Site removed: “Shop”'],
  'site-key-made': [{ site: SHOP, key: 'k1' }, 'Key made for the site “Shop”'],
  'site-key-removed': [{ site: SHOP, key: 'k1' }, 'Key removed from the site “Shop”'],
  'visitor-blocked': [{ site: SHOP, visitor: id('v') as UserId, isBlocked: true }, 'Visitor of “Shop” blocked'],
  'visitor-known': [{ site: SHOP, visitor: id('v') as UserId, user: id('u') as UserId }, 'An anonymous visitor of “Shop” turned out to be a user of it'],
  'list-read': [{ list: 'blocked', site: SHOP }, 'Was shown who is blocked from the site “Shop”'],
  'inbox-read': [{ sites: [SHOP] }, 'Read the inbox: first words of what visitors wrote, of Shop'],
  'visitor-read': [{ conversation: id('c') as ConversationId, site: SHOP }, 'Read a conversation of a visitor of “Shop”'],
};
/** As the contract has them, which is asked instead of the type: a new one is found also where nothing is compiled. */
const TYPES = AuditRecord.options.map(({ shape }) => shape.type.value);

const entryOf = (said: object, type: string): AuditEntry => ({
  number: 7, at: 1_790_000_000_000, type, result: 'done', said: { type, v: 1, ...said } as AuditRecord,
  actor: { user: MARA, session: id('s9') as SessionId, address: '192.0.2.7', agent: 'Firefox', site: SHOP, subject: 'elin', answers: { visitor: id('v9') as UserId, name: 'Anna' } },
});

/** What stands at the ends of a record, as text. */
function leavesIn(value: unknown): string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(leavesIn);
  return typeof value === 'string' && value !== '' ? [value] : [];
}

describe('kinds of entries of the audit log', () => {
  it('are those of the contract, each under one heading', () => {
    expect(AUDIT_TYPES.toSorted()).toEqual(TYPES.toSorted());
    expect(GROUPS.flatMap(typesIn).toSorted()).toEqual(TYPES.toSorted());
    expect(new Set(TYPES.map(typeInWords)).size).toBe(TYPES.length);
    expect(GROUPS.map(groupInWords)).not.toContain('');
  });

  it.each(TYPES)('%s has a sentence, and everything that it says is a fact', (type) => {
    const [said, sentence] = SAID[type];
    const entry = entryOf(said, type);
    expect(AuditRecord.safeParse(entry.said).error).toBeUndefined();
    expect(sentenceOf(entry, NAMES)).toBe(sentence);
    const facts = factsOf(entry, NAMES);
    const values = facts.map(({ value }) => value);
    expect([...leavesIn(said), ...leavesIn(entry.actor), type, '7'].filter((leaf) => !values.includes(leaf))).toEqual([]);
    expect(facts.filter(({ label }) => label === '')).toEqual([]);
  });

  it('say before and after, moments as such, and who is meant beside the id', () => {
    const facts = (type: AuditType) => factsOf(entryOf(SAID[type][0], type), NAMES);
    expect(facts('role-changed')).toEqual(expect.arrayContaining([{ label: 'Role before', value: 'member' }, { label: 'Role after', value: 'admin' }, { label: 'Person', value: MARA, called: 'Mara Lindqvist, mara@example.org' }]));
    expect(facts('hold-placed').find(({ label }) => label === 'Scope · from')?.value).toContain('2023');
    expect(facts('hold-placed').find(({ label }) => label === 'Scope · to')?.value).toBe('none');
    expect(facts('site-changed')).toEqual(expect.arrayContaining([{ label: 'Change · handoff', value: 'no' }, { label: 'Open to visitors', value: 'no' }]));
    expect(facts('site-made').find(({ label }) => label === 'Settings · limits · visitor')?.value).toBe('5');
  });

  it('name everybody where nobody is named', () => {
    const of = { type: 'everybody' } as const;
    const scope = { of, from: 1_700_000_000_000, to: null };
    expect(sentenceOf(entryOf({ ...because, hold: 'h1', scope }, 'hold-placed'), NAMES)).toBe('Hold placed on all of everybody');
    expect(sentenceOf(entryOf({ asked: { ...because, ...scope, models: [], words: '' } }, 'review-searched'), NAMES)).toBe('Looked for conversations of everybody, for a case');
    expect(sentenceOf(entryOf({ export: EXPORT, wanted: { ...because, scope: { type: 'whole', ...scope }, forms: [], recipient: null } }, 'export-ordered'), NAMES)).toBe('Export of all of everybody ordered');
  });

  it('an older record of a role says what it became', () => {
    expect(sentenceOf(entryOf({ user: MARA, role: 'reviewer' }, 'role-changed'), NAMES)).toBe('Role of Mara Lindqvist changed to reviewer');
  });

  it('of what was erased the kind is said, and of what this page does not know its own name', () => {
    const erased: AuditEntry = { number: 3, at: 0, type: 'person-renamed', result: 'done', actor: null, said: null };
    expect(sentenceOf(erased, NAMES)).toBe('Name changed');
    expect(factsOf(erased, NAMES).map(({ label }) => label)).toEqual(['Entry', 'Time', 'Kind', 'Result']);
    expect(sentenceOf(entryOf({}, 'moon-landed'), NAMES)).toBe('moon-landed');
  });
});
