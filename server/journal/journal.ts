import { canonical, NO_HASH } from '../../contracts/proofs/canonical.ts';
import type { Actor, AuditRecord, ChatRecord, KeptRecord } from '../../contracts/records.ts';
import type { Head } from '../store/kinds.ts';
import type { Change } from '../store/store.ts';
import { hashOf } from './record-hash.ts';
import { leafHash } from './merkle.ts';
import { open, seal, type Key } from './seal.ts';

/** What is kept, encrypted, of one record. */
export interface RecordContent {
  readonly actor: Actor;
  readonly said: ChatRecord | AuditRecord;
}

/** Where and when a record is made. */
export interface RecordFrame {
  readonly chain: KeptRecord['chain'];
  readonly epoch: number;
  readonly at: number;
  /** The id of the key that its content is under. */
  readonly keyId: string;
  readonly key: Key;
}

/** Who does what nobody asked for: the deployment. */
export const ITSELF: Actor = { user: null, session: null, address: '', agent: '' };

export const START: Head = { epoch: 0, seq: 0, number: 0, hash: NO_HASH };

/**
 * The next record of a chain, numbered and hashed onto the one before it, and the head after it. It exists once the changes are committed under a fence on that head, and waits
 * from then on for its place in the log.
 */
export function nextRecord(head: Head, frame: RecordFrame, content: RecordContent): { changes: readonly Change[]; head: Head } {
  const number = head.number + 1;
  const id = recordId(frame.chain, number);
  const unhashed = {
    chain: frame.chain,
    number,
    epoch: frame.epoch,
    at: frame.at,
    type: content.said.type,
    key: frame.keyId,
    sealed: seal(content, frame.key, `record:${id}`),
    previous: head.hash,
  };
  const body: KeptRecord = { ...unhashed, hash: hashOf(unhashed) };
  const waits = { chain: frame.chain, number, at: frame.at, leaf: leafOf(body).toString('base64') };
  return { changes: [{ do: 'add', kind: 'record', id, body }, { do: 'add', kind: 'pending', id, body: waits }], head: { epoch: frame.epoch, seq: head.seq, number, hash: body.hash } };
}

/** What stands for a record in the log: all of it as it is kept, so that nothing of it can be changed later. */
export function leafOf(record: KeptRecord): Buffer {
  return leafHash(canonical(record));
}

/** The content of a record; throws when its key was destroyed or it was altered. */
export function contentOf(record: KeptRecord, key: Key): RecordContent {
  return open(record.sealed, key, `record:${recordId(record.chain, record.number)}`);
}

/** Under which the record of this number of a chain is kept. */
export function recordId(chain: string, number: number): string {
  return `${chain}:${number}`;
}
