import { AccessAsked, CaseAccess } from './access.ts';
import { Conversation, ConversationRow, FilePart, Handoff, Instant, Message } from './conversation.ts';
import { RefusalShape } from './commands.ts';
import { Case, CaseName, FindAsked, FindFound, Found, HoldScope, Names, NamesAsked, ReadAsked, Reason } from './cases.ts';
import { CaseExport, ExportWanted } from './exports.ts';
import { AccessId, CaseId, ConversationId, ExportId, FileId, MessageId, ModelId, SessionId, SiteId, UserId } from './ids.ts';
import { isWellFormed, Model, Parameters, ProviderKey } from './models.ts';
import { AuditEntry, AuditFeed, LogCheckpoint, LogCopy, LogProof, LogWitness, MasterKeyState, OwnWitness } from './records.ts';
import { DisposedConversation, Schedule } from './retention.ts';
import { SecurityNotice } from './security.ts';
import { BlockedVisitor, Challenge, InboxRow, Note, ShownSite, Site, SiteDay, SiteKey, SiteSettings, Solution, Visit } from './sites.ts';
import { z } from './zod.ts';

const email = z.string().trim().toLowerCase().max(254).pipe(z.email());
/** Long rather than colourful: NIST SP 800-63B asks for length, for at least 64 characters to be allowed, and for no rules of composition. */
const password = z.string().min(12).max(256).refine(isWellFormed, 'not valid text');
const name = z.string().trim().min(1).max(100).refine(isWellFormed, 'not valid text');

export const Person = z.object({ id: UserId, email: z.string(), name: z.string(), role: z.enum(['admin', 'member', 'reviewer']) }).meta({ id: 'Person' });
export type Person = z.infer<typeof Person>;

export const Settings = z
  .strictObject({
    theme: z.enum(['system', 'light', 'dark']),
    language: z.enum(['en']),
    /** What `Enter` does in the composer. */
    enterSends: z.boolean(),
    /** When a screen reader is told of a growing reply. */
    announce: z.enum(['as-it-grows', 'when-finished', 'only-that']),
    singleKeys: z.boolean(),
    wrapCode: z.boolean(),
    showReasoning: z.boolean(),
    model: ModelId.nullable(),
    parameters: Parameters,
  })
  .meta({ id: 'Settings' });
export type Settings = z.infer<typeof Settings>;

export const DEFAULT_SETTINGS: Settings = {
  theme: 'system',
  language: 'en',
  enterSends: true,
  announce: 'as-it-grows',
  singleKeys: true,
  wrapCode: false,
  showReasoning: false,
  model: null,
  parameters: {},
};

/** What a page needs to know before anybody has signed in, and who has. */
export const Welcome = z
  .object({
    person: Person.nullable(),
    settings: Settings.nullable(),
    deployment: z.string(),
    /** Whether there are sites, and so visitors. */
    hasSites: z.boolean(),
    registration: z.enum(['open', 'closed', 'first-account', 'first-account-with-code']),
    /** Seconds in which a delete can be undone. */
    restoreSeconds: z.int(),
    /** Hours after which a temporary conversation is deleted. */
    temporaryHours: z.number(),
    limits: z.object({ messageCharacters: z.int(), fileBytes: z.int(), filesPerMessage: z.int(), queueLength: z.int() }),
    version: z.string(),
  })
  .meta({ id: 'Welcome' });
export type Welcome = z.infer<typeof Welcome>;

export const SessionRow = z
  .object({ id: SessionId, createdAt: Instant, seenAt: Instant, agent: z.string(), address: z.string(), isThis: z.boolean() })
  .meta({ id: 'SessionRow' });

export const SearchHit = z
  .object({
    conversation: ConversationId,
    title: z.string(),
    message: MessageId.nullable(),
    /** The words around the hit; a found word stands between U+0002 and U+0003. */
    snippet: z.string(),
    at: Instant,
  })
  .meta({ id: 'SearchHit' });
