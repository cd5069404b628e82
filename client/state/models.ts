import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { ModelId } from '../../contracts/ids.ts';
import type { Model } from '../../contracts/models.ts';
import type { call } from '../link/app-api.ts';
import type { LinkListener } from '../link/socket.ts';
import { later } from './frame.ts';
import type { Member } from './account.ts';

const AGAIN_AFTER_MS = 2_000;

/** The models this person may use, read again whenever a key or the server's list changes. */
export class ModelsController implements ReactiveController, Member {
  models: readonly Model[] = [];
  /** What a new conversation begins with when the person has chosen nothing. */
  preferred: ModelId | null = null;
  /** Whether the list is known; before that an empty one means nothing. */
  isRead = false;
  readonly #host: ReactiveControllerHost;
  readonly #call: typeof call;
  #reading = 0;
  #isReading = false;
  #seen: number | undefined;
  #waiting: (() => void)[] = [];

  constructor(host: ReactiveControllerHost, parts: { call: typeof call }) {
    this.#host = host;
    this.#call = parts.call;
    host.addController(this);
  }

  hostConnected(): void {
    // Everything begins with the account.
  }

  get(id: ModelId): Model | undefined {
    return this.models.find((model) => model.id === id);
  }

  signedIn(): void {
    void this.read();
  }

  signedOut(): void {
    this.#reading++;
    this.models = [];
    this.preferred = null;
    this.isRead = false;
    this.#isReading = false;
    this.#seen = undefined;
    this.#waiting = [];
  }

  /** Runs once the list is known, at once when it is; not any more after a sign-out. A list that could not be read is asked for again. */
  whenRead(run: () => void): void {
    if (this.isRead) return run();
    this.#waiting.push(run);
    if (!this.#isReading) void this.read();
  }

  readonly listener: LinkListener = {
    greeted: (hello) => {
      if (this.#seen !== undefined && hello.notices !== this.#seen) void this.read();
      this.#seen = hello.notices;
    },
    notice: (number, notice) => {
      this.#seen = Math.max(number, this.#seen ?? 0);
      if (notice.type === 'models') void this.read();
    },
  };

  /** A list that cannot be read leaves the last one standing; the next greeting asks again. */
  async read(): Promise<void> {
    const reading = ++this.#reading;
    this.#isReading = true;
    const reply = await this.#call('models').catch(() => undefined);
    if (reading !== this.#reading) return;
    this.#isReading = false;
    if (reply === undefined) {
      this.#seen = -1;
      if (this.#waiting.length > 0) later(AGAIN_AFTER_MS, () => void (this.#waiting.length > 0 && !this.#isReading && this.read()));
      return;
    }
    this.models = reply.models;
    this.preferred = reply.default;
    this.isRead = true;
    for (const run of this.#waiting.splice(0)) run();
    this.#host.requestUpdate();
  }
}
