import type { AuditRecord, ChatRecord } from '../../contracts/records.ts';

export type RecordType = (AuditRecord | ChatRecord)['type'];

/** Tests in `flows/` that refuse records. The first two say at their end which of theirs they did not refuse. */
export type RefusingTest = 'off-the-record' | 'unrecorded' | 'known-visitors' | 'unasked' | 'removal' | 'fail-closed' | 'lost-titles' | 'witness' | 'restore-unrecorded' | 'configured';

/**
 * Where the product writes which records, and the test that refuses each just there: of what a route or a command asks for, `off-the-record`; of what it does of itself, `unrecorded`. Where a file writes the same in several
 * places, each has its own, in their order. What a file writes that does not stand here, one place more or less included, and what it does not write any more, fails `on-record.test.ts`.
 */
export const REFUSED_BY: Readonly<Record<string, Partial<Readonly<Record<RecordType, RefusingTest | readonly RefusingTest[]>>>>> = {
  'server/accounts/accesses.ts': { 'access-asked': 'off-the-record', 'access-granted': 'off-the-record', 'access-refused': 'off-the-record', 'access-withdrawn': 'off-the-record' },
  'server/accounts/addresses.ts': { 'address-sealed': 'unrecorded' },
  'server/accounts/cases.ts': { 'case-opened': 'off-the-record', 'case-closed': 'off-the-record', 'hold-placed': 'off-the-record', 'hold-released': 'off-the-record' },
  'server/accounts/disclosures.ts': { 'audit-read': 'off-the-record', 'list-read': 'off-the-record', 'inbox-read': 'off-the-record', 'visitor-read': 'off-the-record' },
  'server/accounts/export-work.ts': { 'export-made': 'unrecorded', 'export-failed': 'unrecorded', 'export-expired': 'unrecorded' },
  'server/accounts/exports.ts': { 'export-ordered': 'off-the-record', 'export-approved': 'off-the-record', 'export-refused': 'off-the-record', 'export-cancelled': 'off-the-record', 'export-downloaded': 'off-the-record' },
  'server/accounts/known-visitors.ts': { 'visitor-known': 'known-visitors' },
  'server/accounts/password-change.ts': { 'password-changed': 'off-the-record' },
  'server/accounts/people.ts': { 'account-made': 'off-the-record', 'sign-in-refused': 'unrecorded', 'person-renamed': 'off-the-record', 'settings-changed': 'off-the-record', 'role-changed': 'off-the-record' },
  'server/accounts/provider-keys.ts': { 'key-set': 'off-the-record', 'key-removed': 'off-the-record', 'keys-removed': 'off-the-record' },
  'server/accounts/removal.ts': { 'person-removed': 'off-the-record', 'person-erased': 'unrecorded' },
  'server/accounts/removing-again.ts': { 'signed-out': 'restore-unrecorded', 'person-removed': 'restore-unrecorded', 'person-erased': 'restore-unrecorded' },
  'server/accounts/sessions.ts': { 'signed-in': 'off-the-record', 'signed-out': 'off-the-record' },
  'server/accounts/sites.ts': { 'site-made': 'off-the-record', 'site-changed': 'off-the-record', 'site-removed': 'off-the-record', 'site-key-made': 'off-the-record', 'site-key-removed': 'off-the-record' },
  'server/accounts/visits.ts': { 'visitor-blocked': 'off-the-record' },
  'server/conversations/actors.ts': { 'turn-begun': 'off-the-record', 'turn-accepted': 'unrecorded', 'turn-resumed': 'unrecorded', 'turn-ended': 'fail-closed', 'turn-stopped': 'unrecorded' },
  'server/conversations/asking.ts': { 'conversation-begun': 'unrecorded', 'message-added': ['off-the-record', 'unrecorded'], 'turn-begun': 'off-the-record' },
  'server/conversations/changing.ts': {
    'queued': 'off-the-record', 'queue-changed': 'off-the-record', 'branch-chosen': 'off-the-record', 'message-rated': 'off-the-record', 'conversation-changed': 'off-the-record',
    'conversation-deleted': 'off-the-record', 'conversation-restored': 'off-the-record',
  },
  'server/conversations/erasing-again.ts': { 'content-removed': 'restore-unrecorded', 'conversation-erased': 'restore-unrecorded' },
  'server/conversations/erasure.ts': { 'content-removed': 'unasked', 'conversation-erased': 'unasked' },
  'server/conversations/files.ts': { 'file-added': 'off-the-record' },
  'server/conversations/giving.ts': { 'owner-changed': 'known-visitors' },
  'server/conversations/handoff.ts': { 'message-added': ['off-the-record', 'off-the-record'], 'handoff-changed': 'off-the-record', 'note-added': 'off-the-record' },
  'server/conversations/restoring.ts': { restored: 'restore-unrecorded' },
  'server/conversations/sweep.ts': { 'content-removed': 'unrecorded' },
  'server/conversations/title.ts': { 'turn-begun': 'unasked', 'turn-ended': ['unasked', 'lost-titles'], 'conversation-changed': 'unasked' },
  'server/gateway/routes/review.ts': { 'review-named': 'off-the-record', 'review-searched': 'off-the-record', 'review-read': 'off-the-record' },
  'server/journal/backup-record.ts': { 'backup-begun': 'restore-unrecorded' },
  'server/journal/configured.ts': { 'configuration-changed': 'configured' },
  'server/journal/rotation.ts': { 'master-key-changing': 'unrecorded', 'master-key-changed': 'unrecorded' },
  'server/journal/signers.ts': { 'signing-key-made': 'unrecorded' },
  'server/journal/witness.ts': { 'witness-key-made': 'unrecorded', 'checkpoint-cosigned': 'witness', 'checkpoint-refused': 'witness' },
};

