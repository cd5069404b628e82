import type { ClientSession, Collection, Db, Filter } from 'mongodb';
import type { Kind } from '../kinds.ts';
import { CommitRefused } from '../refused.ts';
import type { Fence } from '../store.ts';
import type { KeptDocument, KeptHead } from './documents.ts';
import { causeOf, isDuplicate } from './driver-error.ts';
import type { Plan, Step } from './plan.ts';
import { giveAgain, writeWords } from './words.ts';

/** Two writers made the same document at the same time; the one that is heard second tries again. */
export class Collided extends Error {}

/** Does a planned commit inside the transaction of `session`. Throws `CommitRefused` when it must not be, else what the driver threw; nothing of it stays then. */
export async function applyPlan(db: Db, session: ClientSession, { steps, words, again, stamp }: Plan, fence: Fence | null): Promise<void> {
  // First, so that whoever comes from a head that has moved is told before anything else was done for it.
  if (fence !== null) await moveHead(db, session, fence);
  for (const step of steps) await runStep(db, session, step);
  if (words.length > 0) await writeWords(db, session, words, stamp);
  if (again.length > 0) await giveAgain(db, session, again, stamp);
}

/** One conditional write, never a read and then a write: a read is not held against what others write meanwhile, so a late owner would come through. */
async function moveHead(db: Db, session: ClientSession, { chain, from, to }: Fence): Promise<void> {
  const heads = db.collection<KeptHead>('head');
  const { epoch, seq, number, hash } = to;
  const stale = (): CommitRefused => new CommitRefused('stale', { detail: `head of ${chain}` });
  if (from === null) {
    await heads.insertOne({ _id: chain, version: 1, epoch, seq, number, hash }, { session }).catch((error: unknown) => { throw isDuplicate(error) ? stale() : error; });
    return;
  }
  const unmoved: Filter<KeptHead> = { _id: chain, epoch: from.epoch, number: from.number, $or: [{ epoch: { $lt: epoch } }, { seq: { $lte: seq } }] };
  const { matchedCount } = await heads.updateOne(unmoved, { $set: { epoch, seq, number, hash }, $inc: { version: 1 } }, { session });
  if (matchedCount !== 1) throw stale();
}

async function runStep(db: Db, session: ClientSession, step: Step): Promise<void> {
  const documents = db.collection<KeptDocument>(step.kind);
  switch (step.do) {
    case 'add':
      return addAll(documents, session, step);
    case 'change':
      return changeAll(documents, session, step);
    case 'remove':
      return removeAll(documents, session, step);
  }
}

async function addAll(documents: Collection<KeptDocument>, session: ClientSession, { kind, documents: added }: Step & { do: 'add' }): Promise<void> {
  try {
    await documents.insertMany([...added], { session });
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    throw new CommitRefused('conflict', { detail: `a ${kind} is there already`, cause: causeOf(error) });
  }
}

async function changeAll(documents: Collection<KeptDocument>, session: ClientSession, step: Step & { do: 'change' }): Promise<void> {
  const { kind, ids, writes } = step;
  let reached: number;
  try {
    const { matchedCount, upsertedCount, deletedCount } = await documents.bulkWrite([...writes], { session });
    reached = matchedCount + upsertedCount + deletedCount;
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    // A document that was to be made is there: another conversation's, or one that somebody made in this moment.
    await refuseForeign(documents, undefined, step);
    throw new Collided(`a ${kind} was made at the same time`, { cause: causeOf(error) });
  }
  if (reached === ids.length) return;
  await refuseForeign(documents, session, step);
  throw new CommitRefused('conflict', { detail: `a ${kind} does not have the version that was stated` });
}

async function removeAll(documents: Collection<KeptDocument>, session: ClientSession, step: Step & { do: 'remove' }): Promise<void> {
  const { ids, ofConversation } = step;
  const whose = ofConversation === null ? {} : { conversation: ofConversation };
  const { deletedCount } = await documents.deleteMany({ _id: { $in: [...ids] }, ...whose }, { session });
  if (deletedCount < ids.length) await refuseForeign(documents, session, step);
}

interface Whose {
  readonly kind: Kind;
  readonly ids: readonly string[];
  readonly ofConversation: string | null;
}

/** An error has ended the transaction, so what is asked after one is asked outside of it. */
async function refuseForeign(documents: Collection<KeptDocument>, session: ClientSession | undefined, { kind, ids, ofConversation }: Whose): Promise<void> {
  if (ofConversation === null) return;
  const foreign = await documents.findOne({ _id: { $in: [...ids] }, conversation: { $ne: ofConversation } }, { projection: { _id: 1 }, ...(session !== undefined && { session }) });
  if (foreign !== null) throw new CommitRefused('unfenced', { detail: `${kind} ${foreign._id} is of another conversation` });
}
