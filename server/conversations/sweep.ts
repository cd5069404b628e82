import type { ConversationId, UserId } from '../../contracts/ids.ts';
import type { Clock } from '../clock.ts';
import type { Store } from '../store/store.ts';
import type { Directory } from './directory.ts';
import { all } from './loading.ts';

const EVERY_MS = 1_000;
const ERASED_AT_ONCE = 20;

/**
 * Does what is due though no tab asks: takes up what was going on when a process ended (at the start), erases what was deleted, puts away idle actors.
 * Call the result to stop; it resolves when nothing of it runs any more.
 */
export async function startSweep(store: Store, directory: Directory, clock: Clock, warn: (error: unknown) => void): Promise<() => Promise<void>> {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let running: Promise<void> = takeUp(store, directory).catch(warn);
  await running;
  const again = (): void => {
    if (isStopped) return;
    running = eraseDue(store, directory, clock).catch(warn).then(() => directory.passivate());
    void running.then(() => (timer = setTimeout(again, EVERY_MS).unref()));
  };
  timer = setTimeout(again, EVERY_MS).unref();
  return async () => {
    isStopped = true;
    clearTimeout(timer);
    await running;
  };
}

/** Opens every conversation in which something was going on: its actor concludes the turn that was open and goes on with what waits. */
async function takeUp(store: Store, directory: Directory): Promise<void> {
  const open = await all(store, { kind: 'turn', index: 'byState', where: ['open'], limit: 1_000 });
  const waiting = await all(store, { kind: 'conversation', index: 'byWaiting', where: [true], limit: 1_000 });
  for (const id of new Set([...open.map((turn) => turn.body.conversation), ...waiting.map((conversation) => conversation.id)])) {
    const conversation = await store.get('conversation', id);
    if (conversation !== undefined && !conversation.body.isErased) await directory.open(id as ConversationId, conversation.body.owner as UserId);
  }
}

async function eraseDue(store: Store, directory: Directory, clock: Clock): Promise<void> {
  const due = await store.find({ kind: 'conversation', index: 'byErasure', where: [false], from: 0, to: clock.now(), limit: ERASED_AT_ONCE });
  for (const { id, body } of due.items) await directory.erase(id as ConversationId, body.owner as UserId);
}
