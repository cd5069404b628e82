import { msg } from '@lit/localize';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { ConversationRow } from '../../../contracts/conversation.ts';
import type { ConversationId } from '../../../contracts/ids.ts';
import type { Person } from '../../../contracts/routes.ts';
import { icon, mark } from '../../icons.ts';
import { ARCHIVE, KEYBOARD } from '../../icons-app.ts';
import { AUDIT, LEDGER, LOCK, PEOPLE, SITE } from '../../icons-admin.ts';
import { host } from '../../styles/host.ts';
import { initialsOf } from '../../text/initials.ts';
import { keyNames, keyShortcuts } from '../../text/key-names.ts';
import { actionEvent, actionsOf } from '../conversation-row/conversation-actions.ts';
import '../conversation-row/conversation-row.ts';
import type { AskRowMenuEvent, GorunConversationRow } from '../conversation-row/conversation-row.ts';
import '../menu/menu.ts';
import type { ChooseItemEvent, GorunMenu, MenuItem } from '../menu/menu.ts';
import { type LeavingRow, rowsThatLeft, withLeaving } from './leaving.ts';
import { styles } from './sidebar.styles.ts';

/** Rows under one heading. */
export interface SidebarGroup {
  readonly title: string;
  readonly rows: readonly ConversationRow[];
}

/** Pages beside the chat. */
export type AdminPage = 'sites' | 'people' | 'records' | 'retention' | 'audit' | 'inbox' | 'cases';

/** `want`: what the person reached for in the sidebar. */
export class SidebarEvent extends Event {
  readonly want: 'search' | 'toggle' | 'settings' | 'shortcuts' | 'security' | 'sign-out' | 'more' | 'again' | AdminPage;
  constructor(want: SidebarEvent['want']) {
    super('gorun-sidebar-want', { bubbles: true, composed: true });
    this.want = want;
  }
}

/**
 * The conversations of the person, with the ways to a new one, to the search, the archive and the settings.
 * @fires gorun-sidebar-want
 * @csspart top
 * @csspart lists
 * @csspart bottom
 */
@customElement('gorun-sidebar')
export class GorunSidebar extends LitElement {
  static override styles = [host, styles];
  @property({ attribute: false }) groups: readonly SidebarGroup[] = [];
  @property() current: ConversationId | undefined;
  /** The place that is shown instead of a conversation. */
  @property() place: 'new' | 'conversation' | 'search' | 'archive' = 'new';
  /** Visitors of sites may have written. */
  @property({ type: Boolean }) hasSites = false;
  @property({ attribute: false }) person: Person | undefined;
  /** So much happened to the account that is news. */
  @property({ type: Number }) unseen = 0;
  @property() phase: 'loading' | 'ready' | 'failed' = 'loading';
  @property({ type: Boolean }) hasMore = false;
  @state() private leaving: readonly LeavingRow[] = [];
  @state() private renaming: ConversationId | undefined;
  @query('gorun-menu.row') private readonly rowMenu!: GorunMenu;
  @query('gorun-menu.person') private readonly personMenu!: GorunMenu;
  private menuRow: ConversationRow | undefined;

  /** Puts the focus on the current row, else on the first thing there is. */
  override focus(): void {
    const target = this.shadowRoot?.querySelector<HTMLElement>('gorun-conversation-row[current]') ?? this.shadowRoot?.querySelector<HTMLElement>('a');
    target?.focus();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('groups');
    if (before === undefined || this.phase !== 'ready') return;
    const still = new Set(this.groups.flatMap(({ rows }) => rows.map(({ id }) => id)));
    const left = matchMedia('(prefers-reduced-motion: reduce)').matches ? [] : rowsThatLeft(before, this.groups);
    this.leaving = [...this.leaving.filter(({ row }) => !still.has(row.id)), ...left];
  }

  protected override render(): TemplateResult {
    return html`<nav aria-label=${msg('Conversations')}>
      <div class="top" part="top">${this.renderTop()}</div>
      <div class="lists" part="lists" @keydown=${this.onKey} @scroll=${this.onScroll} @gorun-ask-row-menu=${this.onRowMenu} @gorun-end-rename=${this.onEndRename}>${this.renderLists()}</div>
      <div class="bottom" part="bottom">${this.renderBottom()}</div>
      <gorun-menu class="row" .label=${msg('Conversation')} @gorun-choose-item=${this.onRowItem}></gorun-menu>
      <gorun-menu class="person" .label=${msg('Account')} @gorun-choose-item=${this.onPersonItem}></gorun-menu>
    </nav>`;
  }

