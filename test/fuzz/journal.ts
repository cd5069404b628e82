import type { Db } from 'mongodb';
import type { KeptRecord } from '../../contracts/records.ts';

/** What a conversation's records and turns say of what went on, beside what any tab has seen: a stale write, a turn that nobody ended, more `calls` at the model than are on record. */
export async function faultsOnRecord(db: Db, conversation: string, calls = 0): Promise<string[]> {
  const documents = await db.collection<{ json: string }>('record').find({ 'by.chain': conversation }).toArray();
  const records = documents.map(({ json }) => JSON.parse(json) as KeptRecord).toSorted((a, b) => a.number - b.number);
  const faults: string[] = [];
  for (const [index, record] of records.entries()) {
    const before = records[index - 1];
    if (record.number !== index + 1) faults.push(`record ${index + 1} is missing or doubled`);
    if (before !== undefined && record.epoch < before.epoch) faults.push(`stale write: record ${record.number} is of epoch ${record.epoch}, the one before of ${before.epoch}`);
    if (before !== undefined && record.previous !== before.hash) faults.push(`stale write: record ${record.number} does not follow the one before`);
  }
  const count = (type: string): number => records.filter((record) => record.type === type).length;
  const open = await db.collection('turn').countDocuments({ 'by.conversation': conversation, 'by.state': 'open' });
  if (open > 0) faults.push(`turn lost: ${open} without an outcome`);
  if (count('turn-ended') > count('turn-begun')) faults.push(`turn ended twice: ${count('turn-ended')} ends of ${count('turn-begun')} turns`);
  if (calls > count('turn-begun')) faults.push(`call repeated: the model was asked ${calls} times, ${count('turn-begun')} times on record`);
  return faults;
}
