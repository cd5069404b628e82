import type { SiteId, UserId } from '../../../contracts/ids.ts';
import { keepItem, readItem } from '../../state/storage.ts';

/** Whether a visitor has agreed to what a site says before the first message: here, or in another tab where the browser keeps anything. What one user of the site has agreed to counts for no other. */
export class Agreement {
  readonly #storage: Storage | undefined;
  readonly #site: () => SiteId;
  /** Where nothing can be kept, for as long as the page lasts. */
  #isGiven = false;
  /** In this tab, which goes before what is kept: another may be in somebody else's hands. */
  #user: string | undefined;

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

  /** The site vouches for this user. Says whether there was another before; somebody anonymous is none, as they may be the one whom the site has not named yet. */
  become(user: UserId): boolean {
    const before = this.#user ?? readItem(this.#storage, this.#userKey);
    const isAnother = before !== undefined && before !== user;
    if (isAnother) this.forget();
    keepItem(this.#storage, this.#userKey, (this.#user = user));
    return isAnother;
  }

  /** What another tab has taken away is not known here either. */
  lapse(): void {
    this.#isGiven = false;
    this.#user = undefined;
  }

  forget(): void {
    this.lapse();
    for (const key of [this.#key, this.#userKey]) keepItem(this.#storage, key, undefined);
  }

  get #key(): string {
    return `gorunchat.agreed.${this.#site()}`;
  }

  get #userKey(): string {
    return `gorunchat.user.${this.#site()}`;
  }
}