  private renderTop(): TemplateResult {
    return html`<div class="brand">${mark}<span class="wordmark">GoRunChat</span>
        <button type="button" class="icon-button only-wide" aria-label=${msg('Hide sidebar')} title=${msg('Hide sidebar')} aria-keyshortcuts=${keyShortcuts('Ctrl', 'B')} @click=${() => this.want('toggle')}>${icon('sidebar')}</button>
        <button type="button" class="icon-button only-narrow" aria-label=${msg('Close')} title=${msg('Close')} @click=${() => this.want('toggle')}>${icon('x')}</button>
      </div>
      <a class="nav-row strong" href="/" aria-keyshortcuts=${keyShortcuts('Ctrl', '⇧', 'O')} aria-current=${this.place === 'new' ? 'page' : nothing}><span class="new">${icon('plus')}</span><span class="grow">${msg('New chat')}</span><kbd class="only-wide">${keyNames('Ctrl', '⇧', 'O')}</kbd></a>
      <button type="button" class="nav-row" aria-keyshortcuts=${keyShortcuts('Ctrl', 'K')} @click=${() => this.want('search')}>${icon('search')}<span class="grow">${msg('Search')}</span><kbd class="only-wide">${keyNames('Ctrl', 'K')}</kbd></button>`;
  }

  private renderLists(): TemplateResult {
    if (this.phase === 'failed') return html`<p class="say" role="alert">${msg('The list could not be loaded.')} <button type="button" class="button small" @click=${() => this.want('again')}>${msg('Try again')}</button></p>`;
    if (this.phase === 'loading') return html`<div class="bars" aria-busy="true"><p class="sr" role="status">${msg('Loading conversations')}</p>${Array.from({ length: 6 }, () => html`<span class="skeleton"></span>`)}</div>`;
    if (this.groups.length === 0 && this.leaving.length === 0) return html`<p class="say">${msg('Your conversations will stand here.')}</p>`;
    return html`${repeat(withLeaving(this.groups, this.leaving), (group) => group.title, (group) => this.renderGroup(group))}
      ${this.hasMore ? html`<button type="button" class="nav-row" @click=${() => this.want('more')}>${icon('down')}<span class="grow">${msg('Older ones')}</span></button>` : nothing}`;
  }

  private renderGroup(group: SidebarGroup): TemplateResult {
    return html`<h2>${group.title}</h2>
      <ul>${repeat(group.rows, (row) => row.id, (row) => html`<li ?inert=${this.isLeaving(row)} class=${this.isLeaving(row) ? 'leaving' : ''} @animationend=${() => this.letGo(row.id)}>
        <gorun-conversation-row .conversation=${row} ?current=${row.id === this.current} ?renaming=${row.id === this.renaming}></gorun-conversation-row>
      </li>`)}</ul>`;
  }

  private isLeaving({ id }: ConversationRow): boolean {
    return this.leaving.some(({ row }) => row.id === id);
  }

  private letGo(id: ConversationId): void {
    this.leaving = this.leaving.filter(({ row }) => row.id !== id);
  }

  private renderBottom(): TemplateResult | typeof nothing {
    const { person } = this;
    if (person === undefined) return nothing;
    return html`<a class="nav-row" href="/?archive" aria-current=${this.place === 'archive' ? 'page' : nothing}>${icon(ARCHIVE)}<span class="grow">${msg('Archive')}</span></a>
      <button type="button" class="nav-row account" aria-haspopup="menu" aria-expanded="false" @click=${this.onPerson}>
        <span class="avatar" aria-hidden="true">${initialsOf(person.name)}</span><span class="grow" dir="auto">${person.name}</span>${this.unseen === 0 ? nothing : html`<span class="badge accent">${this.unseen}<span class="sr"> ${msg('new about your account')}</span></span>`}${icon('settings')}
      </button>`;
  }

  private want(want: SidebarEvent['want']): void {
    this.dispatchEvent(new SidebarEvent(want));
  }

  private readonly onRowMenu = (event: AskRowMenuEvent): void => {
    this.menuRow = event.row;
    this.rowMenu.items = actionsOf(event.row);
    this.rowMenu.show(event.anchor, 'start');
  };

