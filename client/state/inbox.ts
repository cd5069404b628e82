import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { FAILURES, refusalOf } from '../../contracts/failures.ts';
import type { Handoff } from '../../contracts/conversation.ts';
import type { ConversationId, SiteId } from '../../contracts/ids.ts';
import { comparePositions } from '../../contracts/position.ts';
import type { InboxRow, Note } from '../../contracts/sites.ts';
import { addressOf, type call } from '../link/api.ts';
import type { Link, LinkListener } from '../link/socket.ts';
import type { Account, Member } from './account.ts';

/** Which of them are wanted: of one site, in one state of a handoff. */
export interface InboxWanted {
  readonly site?: SiteId | undefined;
  readonly handoff?: Handoff['state'] | undefined;
}

/** The conversations of visitors, the latest first, as they come. Read when the inbox is opened, and again after each time the connection was lost. */
export class InboxController implements ReactiveController, Member {
  rows: readonly InboxRow[] | undefined;
  wanted: InboxWanted = {};
  /** Those to choose from. */
  sites: readonly { readonly id: SiteId; readonly name: string }[] = [];
  /** Whether there are earlier ones. */
  hasMore = false;
  isReading = false;
  problem = '';
  /** On the conversation that is looked at, the first one first. */
  notes: readonly Note[] = [];
  /** Whether its visitor is kept out; `undefined` until that is known. */
  isBlocked: boolean | undefined;
  /** Where its pictures are. The same function as long as it is looked at. */
  fileAddress: ((file: { readonly fileId: string }) => string) | undefined;
  readonly #host: ReactiveControllerHost;
  readonly #call: typeof call;
  #link: Link | undefined;
  #isOpen = false;
  #current: ConversationId | undefined;
  #before: number | null = null;
  /** What is read for an earlier choice is not shown. */
  #asked = 0;

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
    this.isBlocked = undefined;
    this.fileAddress = current === undefined ? undefined : ({ fileId }) => addressOf('inboxFile', { params: { conversation: current, file: fileId } });
    if (current !== undefined) void this.#readNotes(current);
  }

  /** Shows others. */
  choose(wanted: InboxWanted): void {
    this.wanted = wanted;
    this.rows = undefined;
    void this.#read();
  }

  /** Reads those before what is shown. */
  async more(): Promise<void> {
    if (this.#before !== null && !this.isReading) await this.#read(this.#before);
  }

  signedIn(account: Account): void {
    this.#link = account.link;
  }

  signedOut(): void {
    this.#link = undefined;
    this.rows = undefined;
    this.wanted = {};
    this.sites = [];
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
      const { site, handoff } = this.wanted;
      const isWanted = (site === undefined || notice.row.site === site) && (handoff === undefined || notice.row.handoff?.state === handoff);
      this.rows = merged(this.rows, isWanted ? [notice.row] : [], notice.row.id);
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
      const { notes, isBlocked } = await this.#call('notes', { params: { conversation } });
      if (conversation !== this.#current) return;
      Object.assign(this, { notes, isBlocked });
      this.#host.requestUpdate();
    } catch {
      // Those that are shown stay; the next one, or the next connection, reads again.
    }
  }

  async #read(before?: number): Promise<void> {
    const asked = ++this.#asked;
    const { site, handoff } = this.wanted;
    this.isReading = true;
    this.#host.requestUpdate();
    try {
      const page = await this.#call('inbox', { query: { site, handoff, before: before?.toString() } });
      if (asked !== this.#asked) return;
      this.rows = before === undefined ? page.rows : merged(this.rows ?? [], page.rows);
      this.#before = page.before;
      Object.assign(this, { sites: page.sites, hasMore: page.before !== null, problem: '' });
    } catch (error) {
      if (asked !== this.#asked) return;
      const { code, text } = refusalOf(error);
      this.problem = text ?? FAILURES[code].text;
    }
    this.isReading = false;
    this.#host.requestUpdate();
  }
}

/** The latest first, each once: what came in counts, and `without` is not kept. */
function merged(rows: readonly InboxRow[], came: readonly InboxRow[], without?: ConversationId): InboxRow[] {
  const ids = new Set<ConversationId | undefined>([...came.map(({ id }) => id), without]);
  return [...came, ...rows.filter(({ id }) => !ids.has(id))].toSorted((a, b) => b.updatedAt - a.updatedAt);
}