export type SearchHit = z.infer<typeof SearchHit>;

/** `types`: several, with commas between them. `user`: who did it. */
const auditQuery = z.object({ types: z.string().max(1_000).optional(), user: UserId.optional(), from: z.coerce.number().int().optional(), to: z.coerce.number().int().optional() });
const nothing = z.object({});
const rows = z.object({ rows: z.array(ConversationRow), cursor: z.string().nullable(), notices: z.int() });
const cursor = z.string().max(200).optional();
const exported = z.object({ export: ExportId });
const accessed = z.object({ access: AccessId });
const site = z.object({ site: SiteId });
const upload = z.object({ name: z.string().min(1).max(255).refine(isWellFormed, 'not valid text'), file: FileId });

/**
 * Every HTTP route. `who`: anybody; somebody signed in (a route then acts on that person's things only); an admin; a reviewer, which no admin is; a page of one of the origins of the site in the path;
 * or a visitor of that site (such a page with the visitor's token as `Authorization: Bearer`).
 * `covered`: it changes or discloses something that must be on record.
 */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly who: 'anybody' | 'signed-in' | 'admin' | 'reviewer' | 'page' | 'visitor';
  readonly covered: boolean;
  readonly says: string;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Bytes instead of JSON in the body or the reply. */
  readonly bytes?: 'body' | 'reply';
  readonly reply: z.ZodType;
}

