import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { guard } from 'lit/directives/guard.js';
import type { ConversationRow } from '../../../contracts/conversation.ts';
import { icon } from '../../icons.ts';
import { PIN } from '../../icons-app.ts';
import { LOCK } from '../../icons-admin.ts';
import { fields, host } from '../../styles/host.ts';
import { RenameConversationEvent } from './conversation-actions.ts';
import { styles } from './conversation-row.styles.ts';
import { titleField } from './title-field.ts';

/** Asks the list for the menu of this row. */
export class AskRowMenuEvent extends Event {
  readonly row: ConversationRow;
  readonly anchor: Element;
  constructor(row: ConversationRow, anchor: Element) {
    super('gorun-ask-row-menu', { bubbles: true, composed: true });
    this.row = row;
    this.anchor = anchor;
  }
}

/** The renaming of a row is over, whether it has a new name or not. */
export class EndRenameEvent extends Event {
  constructor() {
    super('gorun-end-rename', { bubbles: true, composed: true });
  }
}

/**
 * One conversation in a list: a link, with a menu of its own.
 * @fires gorun-rename-conversation
 * @fires gorun-ask-row-menu
 * @fires gorun-end-rename
 * @csspart title
 */
@customElement('gorun-conversation-row')
export class GorunConversationRow extends LitElement {
  static override styles = [host, fields, styles];
  @property({ attribute: false }) conversation!: ConversationRow;
  @property({ type: Boolean, reflect: true }) current = false;
  @property({ type: Boolean, reflect: true }) renaming = false;
  @property({ type: Boolean, reflect: true }) unread = false;
  @query('a') private readonly link!: HTMLElement | null;
  @query('.more') private readonly more!: HTMLElement | null;
  @query('input') private readonly input!: HTMLInputElement | null;

  override focus(): void {
    this.link?.focus();
  }

  protected override willUpdate(): void {
    this.unread = this.conversation.unread && !this.current;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has('renaming') || !this.renaming) return;
    this.input?.focus();
    this.input?.select();
  }

  protected override render(): TemplateResult {
    const { id, title, running, pinned, isHeld } = this.conversation;
    const shown = title === '' ? msg('New chat') : title;
    if (this.renaming) return html`${guard([id], () => titleField(title, (typed) => this.rename(typed)))}`;
    return html`<a href="/c/${id}" aria-current=${this.current ? 'page' : nothing} @keydown=${this.onKey} @contextmenu=${this.onContextMenu}>
        ${pinned ? icon(PIN, 'small') : nothing}<span class="title" part="title" dir="auto" title=${shown}>${shown}</span>
        ${isHeld === true ? html`<span class="held" role="img" aria-label=${msg('Kept for a legal case')} title=${msg('Kept for a legal case')}>${icon(LOCK, 'small')}</span>` : nothing}
        ${running ? html`<span class="running" role="img" aria-label=${msg('Replying')}><i></i><i></i><i></i></span>` : nothing}
        ${this.unread && !running ? html`<span class="unread" role="img" aria-label=${msg('New reply')}></span>` : nothing}
      </a>
      <button type="button" class="icon-button more" aria-label=${msg(str`More for ${shown}`)} title=${msg('More')} aria-haspopup="menu" aria-expanded="false" @click=${this.askMenu}>${icon('more')}</button>`;
  }

  private readonly askMenu = (): void => {
    if (this.more !== null) this.dispatchEvent(new AskRowMenuEvent(this.conversation, this.more));
  };

  private readonly onContextMenu = (event: Event): void => {
    event.preventDefault();
    this.askMenu();
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'F10' || !event.shiftKey) return;
    event.preventDefault();
    this.askMenu();
  };

  private rename(title: string | undefined): void {
    if (title !== undefined) this.dispatchEvent(new RenameConversationEvent(this.conversation.id, title));
    this.dispatchEvent(new EndRenameEvent());
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-conversation-row': GorunConversationRow;
  }
  interface HTMLElementEventMap {
    'gorun-ask-row-menu': AskRowMenuEvent;
    'gorun-end-rename': EndRenameEvent;
  }
}
