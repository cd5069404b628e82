import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { type Icon, type IconName, icon } from '../../icons.ts';
import { host } from '../../styles/host.ts';
import { styles } from './notice.styles.ts';

export interface NoticeAction {
  readonly id: string;
  readonly label: string;
  readonly icon?: IconName;
  /** The one that most people want; at most one. */
  readonly isMain?: boolean;
}

/** The person chose one of the notice's actions. */
export class NoticeActionEvent extends Event {
  readonly action: string;
  constructor(action: string) {
    super('gorun-notice-action', { bubbles: true, composed: true });
    this.action = action;
  }
}

type Tone = 'plain' | 'info' | 'success' | 'warning' | 'danger';

const ICONS: Readonly<Record<Tone, IconName>> = { plain: 'info', info: 'info', success: 'check', warning: 'warn', danger: 'warn' };

/**
 * Something the person should know, in the place where it happened.
 * @slot - more than `text` can say
 * @fires gorun-notice-action
 */
@customElement('gorun-notice')
export class GorunNotice extends LitElement {
  static override styles = [host, styles];
  @property() tone: Tone = 'plain';
  @property() heading = '';
  @property() text = '';
  @property({ attribute: false }) actions: readonly NoticeAction[] = [];
  /** Instead of the icon of the tone. */
  @property({ attribute: false }) symbol: Icon | undefined;
  /** Whether it is spoken as soon as it appears: `status` when there is time, `alert` at once. */
  @property() announced: 'no' | 'status' | 'alert' = 'no';

  protected override render(): TemplateResult {
    return html`<div class="notice ${this.tone} ${this.text === '' && this.heading !== '' ? 'title-only' : ''}" role=${this.announced === 'no' ? nothing : this.announced}>
      ${icon(this.symbol ?? ICONS[this.tone])}
      <p class="say" dir="auto">${this.heading ? html`<strong>${this.heading}</strong>` : nothing}${this.text ? html`<span>${this.text}</span>` : nothing}<slot></slot></p>
      ${this.actions.length === 0 ? nothing : html`<div class="do">${this.actions.map((action) => this.renderAction(action))}</div>`}
    </div>`;
  }

  private renderAction(action: NoticeAction): TemplateResult {
    return html`<button type="button" class="button small ${action.isMain ? 'primary' : ''}" @click=${() => this.dispatchEvent(new NoticeActionEvent(action.id))}>
      ${action.icon ? icon(action.icon) : nothing}${action.label}
    </button>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-notice': GorunNotice;
  }
  interface HTMLElementEventMap {
    'gorun-notice-action': NoticeActionEvent;
  }
}