export const ROUTES = {
  welcome: { method: 'GET', path: '/api/welcome', who: 'anybody', covered: false, says: 'Who is signed in, and what a page needs before that.', reply: Welcome },
  register: {
    method: 'POST', path: '/api/register', who: 'anybody', covered: true, says: 'Makes an account and signs it in. The first account is an admin.',
    body: z.strictObject({ email, password, name, code: z.string().max(40).optional() }), reply: Welcome,
  },
  signIn: {
    method: 'POST', path: '/api/sign-in', who: 'anybody', covered: true, says: 'Signs in with e-mail and password.',
    body: z.strictObject({ email, password: z.string().max(256) }), reply: Welcome,
  },
  signOut: { method: 'POST', path: '/api/sign-out', who: 'signed-in', covered: true, says: 'Ends this sign-in.', reply: nothing },
  signOutEverywhere: { method: 'POST', path: '/api/sign-out-everywhere', who: 'signed-in', covered: true, says: 'Ends every sign-in of this person, this one included.', reply: nothing },
  sessions: { method: 'GET', path: '/api/sessions', who: 'signed-in', covered: false, says: 'Where this person is signed in.', reply: z.object({ sessions: z.array(SessionRow) }) },
  signOutOthers: { method: 'POST', path: '/api/sign-out-others', who: 'signed-in', covered: true, says: 'Ends every sign-in of this person but this one.', reply: nothing },
  endSession: { method: 'DELETE', path: '/api/sessions/:session', who: 'signed-in', covered: true, says: 'Ends one sign-in of this person.', params: z.object({ session: SessionId }), reply: nothing },
  changePassword: {
    method: 'PUT', path: '/api/person/password', who: 'signed-in', covered: true, says: 'Changes the password, and ends every sign-in of this person but this one.',
    body: z.strictObject({ current: z.string().max(256), password }), reply: nothing,
  },
  securityNotices: { method: 'GET', path: '/api/security', who: 'signed-in', covered: false, says: 'What happened to this person’s account, the latest 50 first.', reply: z.object({ notices: z.array(SecurityNotice) }) },
  seeSecurity: { method: 'PUT', path: '/api/security/seen', who: 'signed-in', covered: false, says: 'This person has seen all of that up to a number.', body: z.strictObject({ upTo: z.int().min(0) }), reply: nothing },
  conversations: {
    method: 'GET', path: '/api/conversations', who: 'signed-in', covered: false, says: 'Conversations of this person, the latest first.',
    query: z.object({ cursor, archived: z.enum(['true', 'false']).optional() }), reply: rows,
  },
  conversation: {
    method: 'GET', path: '/api/conversations/:conversation', who: 'signed-in', covered: false, says: 'A conversation with all its messages, as JSON.',
    params: z.object({ conversation: ConversationId }), reply: z.object({ conversation: Conversation, messages: z.array(Message) }),
  },
  search: {
    method: 'GET', path: '/api/search', who: 'signed-in', covered: false, says: 'Messages and titles of this person that hold all the words.',
    query: z.object({ words: z.string().trim().min(1).max(200), cursor }), reply: z.object({ hits: z.array(SearchHit), cursor: z.string().nullable() }),
  },
  models: { method: 'GET', path: '/api/models', who: 'signed-in', covered: false, says: 'Models this person may use.', reply: z.object({ models: z.array(Model), default: ModelId.nullable() }) },
  settings: { method: 'PUT', path: '/api/settings', who: 'signed-in', covered: true, says: 'Changes settings; fields left out stay.', body: Settings.partial(), reply: Settings },
  rename: { method: 'PUT', path: '/api/person', who: 'signed-in', covered: true, says: 'Changes the name shown.', body: z.strictObject({ name }), reply: Person },
  keys: { method: 'GET', path: '/api/keys', who: 'signed-in', covered: false, says: 'For which providers this person has given a key. Keys themselves are never sent back.', reply: z.object({ keys: z.array(ProviderKey) }) },
  setKey: {
    method: 'PUT', path: '/api/keys/:provider', who: 'signed-in', covered: true, says: 'Keeps a key, encrypted; replaces an earlier one.',
    params: z.object({ provider: z.string().max(40) }), body: z.strictObject({ key: z.string().trim().min(1).max(1_000), expiresInDays: z.int().min(1).max(3_650).nullable() }), reply: ProviderKey,
  },
  removeKeys: { method: 'DELETE', path: '/api/keys', who: 'signed-in', covered: true, says: 'Removes all keys of this person.', reply: nothing },
  removeKey: { method: 'DELETE', path: '/api/keys/:provider', who: 'signed-in', covered: true, says: 'Removes a key.', params: z.object({ provider: z.string().max(40) }), reply: nothing },
  upload: {
    method: 'POST', path: '/api/conversations/:conversation/files', who: 'signed-in', covered: true, bytes: 'body', says: 'Adds an image to a conversation (or one that is about to begin). The body is the image.',
    params: z.object({ conversation: ConversationId }), query: upload, reply: FilePart,
  },
  file: { method: 'GET', path: '/api/files/:file', who: 'signed-in', covered: false, bytes: 'reply', says: 'The bytes of a file of this person.', params: z.object({ file: FileId }), reply: z.any() },
  sites: { method: 'GET', path: '/api/sites', who: 'admin', covered: false, says: 'Sites that embed the chat.', reply: z.object({ sites: z.array(Site) }) },
  siteModels: { method: 'GET', path: '/api/site-models', who: 'admin', covered: false, says: 'Models that can answer for a site: those that need no key of a person.', reply: z.object({ models: z.array(Model) }) },
  makeSite: { method: 'POST', path: '/api/sites', who: 'admin', covered: true, says: 'Adds a site.', body: SiteSettings, reply: Site },
  changeSite: {
    method: 'PUT', path: '/api/sites/:site', who: 'admin', covered: true, says: 'Changes a site; fields left out stay. One that is no longer live ends its visitors’ connections.',
    params: site, body: z.strictObject({ settings: SiteSettings.partial().optional(), isLive: z.boolean().optional() }), reply: Site,
  },
  removeSite: { method: 'DELETE', path: '/api/sites/:site', who: 'admin', covered: true, says: 'Removes a site and ends its visitors’ connections. Conversations stay as long as they are kept.', params: site, reply: nothing },
  siteNumbers: {
    method: 'GET', path: '/api/sites/:site/numbers', who: 'admin', covered: false, says: 'What came of a site’s chat, day by day (UTC), today included. Sums, nothing of what was written.',
    params: site, query: z.object({ days: z.coerce.number().int().min(1).max(366).optional() }), reply: z.object({ days: z.array(SiteDay), isWhole: z.boolean(), /** Of `cost`; `null` where no prices are set. */ currency: z.string().nullable() }),
  },
  makeSiteKey: {
    method: 'POST', path: '/api/sites/:site/keys', who: 'admin', covered: true, says: 'Makes a key with which the site signs who its users are (JWT, HS256). It is told here and never again. At most three at a time.',
    params: site, reply: SiteKey.extend({ key: z.string() }),
  },
  removeSiteKey: { method: 'DELETE', path: '/api/sites/:site/keys/:key', who: 'admin', covered: true, says: 'Removes a key: what was signed with it counts no more, and connections that began with it end.', params: site.extend({ key: z.string().max(40) }), reply: nothing },
  inbox: {
    method: 'GET', path: '/api/inbox', who: 'signed-in', covered: true, says: 'Conversations of visitors, the latest first: of all sites or one, all or those that ask for a person or are answered by one. `before` of a reply goes into the query for those before.',
    query: z.object({ site: SiteId.optional(), handoff: Handoff.shape.state.optional(), before: z.coerce.number().int().min(0).optional() }),
    reply: z.object({ rows: z.array(InboxRow), /** `null` when there are no more. */ before: Instant.nullable(), /** To choose from. */ sites: z.array(z.object({ id: SiteId, name: z.string() })) }),
  },
  blockVisitor: {
    method: 'PUT', path: '/api/inbox/:conversation/blocked', who: 'signed-in', covered: true, says: 'Keeps the visitor of a conversation out of its site, or lets them in again. For those who answer visitors.',
    params: z.object({ conversation: ConversationId }), body: z.strictObject({ isBlocked: z.boolean() }), reply: nothing,
  },
  notes: {
    method: 'GET', path: '/api/inbox/:conversation/notes', who: 'signed-in', covered: true, says: 'What those who answer noted of a visitor’s conversation, the latest 200, the first of them first; and whether the visitor is kept out.',
    params: z.object({ conversation: ConversationId }), reply: z.object({ notes: z.array(Note), isBlocked: z.boolean() }),
  },
  inboxFile: {
    method: 'GET', path: '/api/inbox/:conversation/files/:file', who: 'signed-in', covered: true, bytes: 'reply', says: 'The bytes of a file in a visitor’s conversation. For those who answer visitors.',
    params: z.object({ conversation: ConversationId, file: FileId }), reply: z.any(),
  },
  blockedVisitors: { method: 'GET', path: '/api/sites/:site/blocked', who: 'admin', covered: true, says: 'Who is kept out of a site, the latest 200 first.', params: site, reply: z.object({ blocked: z.array(BlockedVisitor) }) },
  unblockVisitor: { method: 'DELETE', path: '/api/sites/:site/blocked/:visitor', who: 'admin', covered: true, says: 'Lets a visitor in again.', params: site.extend({ visitor: UserId }), reply: nothing },
  people: { method: 'GET', path: '/api/people', who: 'admin', covered: true, says: 'Everybody who has an account.', reply: z.object({ people: z.array(Person) }) },
  setRole: { method: 'PUT', path: '/api/people/:user/role', who: 'admin', covered: true, says: 'Changes what somebody may do. There is always one administrator.', params: z.object({ user: UserId }), body: z.strictObject({ role: Person.shape.role }), reply: Person },
  signOutPerson: { method: 'POST', path: '/api/people/:user/sign-out', who: 'admin', covered: true, says: 'Ends every sign-in of somebody else, who is told of it the next time.', params: z.object({ user: UserId }), reply: nothing },
  removePerson: { method: 'DELETE', path: '/api/people/:user', who: 'admin', covered: true, says: 'Removes somebody: they are signed out everywhere, and everything of theirs is erased as far as no schedule and no hold keeps it. There is always one administrator.', params: z.object({ user: UserId }), reply: nothing },
  cases: { method: 'GET', path: '/api/cases', who: 'reviewer', covered: true, says: 'Cases with their holds, the latest first.', reply: z.object({ cases: z.array(Case) }) },
  openCase: { method: 'POST', path: '/api/cases', who: 'reviewer', covered: true, says: 'Opens a case.', body: z.strictObject({ name: CaseName, reason: Reason }), reply: Case },
  closeCase: { method: 'POST', path: '/api/cases/:case/close', who: 'reviewer', covered: true, says: 'Closes a case and releases all its holds.', params: z.object({ case: CaseId }), body: z.strictObject({ reason: Reason }), reply: Case },
  placeHold: {
    method: 'POST', path: '/api/cases/:case/holds', who: 'reviewer', covered: true, says: 'Keeps what is in the scope from being erased, from the answer on. Who it belongs to is not told.',
    params: z.object({ case: CaseId }), body: z.strictObject({ scope: HoldScope, reason: Reason }), reply: Case,
  },
  releaseHold: {
    method: 'POST', path: '/api/cases/:case/holds/:hold/release', who: 'reviewer', covered: true, says: 'Releases a hold. What was deleted in its scope is erased then.',
    params: z.object({ case: CaseId, hold: z.string().max(40) }), body: z.strictObject({ reason: Reason }), reply: Case,
  },
  names: { method: 'POST', path: '/api/review/names', who: 'reviewer', covered: true, says: 'Who has an account, and which sites there are, to choose from for a case.', body: NamesAsked, reply: Names },
  find: { method: 'POST', path: '/api/review/find', who: 'reviewer', covered: true, says: 'Conversations of people and sites, for a case, the latest 500 of each, or of everybody between two dates, a part at a time. `isWhole`: there are no others.', body: FindAsked, reply: FindFound },
  readForCase: { method: 'POST', path: '/api/review/read', who: 'reviewer', covered: true, says: 'A conversation as it is, or was at a moment, with every branch, for a case.', body: ReadAsked, reply: z.object({ found: Found, messages: z.array(Message), notes: z.array(Note) }) },
  accesses: { method: 'GET', path: '/api/cases/:case/accesses', who: 'reviewer', covered: true, says: 'Who asked to read what others wrote for a case, the latest 200 first, and what became of it. `isNeeded`: another reviewer has to grant it here.', params: z.object({ case: CaseId }), reply: z.object({ accesses: z.array(CaseAccess), isNeeded: z.boolean() }) },
  askAccess: { method: 'POST', path: '/api/accesses', who: 'reviewer', covered: true, says: 'Asks another reviewer to be let look for and read what others wrote, for a case and so many hours.', body: AccessAsked, reply: CaseAccess },
  grantAccess: { method: 'POST', path: '/api/accesses/:access/grant', who: 'reviewer', covered: true, says: 'Grants what waits, from now on. Nobody grants their own.', params: accessed, body: z.strictObject({ reason: Reason }), reply: CaseAccess },
  refuseAccess: { method: 'POST', path: '/api/accesses/:access/refuse', who: 'reviewer', covered: true, says: 'Refuses what waits. Nobody refuses their own: they withdraw it.', params: accessed, body: z.strictObject({ reason: Reason }), reply: CaseAccess },
  withdrawAccess: { method: 'POST', path: '/api/accesses/:access/withdraw', who: 'reviewer', covered: true, says: 'Ends what waits or was granted, at once.', params: accessed, body: z.strictObject({ reason: Reason }), reply: CaseAccess },
  exports: { method: 'GET', path: '/api/cases/:case/exports', who: 'reviewer', covered: true, says: 'Packages that were ordered for a case, the latest 200 first, and what became of them. `needsApproval`: another reviewer has to approve each order here.', params: z.object({ case: CaseId }), reply: z.object({ exports: z.array(CaseExport), needsApproval: z.boolean() }) },
  exportProgress: { method: 'GET', path: '/api/exports/:export/progress', who: 'reviewer', covered: false, says: 'How far a package is that is being made.', params: exported, reply: CaseExport.pick({ state: true, progress: true }) },
  orderExport: { method: 'POST', path: '/api/exports', who: 'reviewer', covered: true, says: 'Orders a package for a case: conversations with all their records, proofs and files, and what `gorunchat verify` checks it by without a server. It is made in the background.', body: ExportWanted, reply: CaseExport },
  approveExport: { method: 'POST', path: '/api/exports/:export/approve', who: 'reviewer', covered: true, says: 'Lets an order that waits go on. Nobody approves their own.', params: exported, body: z.strictObject({ reason: Reason }), reply: CaseExport },
  refuseExport: { method: 'POST', path: '/api/exports/:export/refuse', who: 'reviewer', covered: true, says: 'Ends an order that waits. Nobody refuses their own: they cancel it.', params: exported, body: z.strictObject({ reason: Reason }), reply: CaseExport },
  cancelExport: { method: 'POST', path: '/api/exports/:export/cancel', who: 'reviewer', covered: true, says: 'Ends an order, also in the middle, or destroys the package. Nothing of it is left.', params: exported, body: z.strictObject({ reason: Reason }), reply: CaseExport },
  downloadExport: { method: 'POST', path: '/api/exports/:export/download', who: 'reviewer', covered: true, bytes: 'reply', says: 'The package, a zip, encrypted (age) where a recipient was named.', params: exported, body: z.strictObject({ reason: Reason }), reply: z.any() },
  auditLog: { method: 'GET', path: '/api/audit', who: 'admin', covered: true, says: 'The audit log, the latest first. That it was read is in it.', query: auditQuery.extend({ before: z.coerce.number().int().min(1).optional() }), reply: z.object({ entries: z.array(AuditEntry), before: z.int().nullable(), /** What comes later has a higher number. */ upTo: z.int() }) },
  auditExport: {
    method: 'GET', path: '/api/audit/export', who: 'admin', covered: true, bytes: 'reply', says: 'All of the audit log that fits, the latest first, as NDJSON or CSV.',
    query: auditQuery.extend({ format: z.enum(['ndjson', 'csv']) }), reply: z.any(),
  },
  auditFeeds: { method: 'GET', path: '/api/audit/feeds', who: 'admin', covered: false, says: 'Where the audit log is sent on to, and how far it was.', reply: z.object({ feeds: z.array(AuditFeed) }) },
  auditFollow: {
    method: 'GET', path: '/api/audit/follow', who: 'admin', covered: true, bytes: 'reply',
    says: 'What comes into the audit log after this number (`Last-Event-ID` goes before it), as server-sent events whose data are entries, for as long as the sign-in and the role last. That it is followed is in it first.',
    query: auditQuery.extend({ after: z.coerce.number().int().min(0) }), reply: z.any(),
  },
  logCheckpoint: { method: 'GET', path: '/api/log/checkpoint', who: 'admin', covered: false, says: 'The last signed checkpoint of the log over all records (a C2SP signed note), with the public keys. Asked for as `text/plain`, the note alone. `cosigned`: the last ones that witnesses have cosigned.', reply: LogCheckpoint.extend({ cosigned: z.array(z.string()) }) },
  logWitnesses: { method: 'GET', path: '/api/log/witnesses', who: 'admin', covered: false, says: 'Who cosigns the log and how far, and what this deployment has cosigned of the logs of others.', reply: z.object({ witnesses: z.array(LogWitness), own: OwnWitness.nullable() }) },
  logCopies: { method: 'GET', path: '/api/log/copies', who: 'admin', covered: false, says: 'How the copies of the log outside the store stand.', reply: z.object({ copies: z.array(LogCopy) }) },
  masterKey: { method: 'GET', path: '/api/log/master-key', who: 'admin', covered: false, says: 'Whether all keys are wrapped by the current master key yet, after another one was given.', reply: MasterKeyState },
  logInclusion: {
    method: 'GET', path: '/api/log/inclusion', who: 'admin', covered: false, says: 'A proof (RFC 9162) that this record of a chain has its place in the log.',
    query: z.object({ chain: z.string().max(40), number: z.coerce.number().int().min(1) }), reply: LogProof.extend({ place: z.int(), leaf: z.string() }),
  },
  logConsistency: {
    method: 'GET', path: '/api/log/consistency', who: 'admin', covered: false, says: 'A proof (RFC 9162) that the log begins with what it was when it held so many records.',
    query: z.object({ from: z.coerce.number().int().min(0) }), reply: LogProof,
  },
  logTile: {
    method: 'GET', path: '/api/log/tile/*', who: 'admin', covered: false, bytes: 'reply', says: 'Hashes of the log as c2sp.org/tlog-tiles has them: `L/N` a whole tile of 256, `L/N.p/W` its first hashes.',
    params: z.object({ '*': z.string().max(60) }), reply: z.any(),
  },
  retention: {
    method: 'GET', path: '/api/retention', who: 'admin', covered: true, says: 'How long conversations are kept, and certificates of those that were erased, the latest first. `before` of a reply goes into the query for those before.',
    query: z.object({ before: z.coerce.number().int().min(1).optional() }),
    reply: z.object({ schedules: z.object({ ordinary: Schedule, temporary: Schedule, visitor: Schedule }), disposed: z.array(DisposedConversation), /** `null` when there are no others. */ before: Instant.nullable() }),
  },
  changeLogKey: {
    method: 'POST', path: '/api/log/keys', who: 'admin', covered: true, says: 'Makes the next key that checkpoints are signed with. The one before it signs along, until there is another next one.',
    reply: z.object({ key: z.string() }),
  },
  shownSite: { method: 'GET', path: '/api/widget/:site', who: 'page', covered: false, says: 'What a page needs to show the chat of its site.', params: site, reply: ShownSite },
  challenge: { method: 'GET', path: '/api/widget/:site/challenge', who: 'page', covered: false, says: 'Work for the browser of somebody new, where the site asks for it.', params: site, reply: Challenge },
  visit: {
    method: 'POST', path: '/api/widget/:site/visit', who: 'page', covered: true, says: 'A token for the visitor that `keep` or `identity` (a JWT of the site) stands for, else for a new one. With both, what an anonymous visitor has begun is that user’s from now on, and on record as such. From a frame with the `page` around it, which the site has to allow.',
    params: site, body: z.strictObject({ keep: z.string().max(2_000).optional(), identity: z.string().max(8_000).optional(), solution: Solution.optional(), /** Of a frame of the deployment: the origin of the page around it. */ page: z.string().max(300).optional(), /** Something that the visitor of `keep` sent has no answer yet: it may be on record any moment. */ unsettled: z.boolean().optional() }), reply: Visit,
  },
  visitorUpload: {
    method: 'POST', path: '/api/widget/:site/conversations/:conversation/files', who: 'visitor', covered: true, bytes: 'body', says: 'Adds an image to a conversation of this visitor. The body is the image.',
    params: site.extend({ conversation: ConversationId }), query: upload, reply: FilePart,
  },
  visitorFile: { method: 'GET', path: '/api/widget/:site/files/:file', who: 'visitor', covered: false, bytes: 'reply', says: 'The bytes of a file of this visitor.', params: site.extend({ file: FileId }), reply: z.any() },
} as const satisfies Record<string, Route>;

export type RouteName = keyof typeof ROUTES;
export type RouteReply<N extends RouteName> = z.output<(typeof ROUTES)[N]['reply']>;
export type RouteBody<N extends RouteName> = (typeof ROUTES)[N] extends { body: infer B extends z.ZodType } ? z.input<B> : undefined;

/** What a refused request is answered with, whatever the route. */
export const RefusedReply = z.object({ refusal: RefusalShape }).meta({ id: 'RefusedReply' });
