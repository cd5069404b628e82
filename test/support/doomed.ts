import { expect } from 'vitest';
import type { ConversationId } from '../../contracts/ids.ts';
import type { Instance, Processes } from './cluster.ts';
import { PAST_IT } from './past-it.ts';
import type { Tab } from './tab.ts';

/** An owner that is gone is replaced within this, also on a busy machine. */
export const TAKEN_OVER_WITHIN_MS = 45_000;

/** What becomes of an instance: it dies, or stands still for longer than its lease holds. */
export type Fate = 'SIGKILL' | 'SIGSTOP';

export interface Doomed extends AsyncDisposable {
  readonly instance: Instance;
  /** Resolves when it is dead, or the others take it for gone. */
  gone(): Promise<void>;
  /** Resolves when what it stood still in the middle of is done or refused. */
  wake(): Promise<void>;
}

/** One more instance, that meets its fate at a certain point (`dying-server.ts`), or, with `never`, when a test says so. Only one may be added at a time. */
export async function addDoomed(cluster: Processes, dieAt: string, fate: Fate, more: Record<string, string> = {}): Promise<Doomed> {
  const leases = () => cluster.redis.look.keys('inst:*');
  const others = await leases(); // those of instances that were killed a moment ago, too
  const instance = await cluster.add({ ...more, DIE_AT: dieAt, DIE_WITH: fate });
  const [lease] = (await leases()).filter((key) => !others.includes(key));
  return {
    instance,
    async gone() {
      if (fate === 'SIGKILL') await instance.ended;
      else await expect.poll(leases, { timeout: TAKEN_OVER_WITHIN_MS, interval: 100 }).not.toContain(lease);
    },
    async wake() {
      const isPast = fate === 'SIGKILL' || dieAt.startsWith('never') ? undefined : instance.says(PAST_IT);
      instance.signal('SIGCONT');
      await isPast;
    },
    async [Symbol.asyncDispose]() {
      instance.signal('SIGKILL');
      await instance.ended;
    },
  };
}

/** The tab of an instance that has woken sees what the other one does. */
export async function expectAlike(woken: Tab, other: Tab, conversation: ConversationId): Promise<void> {
  const areAlike = async (): Promise<boolean> => {
    await woken.open(conversation).catch(() => undefined); // it may still find out whose the conversation is
    return JSON.stringify(woken.view) === JSON.stringify(other.view);
  };
  await expect.poll(areAlike, { timeout: TAKEN_OVER_WITHIN_MS, interval: 100 }).toBe(true);
}