/** In the contract for what versions before this one have written. */
export const WRITTEN_NO_MORE: readonly RecordType[] = ['review-exported'];

/** Where the product writes to the store without a record of its own, and what that is; the store refuses it where it is anything else. */
export const OFF_THE_RECORD: Readonly<Record<string, string>> = {
  'server/accounts/allowances.ts': 'what is left of the replies that somebody may ask for',
  'server/accounts/challenges.ts': 'challenges that were solved, so that none is taken twice',
  'server/accounts/security.ts': 'up to where somebody has seen what happened to their account',
  'server/accounts/signing-key.ts': 'a new key, which nothing is under yet',
  'server/conversations/checkpoints.ts': 'the text of a reply that grows',
  'server/conversations/draft-tick.ts': 'the text of a reply that grows',
  'server/conversations/drafts-kept.ts': 'that text, once the reply is on record',
  'server/conversations/live.ts': 'whatever happens in a conversation, with the records that it is given',
  'server/conversations/loading.ts': 'who owns a conversation',
  'server/conversations/rows.ts': 'up to where somebody has read',
  'server/conversations/words.ts': 'words for search of what is on record',
  'server/journal/audit.ts': 'whatever is changed, with the record that it is given',
  'server/journal/exports/pieces.ts': 'pieces of a package that nobody is given before it is on record',
  'server/journal/feeding.ts': 'up to where the audit log was sent on',
  'server/journal/holder.ts': 'which instance sends',
  'server/journal/instances.ts': 'which instances run',
  'server/journal/known.ts': 'whatever it is given, until it is known whether that happened',
  'server/journal/rewrapping.ts': 'how keys are wrapped in a store that is being restored: its record says of how many',
  'server/journal/sealer.ts': 'the place of each record in the log',
  'server/journal/witnessing.ts': 'the last checkpoint that a witness cosigned',
  'server/observe/measured.ts': 'whatever it is given',
  'server/observe/traced.ts': 'whatever it is given',
  'server/observe/writes.ts': 'whatever it is given, and something to see whether the store takes it',
};

/** The places of a file where it writes what, each with the test that refuses it there. */
export function placesIn(file: string): (readonly [RecordType, RefusingTest])[] {
  return (Object.entries(REFUSED_BY[file] ?? {}) as [RecordType, RefusingTest | readonly RefusingTest[]][]).flatMap(([type, by]) => [by].flat().map((test) => [type, test as RefusingTest] as const));
}

/** Of which a test refuses a record, wherever it is written. */
export function refusedIn(test: RefusingTest): RecordType[] {
  return [...new Set(Object.keys(REFUSED_BY).flatMap(placesIn).filter(([, by]) => by === test).map(([type]) => type))];
}
