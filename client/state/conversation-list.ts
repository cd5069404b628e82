import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { ConversationRow } from '../../contracts/conversation.ts';
import type { ConversationId } from '../../contracts/ids.ts';
import { comparePositions, type Position } from '../../contracts/position.ts';
import type { Notice } from '../../contracts/socket.ts';
import type { call } from '../link/app-api.ts';
import type { LinkListener } from '../link/socket.ts';
import type { Member } from './account.ts';

export type ListPhase = 'loading' | 'ready' | 'failed';

interface Read {
  readonly rows: Map<ConversationId, ConversationRow>;
  readonly cursor: string | null;
  readonly pages: number;
  /** The number of the last notice that the rows contain. */
  readonly notices: number;
}

/** Pages that are read again at most, when the list has to be. */
const PAGES_AGAIN = 10;

/**
 * The person's conversations, or the archived ones. Kept by notices; numbers of notices are dense, so a missing one is
 * noticed and the list is read again, as it is after a time without connection.
 */
export class ConversationListController implements ReactiveController, Member {
  phase: ListPhase = 'loading';
  /** Whether there are older ones that have not been read. */
  hasMore = false;
  readonly #host: ReactiveControllerHost;
  readonly #call: typeof call;
  readonly #archived: boolean;
  #rows = new Map<ConversationId, ConversationRow>();
  /** Where each conversation was when it was last told of, also of those that are gone. */
  readonly #places = new Map<ConversationId, Position>();
  #shown: readonly ConversationRow[] | undefined;
  #cursor: string | null = null;
  #pages = 0;
  #seen = -1;
  #greetedAt = -1;
  #reading = 0;
  #isReading = false;
  /** Notices that came while a page was read. */
  #early: { number: number; notice: Notice }[] = [];
  #isWanted: boolean;

  constructor(host: ReactiveControllerHost, parts: { call: typeof call; archived: boolean }) {
    this.#host = host;
    this.#call = parts.call;
    this.#archived = parts.archived;
    this.#isWanted = !parts.archived;
    host.addController(this);
  }

  hostConnected(): void {
    // Everything begins with the account.
  }

  /** The same array as long as nothing has changed. */
  get rows(): readonly ConversationRow[] {
    this.#shown ??= [...this.#rows.values()];
    return this.#shown;
  }

  get(id: ConversationId): ConversationRow | undefined {
    return this.#rows.get(id);
  }

  /** The person has looked at it here; whether there is something newer is told by the next notice. */
  looked(id: ConversationId): void {
    const row = this.#rows.get(id);
    if (row?.unread !== true) return;
    this.#rows.set(id, { ...row, unread: false });
    this.#shown = undefined;
    this.#host.requestUpdate();
  }

  signedIn(): void {
    this.signedOut();
    if (this.#isWanted) void this.read();
  }

  signedOut(): void {
    this.#reading++;
    this.#isReading = false;
    this.#rows = new Map();
    this.#shown = undefined;
    this.#early = [];
    this.#pages = 0;
    this.#seen = -1;
    this.#greetedAt = -1;
    this.phase = 'loading';
  }

  /** Begins to keep the list, where it is only wanted at times. */
  want(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    void this.read();
  }

  readonly listener: LinkListener = {
    greeted: (hello) => {
      this.#greetedAt = hello.notices;
      if (this.#isWanted && !this.#isReading && hello.notices !== this.#seen) void this.read();
    },
    notice: (number, notice) => {
      if (!this.#isWanted) return;
      if (notice.type === 'holds') return void this.read();
      if (this.#isReading) this.#early.push({ number, notice });
      else if (number > this.#seen + 1) void this.read();
      else this.#take(number, notice);
      this.#host.requestUpdate();
    },
  };

  /** Reads from the newest on, as many pages as were there. What is told meanwhile is applied afterwards. */
  async read(): Promise<void> {
    const reading = ++this.#reading;
    this.#isReading = true;
    if (this.#rows.size === 0) this.phase = 'loading';
    this.#host.requestUpdate();
    try {
      const read = await this.#readPages();
      if (reading === this.#reading) this.#settle(read);
    } catch {
      // Any failure is shown as a list that could not be read, with a way to try again; rows that are there stay.
      if (reading !== this.#reading) return;
      this.#isReading = false;
      if (this.#rows.size === 0) this.phase = 'failed';
    }
    this.#host.requestUpdate();
  }

  async more(): Promise<void> {
    if (this.#cursor === null || this.phase !== 'ready') return;
    const reading = this.#reading;
    const reply = await this.#page(this.#cursor).catch(() => undefined);
    if (reply === undefined || reading !== this.#reading) return;
    // A row that is already here was told by a notice since, and is younger than the page.
    for (const row of reply.rows) if (!this.#rows.has(row.id)) this.#rows.set(row.id, row);
    this.#shown = undefined;
    this.#pages++;
    this.#cursor = reply.cursor;
    this.hasMore = reply.cursor !== null;
    this.#host.requestUpdate();
  }

  #page(cursor: string | undefined): ReturnType<typeof call<'conversations'>> {
    return this.#call('conversations', { query: { cursor, archived: String(this.#archived) } });
  }

  async #readPages(): Promise<Read> {
    const wanted = Math.min(Math.max(this.#pages, 1), PAGES_AGAIN);
    let reply = await this.#page(undefined);
    const rows = new Map(reply.rows.map((row) => [row.id, row]));
    const { notices } = reply;
    let pages = 1;
    for (; pages < wanted && reply.cursor !== null; pages++) {
      reply = await this.#page(reply.cursor);
      for (const row of reply.rows) rows.set(row.id, row);
    }
    return { rows, cursor: reply.cursor, pages, notices };
  }

  #settle(read: Read): void {
    this.#isReading = false;
    this.#rows = read.rows;
    for (const { id, position } of read.rows.values()) void this.#isLate(id, position);
    this.#shown = undefined;
    this.#pages = read.pages;
    this.#cursor = read.cursor;
    this.#seen = read.notices;
    this.phase = 'ready';
    this.hasMore = read.cursor !== null;
    for (const { number, notice } of this.#early.splice(0)) this.#take(number, notice);
    // The connection was greeted after the pages were read, and something had happened in between.
    if (this.#greetedAt > this.#seen) void this.read();
  }

  /** An owner that was replaced may tell late what it knew: its row is older, though it comes last. */
  #isLate(id: ConversationId, position: Position | undefined): boolean {
    const known = this.#places.get(id);
    if (position === undefined) return false;
    if (known !== undefined && comparePositions(position, known) < 0) return true;
    this.#places.set(id, position);
    return false;
  }

  #take(number: number, notice: Notice): void {
    if (number <= this.#seen) return;
    this.#seen = number;
    this.#shown = undefined;
    if (notice.type === 'row-removed' && this.#isLate(notice.conversation, notice.position)) return;
    if (notice.type === 'row' && this.#isLate(notice.row.id, notice.row.position)) return;
    if (notice.type === 'row-removed') this.#rows.delete(notice.conversation);
    if (notice.type !== 'row') return;
    if (notice.row.archived === this.#archived) this.#rows.set(notice.row.id, notice.row);
    else this.#rows.delete(notice.row.id);
  }
}
