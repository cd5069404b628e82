import { CommitRefused } from '../store/refused.ts';
import { UNFENCED, type Change, type Store } from '../store/store.ts';

/** What one instance at a time does it has for so long; another one goes on when it is not heard of any more. */
const HELD_MS = 30_000;

/** Who does it, and until when the others leave it to them. */
export interface Holding {
  readonly holder: string;
  readonly until: number;
}

/** As the instance that does it writes it. */
export function heldBy(instance: string, now: number): Holding {
  return { holder: instance, until: now + HELD_MS };
}

/** Whether another instance does it. */
export function isElsewhere({ holder, until }: Holding, instance: string, now: number): boolean {
  return holder !== instance && until > now;
}

/** So that another instance, or this one when it comes back, need not wait for the end of what this one holds. */
export async function letGo({ store, instance, warn }: { readonly store: Store; readonly instance: string; warn(error: unknown): void }, kind: 'feed' | 'cosigned', id: string): Promise<void> {
  try {
    const kept = await store.get(kind, id);
    if (kept?.body.holder !== instance) return;
    await store.commit([{ do: 'put', kind, id, version: kept.version, body: { ...kept.body, until: 0 } } as Change], UNFENCED);
  } catch (error) {
    if (!(error instanceof CommitRefused)) warn(error);
  }
}
