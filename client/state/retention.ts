import type { ReactiveControllerHost } from 'lit';
import type { RouteReply } from '../../contracts/routes.ts';
import type { call } from '../link/app-api.ts';
import { Answer } from './answer.ts';

/** How long conversations are kept, and certificates of those that were erased, as far as they have been asked for. */
export class RetentionList {
  readonly kept: Answer<RouteReply<'retention'>>;
  readonly #ask: typeof call;

  constructor(host: ReactiveControllerHost, ask: typeof call) {
    this.#ask = ask;
    this.kept = new Answer(host, () => ask('retention'));
  }

  /** Adds those before the last one that is shown. Rejects with what the server refuses it with. */
  async more(): Promise<void> {
    const shown = this.kept.value;
    if (shown?.before === undefined || shown.before === null) return;
    const next = await this.#ask('retention', { query: { before: String(shown.before) } });
    if (this.kept.value === shown) this.kept.put({ ...next, disposed: [...shown.disposed, ...next.disposed] });
  }
}
