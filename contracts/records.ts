import { FilePart, Instant, Message, Rating, TurnOutcome } from './conversation.ts';
import { Because, FindAsked, HoldScope, NamesAsked, ReadAsked, Subject, Subjects } from './cases.ts';
import { ExportWanted, PackageMade } from './exports.ts';
import { AccessId, CaseId, CommandId, ConversationId, ExportId, MessageId, ModelId, SessionId, SiteId, TurnId, UserId } from './ids.ts';
import { Parameters, Usage } from './models.ts';
import { Disposition } from './retention.ts';
import { SiteSettings } from './sites.ts';
import { Vouched } from './vouched.ts';
import { z } from './zod.ts';

/** As it was asked; versions before there were several people or sites, and models, wrote it for one. */
const Searched = z.strictObject({ ...FindAsked.shape, of: z.union([Subjects, Subject]), models: FindAsked.shape.models.optional() });

/** What a site's model stood for in this call: the model that was asked, and what it was told that visitors are not shown. */
const Standing = z.object({ model: ModelId, instructions: z.string() }).meta({ id: 'Standing' });
export type Standing = z.infer<typeof Standing>;

/** What a reply cost at the prices of that moment, for whoever runs the deployment: on record only, and told to nobody who converses. */
const Cost = z.object({ amount: z.number().min(0), currency: z.string() }).meta({ id: 'Cost' });
export type Cost = z.infer<typeof Cost>;

/** Settings of the deployment, by the names that they have in `gorunchat.yaml`, with dots between them. */
const Told = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).meta({ id: 'Told' });
export type Told = Readonly<z.infer<typeof Told>>;

/**
 * What a record says, by type. Each schema carries its version `v`; a change of meaning is a new version beside the old one, because records
 * are never rewritten. Chat records stand in the journal of their conversation, audit records in the deployment's.
 */
const said = <T extends string, S extends z.ZodRawShape>(type: T, shape: S) => z.object({ type: z.literal(type), v: z.literal(1), ...shape });

export const ChatRecord = z.discriminatedUnion('type', [
  said('conversation-begun', { model: ModelId, temporary: z.boolean().optional() }),
  said('message-added', { message: Message, command: CommandId }),
  /** The provider is about to be called: this record comes first. */
  said('turn-begun', { turn: TurnId, reply: MessageId, parent: MessageId.nullable(), model: ModelId, parameters: Parameters, attempt: z.int(), purpose: z.enum(['reply', 'title']), stands: Standing.optional() }),
  /** The provider goes on with this response whoever listens: by its name there, the turn can be taken up again. */
  said('turn-accepted', { turn: TurnId, attempt: z.int(), response: z.string() }),
  /** After its owner was lost, the response is about to be listened to again. It is no new call. */
  said('turn-resumed', { turn: TurnId, response: z.string() }),
  said('turn-ended', { turn: TurnId, outcome: TurnOutcome, usage: Usage.optional(), cost: Cost.optional(), message: Message.optional() }),
  said('queued', { command: CommandId, text: z.string(), files: z.array(FilePart) }),
  said('queue-changed', { command: CommandId, text: z.string().nullable(), before: CommandId.nullable().optional() }),
  said('branch-chosen', { parent: z.string(), child: MessageId }),
  said('handoff-changed', { state: z.enum(['asked', 'joined', 'ended']), by: UserId.optional() }),
  /** For those who answer visitors; the visitor is not shown it. */
  said('note-added', { note: CommandId, text: z.string() }),
  said('message-rated', { message: MessageId, rating: Rating.nullable() }),
  said('conversation-changed', { change: z.record(z.string(), z.unknown()) }),
  said('file-added', { file: FilePart, sha256: z.string() }),
  /** From an anonymous visitor to the user of the site that they turned out to be. */
  said('owner-changed', { from: UserId, to: UserId }),
  /** `because`: the deployment deleted it, for its age or with its person. */
  said('conversation-deleted', { eraseAt: Instant, because: z.enum(['age', 'person-removed']).optional() }),
  said('conversation-restored', {}),
  /** A part of what a deleted conversation held is gone; `conversation-erased` follows when all of it is, its key included. */
  said('content-removed', { kind: z.string(), count: z.int() }),
  /** Under the deployment's key, since the conversation's own is destroyed with it: what was erased, and why. Records from before that was written say nothing. */
  said('conversation-erased', { certificate: Disposition.optional() }),
  said('turn-stopped', { turn: TurnId, command: CommandId }),
]);
export type ChatRecord = z.infer<typeof ChatRecord>;

