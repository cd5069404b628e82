import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { ProviderKey } from '../../../contracts/models.ts';
import { icon } from '../../icons.ts';
import { fields, host } from '../../styles/host.ts';
import '../dialog/dialog.ts';
import type { GorunDialog } from '../dialog/dialog.ts';
import { ChangeKeyEvent, RemoveKeysEvent } from './events.ts';
import { Asking } from './outcome.ts';
import { settingStyles } from './settings.styles.ts';

/** The keys a person brings to providers. A key is never shown again once it was given. */
@customElement('gorun-settings-keys')
export class GorunSettingsKeys extends LitElement {
  static override styles = [host, fields, settingStyles];
  /** Undefined while they are being read. */
  @property({ attribute: false }) keys: readonly ProviderKey[] | undefined;
  @property({ type: Boolean }) isAdmin = false;
  @state() private chosen: ProviderKey | undefined;
  /** Whose keys are about to be removed; said until the dialog is closed, when they are gone already. */
  @state() private leaving = '';
  @query('.give') private readonly giveDialog!: GorunDialog;
  @query('.remove-all') private readonly removeAllDialog!: GorunDialog;
  @query('.remove') private readonly removeDialog!: GorunDialog;
  @query('#key') private readonly field!: HTMLInputElement;
  @query('#expires') private readonly expires!: HTMLSelectElement;
  private readonly asking = new Asking(this);

  protected override render(): TemplateResult {
    if (this.keys === undefined) return html`<p class="wait" role="status"><span class="spinner" aria-hidden="true"></span>${msg('Loading')}</p>`;
    if (this.keys.length === 0) return this.renderNone();
    return html`${this.keys.map((key) => this.renderKey(key))}${this.renderAll()}${this.renderGive()}${this.renderRemove()}`;
  }

  private renderNone(): TemplateResult {
    if (!this.isAdmin) return html`<p class="quiet">${msg('Keys are given by the administrator here.')}</p>`;
    return html`<div class="form"><p>${msg(html`Models are set where the server runs. Give it <code class="mono">OPENAI_API_KEY</code>, <code class="mono">ANTHROPIC_API_KEY</code> or <code class="mono">GOOGLE_KEY</code>, or list providers in <code class="mono">gorunchat.yaml</code>; then start it again.`)}</p>
      <p class="quiet">${msg(html`With <code class="mono">user_provided</code> in the place of a key, each person brings one here.`)}</p></div>`;
  }

  private renderKey(key: ProviderKey): TemplateResult {
    return html`<div class="setting">
      <div><p class="name">${key.providerName}</p><p class="hint">${hintOf(key)}</p></div>
      <div class="do">${key.isSet ? html`<button type="button" class="button ghost" aria-label=${msg(str`Remove the key for ${key.providerName}`)} @click=${() => this.ask(key, this.removeDialog)}>${msg('Remove')}</button>` : nothing}
      <button type="button" class="button" aria-label=${key.isSet ? msg(str`Replace the key for ${key.providerName}`) : msg(str`Add a key for ${key.providerName}`)} @click=${() => this.ask(key, this.giveDialog)}>${key.isSet ? msg('Replace…') : msg('Add key…')}</button></div>
    </div>`;
  }

  /** Where there is more than one to remove. */
  private renderAll(): TemplateResult {
    const given = this.keys?.filter((key) => key.isSet) ?? [];
    return html`${given.length > 1 ? html`<div class="setting"><button type="button" class="button ghost push" @click=${() => this.askAll(given)}>${msg('Remove all keys…')}</button></div>` : nothing}
      <gorun-dialog class="remove-all" .heading=${msg('Remove all your keys?')}>
        <p>${msg(str`Models of ${this.leaving} cannot be asked with your keys any more. The keys themselves are not changed there.`)}</p>
        ${this.renderProblem()}
        <button slot="footer" type="button" class="button ghost push" @click=${() => this.removeAllDialog.close()}>${msg('Cancel')}</button>
        <button slot="footer" type="button" class="button danger" aria-disabled=${this.asking.busy ? 'true' : nothing} @click=${this.onRemoveAll}>${msg('Remove all keys')}</button>
      </gorun-dialog>`;
  }

  private renderProblem(): TemplateResult | typeof nothing {
    const { problem } = this.asking;
    return problem ? html`<p class="error" role="alert">${icon('warn', 'small')}${problem}</p>` : nothing;
  }

