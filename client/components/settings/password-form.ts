import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { icon } from '../../icons.ts';
import { fields, host } from '../../styles/host.ts';
import '../dialog/dialog.ts';
import type { GorunDialog } from '../dialog/dialog.ts';
import { ChangePasswordEvent } from './events.ts';
import { Asking } from './outcome.ts';
import { settingStyles } from './settings.styles.ts';

/** As the contract has it. */
const SHORTEST_PASSWORD = 12;

/**
 * Another password, for whoever knows the one before.
 * @fires gorun-change-password
 */
@customElement('gorun-password-form')
export class GorunPasswordForm extends LitElement {
  static override styles = [host, fields, settingStyles];
  /** It is too short; what the server says is in `asking`. */
  @state() private isShort = false;
  @state() private said = '';
  @query('gorun-dialog') private readonly dialog!: GorunDialog;
  @query('#current') private readonly current!: HTMLInputElement;
  @query('#password') private readonly password!: HTMLInputElement;
  private readonly asking = new Asking(this);

  show(): void {
    this.clear();
    this.dialog.show();
    this.current.focus();
  }

  protected override render(): TemplateResult {
    const { problem } = this.asking;
    const hint = msg(str`${SHORTEST_PASSWORD} characters or more.`);
    return html`<p class="sr" role="status">${this.said}</p><gorun-dialog .heading=${msg('Change password')}>
      <form id="password-form" class="form" novalidate @submit=${this.onSubmit}>
        <div class="field"><label for="current">${msg('Your password now')}</label>
          <input class="input" id="current" type="password" autocomplete="current-password" required aria-invalid=${problem ? 'true' : nothing} aria-describedby=${problem ? 'current-error' : nothing} />
          ${problem ? html`<span class="error" id="current-error" role="alert">${icon('warn', 'small')}${problem}</span>` : nothing}</div>
        <div class="field"><label for="password">${msg('New password')}</label>
          <input class="input" id="password" type="password" autocomplete="new-password" required aria-invalid=${this.isShort ? 'true' : nothing} aria-describedby="password-hint" @input=${() => (this.isShort = false)} />
          ${this.isShort ? html`<span class="error" id="password-hint" role="alert">${icon('warn', 'small')}${hint}</span>` : html`<span class="hint" id="password-hint">${hint} ${msg('Every other sign-in ends with it.')}</span>`}</div>
      </form>
      <button slot="footer" type="button" class="button ghost push" @click=${() => this.dialog.close()}>${msg('Cancel')}</button>
      <button slot="footer" type="submit" form="password-form" class="button primary" aria-disabled=${this.asking.busy ? 'true' : nothing} @click=${this.onSubmit}>${msg('Change password')}</button>
    </gorun-dialog>`;
  }

  private clear(): void {
    this.asking.clear();
    this.isShort = false;
    this.said = '';
    for (const field of [this.current, this.password]) field.value = '';
  }

  private readonly onSubmit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (this.asking.busy) return;
    if (this.current.value === '') return this.current.focus();
    this.isShort = this.password.value.length < SHORTEST_PASSWORD;
    if (this.isShort) return this.password.focus();
    const asked = new ChangePasswordEvent(this.current.value, this.password.value);
    this.dispatchEvent(asked);
    if (!(await this.asking.wait(asked.outcome))) return this.current.focus();
    this.clear();
    this.dialog.close();
    this.said = msg('Your password was changed');
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-password-form': GorunPasswordForm;
  }
}
