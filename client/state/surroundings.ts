import type { Account } from './account.ts';

export interface SurroundingsParts {
  /** Whoever is known at the moment. */
  readonly account: () => Account | undefined;
  /** The network has come or gone. */
  readonly network: (isThere: boolean) => void;
  /** Goes on hearing everything while nobody looks at the tab. */
  readonly hearsHidden?: boolean;
  /** Another tab of this browser has changed what is kept under this key, or all. */
  readonly stored?: (key: string | null) => void;
}

/** What happens around a page, as far as an account's connection and outbox have to hear of it: the network, whether somebody looks, and what other tabs of the browser write. */
export class Surroundings {
  readonly #parts: SurroundingsParts;

  constructor(parts: SurroundingsParts) {
    this.#parts = parts;
  }

  start(): void {
    addEventListener('online', this.#network);
    addEventListener('offline', this.#network);
    addEventListener('storage', this.#stored);
    document.addEventListener('visibilitychange', this.#visibility);
  }

  stop(): void {
    removeEventListener('online', this.#network);
    removeEventListener('offline', this.#network);
    removeEventListener('storage', this.#stored);
    document.removeEventListener('visibilitychange', this.#visibility);
  }

  readonly #network = (): void => {
    if (navigator.onLine) this.#parts.account()?.link.retryNow(true);
    this.#parts.network(navigator.onLine);
  };

  readonly #visibility = (): void => {
    const { link } = this.#parts.account() ?? {};
    const isHidden = document.visibilityState === 'hidden';
    if (this.#parts.hearsHidden !== true) link?.hidden(isHidden);
    if (!isHidden) link?.retryNow();
  };

  readonly #stored = (event: StorageEvent): void => {
    this.#parts.stored?.(event.key);
    const account = this.#parts.account();
    if (account?.entries.isAbout(event) === true) account.outbox.reread();
  };
}
