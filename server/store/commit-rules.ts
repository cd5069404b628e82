import { erases, isCovered, KINDS } from './kinds.ts';
import type { Kind } from './kinds.ts';
import { CommitRefused } from './refused.ts';
import { UNFENCED } from './store.ts';
import type { Change, Fence, Unfenced } from './store.ts';

/** Most changes in one commit. */
export const MOST_CHANGES = 1_000;
/** Most bytes of bodies and words in one commit, as UTF-8. */
export const MOST_BYTES = 8 * 1024 * 1024;

type DocumentChange = Exclude<Change, { do: 'words' }>;

/** Where a commit goes: only drafts, only other kinds, or other kinds with drafts to be removed once those are durable. */
export type Reach = 'drafts' | 'documents' | 'both';

/**
 * Holds everything about a commit that can be known without reading the store; every adapter asks it first. Refusals are `CommitRefused`;
 * what only wrong code can ask for (an undeclared kind, a changed record, a head that moves back) is a plain error. Sizes are the adapter's to
 * measure, since only it knows what it writes.
 */
export function checkCommit(changes: readonly Change[], fence: Fence | Unfenced): Reach {
  if (changes.length > MOST_CHANGES) throw new CommitRefused('too-large', { detail: `${changes.length} changes` });
  const chain = fence === UNFENCED ? null : checkFence(fence).chain;
  let hasRecord = false;
  let covered: Kind | undefined;
  let isErasing = false;
  let isGated = false;
  for (const change of changes) {
    checkChange(change);
    if (change.do === 'words') continue;
    checkConversation(change, chain);
    if (change.kind === 'record') hasRecord = true;
    if (change.kind === 'gate') isGated ||= change.do === 'put' && change.version !== undefined;
    isErasing ||= erases(change);
    if (isCovered(change.kind) || isDestroyed(change)) covered ??= change.kind;
  }
  if (covered !== undefined && !hasRecord) throw new CommitRefused('uncovered', { detail: covered });
  if (isErasing && !isGated) throw new CommitRefused('ungated');
  return reachOf(changes, chain !== null);
}

/** Adds up the texts that one commit writes; refuses it as `too-large` beyond `MOST_BYTES`. */
export function sizeCount(): (...texts: readonly string[]) => void {
  let bytes = 0;
  return (...texts) => {
    for (const text of texts) bytes += Buffer.byteLength(text);
    if (bytes > MOST_BYTES) throw new CommitRefused('too-large', { detail: `more than ${MOST_BYTES} bytes` });
  };
}

/** A new key is nothing that happened, and one that is wrapped anew is the same; without the one that was there, what is under it can never be read again. */
function isDestroyed(change: DocumentChange): boolean {
  return change.kind === 'key' && change.do !== 'add' && change.do !== 'rewrap';
}

function checkFence(fence: Fence): Fence {
  const { chain, from, to } = fence;
  if (chain === '') throw new Error('a fence names its chain');
  const hasMovedBack = from !== null && (to.epoch < from.epoch || (to.epoch === from.epoch && to.seq < from.seq) || to.number < from.number);
  if (hasMovedBack) throw new Error(`the head of ${chain} never moves back`);
  return fence;
}

function checkChange(change: Change): void {
  if (!Object.hasOwn(KINDS, change.kind) || (change.kind as Kind) === 'head') throw new Error(`no change can be of kind ${change.kind}`);
  if (change.id === '') throw new Error(`a document of kind ${change.kind} needs an id`);
  if (change.do === 'rewrap' && ((change.kind as Kind) !== 'key' || change.version < 1)) throw new Error('only a key that is there can be wrapped anew');
  if (change.kind === 'record' && change.do !== 'add') throw new Error('a record is never changed or removed');
  if (change.do !== 'remove' && change.text !== undefined && !KINDS[change.kind].hasText) throw new Error(`kind ${change.kind} is not declared to have text`);
}

/** Removals are held against the stored body by the adapter; here it is only known whether there is a fence at all. */
function checkConversation(change: DocumentChange, chain: string | null): void {
  if (!KINDS[change.kind].isOfConversation) return;
  if (chain === null) throw new CommitRefused('unfenced', { detail: change.kind });
  if (change.do !== 'remove' && conversationOf(change) !== chain) throw new CommitRefused('unfenced', { detail: `${change.kind} of another conversation` });
}

function conversationOf(change: Exclude<DocumentChange, { do: 'remove' }>): string | undefined {
  return 'conversation' in change.body ? change.body.conversation : undefined;
}

/** Drafts may lie in a file of their own, so next to other kinds only what may happen a little later is allowed: their removal. */
function reachOf(changes: readonly Change[], hasFence: boolean): Reach {
  const drafts = changes.filter((change) => change.kind === 'draft');
  if (drafts.length === 0) return 'documents';
  if (drafts.length === changes.length && !hasFence) return 'drafts';
  if (drafts.some((change) => change.do !== 'remove' || change.version !== undefined)) {
    throw new Error('beside other kinds or a fence, drafts can only be removed, and without a version');
  }
  return 'both';
}
