import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { FAILURES, refusalOf } from '../../contracts/failures.ts';
import type { ConversationId } from '../../contracts/ids.ts';
import { comparePositions } from '../../contracts/position.ts';
import type { InboxRow, Note } from '../../contracts/sites.ts';
import type { call } from '../link/api.ts';
import type { Link, LinkListener } from '../link/socket.ts';
import type { Account, Member } from './account.ts';

/** The conversations of visitors, the latest first, as they come. Read when the inbox is opened, and again after each time the connection was lost. */
export class InboxController implements ReactiveController, Member {
  rows: readonly InboxRow[] | undefined;
  problem = '';
  /** On the conversation that is looked at, the first one first. */
  notes: readonly Note[] = [];
  readonly #host: ReactiveControllerHost;
  readonly #call: typeof call;
  #link: Link | undefined;
  #isOpen = false;
  #current: ConversationId | undefined;

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

  /** Which conversation is looked at; what is noted on it follows. */
  look(current: ConversationId | undefined): void {
    if (current === this.#current) return;
    this.#current = current;
    this.notes = [];
    if (current !== undefined) void this.#readNotes(current);
  }

  signedIn(account: Account): void {
    this.#link = account.link;
  }

  signedOut(): void {
    this.#link = undefined;
    this.rows = undefined;
    this.look(undefined);
  }

  readonly listener: LinkListener = {
    greeted: () => {
      if (!this.#isOpen) return;
      this.#link?.inbox(true);
      void this.#read();
      if (this.#current !== undefined) void this.#readNotes(this.#current);
    },
    notice: (_, notice) => {
      if (notice.type === 'noted' && notice.conversation === this.#current) void this.#readNotes(this.#current);
      if (notice.type === 'inbox-removed') this.#leave(notice.conversation);
      if (notice.type !== 'inbox' || this.rows === undefined) return;
      const known = this.rows.find(({ id }) => id === notice.row.id)?.position;
      if (known !== undefined && notice.row.position !== undefined && comparePositions(notice.row.position, known) < 0) return; // from an owner that was replaced
      this.rows = [notice.row, ...this.rows.filter(({ id }) => id !== notice.row.id)].toSorted((a, b) => b.updatedAt - a.updatedAt);
      this.#host.requestUpdate();
    },
  };

  /** Keeps the visitor of a conversation out of its site, or lets them in again. */
  async block(conversation: ConversationId, isBlocked: boolean): Promise<void> {
    await this.#call('blockVisitor', { params: { conversation }, body: { isBlocked } });
  }

  #leave(conversation: ConversationId): void {
    this.rows = this.rows?.filter(({ id }) => id !== conversation);
    this.#host.requestUpdate();
  }

  async #readNotes(conversation: ConversationId): Promise<void> {
    try {
      const { notes } = await this.#call('notes', { params: { conversation } });
      if (conversation !== this.#current) return;
      this.notes = notes;
      this.#host.requestUpdate();
    } catch {
      // Those that are shown stay; the next one, or the next connection, reads again.
    }
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
