import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { FAILURES, refusalOf } from '../../contracts/failures.ts';
import type { Handoff } from '../../contracts/conversation.ts';
import type { ConversationId, SiteId } from '../../contracts/ids.ts';
import { comparePositions } from '../../contracts/position.ts';
import type { InboxRow, Note } from '../../contracts/sites.ts';
import { addressOf, type call } from '../link/app-api.ts';
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
  /** What this tab was told of while it reads; what is read may be older. `undefined`: it was removed. */
  #told = new Map<ConversationId, InboxRow | undefined>();

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
    if (isOpen) void this.#follow();
    else this.#link?.inbox(false).catch(() => undefined); // the next connection begins without it
  }

  /** Reads once this tab is told of what comes, so that nothing falls in between. */
  async #follow(): Promise<void> {
    await this.#link?.inbox(true).catch(() => false); // what is there is shown all the same, and the next greeting follows it
    if (this.#isOpen) await this.#read();
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
      void this.#follow();
      if (this.#current !== undefined) void this.#readNotes(this.#current);
    },
    notice: (_, notice) => {
      if (notice.type === 'noted' && notice.conversation === this.#current) void this.#readNotes(this.#current);
      if (notice.type === 'sites' && this.#isOpen) void this.#follow();
      if (notice.type === 'inbox-removed') this.#leave(notice.conversation);
      if (notice.type === 'inbox') this.#take(notice.row);
    },
  };

  #take(row: InboxRow): void {
    if (this.isReading && !isOlder(row, this.#told.get(row.id))) this.#told.set(row.id, row);
    if (this.rows === undefined) return;
    this.rows = this.#with(this.rows, row);
    this.#host.requestUpdate();
  }

  /** These with what became of one of them. */
  #with(rows: readonly InboxRow[], row: InboxRow): readonly InboxRow[] {
    if (isOlder(row, rows.find(({ id }) => id === row.id))) return rows;
    const { site, handoff } = this.wanted;
    const isWanted = (site === undefined || row.site === site) && (handoff === undefined || row.handoff?.state === handoff);
    return merged(rows, isWanted ? [row] : [], row.id);
  }

  /** Keeps the visitor of a conversation out of its site, or lets them in again. */
  async block(conversation: ConversationId, isBlocked: boolean): Promise<void> {
    await this.#call('blockVisitor', { params: { conversation }, body: { isBlocked } });
  }

  #leave(conversation: ConversationId): void {
    if (this.isReading) this.#told.set(conversation, undefined);
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
    this.#told.clear();
    this.#host.requestUpdate();
    try {
      const page = await this.#call('inbox', { query: { site, handoff, before: before?.toString() } });
      if (asked !== this.#asked) return;
      this.rows = before === undefined ? page.rows : merged(this.rows ?? [], page.rows);
      for (const [id, row] of this.#told) this.rows = row === undefined ? this.rows.filter((one) => one.id !== id) : this.#with(this.rows, row);
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

/** From an owner that was replaced, or read before this was told. */
function isOlder(row: InboxRow, known: InboxRow | undefined): boolean {
  return known?.position !== undefined && row.position !== undefined && comparePositions(row.position, known.position) < 0;
}

/** The latest first, each once: what came in counts, and `without` is not kept. */
function merged(rows: readonly InboxRow[], came: readonly InboxRow[], without?: ConversationId): InboxRow[] {
  const ids = new Set<ConversationId | undefined>([...came.map(({ id }) => id), without]);
  return [...came, ...rows.filter(({ id }) => !ids.has(id))].toSorted((a, b) => b.updatedAt - a.updatedAt);
}
