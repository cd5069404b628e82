import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { refusalOf } from '../../contracts/failures.ts';
import type { SearchHit } from '../../contracts/routes.ts';
import { wordsOf } from '../link/api.ts';
import type { call } from '../link/app-api.ts';

/** What is found for the words that were asked for last; a slower answer to earlier words is thrown away. */
export class SearchController implements ReactiveController {
  words = '';
  state: 'idle' | 'searching' | 'ready' | 'failed' = 'idle';
  hits: readonly SearchHit[] = [];
  failure = '';
  readonly #host: ReactiveControllerHost;
  readonly #call: typeof call;
  #cursor: string | null = null;
  #stop: AbortController | undefined;

  constructor(host: ReactiveControllerHost, parts: { call: typeof call }) {
    this.#host = host;
    this.#call = parts.call;
    host.addController(this);
  }

  hostConnected(): void {
    // Nothing is looked for before there are words.
  }

  get hasMore(): boolean {
    return this.#cursor !== null;
  }

  find(words: string): void {
    if (words === this.words && this.state !== 'failed') return;
    this.words = words;
    this.hits = [];
    this.#cursor = null;
    if (words !== '') return void this.#read();
    this.#stop?.abort();
    this.state = 'idle';
    this.#host.requestUpdate();
  }

  /** Older results, or the same question again after a failure. */
  more(): void {
    void this.#read();
  }

  clear(): void {
    this.find('');
  }

  async #read(): Promise<void> {
    this.#stop?.abort();
    const stop = new AbortController();
    this.#stop = stop;
    this.state = 'searching';
    this.#host.requestUpdate();
    try {
      const reply = await this.#call('search', { query: { words: this.words, cursor: this.#cursor ?? undefined }, signal: stop.signal });
      if (stop.signal.aborted) return;
      this.hits = [...this.hits, ...reply.hits];
      this.#cursor = reply.cursor;
      this.state = 'ready';
    } catch (error) {
      if (stop.signal.aborted) return;
      this.failure = wordsOf(refusalOf(error));
      this.state = 'failed';
    }
    this.#host.requestUpdate();
  }
}
