import { Failure } from '../../contracts/failures.ts';
import type { ChatRecord } from '../../contracts/records.ts';
import type { Disposition } from '../../contracts/retention.ts';
import { siteOf } from '../../contracts/site-model.ts';
import { gatesBefore, lifeOf, type Erasable } from '../journal/holds.ts';
import { ITSELF, contentOf } from '../journal/journal.ts';
import type { Key } from '../journal/seal.ts';
import type { Kind } from '../store/kinds.ts';
import { isConflict } from '../store/refused.ts';
import type { Change, Store, Stored } from '../store/store.ts';
import { all, walk } from '../store/walk.ts';
import type { Happening, LiveConversation } from './live.ts';
import type { World } from './actors.ts';
import { classOf } from './retention.ts';

/** How long an image may wait for the message that it is for. */
export const UNSENT_MS = 24 * 3_600_000;
/** Together with records, gates and the certificate less than a commit may have. */
const CHANGES_PER_COMMIT = 800;
/** Of one kind: a file is two changes. */
const PARTS_PER_COMMIT = 400;

/**
 * Makes a deleted conversation unreadable for good: removes what it held, with a record of each part, destroys its key and says on record that it is erased. That is one commit, so that a hold finds all of it or
 * nothing; of one that is too large for that the first parts go in commits before. Runs in the owner, under its fence.
 * Refused as `moved-on` while a turn is open or when the delete was undone. Stops where a hold begins, and goes on when none is left; after a crash, too, the next sweep begins again.
 *
 * One that was never begun, and has only files that nobody sent in time, is erased without a delete; refused as `moved-on`, too, where a hold keeps it or something came to it meanwhile.
 */
export async function eraseConversation(live: LiveConversation, world: World): Promise<void> {
  const { store, clock } = world;
  const blank = live.view.conversation.deletedAt === null ? await unsentIn(store, live) : undefined;
  if (blank !== undefined && !areOverdue(blank, clock.now())) throw new Failure('moved-on');
  const erasing = new Erasing(live, store, blank);
  for (;;) {
    if (live.view.turn !== null || (live.view.conversation.deletedAt === null && blank === undefined)) throw new Failure('moved-on');
    const number = live.number;
    const { isAll, records, changes } = await nextParts(store, live.id);
    if (isAll) return eraseRest(live, world, erasing, { number, records, changes });
    if (!(await erasing.happen(number, { actor: ITSELF, records, events: [], changes }))) return;
  }
}

/** The files of a conversation that was never begun; `undefined` for any other. */
async function unsentIn(store: Store, live: LiveConversation): Promise<readonly Stored<'unsent'>[] | undefined> {
  if (live.view.messages.length > 0 || (await store.get('conversation', live.id)) !== undefined) return undefined;
  return (await all(store, { kind: 'unsent', index: 'byOwner', where: [live.owner], limit: 1_000 })).filter(({ body }) => body.conversation === live.id);
}

/** Whether all of them have waited for longer than somebody may need for a message. */
function areOverdue(unsent: readonly Stored<'unsent'>[], now: number): boolean {
  return unsent.every(({ body }) => body.at <= now - UNSENT_MS);
}

async function eraseRest(live: LiveConversation, world: World, erasing: Erasing, { number: from, records, changes }: Pick<Parts, 'records' | 'changes'> & { readonly number: number }): Promise<void> {
  const number = from + records.length + 1;
  const [under, certificate] = await Promise.all([world.certifying(), certificateOf(live, world.store, number, erasing.life.site)]);
  const last: Change[] = [{ do: 'remove', kind: 'key', id: live.id }, { do: 'put', kind: 'disposition', id: live.id, body: { at: world.clock.now(), number } }];
  const isDone = await erasing.happen(from, { actor: ITSELF, under, records: [...records, { type: 'conversation-erased', v: 1, certificate }], events: [{ type: 'conversation-erased' }], changes: [...changes, ...last] });
  if (isDone) world.forgetKey(live.id);
}

interface Parts {
  /** Whether nothing else is left. */
  readonly isAll: boolean;
  readonly records: readonly ChatRecord[];
  readonly changes: readonly Change[];
}

/** As much of what a conversation holds as is removed in one commit. */
async function nextParts(store: Store, conversation: string): Promise<Parts> {
  const records: ChatRecord[] = [];
  const changes: Change[] = [];
  for (const kind of ERASED_KINDS) {
    const part = await removalOf(store, kind, conversation);
    if (changes.length + part.changes.length > CHANGES_PER_COMMIT) return { isAll: false, records, changes };
    changes.push(...part.changes);
    if (part.count > 0) records.push({ type: 'content-removed', v: 1, kind, count: part.count });
    if (part.count === PARTS_PER_COMMIT) return { isAll: false, records, changes };
  }
  return { isAll: true, records, changes };
}

