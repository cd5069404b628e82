import type { ReactiveControllerHost } from 'lit';
import { FAILURES, refusalOf } from '../../contracts/failures.ts';

/** What the server answered to one question of a page, or why it did not. What was answered before stays until there is a new answer. */
export class Answer<T> {
  value: T | undefined;
  /** The sentence of the last failure; empty when there was none. */
  problem = '';
  readonly #host: ReactiveControllerHost;
  readonly #ask: () => Promise<T>;
  #asked = 0;

  constructor(host: ReactiveControllerHost, ask: () => Promise<T>) {
    this.#host = host;
    this.#ask = ask;
  }

  /** Asks again. An answer to an earlier question that comes later counts no more. */
  async read(): Promise<void> {
    const asked = ++this.#asked;
    try {
      const value = await this.#ask();
      if (asked === this.#asked) Object.assign(this, { value, problem: '' });
    } catch (error) {
      const { code, text } = refusalOf(error);
      if (asked === this.#asked) this.problem = text ?? FAILURES[code].text;
    }
    this.#host.requestUpdate();
  }

  /** Something was changed, and this is how it is now. */
  put(value: T): void {
    this.#asked += 1;
    this.value = value;
    this.#host.requestUpdate();
  }

  clear(): void {
    this.#asked += 1;
    this.value = undefined;
    this.problem = '';
  }
}
