import { createHash } from 'node:crypto';
import { Failure } from '../../contracts/failures.ts';
import { recordId, contentOf } from './journal.ts';
import { canonical } from './canonical.ts';
import type { Keys } from './keys.ts';
import type { SealedLog, Proof } from './sealed-log.ts';
import { openBytes } from './seal.ts';
import { signedText, type Signer } from './signed-note.ts';
import type { Store } from '../store/store.ts';
import { walk } from '../store/walk.ts';

const PAGE = 500;
const SEALED_WITHIN_MS = 5_000;
const LOOK_AGAIN_MS = 100;

/** What an export is made from. */
export interface ExportWorld {
  readonly store: Store;
  readonly keys: Keys;
  readonly log: SealedLog;
  readonly signers: () => Promise<readonly Signer[]>;
  readonly now: () => number;
}

/** Whose records are exported, and why. */
export interface ExportOrder {
  readonly case: string;
  readonly reason: string;
  readonly conversations: readonly string[];
}

/**
 * Conversations as NDJSON, one after another: what they are, each record as it is kept with what it says, its place in the log and the proof of it, and each file. The last line is
 * signed: how many lines there are before it, and their hash, so that nothing can be left out or added later. Never holds more than a page of records or one file.
 * What is erased comes with its records and without what they said. Throws `not-found` before the first line when there is no such conversation.
 */
export async function* exportLines({ store, keys, log, signers, now }: ExportWorld, order: ExportOrder): AsyncIterable<string> {
  const heads = await Promise.all(order.conversations.map(async (id) => ({ id, head: (await store.get('head', id))?.body, conversation: (await store.get('conversation', id))?.body })));
  if (heads.some(({ head, conversation }) => head === undefined || conversation === undefined)) throw new Failure('not-found');
  for (const { id, head } of heads) await sealed(log, id, head?.number ?? 0);
  const checkpoint = await log.checkpoint();
  const hash = createHash('sha256');
  let lines = 0;
  const line = (value: unknown): string => {
    const text = `${canonical(value)}\n`;
    hash.update(text);
    lines += 1;
    return text;
  };
  const conversations = heads.map(({ id, head, conversation }) => ({ id, owner: conversation?.owner, site: conversation?.site, records: head?.number, last: head?.hash }));
  yield line({ export: 'gorunchat', v: 1, at: now(), case: order.case, reason: order.reason, checkpoint, conversations });
  for (const { id, head } of heads) {
    const key = await keys.of(id);
    for (let from = 1; from <= (head?.number ?? 0); from += PAGE) {
      const { items } = await store.find({ kind: 'record', index: 'byChain', where: [id], from, to: Math.min(from + PAGE - 1, head?.number ?? 0), order: 'up', limit: PAGE });
      for (const { body } of items) yield line({ record: body, content: key === undefined ? null : contentOf(body, key), ...placed(await log.inclusion(id, body.number, checkpoint.size)) });
    }
    for (const file of key === undefined ? [] : await filesOf(store, id)) {
      const stored = await store.get('file', file);
      if (stored !== undefined && key !== undefined) yield line({ file, conversation: id, mediaType: stored.body.mediaType, bytes: openBytes(stored.body.bytes, key, `bytes:${file}`).toString('base64') });
    }
  }
  yield `${canonical({ end: signedText(`gorunchat-export\n${lines}\n${hash.digest('hex')}\n`, await signers()) })}\n`;
}

function placed({ place, proof }: Proof & { readonly place: number }): { place: number; proof: readonly string[] } {
  return { place, proof };
}

/** What was said a moment ago has its place within a second or two. Throws `record-unavailable` when nothing is sealed. */
async function sealed(log: SealedLog, id: string, number: number): Promise<void> {
  for (let waited = 0; ; waited += LOOK_AGAIN_MS) {
    try {
      return void (await log.inclusion(id, number));
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'not-found') throw error;
      if (waited >= SEALED_WITHIN_MS) throw new Failure('record-unavailable', { detail: `Record ${recordId(id, number)} has no place in the log yet.`, cause: error });
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  }
}

async function filesOf(store: Store, id: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const file of walk(store, { kind: 'file', index: 'byConversation', where: [id], limit: 1 })) ids.push(file.id); // one at a time: each brings its bytes
  return ids;
}
