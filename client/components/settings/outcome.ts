import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { FAILURES, refusalOf } from '../../../contracts/failures.ts';

/** One question to the server at a time, with the words of its failure. */
export class Asking implements ReactiveController {
  busy = false;
  /** The sentence of the last failure; empty when there was none. */
  problem = '';
  readonly #host: ReactiveControllerHost;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {
    this.problem = '';
  }

  /** What was said of an earlier question is over. */
  clear(): void {
    this.problem = '';
    this.#host.requestUpdate();
  }

  /** Waits for `outcome`. @returns whether it was done. */
  async wait(outcome: Promise<unknown> | undefined): Promise<boolean> {
    this.busy = true;
    this.problem = '';
    this.#host.requestUpdate();
    try {
      await outcome;
      return true;
    } catch (error) {
      const refusal = refusalOf(error);
      this.problem = refusal.text ?? FAILURES[refusal.code].text;
      return false;
    } finally {
      this.busy = false;
      this.#host.requestUpdate();
    }
  }
}

/** Something is asked of the server. Whoever does it puts the promise into `outcome`; a rejection is shown where it was asked. */
export abstract class AskEvent extends Event {
  outcome: Promise<unknown> | undefined;
  constructor(type: string) {
    super(type, { bubbles: true, composed: true });
  }
}
