import { AUDIT_CHAIN, type Actor, type AuditRecord } from '../../contracts/records.ts';
import { Failure } from '../../contracts/failures.ts';
import type { Clock } from '../clock.ts';
import { CommitRefused, unread } from '../store/refused.ts';
import type { Change, Store } from '../store/store.ts';
import { nextRecord, START } from './journal.ts';
import type { Keys } from './keys.ts';
import { commitKnown } from './known.ts';
import { noticeFor, type Noticed } from './noticed.ts';
import type { Key } from './seal.ts';

/** Whose key a record's personal content is under. `fresh`: the key is part of the same commit. */
export interface Subject {
  readonly id: string;
  readonly fresh?: Key;
}

/** The deployment's own subject, for what concerns nobody in particular. */
export const DEPLOYMENT: Subject = { id: 'deployment' };

/** Changes accounts and settings together with their audit record: both or neither. */
export interface Audit {
  /** Throws `record-unavailable` when it is known that nothing happened, and the store's `conflict` as it is: the caller knows what was taken. */
  commit(changes: readonly Change[], said: AuditRecord, actor: Actor, subject: Subject): Promise<void>;
}

/** The audit log of this store: every change together with its record, and with what tells whomever it concerns. `noticed` hears of that once it is committed, in order. */
export function openAudit(store: Store, keys: Keys, clock: Clock, noticed: (notice: Noticed) => void = () => undefined): Audit {
  let last: Promise<void> = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const mine = last.then(work);
    last = mine.catch(() => undefined); // whoever asked hears of it; the next one does not care
    return mine;
  };
  return {
    commit: (changes, said, actor, subject) =>
      inTurn(async () => {
        const { key, making } = await keyFor(keys, subject);
        for (;;) {
          const from = (await read(store))?.body ?? null;
          const notice = await noticeFor(store, keys, said, actor).catch(unread); // read after the head: whoever is removed since has moved it
          const at = clock.now();
          const frame = { chain: AUDIT_CHAIN, epoch: from?.epoch ?? 1, at, keyId: subject.id, key } as const;
          const { changes: recorded, head } = nextRecord(from ?? START, frame, { actor, said });
          try {
            await commitKnown(store, [...making, ...changes, ...recorded, ...(notice?.changes(head.number, at) ?? [])], { chain: AUDIT_CHAIN, from, to: head });
            if (notice !== undefined) noticed(notice);
            return;
          } catch (error) {
            if (!(error instanceof CommitRefused)) throw error;
            if (error.reason === 'conflict') throw error;
            if (error.reason !== 'stale') throw new Failure('record-unavailable', { cause: error });
          }
        }
      }),
  };
}

function read(store: Store) {
  return store.get('head', AUDIT_CHAIN).catch(unread);
}

async function keyFor(keys: Keys, subject: Subject): Promise<{ key: Key; making: readonly Change[] }> {
  if (subject.fresh !== undefined) return { key: subject.fresh, making: [] };
  const kept = await keys.of(subject.id).catch(unread);
  if (kept !== undefined) return { key: kept, making: [] };
  const { key, change } = keys.make(subject.id, subject.id);
  return { key, making: [change] };
}
