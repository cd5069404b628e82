import type { AuditRecord } from '../../contracts/records.ts';
import { DEPLOYMENT, type Audit } from './audit.ts';
import { ITSELF } from './journal.ts';

/** Of which backup it is, by whom on which machine it is made, where it goes, and for how long it leaves keys there. */
export type BackupBegun = Omit<Extract<AuditRecord, { type: 'backup-begun' }>, 'type' | 'v'>;

/** Puts on record that all data, and the keys to it, are about to be copied. Rejects where that could not be, and then nothing may be copied. */
export type RecordBackup = (begun: BackupBegun) => Promise<void>;

/** On the audit log. Nobody is signed in where a backup is made: who it was is what the machine says. */
export function backupRecorder(audit: Audit): RecordBackup {
  return (begun) => audit.commit([], { type: 'backup-begun', v: 1, ...begun }, ITSELF, DEPLOYMENT);
}
