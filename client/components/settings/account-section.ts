import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { Person, RouteReply } from '../../../contracts/routes.ts';
import { icon } from '../../icons.ts';
import { fields, host } from '../../styles/host.ts';
import { agentOf } from './agents.ts';
import { EndSessionEvent, RenamePersonEvent } from './events.ts';
import { Asking } from './outcome.ts';
import { settingStyles } from './settings.styles.ts';

type Session = RouteReply<'sessions'>['sessions'][number];

const NAME_CHARACTERS = 100;

/** Name, address and sign-ins of the person. */
@customElement('gorun-settings-account')
export class GorunSettingsAccount extends LitElement {
  static override styles = [host, fields, settingStyles];
  @property({ attribute: false }) person!: Person;
  /** Undefined while they are being read. */
  @property({ attribute: false }) sessions: readonly Session[] | undefined;
  @query('#name') private readonly field!: HTMLInputElement;
  private readonly asking = new Asking(this);

  protected override render(): TemplateResult {
    return html`${this.asking.problem ? html`<p class="error" role="alert">${icon('warn', 'small')}${this.asking.problem}</p>` : nothing}
      <form class="setting" @submit=${this.onName}>
        <div class="field"><label for="name">${msg('Name')}</label><input class="input" id="name" autocomplete="name" maxlength=${NAME_CHARACTERS} .value=${this.person.name} /></div>
        <button type="submit" class="button end" aria-disabled=${this.asking.busy ? 'true' : nothing}>${msg('Save')}</button>
      </form>
      <div class="setting"><div><p class="name">${msg('E-mail')}</p><p class="hint">${this.person.email}</p></div></div>
      <h4>${msg('Where you are signed in')}</h4>
      ${this.renderSessions()}
      <div class="setting actions">
        <button type="button" class="button" @click=${() => this.end('this')}>${msg('Sign out here')}</button>
        <button type="button" class="button" @click=${() => this.end('all')}>${msg('Sign out everywhere')}</button>
      </div>`;
  }

  private renderSessions(): TemplateResult | TemplateResult[] {
    if (this.sessions === undefined) return html`<p class="wait" role="status"><span class="spinner" aria-hidden="true"></span>${msg('Loading')}</p>`;
    return this.sessions.map((session) => html`<div class="setting">
      <div><p class="name">${agentOf(session.agent)}${session.isThis ? html` <span class="badge accent">${msg('this one')}</span>` : nothing}</p>
        <p class="hint">${session.address} · ${msg(str`last seen ${new Date(session.seenAt).toLocaleString()}`)}</p></div>
      ${session.isThis ? nothing : html`<button type="button" class="button ghost" aria-label=${msg(str`Sign out ${agentOf(session.agent)}`)} @click=${() => this.end(session.id)}>${msg('Sign out')}</button>`}
    </div>`);
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

  private end(session: EndSessionEvent['session']): void {
    const asked = new EndSessionEvent(session);
    this.dispatchEvent(asked);
    void this.asking.wait(asked.outcome);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-settings-account': GorunSettingsAccount;
  }
}