/** The key that certificates are under. */
export interface Certifying {
  readonly id: string;
  readonly key: Key;
}

/** `number` is that of its own record, the last one. */
async function certificateOf(live: LiveConversation, store: Store, number: number, site: string | undefined): Promise<Disposition> {
  const { temporary, createdAt, updatedAt, deletedAt } = live.view.conversation;
  return { class: classOf({ site, temporary }), why: await whyOf(live, store), begunAt: createdAt, lastAt: updatedAt, deletedAt: deletedAt ?? updatedAt, records: number };
}

/** Whether somebody deleted it, or the deployment did, and why: that stands in the record of the last delete. */
async function whyOf(live: LiveConversation, store: Store): Promise<Disposition['why']> {
  for await (const { body } of walk(store, { kind: 'record', index: 'byChain', where: [live.id], order: 'down', limit: 100 })) {
    const said = body.type === 'conversation-deleted' ? contentOf(body, live.key).said : undefined;
    if (said?.type === 'conversation-deleted') return said.because === undefined ? 'deleted' : said.because === 'age' ? 'expired' : said.because;
  }
  return live.view.conversation.deletedAt === null ? 'expired' : 'deleted';
}

/** One conversation on its way past the gates that stand before its content. */
class Erasing {
  readonly #live: LiveConversation;
  readonly #store: Store;
  /** Of one that was never begun. */
  readonly #blank: readonly Stored<'unsent'>[] | undefined;

  constructor(live: LiveConversation, store: Store, blank: readonly Stored<'unsent'>[] | undefined) {
    this.#live = live;
    this.#store = store;
    this.#blank = blank;
  }

  get life(): Erasable {
    return (this.#blank ?? []).reduce(withUnsent, erasableOf(this.#live));
  }

  /** Whether it happened: not when a hold keeps the conversation, or was placed at the same moment. Throws `moved-on` when anything has happened in it since its record of this number. */
  async happen(number: number, happening: Happening): Promise<boolean> {
    const { isHeld, passed } = await gatesBefore(this.#store, this.life);
    if (isHeld) return this.#isKept();
    try {
      await this.#live.happen(() => {
        if (this.#live.number !== number) throw new Failure('moved-on');
        return { ...happening, changes: [...passed, ...(happening.changes ?? [])] };
      });
      return true;
    } catch (error) {
      if (isOutrun(error)) return this.#isKept();
      throw error;
    }
  }

  /** One that was never begun stays as it is, for whoever sends something yet. */
  #isKept(): false {
    if (this.#blank !== undefined) throw new Failure('moved-on');
    return false;
  }
}

/** Whether something did not happen because one of the gates that it passes was written first, by a hold, a release or another erasure: it is looked at again. */
export function isOutrun(error: unknown): boolean {
  return error instanceof Failure && isConflict(error.cause);
}

/** With a file that nobody has sent: when it was added counts as well, since the conversation may have begun with it, and not at all. */
export function withUnsent(life: Erasable, { body }: Stored<'unsent'>): Erasable {
  return { ...life, site: life.site ?? body.site, from: Math.min(life.from, body.at), to: Math.max(life.to, body.at) };
}

/** What gates look at. */
export function erasableOf({ id, owner, view: { conversation } }: LiveConversation): Erasable {
  return { conversation: id, owner, site: siteOf(conversation.model), ...lifeOf(conversation) };
}

/** What a conversation holds under its key, in the order in which it is removed. */
export const ERASED_KINDS = ['draft', 'message', 'note', 'turn', 'titling', 'file'] as const satisfies readonly Kind[];
type ErasedKind = (typeof ERASED_KINDS)[number];

/** As much of a kind as is removed in one commit. */
export async function removalOf(store: Store, kind: ErasedKind, conversation: string): Promise<{ changes: readonly Change[]; count: number }> {
  const ids = await idsOf(store, kind, conversation);
  return { count: ids.length, changes: ids.flatMap((id): Change[] => [{ do: 'remove', kind, id }, ...(kind === 'file' ? [{ do: 'remove' as const, kind: 'unsent' as const, id }] : [])]) };
}

async function idsOf(store: Store, kind: ErasedKind, conversation: string): Promise<string[]> {
  if (kind === 'turn') {
    const states = await Promise.all(['open', 'concluded'].map((state) => store.find({ kind, index: 'byConversation', where: [conversation, state], limit: PARTS_PER_COMMIT })));
    return states.flatMap((page) => page.items.map((item) => item.id)).slice(0, PARTS_PER_COMMIT);
  }
  return (await store.find({ kind, index: 'byConversation', where: [conversation], limit: PARTS_PER_COMMIT })).items.map((item) => item.id);
}
