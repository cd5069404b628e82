import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { ConversationId } from '../../contracts/ids.ts';
import type { Link, LinkListener } from '../link/socket.ts';
import type { Account, Member } from './account.ts';
import { later } from './frame.ts';

/** Who writes is said at most this often, and believed a little longer. */
const SAY_EVERY_MS = 2_000;
const BELIEVED_MS = 4_000;

/** Whether the other side of a visitor's conversation is writing: the visitor, or whoever answers in the model's place. What is written is told by nobody before it is sent. */
export class WritersController implements ReactiveController, Member {
  readonly #host: ReactiveControllerHost;
  readonly #heard = new Map<ConversationId, { by: string | null; forget: () => void }>();
  #link: Link | undefined;
  #saidAt = 0;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {
    // Everything begins with the account.
  }

  /** The name of who answers, `null` of the visitor; `undefined` when nobody writes. */
  of(conversation: ConversationId): string | null | undefined {
    return this.#heard.get(conversation)?.by;
  }

  /** Somebody types here. */
  write(conversation: ConversationId): void {
    const now = performance.now();
    if (now - this.#saidAt < SAY_EVERY_MS) return;
    this.#saidAt = now;
    this.#link?.writing(conversation);
  }

  signedIn(account: Account): void {
    this.#link = account.link;
  }

  signedOut(): void {
    this.#link = undefined;
  }

  readonly listener: LinkListener = {
    notice: (_, notice) => {
      if (notice.type !== 'writing') return;
      const { conversation, by } = notice;
      this.#heard.get(conversation)?.forget();
      const forget = later(BELIEVED_MS, () => {
        this.#heard.delete(conversation);
        this.#host.requestUpdate();
      });
      this.#heard.set(conversation, { by, forget });
      this.#host.requestUpdate();
    },
  };
}
