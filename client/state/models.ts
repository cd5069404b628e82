import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { ModelId } from '../../contracts/ids.ts';
import type { Model } from '../../contracts/models.ts';
import type { call } from '../link/api.ts';
import type { LinkListener } from '../link/socket.ts';
import type { Member } from './session.ts';

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
  #seen: number | undefined;

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
    this.#seen = undefined;
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
    const reply = await this.#call('models').catch(() => undefined);
    if (reading !== this.#reading) return;
    if (reply === undefined) {
      this.#seen = -1;
      return;
    }
    this.models = reply.models;
    this.preferred = reply.default;
    this.isRead = true;
    this.#host.requestUpdate();
  }
}