/** Lists of what others are and did; reading one is on record. */
const ReadList = z.enum(['people', 'cases', 'accesses', 'exports', 'retention', 'blocked']);

export const AuditRecord = z.discriminatedUnion('type', [
  said('account-made', { user: UserId, email: z.string(), role: z.string() }),
  /** `expired`: sign-ins of the person that had run out and were removed with this. */
  said('signed-in', { user: UserId, session: SessionId, expired: z.array(SessionId).optional() }),
  /** What an earlier version had kept in the open is under the person's key since. */
  said('address-sealed', { user: UserId }),
  said('sign-in-refused', { email: z.string() }),
  said('signed-out', { user: UserId, sessions: z.array(SessionId) }),
  /** With it these sign-ins ended: every one but that of whoever changed it. */
  said('password-changed', { user: UserId, sessions: z.array(SessionId) }),
  said('person-renamed', { user: UserId, name: z.string(), from: z.string().optional() }),
  said('settings-changed', { user: UserId, change: z.record(z.string(), z.unknown()), before: z.record(z.string(), z.unknown()).optional() }),
  said('key-set', { user: UserId, provider: z.string(), expiresAt: Instant.nullable() }),
  said('key-removed', { user: UserId, provider: z.string() }),
  said('keys-removed', { user: UserId, providers: z.array(z.string()) }),
  /** The public key under which checkpoints of the log are signed from now on, as signed-note writes it. */
  said('signing-key-made', { key: z.string() }),
  /** The public key under which this deployment is a witness for the logs of others. */
  said('witness-key-made', { key: z.string() }),
  /** As a witness: a checkpoint of another log, with its root in base64. `checkpoint-refused` is over as many records as were cosigned, with another root, and signed by that log as well: its `note` proves that there are two logs of that name. */
  said('checkpoint-cosigned', { origin: z.string(), size: z.int(), root: z.string() }),
  said('checkpoint-refused', { origin: z.string(), size: z.int(), note: z.string() }),
  /** Every data key is wrapped by another master key from now on, so many of them at that moment; then that it is so. Master keys are named by ids that say nothing about them. */
  said('master-key-changing', { from: z.string().nullable(), to: z.string(), keys: z.int() }),
  said('master-key-changed', { from: z.string().nullable(), to: z.string(), keys: z.int() }),
  /**
   * The data was made of a backup: by whom and on which machine; of which one, when it was begun, the hash of its manifest and the name of the keys that were taken; and up to which signed checkpoint.
   * What had been erased since by what `checked` names was erased again. Where that names nothing, it is not known what had been.
   */
  said('restored', {
    by: z.string(), backup: z.string(), backupAt: Instant, manifest: z.string(), checkpoint: z.string().nullable(), generation: z.int().min(1), keys: z.string(),
    checked: z.array(z.string()), erased: z.int(), /** Keys that another master key had wrapped, and the current one since. */ rewrapped: z.int().optional(),
  }),
  /** All data and the keys to it are about to be copied: by whom on which machine, under which name, and to where; keys of earlier backups there that are older than `keyBackupDays` go with it, as the command was told. Records from before that was written do not say it. */
  said('backup-begun', { by: z.string(), name: z.string(), place: z.string(), keyBackupDays: z.int().optional() }),
  /** An instance was started with other settings than the last one: by whom on which machine, and those that differ as they are now and as they were. A setting that is missing was, or is, not said. */
  said('configuration-changed', { by: z.string(), change: Told, before: Told }),
  /** `from`: what they were before; records from before that was written do not say it. */
  said('role-changed', { user: UserId, from: z.string().optional(), role: z.string() }),
  /** Nobody signs in as them any more; what is theirs is erased when nothing keeps it, and then this says so. */
  said('person-removed', { user: UserId }),
  said('person-erased', { user: UserId, removedAt: Instant }),
  said('case-opened', { case: CaseId, name: z.string(), reason: z.string() }),
  /** `exports`: those that were not over, and are now. */
  said('case-closed', { case: CaseId, released: z.array(z.string()), exports: z.array(ExportId).optional(), reason: z.string() }),
  said('hold-placed', { case: CaseId, hold: z.string(), scope: HoldScope, reason: z.string() }),
  said('hold-released', { case: CaseId, hold: z.string(), reason: z.string() }),
  /** An administrator read the audit log, or took it away. */
  said('audit-read', { query: z.record(z.string(), z.string()) }),
  /** Somebody was shown who is here, which cases there are, what was asked for and exported for one, certificates of what was erased, or whom a site keeps out. */
  said('list-read', { list: ReadList, case: CaseId.optional(), site: SiteId.optional() }),
  /** Somebody was told who is here, looked for, was shown, or took away what others wrote. */
  said('review-named', { asked: NamesAsked }),
  said('review-searched', { asked: Searched }),
  said('review-read', { asked: ReadAsked }),
  /** Of versions that made an export while it was read. */
  said('review-exported', { asked: z.strictObject({ ...Because, conversations: z.array(ConversationId) }) }),
  /** A package is ordered, and decided on where another reviewer has to. From `export-made` on it can be downloaded, by whoever says why. */
  said('export-ordered', { export: ExportId, wanted: ExportWanted }),
  said('export-approved', { export: ExportId, case: CaseId, reason: z.string() }),
  said('export-refused', { export: ExportId, case: CaseId, reason: z.string() }),
  /** `by`: who ordered it, and is told; records from before that was written do not say it. */
  said('export-made', { export: ExportId, case: CaseId, made: PackageMade, by: UserId.optional() }),
  said('export-downloaded', { export: ExportId, case: CaseId, reason: z.string() }),
  /** Its key is destroyed with each of these. */
  said('export-cancelled', { export: ExportId, case: CaseId, reason: z.string() }),
  said('export-failed', { export: ExportId, case: CaseId, why: z.string() }),
  said('export-expired', { export: ExportId, case: CaseId }),
  /** Where another reviewer has to grant reading. From `access-granted` on until `until`, `to` may look for and read what others wrote, for the case. */
  said('access-asked', { access: AccessId, case: CaseId, hours: z.int(), reason: z.string() }),
  said('access-granted', { access: AccessId, case: CaseId, to: UserId, until: Instant, reason: z.string() }),
  said('access-refused', { access: AccessId, case: CaseId, reason: z.string() }),
  said('access-withdrawn', { access: AccessId, case: CaseId, reason: z.string() }),
  said('site-made', { site: SiteId, settings: SiteSettings }),
  said('site-changed', { site: SiteId, change: SiteSettings.partial(), before: SiteSettings.partial().optional(), isLive: z.boolean().optional() }),
  said('site-removed', { site: SiteId, name: z.string() }),
  said('site-key-made', { site: SiteId, key: z.string() }),
  said('site-key-removed', { site: SiteId, key: z.string() }),
  said('visitor-blocked', { site: SiteId, visitor: UserId, isBlocked: z.boolean() }),
  /** An anonymous visitor turned out to be this user of the site: what they began is that user's. */
  said('visitor-known', { site: SiteId, visitor: UserId, user: UserId }),
  /** Somebody was shown what visitors wrote: the first words of each conversation of these sites, or one whole. */
  said('inbox-read', { sites: z.array(SiteId) }),
  said('visitor-read', { conversation: ConversationId, site: SiteId }),
]);
export type AuditRecord = z.infer<typeof AuditRecord>;