  private renderGive(): TemplateResult {
    const name = this.chosen?.providerName ?? '';
    const { problem } = this.asking;
    return html`<gorun-dialog class="give" .heading=${msg(str`Key for ${name}`)}>
      <form id="give-form" class="form" novalidate @submit=${this.onGive}>
        <div class="field"><label for="key">${msg('Key')}</label>
          <input class="input mono" id="key" type="password" autocomplete="off" spellcheck="false" aria-invalid=${problem ? 'true' : nothing} aria-describedby="key-hint" />
          ${problem ? html`<span class="error" role="alert">${icon('warn', 'small')}${problem}</span>` : nothing}
          <span class="hint" id="key-hint">${msg('It is kept encrypted, used for your messages only, and never shown again.')}</span></div>
        <div class="field"><label for="expires">${msg('Forget it')}</label>
          <select class="input" id="expires"><option value="">${msg('when I remove it')}</option><option value="1">${msg('after a day')}</option><option value="30">${msg('after 30 days')}</option><option value="365">${msg('after a year')}</option></select></div>
      </form>
      <button slot="footer" type="button" class="button ghost push" @click=${() => this.giveDialog.close()}>${msg('Cancel')}</button>
      <button slot="footer" type="submit" form="give-form" class="button primary" aria-disabled=${this.asking.busy ? 'true' : nothing} @click=${this.onGive}>${msg('Save key')}</button>
    </gorun-dialog>`;
  }

  private renderRemove(): TemplateResult {
    const name = this.chosen?.providerName ?? '';
    return html`<gorun-dialog class="remove" .heading=${msg(str`Remove the key for ${name}?`)}>
      <p>${msg(str`Models of ${name} cannot be asked with your key any more. The key itself is not changed at ${name}.`)}</p>
      ${this.renderProblem()}
      <button slot="footer" type="button" class="button ghost push" @click=${() => this.removeDialog.close()}>${msg('Cancel')}</button>
      <button slot="footer" type="button" class="button danger" aria-disabled=${this.asking.busy ? 'true' : nothing} @click=${this.onRemove}>${msg('Remove key')}</button>
    </gorun-dialog>`;
  }

  private ask(key: ProviderKey, dialog: GorunDialog): void {
    this.chosen = key;
    this.asking.problem = '';
    this.field.value = '';
    this.expires.value = '';
    this.performUpdate();
    dialog.show();
  }

  private askAll(given: readonly ProviderKey[]): void {
    this.leaving = new Intl.ListFormat(document.documentElement.lang || undefined).format(given.map((key) => key.providerName));
    this.asking.problem = '';
    this.performUpdate();
    this.removeAllDialog.show();
  }

  private readonly onGive = async (event: Event): Promise<void> => {
    event.preventDefault();
    const key = this.field.value.trim();
    if (this.chosen === undefined || this.asking.busy) return;
    if (key === '') return this.field.focus();
    const days = this.expires.value;
    const asked = new ChangeKeyEvent(this.chosen.provider, key, days === '' ? null : Number(days));
    this.dispatchEvent(asked);
    if (await this.asking.wait(asked.outcome)) {
      this.field.value = '';
      this.giveDialog.close();
    }
  };

  private readonly onRemove = async (): Promise<void> => {
    if (this.chosen === undefined || this.asking.busy) return;
    const asked = new ChangeKeyEvent(this.chosen.provider, undefined);
    this.dispatchEvent(asked);
    if (await this.asking.wait(asked.outcome)) this.removeDialog.close();
  };

  private readonly onRemoveAll = async (): Promise<void> => {
    if (this.asking.busy) return;
    const asked = new RemoveKeysEvent();
    this.dispatchEvent(asked);
    if (await this.asking.wait(asked.outcome)) this.removeAllDialog.close();
  };
}

function hintOf(key: ProviderKey): string {
  if (!key.isSet) return msg('No key of yours');
  const until = key.expiresAt === null ? '' : ` · ${msg(str`until ${new Date(key.expiresAt).toLocaleDateString()}`)}`;
  return (key.hint === undefined ? msg('Your key is set') : msg(str`Your key: ${key.hint}`)) + until;
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-settings-keys': GorunSettingsKeys;
  }
}
