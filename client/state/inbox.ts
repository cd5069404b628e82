import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { FAILURES, refusalOf } from '../../contracts/failures.ts';
import type { ConversationId } from '../../contracts/ids.ts';
import type { InboxRow } from '../../contracts/sites.ts';
import type { call } from '../link/api.ts';
import type { Link, LinkListener } from '../link/socket.ts';
import type { Account, Member } from './account.ts';

/** The conversations of visitors, the latest first, as they come. Read when the inbox is opened, and again after each time the connection was lost. */
export class InboxController implements ReactiveController, Member {
  rows: readonly InboxRow[] | undefined;
  problem = '';
  readonly #host: ReactiveControllerHost;
  readonly #call: typeof call;
  #link: Link | undefined;
  #isOpen = false;

  constructor(host: ReactiveControllerHost, parts: { call: typeof call }) {
    this.#host = host;
    this.#call = parts.call;
    host.addController(this);
  }

  hostConnected(): void {
    // Everything begins when the inbox is opened.
  }

  /** Follows what comes as long as the inbox is looked at. */
  open(isOpen: boolean): void {
    if (isOpen === this.#isOpen) return;
    this.#isOpen = isOpen;
    this.#link?.inbox(isOpen);
    if (isOpen) void this.#read();
  }

  signedIn(account: Account): void {
    this.#link = account.link;
  }

  signedOut(): void {
    this.#link = undefined;
    this.rows = undefined;
  }

  readonly listener: LinkListener = {
    greeted: () => {
      if (!this.#isOpen) return;
      this.#link?.inbox(true);
      void this.#read();
    },
    notice: (_, notice) => {
      if (notice.type !== 'inbox' || this.rows === undefined) return;
      this.rows = [notice.row, ...this.rows.filter(({ id }) => id !== notice.row.id)].toSorted((a, b) => b.updatedAt - a.updatedAt);
      this.#host.requestUpdate();
    },
  };

  /** Keeps the visitor of a conversation out of its site, or lets them in again. */
  async block(conversation: ConversationId, isBlocked: boolean): Promise<void> {
    await this.#call('blockVisitor', { params: { conversation }, body: { isBlocked } });
  }

  async #read(): Promise<void> {
    try {
      this.rows = (await this.#call('inbox')).rows;
      this.problem = '';
    } catch (error) {
      const { code, text } = refusalOf(error);
      this.problem = text ?? FAILURES[code].text;
    }
    this.#host.requestUpdate();
  }
}