/** Who did it, and from where. */
export const Actor = z.object({
  user: UserId.nullable(),
  session: SessionId.nullable(),
  address: z.string().max(100),
  agent: z.string().max(400),
  /** Of a visitor: the site, and under which name the site knows the user that it vouches for. */
  site: SiteId.optional(),
  subject: z.string().max(200).optional(),
  /** What the site told of that user. */
  vouched: Vouched.omit({ subject: true }).optional(),
  /** Of whoever answers a visitor in the model's place: whose conversation it is, and what they are called there. */
  answers: z.object({ visitor: UserId, name: z.string().max(100) }).optional(),
});
export type Actor = z.infer<typeof Actor>;

/** How many records have a place in the log, signed: a note that public tools can read. `keys` are the public keys that signed any. */
export const LogCheckpoint = z.object({ size: z.int(), at: Instant, note: z.string(), keys: z.array(z.string()) }).meta({ id: 'LogCheckpoint' });

/** How a copy of the log outside the store stands: `behind` while there is more to copy, `failing` while it cannot be written, `differs` when something else is there than what the log holds, from `differsAt` on where that is known. `compared`: so many records of a query copy were held against the log. */
export const LogCopy = z.object({ kind: z.enum(['folder', 'cloud-storage', 'duckdb', 'bigquery']), place: z.string(), holds: z.int(), of: z.int(), at: Instant.nullable(), state: z.enum(['whole', 'behind', 'failing', 'differs']), differsAt: z.int().nullable(), compared: z.int().nullable() }).meta({ id: 'LogCopy' });

