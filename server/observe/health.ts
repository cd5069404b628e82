import type { Bus } from '../bus/bus.ts';
import type { Store } from '../store/store.ts';
import type { Writes } from './writes.ts';

/** A store that takes longer for one small read is of no use to anybody. */
const ANSWERS_WITHIN_MS = 2_000;

/** Whether a balancer should send people here. */
export interface Health {
  /** Why not, in words for whoever runs the product; empty when all is well. Nothing secret, and nothing of anybody's, is in them. */
  problems(): Promise<readonly string[]>;
  /** From now on people should go elsewhere. */
  leave(): void;
}

/**
 * The health of an instance: whether its store answers and takes writes, and its bus answers, within `withinMs`.
 *
 * An instance whose store can only be read is not ready, though old conversations could be opened there: nothing is done off the record, so it refuses every message, every change and
 * every sign-in. When no instance can write, none is ready, as when the store is away: that is so for everybody, a balancer may say it, and a roll-out of what cannot write stops
 * before it has replaced what could. Tabs that are connected stay; they read on, and are told of each message why it is refused.
 */
export function openHealth(store: Pick<Store, 'get'>, writes: Pick<Writes, 'work'>, bus: Pick<Bus, 'isAway'>, withinMs = ANSWERS_WITHIN_MS): Health {
  let isLeaving = false;
  let reading: Promise<boolean> | undefined;
  /** One read at a time, however many ask: a store that hangs is not asked again until it has answered. */
  const read = (): Promise<boolean> =>
    (reading ??= store.get('user', 'nobody').then(() => true, () => false).finally(() => (reading = undefined)));
  return {
    async problems() {
      const [isRead, isWritten] = await Promise.all([inTime(read(), withinMs), inTime(writes.work(), withinMs)]);
      const ofStore = isRead ? (isWritten ? [] : ['The store takes no writes.']) : ['The store does not answer.'];
      return [...(isLeaving ? ['The server is leaving.'] : []), ...ofStore, ...(bus.isAway ? ['The bus is away.'] : [])];
    },
    leave: () => void (isLeaving = true),
  };
}

async function inTime(answer: Promise<boolean>, withinMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), withinMs)));
  const answered = await Promise.race([answer, late]);
  clearTimeout(timer);
  return answered;
}
