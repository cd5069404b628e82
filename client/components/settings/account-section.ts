import { msg } from '@lit/localize';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { Person } from '../../../contracts/routes.ts';
import { icon } from '../../icons.ts';
import { fields, host } from '../../styles/host.ts';
import { EndSessionEvent, RenamePersonEvent } from './events.ts';
import { Asking } from './outcome.ts';
import { settingStyles } from './settings.styles.ts';

const NAME_CHARACTERS = 100;

/** Name and address of the person, and the way out. */
@customElement('gorun-settings-account')
export class GorunSettingsAccount extends LitElement {
  static override styles = [host, fields, settingStyles];
  @property({ attribute: false }) person!: Person;
  @query('#name') private readonly field!: HTMLInputElement;
  private readonly asking = new Asking(this);

  protected override render(): TemplateResult {
    return html`${this.asking.problem ? html`<p class="error" role="alert">${icon('warn', 'small')}${this.asking.problem}</p>` : nothing}
      <form class="setting" @submit=${this.onName}>
        <div class="field"><label for="name">${msg('Name')}</label><input class="input" id="name" autocomplete="name" maxlength=${NAME_CHARACTERS} .value=${this.person.name} /></div>
        <button type="submit" class="button end" aria-disabled=${this.asking.busy ? 'true' : nothing}>${msg('Save')}</button>
      </form>
      <div class="setting"><div><p class="name">${msg('E-mail')}</p><p class="hint">${this.person.email}</p></div></div>
      <div class="setting actions"><button type="button" class="button" @click=${this.onLeave}>${msg('Sign out here')}</button></div>`;
  }

  private readonly onName = async (event: Event): Promise<void> => {
    event.preventDefault();
    const name = this.field.value.trim();
    if (this.asking.busy || name === this.person.name) return;
    if (name === '') return this.field.focus();
    const asked = new RenamePersonEvent(name);
    this.dispatchEvent(asked);
    await this.asking.wait(asked.outcome);
  };

  private readonly onLeave = (): void => {
    const asked = new EndSessionEvent('this');
    this.dispatchEvent(asked);
    void this.asking.wait(asked.outcome);
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-settings-account': GorunSettingsAccount;
  }
}
