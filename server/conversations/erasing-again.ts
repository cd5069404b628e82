import type { ConversationId } from '../../contracts/ids.ts';
import type { ChatRecord } from '../../contracts/records.ts';
import type { Disposition } from '../../contracts/retention.ts';
import { DEPLOYMENT } from '../journal/audit.ts';
import { gatesBefore, lifeOf } from '../journal/holds.ts';
import { ITSELF, nextRecord, START } from '../journal/journal.ts';
import type { Keys } from '../journal/keys.ts';
import { commitKnown } from '../journal/known.ts';
import { newKey, seal, type Key } from '../journal/seal.ts';
import { UNFENCED, type Change, type Store, type Stored } from '../store/store.ts';
import { ERASED_KINDS, removalOf } from './erasure.ts';
import { classOf } from './retention.ts';

/** Under which epoch, above all that were ever claimed, and when. */
interface Frame {
  readonly at: number;
  readonly epoch: number;
}

/**
 * Erases in a restored store what had been erased since the backup. That it passed every hold is on record where it was erased, so one that the backup still has keeps nothing of it. Its records are as
 * unreadable as the rest, and need no key that is left. Resolves with how many conversations it were. Nobody else writes this store meanwhile.
 */
export async function eraseAgain(store: Store, keys: Keys, erased: ReadonlySet<string>, frame: Frame): Promise<number> {
  let count = 0;
  for (const id of erased) {
    const stored = await store.get('conversation', id);
    if (stored === undefined || stored.body.isErased) continue; // begun after the backup, or erased before it
    await eraseOne(store, stored, { own: (await keys.of(id)) ?? newKey(), deployment: await keys.of(DEPLOYMENT.id) }, frame);
    keys.forget(id);
    count += 1;
  }
  return count;
}

/** Its own key, and the one that certificates are under; a backup may lack that. */
interface Under {
  readonly own: Key;
  readonly deployment: Key | undefined;
}

async function eraseOne(store: Store, { id, body }: Stored<'conversation'>, { own, deployment }: Under, { at, epoch }: Frame): Promise<void> {
  const happen = async (said: ChatRecord, changes: readonly Change[], under = { keyId: id, key: own }): Promise<void> => {
    const from = (await store.get('head', id))?.body ?? null;
    const { passed } = await gatesBefore(store, { conversation: id, owner: body.owner, site: body.site, ...lifeOf(body) });
    const next = nextRecord(from ?? START, { chain: id as ConversationId, epoch: epoch + 1, at, ...under }, { actor: ITSELF, said });
    await commitKnown(store, [...passed, ...changes, ...next.changes], { chain: id, from, to: { ...next.head, seq: 0 } });
  };
  for (const kind of ERASED_KINDS) {
    for (;;) {
      const { changes, count } = await removalOf(store, kind, id);
      if (count === 0) break;
      if (kind === 'draft') await store.commit(changes, UNFENCED);
      else await happen({ type: 'content-removed', v: 1, kind, count }, changes);
    }
  }
  const { temporary: _, ...kept } = body;
  const blank = { ...kept, deletedAt: body.deletedAt ?? at, eraseAt: null, isErased: true, waits: false, runs: false, sealed: seal({}, own, `conversation:${id}`) };
  const changes: Change[] = [{ do: 'put', kind: 'conversation', id, body: blank, text: { owner: body.owner, words: '' } }, { do: 'remove', kind: 'key', id }];
  const number = ((await store.get('head', id))?.body.number ?? 0) + 1;
  const certificate: Disposition | undefined = deployment && { class: classOf(body), why: 'restored', begunAt: body.createdAt, lastAt: body.updatedAt, deletedAt: blank.deletedAt, records: number };
  if (certificate !== undefined) changes.push({ do: 'put', kind: 'disposition', id, body: { at, number } });
  await happen({ type: 'conversation-erased', v: 1, ...(certificate && { certificate }) }, changes, deployment && { keyId: DEPLOYMENT.id, key: deployment });
}
