import { Failure } from '../../contracts/failures.ts';
import { networkAt } from './limits.ts';

/** Sockets that one instance holds open for one visitor, and for all who come from one address: an office or a phone network has one for everybody. */
const MOST_OF_VISITOR = 50;
const MOST_OF_ADDRESS = 2_000;

/** Where a visitor's socket comes from. */
interface Comer {
  readonly visitor: string;
  readonly address: string;
}

/** Counts the sockets of visitors, so that no page and no program fills an instance with them: making up a visitor costs nothing. */
export class Crowd {
  readonly #open = new Map<string, number>();

  /** Throws `rate-limited` when there are as many as there may be. */
  admit({ visitor, address }: Comer): void {
    if (this.#count(visitor) >= MOST_OF_VISITOR || this.#count(networkAt(address)) >= MOST_OF_ADDRESS) throw new Failure('rate-limited', { retryAfterMs: 10_000 });
  }

  /** Counts one; what is returned ends that. */
  enter({ visitor, address }: Comer): () => void {
    const keys = [visitor, networkAt(address)];
    for (const key of keys) this.#open.set(key, this.#count(key) + 1);
    return () => {
      for (const key of keys) {
        if (this.#count(key) > 1) this.#open.set(key, this.#count(key) - 1);
        else this.#open.delete(key);
      }
    };
  }

  #count(key: string): number {
    return this.#open.get(key) ?? 0;
  }
}
