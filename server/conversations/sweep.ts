import type { ConversationId, UserId } from '../../contracts/ids.ts';
import type { Clock } from '../clock.ts';
import type { Change, Store, Stored } from '../store/store.ts';
import { all, walk } from '../store/walk.ts';
import type { Directory } from './directory.ts';
import { ITSELF } from '../journal/journal.ts';
import { gatesBefore, lifeOf } from '../journal/holds.ts';
import { openErasing } from './erasing.ts';
import { erasableOf, isOutrun, UNSENT_MS, withUnsent } from './erasure.ts';
import { NO_MODEL_YET } from './files.ts';

const EVERY_MS = 1_000;
/** A conversation whose owner died in the middle of a commit is not to be had for seconds, and keeps only this share of the others waiting. */
const TAKEN_UP_AT_ONCE = 16;
const ERASED_AT_ONCE = 20;

/** For the operator: what failed, with its cause. */
type Warn = (error: unknown) => void;

/**
 * Does what is due though no tab asks, at the start and then each second: takes up what was going on when its owner died (this process in an earlier life, or another instance), and beside that
 * erases what was deleted, removes files that nobody sent, puts away idle actors, and does `more`, what others have that is due. A conversation that cannot be reached (its key is lost) is named to
 * `warn` once; one that is slow to reach keeps few others waiting, and nothing else keeps any from being taken up.
 * Call the result to stop; it resolves when nothing of it runs any more.
 */
export async function startSweep(store: Store, directory: Directory, clock: Clock, warn: Warn, more: readonly (() => Promise<void>)[] = []): Promise<() => Promise<void>> {
  const warnOnce = once(new Set<string>(), warn);
  const takesUp = () => takeUp(store, directory, warnOnce).catch(warnOnce);
  const erases = openErasing(store, directory, clock, (what, work) => attempt(what, work, warnOnce));
  const tidies = async (): Promise<void> => {
    const began = clock.now();
    const duties = [erases(), removeUnsent(store, directory, clock, warnOnce), ...more.map((duty) => duty())];
    await Promise.all(duties.map((duty) => duty.catch(warnOnce)));
    await directory.conceal(began).catch(warnOnce); // what was due then and is there still is kept
    directory.passivate();
  };
  await takesUp();
  const stops = [again(takesUp), again(tidies)];
  return async () => void (await Promise.all(stops.map((stop) => stop())));
}

/** Works again and again, a second after it has ended. Call the result to stop; it resolves when nothing runs any more. */
function again(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const plan = (): void => {
    if (isStopped) return;
    timer = setTimeout(() => {
      running = work();
      void running.then(plan);
    }, EVERY_MS).unref();
  };
  plan();
  return async () => {
    isStopped = true;
    clearTimeout(timer);
    await running;
  };
}

/** Says the same only once: it is tried every second. */
function once(said: Set<string>, warn: Warn): Warn {
  return (error) => {
    const what = String(error);
    if (!said.has(what)) warn(error);
    said.add(what);
  };
}

async function attempt(what: string, work: Promise<unknown>, warn: Warn): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    warn(new Error(what, { cause: error }));
    return false;
  }
}

/** Opens every conversation in which something is going on and that nobody owns: its actor concludes the turn that was open and goes on with what waits. */
async function takeUp(store: Store, directory: Directory, warn: Warn): Promise<void> {
  const [open, titles] = await Promise.all([all(store, { kind: 'turn', index: 'byState', where: ['open'], limit: 1_000 }), all(store, { kind: 'titling', index: 'byAge', where: [], limit: 1_000 })]);
  const waiting = await all(store, { kind: 'conversation', index: 'byWaiting', where: [true], limit: 1_000 });
  const ids = new Set([...[...open, ...titles].map(({ body }) => body.conversation), ...waiting.map((conversation) => conversation.id)]);
  const left = (await directory.unowned([...ids] as ConversationId[])).values();
  const oneByOne = async (): Promise<void> => {
    for (const id of left) await attempt(`conversation ${id} could not be taken up`, takeUpOne(store, directory, id), warn);
  };
  await Promise.all(Array.from({ length: TAKEN_UP_AT_ONCE }, oneByOne));
}

async function takeUpOne(store: Store, directory: Directory, id: string): Promise<void> {
  const conversation = await store.get('conversation', id);
  if (conversation !== undefined && !conversation.body.isErased) await directory.takeUp(id as ConversationId, conversation.body.owner as UserId);
}

/** Files of messages that were never sent: in a conversation that never began no list and no delete would reach them. Goes past those that a hold keeps, or that are not to be had, so that they keep no others waiting. */
export async function removeUnsent(store: Store, directory: Directory, clock: Clock, warn: Warn): Promise<void> {
  let removed = 0;
  for await (const unsent of walk(store, { kind: 'unsent', index: 'byAge', where: [], to: clock.now() - UNSENT_MS, limit: ERASED_AT_ONCE })) {
    if (removed === ERASED_AT_ONCE) return;
    const removes = removeOne(store, directory, unsent).then((isRemoved) => (removed += isRemoved ? 1 : 0));
    await attempt(`the unsent file ${unsent.id} could not be removed`, removes, warn);
  }
}

/** Whether it was removed: not when it was sent meanwhile, for then the version is another. The last one of a conversation that was never begun goes with that, and its key. */
async function removeOne(store: Store, directory: Directory, unsent: Stored<'unsent'>): Promise<boolean> {
  const { id, version, body } = unsent;
  const conversation = body.conversation as ConversationId;
  const kept = (await store.get('conversation', conversation))?.body;
  const owner = (kept?.owner ?? body.owner) as UserId; // it may have gone over to somebody else since
  const life = kept === undefined ? { from: body.at, to: body.at } : lifeOf(kept);
  if ((await gatesBefore(store, withUnsent({ conversation, owner, site: kept?.site, ...life }, unsent))).isHeld) return false; // nobody takes up each second what is held for years
  const live = await directory.takeUp(conversation, owner, NO_MODEL_YET);
  if (live === undefined) return false; // its owner sees to it
  const { isHeld, passed } = await gatesBefore(store, withUnsent(erasableOf(live), unsent));
  if (isHeld) return false;
  const files = await store.find({ kind: 'file', index: 'byConversation', where: [conversation], limit: 2 });
  if (files.items.length < 2 && (await store.get('conversation', conversation)) === undefined) {
    await directory.erase(conversation, owner, NO_MODEL_YET);
    return true;
  }
  const changes: Change[] = [{ do: 'remove', kind: 'unsent', id, version }, { do: 'remove', kind: 'file', id }];
  try {
    await live.happen(() => ({ actor: ITSELF, records: [{ type: 'content-removed', v: 1, kind: 'file', count: 1 }], events: [], changes: [...passed, ...changes] }));
    return true;
  } catch (error) {
    if (isOutrun(error)) return false;
    throw error;
  }
}