/** How far a witness has cosigned the log: `note` is the last checkpoint that it did, with its cosignature. `refused`: it has cosigned another log under the same name, or one that was longer. */
export const LogWitness = z.object({ name: z.string(), place: z.string(), size: z.int(), of: z.int(), at: Instant.nullable(), note: z.string().nullable(), state: z.enum(['whole', 'behind', 'failing', 'refused']) }).meta({ id: 'LogWitness' });

/** What this deployment is as a witness for the logs of others: its key, and how much of each it has cosigned. */
export const OwnWitness = z.object({ key: z.string(), logs: z.array(z.object({ origin: z.string(), size: z.int(), at: Instant.nullable(), isRefused: z.boolean() })) }).meta({ id: 'OwnWitness' });

/** How far the audit log was sent on to another system, in entries. */
export const AuditFeed = z.object({ place: z.string(), sent: z.int(), of: z.int(), isFailing: z.boolean() }).meta({ id: 'AuditFeed' });

/** Whether all keys are wrapped by the current master key yet (`moved` of `of`), after another one was given. `waits`: instances run that have another one. `hasBefore`: the one before is given still. */
export const MasterKeyState = z.object({ state: z.enum(['none', 'waits', 'moves', 'done']), moved: z.int(), of: z.int(), hasBefore: z.boolean() }).meta({ id: 'MasterKeyState' });
export type MasterKeyState = z.infer<typeof MasterKeyState>;

/** A proof with the checkpoint that it leads to; hashes are in base64. */
export const LogProof = z.object({ checkpoint: LogCheckpoint, proof: z.array(z.string()) }).meta({ id: 'LogProof' });

/** What a newer version has written is handed on as it is: an entry that nobody here knows must not keep the others from being read. */
const LaterRecord = z.looseObject({ type: z.string(), v: z.int() }) as unknown as typeof AuditRecord;

/** Entries that tell of something which did not happen: all others are on record with what they tell of, in one commit. */
const REFUSED: readonly string[] = ['sign-in-refused', 'checkpoint-refused', 'export-failed'] satisfies AuditRecord['type'][];

/** What came of what an entry of this kind tells of. */
export function resultOf(type: string): 'done' | 'refused' {
  return REFUSED.includes(type) ? 'refused' : 'done';
}

/** One entry of the audit log as an administrator reads it. What was erased since says nothing any more. */
export const AuditEntry = z.object({ number: z.int(), at: Instant, type: z.string(), result: z.enum(['done', 'refused']), actor: Actor.nullable(), said: z.union([AuditRecord, LaterRecord]).nullable() }).meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof AuditEntry>;

/** The chain that holds everything that is not of one conversation. */
export const AUDIT_CHAIN = 'audit';

/** The chain whose head is that of the log over all records; it has none of its own. */
export const LOG_CHAIN = 'log';

/** A record as it is kept. `sealed` is the content encrypted under the key of the conversation (or person); `hash` is over everything else here, RFC 8785. */
export const KeptRecord = z.object({
  chain: z.union([ConversationId, z.literal(AUDIT_CHAIN)]),
  number: z.int().min(1),
  epoch: z.int().min(1),
  at: Instant,
  type: z.string(),
  key: z.string(),
  sealed: z.string(),
  previous: z.string(),
  hash: z.string(),
});
export type KeptRecord = z.infer<typeof KeptRecord>;

/**
 * Kinds whose change needs no record: what is lost with them is not history, or can be made again from the records. Every other kind is refused without one, but for a new key: it comes with what it is for.
 * Destroying a key needs its record.
 */
export const UNCOVERED_KINDS = ['draft', 'read-marker', 'pending', 'lease', 'allowance', 'sealed', 'tile', 'checkpoint', 'feed', 'cosigned', 'spent-challenge', 'export-work', 'export-chunk', 'rotation', 'instance', 'released'] as const;
export type UncoveredKind = (typeof UNCOVERED_KINDS)[number];