  private readonly onRowItem = (event: ChooseItemEvent): void => {
    const row = this.menuRow;
    if (row === undefined) return;
    if (event.item === 'rename') this.renaming = row.id;
    const action = actionEvent(event.item, row);
    if (action === undefined) return;
    this.focusBeside(row.id);
    this.dispatchEvent(action);
  };

  /** The row is about to leave the list: the focus goes to the next one. */
  private focusBeside(id: ConversationId): void {
    const rows = this.rows();
    const at = rows.findIndex((row) => row.conversation.id === id);
    (rows[at + 1] ?? rows[at - 1])?.focus();
  }

  private readonly onEndRename = (): void => {
    const id = this.renaming;
    this.renaming = undefined;
    void this.updateComplete.then(async () => {
      const row = this.rows().find((one) => one.conversation.id === id);
      await row?.updateComplete;
      row?.focus();
    });
  };

  private readonly onPerson = (event: Event): void => {
    this.personMenu.items = [
      { id: 'settings', text: msg('Settings'), icon: 'settings', keys: keyNames('Ctrl', ',') },
      ...(this.unseen === 0 ? [] : [{ id: 'security', text: msg('What happened to your account'), icon: LOCK }]),
      { id: 'shortcuts', text: msg('Keyboard'), icon: KEYBOARD, keys: '?' },
      ...this.pages.map((page, place) => ({ ...page, startsGroup: place === 0 })),
      { id: 'sign-out', text: msg('Sign out'), icon: 'leave', startsGroup: true },
    ];
    this.personMenu.show(event.currentTarget as Element, 'start');
  };

  /** Those beside the chat that are open to this person. */
  private get pages(): readonly (Omit<MenuItem, 'id'> & { readonly id: AdminPage })[] {
    const role = this.person?.role;
    const ofAdmins = [{ id: 'sites', text: msg('Sites'), icon: SITE }, { id: 'people', text: msg('People'), icon: PEOPLE }, { id: 'audit', text: msg('Audit log'), icon: AUDIT }, { id: 'records', text: msg('Records'), icon: LEDGER }, { id: 'retention', text: msg('Retention'), icon: 'clock' }] as const;
    return [
      ...(this.hasSites && role !== 'reviewer' ? [{ id: 'inbox', text: msg('Inbox'), icon: 'person' } as const] : []),
      ...(role === 'admin' ? ofAdmins : []),
      ...(role === 'reviewer' ? [{ id: 'cases', text: msg('Cases'), icon: LOCK } as const] : []),
    ];
  }

  private readonly onPersonItem = (event: ChooseItemEvent): void => {
    this.want(event.item as 'settings' | 'security' | 'shortcuts' | AdminPage | 'sign-out');
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    const rows = this.rows();
    const at = rows.findIndex((row) => row.matches(':focus-within'));
    if (event.key === 'F2' && rows[at] !== undefined) {
      event.preventDefault();
      this.renaming = rows[at].conversation.id;
      return;
    }
    if (at === -1 || event.altKey || event.ctrlKey || event.metaKey || rows[at]?.renaming) return;
    const to = { ArrowDown: rows[at + 1], ArrowUp: rows[at - 1], Home: rows[0], End: rows.at(-1) }[event.key] ?? this.jump(rows, at, event);
    if (to === undefined) return;
    event.preventDefault();
    to.focus();
  };

  /** A letter goes to the next title that begins with it. */
  private jump(rows: readonly GorunConversationRow[], at: number, event: KeyboardEvent): GorunConversationRow | undefined {
    if (event.key.length !== 1 || event.key === ' ') return undefined;
    const letter = event.key.toLowerCase();
    return [...rows.slice(at + 1), ...rows.slice(0, at)].find((row) => row.conversation.title.toLowerCase().startsWith(letter));
  }

  private readonly onScroll = (event: Event): void => {
    const list = event.currentTarget as HTMLElement;
    if (this.hasMore && list.scrollHeight - list.scrollTop - list.clientHeight < 400) this.want('more');
  };

  private rows(): readonly GorunConversationRow[] {
    return [...(this.shadowRoot?.querySelectorAll('gorun-conversation-row') ?? [])];
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-sidebar': GorunSidebar;
  }
  interface HTMLElementEventMap {
    'gorun-sidebar-want': SidebarEvent;
  }
}
