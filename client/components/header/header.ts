import { msg } from '@lit/localize';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { guard } from 'lit/directives/guard.js';
import { icon } from '../../icons.ts';
import { fields, host } from '../../styles/host.ts';
import { keyShortcuts } from '../../text/key-names.ts';
import '../connection/connection.ts';
import type { ConnectionState } from '../connection/connection.ts';
import { type Acted, actionEvent, actionsOf, RenameConversationEvent } from '../conversation-row/conversation-actions.ts';
import { titleField } from '../conversation-row/title-field.ts';
import '../menu/menu.ts';
import type { ChooseItemEvent, GorunMenu } from '../menu/menu.ts';
import '../presence/presence.ts';
import { styles } from './header.styles.ts';

/** Shows the sidebar where it is folded, or opens it as a drawer. */
export class OpenSidebarEvent extends Event {
  constructor() {
    super('gorun-open-sidebar', { bubbles: true, composed: true });
  }
}

/**
 * The line over the main column: what is shown, where the connection stands, and what can be done with it.
 * @slot actions - between the title and the menu
 * @fires gorun-open-sidebar
 * @fires gorun-rename-conversation
 * @fires gorun-pin-conversation
 * @fires gorun-archive-conversation
 * @fires gorun-delete-conversation
 */
@customElement('gorun-header')
export class GorunHeader extends LitElement {
  static override styles = [host, fields, styles];
  @property() heading = '';
  /** With a conversation there is a menu; without one only the heading. */
  @property({ attribute: false }) conversation: Acted | undefined;
  @property({ type: Number }) tabs = 1;
  @property() connection: ConnectionState = 'live';
  /** The sidebar is folded away, so that this line has the way back to it. */
  @property({ type: Boolean }) sidebarHidden = false;
  @property({ type: Boolean }) drawerOpen = false;
  @state() private renaming = false;
  @query('gorun-menu') private readonly menu!: GorunMenu;
  @query('input') private readonly input!: HTMLInputElement | null;
  @query('.crumb') private readonly crumb!: HTMLElement | null;

  /** Puts a field in the place of the title. */
  rename(): void {
    if (this.conversation !== undefined) this.renaming = true;
  }

  /** Puts the focus on the way to the conversations. */
  override focus(): void {
    const ways = [...(this.shadowRoot?.querySelectorAll<HTMLElement>('button') ?? [])];
    ways.find((way) => way.checkVisibility())?.focus();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('conversation') && changed.get('conversation')?.id !== this.conversation?.id) this.renaming = false;
  }

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has('renaming') || !this.renaming) return;
    this.input?.focus();
    this.input?.select();
  }

  protected override render(): TemplateResult {
    const show = msg('Show sidebar');
    const open = msg('Open conversations');
    return html`<header>
      ${this.sidebarHidden ? html`<button type="button" class="icon-button only-wide" aria-label=${show} title=${show} aria-keyshortcuts=${keyShortcuts('Ctrl', 'B')} @click=${this.openSidebar}>${icon('sidebar')}</button>` : nothing}
      <button type="button" class="icon-button only-narrow" aria-label=${open} title=${open} aria-expanded=${this.drawerOpen} @click=${this.openSidebar}>${icon('list')}</button>
      <div class="crumbs"><h1>${this.renderTitle()}</h1></div>
      <gorun-connection .state=${this.connection}></gorun-connection>
      <gorun-presence .tabs=${this.tabs}></gorun-presence>
      <slot name="actions"></slot>
      ${this.conversation ? html`<button type="button" class="icon-button more" aria-label=${msg('More')} title=${msg('More')} aria-haspopup="menu" aria-expanded="false" @click=${this.openMenu}>${icon('more')}</button>` : nothing}
      <gorun-menu .label=${msg('Conversation')} @gorun-choose-item=${this.onItem}></gorun-menu>
    </header>`;
  }

  private renderTitle(): TemplateResult {
    if (this.renaming) return html`${guard([this.conversation?.id], () => titleField(this.heading, (title) => this.endRename(title)))}`;
    if (this.conversation === undefined) return html`<span class="crumb current"><span dir="auto">${this.heading}</span></span>`;
    return html`<button type="button" class="crumb current" aria-haspopup="menu" aria-expanded="false" title=${this.heading} @click=${this.openMenu}><span dir="auto">${this.heading}</span>${icon('down', 'small')}</button>`;
  }

  private readonly openSidebar = (): void => {
    this.dispatchEvent(new OpenSidebarEvent());
  };

  private readonly openMenu = (event: Event): void => {
    if (this.conversation === undefined) return;
    this.menu.items = actionsOf(this.conversation);
    const anchor = event.currentTarget as Element;
    this.menu.show(anchor, anchor.classList.contains('crumb') ? 'start' : 'end');
  };

  private readonly onItem = (event: ChooseItemEvent): void => {
    if (this.conversation === undefined) return;
    if (event.item === 'rename') this.rename();
    const action = actionEvent(event.item, this.conversation);
    if (action !== undefined) this.dispatchEvent(action);
  };

  private endRename(title: string | undefined): void {
    this.renaming = false;
    if (title !== undefined && this.conversation !== undefined) this.dispatchEvent(new RenameConversationEvent(this.conversation.id, title));
    void this.updateComplete.then(() => this.crumb?.focus());
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-header': GorunHeader;
  }
  interface HTMLElementEventMap {
    'gorun-open-sidebar': OpenSidebarEvent;
  }
}
