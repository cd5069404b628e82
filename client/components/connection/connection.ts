import { msg } from '@lit/localize';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { icon } from '../../icons.ts';
import { host } from '../../styles/host.ts';
import { styles } from './connection.styles.ts';

export type ConnectionState = 'live' | 'reconnecting' | 'catching-up' | 'offline' | 'session-ended';

/** Asks for the sign-in of the account whose sign-in has ended. */
export class AskSignInEvent extends Event {
  constructor() {
    super('gorun-ask-sign-in', { bubbles: true, composed: true });
  }
}

/** What is over before this many milliseconds is not worth a word. */
const WORTH_SAYING_AFTER_MS: Record<ConnectionState, number> = { live: 0, offline: 0, 'session-ended': 0, 'catching-up': 400, reconnecting: 800 };

/**
 * Says where the connection stands, and nothing at all while it is well.
 * @fires gorun-ask-sign-in
 */
@customElement('gorun-connection')
export class GorunConnection extends LitElement {
  static override styles = [host, styles];
  @property() state: ConnectionState = 'live';
  @state() private said: ConnectionState = 'live';
  private timer: ReturnType<typeof setTimeout> | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('state')) return;
    clearTimeout(this.timer);
    const wait = WORTH_SAYING_AFTER_MS[this.state];
    if (wait === 0) this.said = this.state;
    else this.timer = setTimeout(() => (this.said = this.state), wait);
    this.toggleAttribute('hidden', this.said === 'live');
  }

  protected override updated(): void {
    this.toggleAttribute('hidden', this.said === 'live');
  }

  protected override render(): TemplateResult {
    return html`<span class="said">${this.words()}</span>`;
  }

  private words(): TemplateResult | typeof nothing {
    const spinner = html`<span class="spinner" aria-hidden="true"></span>`;
    switch (this.said) {
      case 'live':
        return nothing;
      case 'reconnecting':
        return html`${spinner}${msg('Reconnecting…')}`;
      case 'catching-up':
        return html`${spinner}${msg('Catching up')}`;
      case 'offline':
        return html`${icon('offline', 'small')}${msg('Offline')}`;
      case 'session-ended':
        return html`<button type="button" class="button small" @click=${() => this.dispatchEvent(new AskSignInEvent())}>${msg('Sign in')}</button>`;
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-connection': GorunConnection;
  }
  interface HTMLElementEventMap {
    'gorun-ask-sign-in': AskSignInEvent;
  }
}
