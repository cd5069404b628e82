import type { Handoff } from '../../../contracts/conversation.ts';
import { later } from '../../state/frame.ts';
import type { HandoffEvent } from './events.ts';

/** A minute after a person was asked for a visitor wants to know that it takes longer. */
const PATIENCE_MS = 60_000;

/** What becomes of the wish for a person: `waiting` once nobody has come for a minute. */
export class HandoffState {
  state: HandoffEvent['state'] = 'ended';
  readonly #now: () => number;
  readonly #changed: () => void;
  #askedAt: number | undefined;
  #cancel: (() => void) | undefined;

  /** `now` is the server's time. */
  constructor(now: () => number, changed: () => void) {
    this.#now = now;
    this.#changed = changed;
  }

  observe(handoff: Handoff | null): void {
    const askedAt = handoff?.state === 'asked' ? handoff.at : undefined;
    if (askedAt === undefined) this.state = handoff?.state ?? 'ended';
    if (askedAt === this.#askedAt) return;
    this.#askedAt = askedAt;
    this.#cancel?.();
    if (askedAt === undefined) return;
    this.state = 'asked';
    // Servers of one deployment may differ a little: it is never more than a minute from now.
    this.#cancel = later(Math.min(PATIENCE_MS, Math.max(0, askedAt + PATIENCE_MS - this.#now())), () => {
      this.state = 'waiting';
      this.#changed();
    });
  }

  close(): void {
    this.observe(null);
  }
}
