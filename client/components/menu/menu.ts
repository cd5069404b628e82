import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { type Icon, icon } from '../../icons.ts';
import { host } from '../../styles/host.ts';
import { styles } from './menu.styles.ts';
import { focusedElement, placeBeside } from './place.ts';

/** One action. `startsGroup` draws a line before it; `isChecked` makes it a choice that shows whether it is in force. */
export interface MenuItem {
  readonly id: string;
  readonly text: string;
  readonly icon?: Icon;
  readonly second?: string;
  readonly keys?: string;
  readonly isDanger?: boolean;
  readonly isDisabled?: boolean;
  readonly isChecked?: boolean;
  readonly startsGroup?: boolean;
}

/** The person chose an item of the menu; the menu is closed by then. */
export class ChooseItemEvent extends Event {
  readonly item: string;
  constructor(item: string) {
    super('gorun-choose-item', { bubbles: true, composed: true });
    this.item = item;
  }
}

/**
 * A menu of actions that opens beside whatever asked for it and gives the focus back when it closes.
 * @fires gorun-choose-item
 */
@customElement('gorun-menu')
export class GorunMenu extends LitElement {
  static override styles = [host, styles];
  @property({ attribute: false }) items: readonly MenuItem[] = [];
  /** Names the menu for assistive technology. */
  @property() label = '';
  @query('.menu') private readonly panel!: HTMLElement;
  private anchor: Element | null = null;
  private opener: HTMLElement | null = null;

  get isOpen(): boolean {
    return this.anchor !== null;
  }

  /** Opens beside `anchor` with the focus on the first item; asked again by the same anchor, closes. */
  show(anchor: Element, align: 'start' | 'end' = 'end'): void {
    if (this.anchor === anchor) return this.hide();
    this.anchor = anchor;
    this.opener ??= focusedElement();
    this.performUpdate();
    this.panel.showPopover();
    placeBeside(this.panel, anchor, align);
    anchor.setAttribute('aria-expanded', 'true');
    addEventListener('pointerdown', this.onOutside, true);
    addEventListener('resize', this.onResize);
    this.focusItem(0);
  }

  hide(): void {
    if (this.anchor === null) return;
    this.anchor.setAttribute('aria-expanded', 'false');
    this.anchor = null;
    removeEventListener('pointerdown', this.onOutside, true);
    removeEventListener('resize', this.onResize);
    const hadFocus = this.shadowRoot?.activeElement !== null;
    if (this.isConnected) this.panel.hidePopover();
    if (hadFocus) this.opener?.focus();
    this.opener = null;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.hide();
  }

  protected override render(): TemplateResult {
    return html`<div class="menu" popover="manual" role="menu" aria-label=${this.label} @keydown=${this.onKey} @focusout=${this.onFocusOut}>
      ${this.items.map((item) => this.renderItem(item))}
    </div>`;
  }

  private renderItem(item: MenuItem): TemplateResult {
    const isChoice = item.isChecked !== undefined;
    return html`${item.startsGroup ? html`<hr />` : nothing}<button
        type="button"
        class="item ${item.isDanger ? 'danger' : ''}"
        tabindex="-1"
        role=${isChoice ? 'menuitemcheckbox' : 'menuitem'}
        aria-checked=${isChoice ? String(item.isChecked) : nothing}
        aria-disabled=${item.isDisabled ? 'true' : nothing}
        @click=${() => this.choose(item)}
      >
        ${item.icon ? icon(item.icon) : nothing}
        <span class="grow"><span>${item.text}</span>${item.second ? html`<span class="second">${item.second}</span>` : nothing}</span>
        ${item.keys ? html`<kbd>${item.keys}</kbd>` : nothing}${item.isChecked ? icon('check') : nothing}
      </button>`;
  }

  private choose(item: MenuItem): void {
    if (item.isDisabled) return;
    this.hide();
    this.dispatchEvent(new ChooseItemEvent(item.id));
  }

  private get buttons(): HTMLElement[] {
    return [...this.panel.querySelectorAll<HTMLElement>('.item')];
  }

  private focusItem(index: number): void {
    this.buttons.at(index % Math.max(this.buttons.length, 1))?.focus();
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    const here = this.buttons.indexOf(this.shadowRoot?.activeElement as HTMLElement);
    if (event.key === 'ArrowDown') this.focusItem(here + 1);
    else if (event.key === 'ArrowUp') this.focusItem(Math.max(here, 0) - 1);
    else if (event.key === 'Home') this.focusItem(0);
    else if (event.key === 'End') this.focusItem(-1);
    else if (event.key === 'Escape') this.hide();
    else if (event.key === 'Tab') return this.hide();
    else if (event.key.length !== 1 || event.key === ' ' || event.ctrlKey || event.metaKey || event.altKey || !this.jumpTo(event.key, here)) return;
    event.preventDefault();
    event.stopPropagation();
  };

  private jumpTo(letter: string, here: number): boolean {
    const count = this.items.length;
    const order = this.items.map((_, offset) => (here + 1 + offset) % count);
    const found = order.find((index) => this.items[index]?.text.toLocaleLowerCase().startsWith(letter.toLocaleLowerCase()));
    if (found !== undefined) this.focusItem(found);
    return found !== undefined;
  }

  private readonly onOutside = (event: Event): void => {
    const path = event.composedPath();
    if (!path.includes(this) && this.anchor !== null && !path.includes(this.anchor)) this.hide();
  };

  /** A press on the anchor takes the focus there; closing on that would make the click that follows open the menu again. */
  private readonly onFocusOut = (event: FocusEvent): void => {
    const to = event.relatedTarget;
    if (to instanceof Node && !this.shadowRoot?.contains(to) && to !== this.anchor) this.hide();
  };

  private readonly onResize = (): void => {
    if (this.anchor !== null) placeBeside(this.panel, this.anchor);
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-menu': GorunMenu;
  }
  interface HTMLElementEventMap {
    'gorun-choose-item': ChooseItemEvent;
  }
}
