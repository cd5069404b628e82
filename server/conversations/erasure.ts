import { Failure } from '../../contracts/failures.ts';
import type { Disposition } from '../../contracts/retention.ts';
import { siteOf } from '../../contracts/site-model.ts';
import { gatesBefore, lifeOf, type Erasable } from '../journal/holds.ts';
import { ITSELF, contentOf } from '../journal/journal.ts';
import type { Key } from '../journal/seal.ts';
import type { Kind } from '../store/kinds.ts';
import { CommitRefused } from '../store/refused.ts';
import { UNFENCED, type Change, type Store } from '../store/store.ts';
import { walk } from '../store/walk.ts';
import type { Happening, LiveConversation } from './live.ts';
import type { World } from './actors.ts';
import { classOf } from './retention.ts';

const CHANGES_PER_COMMIT = 400;

/**
 * Makes a deleted conversation unreadable for good: removes what it held, each part with a record, then destroys its key and says on record that it is erased. Runs in the owner, under its fence.
 * Refused as `moved-on` while a turn is open or when the delete was undone. Stops where a hold begins, and goes on when none is left; after a crash, too, the next sweep begins again.
 */
export async function eraseConversation(live: LiveConversation, world: World): Promise<void> {
  const erasing = new Erasing(live, world.store);
  if (live.view.turn !== null || live.view.conversation.deletedAt === null) throw new Failure('moved-on');
  if (!(await removeContent(world.store, live, erasing))) return;
  const [under, certificate] = await Promise.all([world.certifying(), certificateOf(live, world.store)]);
  const changes: Change[] = [{ do: 'remove', kind: 'key', id: live.id }, { do: 'put', kind: 'disposition', id: live.id, body: { at: world.clock.now(), number: live.number + 1 } }];
  const isDone = await erasing.happen({ actor: ITSELF, under, records: [{ type: 'conversation-erased', v: 1, certificate }], events: [{ type: 'conversation-erased' }], changes });
  if (isDone) world.forgetKey(live.id);
}

/** The key that certificates are under. */
export interface Certifying {
  readonly id: string;
  readonly key: Key;
}

async function certificateOf(live: LiveConversation, store: Store): Promise<Disposition> {
  const { model, temporary, createdAt, updatedAt, deletedAt } = live.view.conversation;
  return { class: classOf({ site: siteOf(model), temporary }), why: await whyOf(live, store), begunAt: createdAt, lastAt: updatedAt, deletedAt: deletedAt ?? updatedAt, records: live.number + 1 };
}

/** Whether somebody deleted it, or the deployment did, and why: that stands in the record of the last delete. */
async function whyOf(live: LiveConversation, store: Store): Promise<Disposition['why']> {
  for await (const { body } of walk(store, { kind: 'record', index: 'byChain', where: [live.id], order: 'down', limit: 100 })) {
    const said = body.type === 'conversation-deleted' ? contentOf(body, live.key).said : undefined;
    if (said?.type === 'conversation-deleted') return said.because === undefined ? 'deleted' : said.because === 'age' ? 'expired' : said.because;
  }
  return 'deleted';
}

/** One conversation on its way past the gates that stand before its content. */
class Erasing {
  readonly #live: LiveConversation;
  readonly #store: Store;

  constructor(live: LiveConversation, store: Store) {
    this.#live = live;
    this.#store = store;
  }

  /** Whether it happened: not when a hold keeps the conversation, or was placed at the same moment. */
  async happen(happening: Happening): Promise<boolean> {
    const { isHeld, passed } = await gatesBefore(this.#store, erasableOf(this.#live));
    if (isHeld) return false;
    try {
      await this.#live.happen(() => ({ ...happening, changes: [...passed, ...(happening.changes ?? [])] }));
      return true;
    } catch (error) {
      if (error instanceof Failure && error.cause instanceof CommitRefused && error.cause.reason === 'conflict') return false; // a gate was written first
      throw error;
    }
  }
}

/** What gates look at. */
export function erasableOf({ id, owner, view: { conversation } }: LiveConversation): Erasable {
  return { conversation: id, owner, site: siteOf(conversation.model), ...lifeOf(conversation) };
}

/** Whether all of it is gone. */
async function removeContent(store: Store, live: LiveConversation, erasing: Erasing): Promise<boolean> {
  for (const kind of ERASED_KINDS) {
    for (;;) {
      const { changes, count } = await removalOf(store, kind, live.id);
      if (count === 0) break;
      if (kind === 'draft') await store.commit(changes, UNFENCED);
      else if (!(await erasing.happen({ actor: ITSELF, records: [{ type: 'content-removed', v: 1, kind, count }], events: [], changes }))) return false;
    }
  }
  return true;
}

/** What a conversation holds under its key, in the order in which it is removed. */
export const ERASED_KINDS = ['draft', 'message', 'note', 'turn', 'file'] as const satisfies readonly Kind[];
type ErasedKind = (typeof ERASED_KINDS)[number];

/** As much of a kind as is removed in one commit. */
export async function removalOf(store: Store, kind: ErasedKind, conversation: string): Promise<{ changes: readonly Change[]; count: number }> {
  const ids = await idsOf(store, kind, conversation);
  return { count: ids.length, changes: ids.flatMap((id): Change[] => [{ do: 'remove', kind, id }, ...(kind === 'file' ? [{ do: 'remove' as const, kind: 'unsent' as const, id }] : [])]) };
}

async function idsOf(store: Store, kind: ErasedKind, conversation: string): Promise<string[]> {
  if (kind === 'turn') {
    const states = await Promise.all(['open', 'concluded'].map((state) => store.find({ kind, index: 'byConversation', where: [conversation, state], limit: CHANGES_PER_COMMIT })));
    return states.flatMap((page) => page.items.map((item) => item.id)).slice(0, CHANGES_PER_COMMIT);
  }
  return (await store.find({ kind, index: 'byConversation', where: [conversation], limit: CHANGES_PER_COMMIT })).items.map((item) => item.id);
}
