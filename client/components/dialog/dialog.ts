import { msg } from '@lit/localize';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { icon } from '../../icons.ts';
import { host } from '../../styles/host.ts';
import { focusedElement } from '../menu/place.ts';
import { styles } from './dialog.styles.ts';

/** The dialog is closed, by whatever: *Close*, Esc, a click beside it, a swipe, or `close()`. */
export class CloseDialogEvent extends Event {
  constructor() {
    super('gorun-close-dialog', { bubbles: true, composed: true });
  }
}

/** Pixels that a sheet must be dragged down until letting go closes it. */
const SWIPE = 80;

/**
 * A modal dialog; a sheet from below on narrow windows. The rest of the page is inert while it is open, and closing
 * gives the focus back to what had it before, or to what `fallback` names when that is gone.
 * @slot - the body
 * @slot footer - buttons
 * @fires gorun-close-dialog
 */
@customElement('gorun-dialog')
export class GorunDialog extends LitElement {
  static override styles = [host, styles];
  @property() heading = '';
  /** `wide` as the settings, `high` near the top as the palette. */
  @property() size: 'normal' | 'wide' | 'high' = 'normal';
  /** Without header and padding: what is inside brings its own, with a way to close. */
  @property({ type: Boolean }) bare = false;
  /** Stays until `close()`: there is nothing to go back to. */
  @property({ type: Boolean }) required = false;
  /** Takes the focus when what opened the dialog is gone. */
  @property({ attribute: false }) fallback: (() => HTMLElement | null) | undefined;
  @query('dialog') private readonly dialog!: HTMLDialogElement;
  @query('h2') private readonly titleElement!: HTMLElement | null;
  @state() private hasFooter = false;
  private opener: HTMLElement | null = null;
  private swipeFrom: number | null = null;

  get isOpen(): boolean {
    return this.hasUpdated && this.dialog.open;
  }

  /** Opens with the focus on `[autofocus]`, else the first field, else the title. */
  show(): void {
    this.performUpdate();
    if (this.dialog.open) return;
    this.opener = focusedElement();
    this.dialog.showModal();
    const first = this.querySelector<HTMLElement>('[autofocus]') ?? this.querySelector<HTMLElement>('input, textarea, select');
    if (first) first.focus();
    else this.titleElement?.focus();
  }

  close(): void {
    if (this.isOpen) this.dialog.close();
  }

  protected override render(): TemplateResult {
    return html`<dialog
      class="${this.size} ${this.bare ? 'bare' : ''}"
      aria-labelledby=${this.bare ? nothing : 'title'}
      aria-label=${this.bare ? this.heading : nothing}
      closedby=${this.required ? 'none' : nothing}
      @cancel=${this.onCancel}
      @close=${this.onClose}
      @click=${this.onClick}
      @keydown=${this.onKey}
    >
      ${this.bare ? nothing : this.renderHeader()}
      <div class="body"><slot></slot></div>
      ${this.bare ? nothing : html`<footer class=${this.hasFooter ? 'filled' : ''}><slot name="footer" @slotchange=${this.onFooter}></slot></footer>`}
    </dialog>`;
  }

  private renderHeader(): TemplateResult {
    return html`<header @pointerdown=${this.onSwipe} @pointermove=${this.onSwipe} @pointerup=${this.onSwipe} @pointercancel=${this.onSwipe}>
      <h2 id="title" tabindex="-1">${this.heading}</h2>
      ${this.required ? nothing : html`<button type="button" class="icon-button" aria-label=${msg('Close')} title=${msg('Close')} @click=${() => this.close()}>${icon('x')}</button>`}
    </header>`;
  }

  /** Browsers that do not know `closedby` ask here. */
  private readonly onCancel = (event: Event): void => {
    if (this.required && event.target === this.dialog) event.preventDefault();
  };

  private readonly onClose = (event: Event): void => {
    event.stopPropagation();
    this.settle(0);
    const back = this.opener?.isConnected ? this.opener : this.fallback?.();
    this.opener = null;
    // The browser gave the focus back already, and this comes a moment later: whoever has moved on since is left there.
    const now = focusedElement();
    if (now === null || this.contains(now)) back?.focus();
    this.dispatchEvent(new CloseDialogEvent());
  };

  /** Only a press on the backdrop has the dialog itself as its target and lies outside its box. */
  private readonly onClick = (event: MouseEvent): void => {
    if (this.required || event.target !== this.dialog) return;
    const box = this.dialog.getBoundingClientRect();
    const isInside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!isInside) this.close();
  };

  /** Keys meant for the dialog must not reach what lies under it. */
  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') event.stopPropagation();
  };

  private readonly onFooter = (event: Event): void => {
    this.hasFooter = (event.target as HTMLSlotElement).assignedNodes().length > 0;
  };

  private readonly onSwipe = (event: PointerEvent): void => {
    if (this.required || event.pointerType === 'mouse') return;
    if (event.type === 'pointerdown') this.swipeFrom = event.clientY;
    if (this.swipeFrom === null) return;
    const moved = Math.max(event.clientY - this.swipeFrom, 0);
    if (event.type === 'pointermove') return this.settle(moved);
    if (event.type === 'pointerdown') return;
    this.swipeFrom = null;
    this.settle(0);
    if (event.type === 'pointerup' && moved > SWIPE) this.close();
  };

  private settle(moved: number): void {
    this.dialog.style.setProperty('translate', moved > 0 ? `0 ${moved}px` : 'none');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-dialog': GorunDialog;
  }
  interface HTMLElementEventMap {
    'gorun-close-dialog': CloseDialogEvent;
  }
}
