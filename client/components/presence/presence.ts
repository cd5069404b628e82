import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { icon } from '../../icons.ts';
import { host } from '../../styles/host.ts';
import { styles } from './presence.styles.ts';

/** The person wants to go on here with what is half-written in another tab. */
export class TakeDraftEvent extends Event {
  readonly text: string;
  constructor(text: string) {
    super('gorun-take-draft', { bubbles: true, composed: true });
    this.text = text;
  }
}

/**
 * Says that the conversation is open in other tabs, or what is being written there. Renders nothing when there is nothing to say.
 * @fires gorun-take-draft
 */
@customElement('gorun-presence')
export class GorunPresence extends LitElement {
  static override styles = [host, styles];
  /** Tabs of this person that have the conversation open, this one included. */
  @property({ type: Number }) tabs = 1;
  /** What is typed in another tab; with it the element is the line above the composer. */
  @property() draftElsewhere: string | undefined;

  protected override render(): TemplateResult | typeof nothing {
    if (this.draftElsewhere !== undefined) return this.renderDraft(this.draftElsewhere);
    if (this.tabs < 2) return nothing;
    return html`<span class="tabs" title=${msg('Also open in another tab')}>${icon('tabs', 'small')}<span>${msg(str`${this.tabs} tabs`)}</span></span>`;
  }

  private renderDraft(text: string): TemplateResult {
    return html`<p role="status">
      ${icon('tabs', 'small')}<span>${msg('You are writing here in another tab')}</span>
      <button type="button" title=${text} @click=${() => this.dispatchEvent(new TakeDraftEvent(text))}>${msg('Take over the draft')}</button>
    </p>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-presence': GorunPresence;
  }
  interface HTMLElementEventMap {
    'gorun-take-draft': TakeDraftEvent;
  }
}
