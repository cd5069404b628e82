import type { InstanceId } from '../bus.ts';
import type { Connection } from './connection.ts';
import { leaseKey } from './keys.ts';

/** Redis is given at least this long before it counts as away. */
const LATE_MS = 1_000;

export interface BeatParts {
  readonly connection: Connection;
  readonly me: InstanceId;
  readonly leaseMs: number;
  readonly beatMs: number;
  /** Whether this instance can be told anything. */
  isListening(): boolean;
  /** The lease had run out, or Redis has forgotten it: nobody counts on anything that was said before. */
  onForgotten(): Promise<void>;
  /** What else is done with each beat. */
  readonly duties: readonly (() => Promise<void> | void)[];
}

/** Says that this instance lives, again and again, and so knows whether Redis is there. */
export class Beat {
  readonly #parts: BeatParts;
  /** When the word was said that still has no answer. A process that was busy itself has asked nothing, and knows nothing against Redis. */
  #askedAt: number | undefined;
  /** When it was answered last after a time in which leases may have run out of instances that live. */
  #slowUntil = Number.NEGATIVE_INFINITY;
  #hasBegun = false;
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isEnded = false;

  constructor(parts: BeatParts) {
    this.#parts = parts;
    parts.connection.onReady(() => void this.now());
  }

  get isLate(): boolean {
    return this.#askedAt !== undefined && performance.now() - this.#askedAt > Math.max(LATE_MS, this.#parts.beatMs * 1.5);
  }

  /** Whether Redis has answered for as long as a lease lasts: then one that is not there has run out because nobody renews it. */
  get isSteady(): boolean {
    return !this.#isSlow && performance.now() - this.#slowUntil > this.#parts.leaseMs;
  }

  get #isSlow(): boolean {
    return this.#askedAt !== undefined && performance.now() - this.#askedAt > this.#parts.beatMs / 2;
  }

  /** Rejects when the first one fails. */
  async begin(): Promise<void> {
    await this.#say();
    this.#hasBegun = true;
    this.#plan(this.#parts.beatMs);
  }

  /** A beat at once, unless one is under way. */
  now(): Promise<void> {
    if (this.#isEnded || !this.#hasBegun) return Promise.resolve();
    clearTimeout(this.#timer);
    return (this.#running ??= this.#beat().finally(() => (this.#running = undefined)));
  }

  async end(): Promise<void> {
    this.#isEnded = true;
    clearTimeout(this.#timer);
    await this.#running;
    const { connection, me } = this.#parts;
    await connection.send('DEL', leaseKey(me)).catch(() => undefined); // it runs out by itself
  }

  async #beat(): Promise<void> {
    const { beatMs, duties, onForgotten } = this.#parts;
    const began = performance.now();
    try {
      if (await this.#say()) await onForgotten();
      await Promise.all(duties.map(async (duty) => duty()));
    } catch {
      // Redis is away, which `isLate` tells, or something was not done, which the next beat does.
    }
    this.#plan(Math.max(0, beatMs - (performance.now() - began)));
  }

  /** True when the lease was not there. */
  async #say(): Promise<boolean> {
    const { connection, me, leaseMs, isListening } = this.#parts;
    this.#askedAt ??= performance.now();
    const id = await connection.send('CLIENT', 'ID');
    const before = await connection.send('SET', leaseKey(me), isListening() ? `connected ${String(id)}` : 'reconnecting', 'PX', leaseMs, 'GET');
    if (this.#isSlow) this.#slowUntil = performance.now();
    this.#askedAt = undefined;
    return before === null;
  }

  #plan(inMs: number): void {
    clearTimeout(this.#timer);
    if (!this.#isEnded) this.#timer = setTimeout(() => void this.now(), inMs).unref();
  }
}
