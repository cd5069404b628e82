import { msg } from '@lit/localize';
import { later } from './frame.ts';

/** A lost connection that is back within this many milliseconds is not mentioned. */
const MENTION_AFTER_MS = 5_000;

/** Tells people who do not see the page when the connection is gone for a while, and that nothing was lost when it is back. */
export class ConnectionVoice {
  readonly #say: (text: string) => void;
  #cancel: (() => void) | undefined;
  #hasSaid = false;

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  hear(isLive: boolean): void {
    if (isLive) {
      this.#cancel?.();
      this.#cancel = undefined;
      if (this.#hasSaid) this.#say(msg('Connected, nothing was lost.'));
      this.#hasSaid = false;
    } else if (this.#cancel === undefined && !this.#hasSaid) {
      this.#cancel = later(MENTION_AFTER_MS, () => {
        this.#hasSaid = true;
        this.#say(msg('Reconnecting.'));
      });
    }
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
