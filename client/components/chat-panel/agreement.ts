import type { SiteId } from '../../../contracts/ids.ts';
import { keepItem, readItem } from '../../state/storage.ts';

/** Whether a visitor has agreed to what a site says before the first message: here, or in another tab where the browser keeps anything. */
export class Agreement {
  readonly #storage: Storage | undefined;
  readonly #site: () => SiteId;
  /** Where nothing can be kept, for as long as the page lasts. */
  #isGiven = false;

  constructor(storage: Storage | undefined, site: () => SiteId) {
    this.#storage = storage;
    this.#site = site;
  }

  get isGiven(): boolean {
    return this.#isGiven || readItem(this.#storage, this.#key) === 'yes';
  }

  give(): void {
    this.#isGiven = true;
    keepItem(this.#storage, this.#key, 'yes');
  }

  /** What another tab has taken away is not known here either. */
  lapse(): void {
    this.#isGiven = false;
  }

  forget(): void {
    this.lapse();
    keepItem(this.#storage, this.#key, undefined);
  }

  get #key(): string {
    return `gorunchat.agreed.${this.#site()}`;
  }
}
