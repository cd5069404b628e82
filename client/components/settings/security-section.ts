import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { RouteReply } from '../../../contracts/routes.ts';
import type { SecurityNotice } from '../../../contracts/security.ts';
import { icon } from '../../icons.ts';
import { fields, host } from '../../styles/host.ts';
import { dayAndTime, fullTime } from '../../text/times.ts';
import { agentOf } from './agents.ts';
import '../dialog/dialog.ts';
import type { GorunDialog } from '../dialog/dialog.ts';
import { EndSessionEvent, SeeSecurityEvent } from './events.ts';
import { happened } from './notice-words.ts';
import { Asking } from './outcome.ts';
import './password-form.ts';
import type { GorunPasswordForm } from './password-form.ts';
import { settingStyles } from './settings.styles.ts';

type Session = RouteReply<'sessions'>['sessions'][number];

/**
 * What happened to the account, where its person is signed in, and another password.
 * @fires gorun-end-session
 * @fires gorun-see-security
 * @fires gorun-change-password
 */
@customElement('gorun-settings-security')
export class GorunSettingsSecurity extends LitElement {
  static override styles = [host, fields, settingStyles];
  /** Undefined while they are being read, as are the sign-ins. */
  @property({ attribute: false }) notices: readonly SecurityNotice[] | undefined;
  @property({ attribute: false }) sessions: readonly Session[] | undefined;
  @query('.not-me') private readonly notMeDialog!: GorunDialog;
  @query('gorun-password-form') private readonly password!: GorunPasswordForm;
  private readonly asking = new Asking(this);

  protected override render(): TemplateResult {
    return html`${this.renderProblem()}
      <h4 id="happened">${msg('What happened to your account')}</h4>
      ${this.renderNotices()}
      <h4>${msg('Where you are signed in')}</h4>
      ${this.renderSessions()}
      <div class="setting actions">
        ${(this.sessions?.length ?? 0) > 1 ? html`<button type="button" class="button" @click=${() => void this.end('others')}>${msg('Sign out everywhere else')}</button>` : nothing}
        <button type="button" class="button" @click=${() => void this.end('all')}>${msg('Sign out everywhere')}</button>
      </div>
      <h4>${msg('Password')}</h4>
      <div class="setting actions"><button type="button" class="button" @click=${() => this.password.show()}>${msg('Change password…')}</button></div>
      <gorun-password-form></gorun-password-form>${this.renderNotMe()}`;
  }

  private renderProblem(): TemplateResult | typeof nothing {
    return this.asking.problem ? html`<p class="error" role="alert">${icon('warn', 'small')}${this.asking.problem}</p>` : nothing;
  }

  private renderNotices(): TemplateResult {
    const { notices } = this;
    if (notices === undefined) return renderWait();
    if (notices.length === 0) return html`<p class="quiet">${msg('Nothing yet.')}</p>`;
    const isNew = notices.some(isNews);
    return html`<ul aria-labelledby="happened">${repeat(notices, ({ number }) => number, (notice) => html`<li class="setting">${this.renderNotice(notice)}</li>`)}</ul>
      ${isNew ? html`<div class="setting actions"><button type="button" class="button" @click=${this.onSeen}>${msg('Mark all as seen')}</button></div>` : nothing}`;
  }

  private renderNotice(notice: SecurityNotice): TemplateResult {
    const { what, at, from, isThis } = notice;
    const isForeign = what.type === 'signed-in' && !isThis;
    return html`<div><p class="name">${isThis && what.type === 'signed-in' ? msg('This sign-in') : happened(notice)}${isNews(notice) ? html` <span class="badge accent">${msg('new')}</span>` : nothing}</p>
        <p class="hint"><time title=${fullTime(at)}>${dayAndTime(at)}</time>${from === null || from.address === '' ? nothing : html` · ${from.address}`}${from === null || what.type === 'signed-in' ? nothing : html` · ${agentOf(from.agent)}`}</p></div>
      ${isForeign ? html`<button type="button" class="button ghost" aria-label=${msg(str`That was not me: ${happened(notice)}, ${dayAndTime(at)}`)} @click=${this.onNotMe}>${msg('That was not me')}</button>` : nothing}`;
  }

  private renderSessions(): TemplateResult | TemplateResult[] {
    if (this.sessions === undefined) return renderWait();
    return this.sessions.map((session) => html`<div class="setting">
      <div><p class="name">${agentOf(session.agent)}${session.isThis ? html` <span class="badge accent">${msg('this one')}</span>` : nothing}</p>
        <p class="hint">${session.address} · ${msg(str`since ${dayAndTime(session.createdAt)}`)}</p></div>
      ${session.isThis ? nothing : html`<button type="button" class="button ghost" aria-label=${msg(str`Sign out ${agentOf(session.agent)}`)} @click=${() => void this.end(session.id)}>${msg('Sign out')}</button>`}
    </div>`);
  }

  private renderNotMe(): TemplateResult {
    return html`<gorun-dialog class="not-me" .heading=${msg('Somebody else may know your password')}>
      <p>${msg('Every sign-in but this one is ended at once. Then choose another password: whoever knows this one could come in again.')}</p>
      ${this.renderProblem()}
      <button slot="footer" type="button" class="button ghost push" @click=${() => this.notMeDialog.close()}>${msg('Cancel')}</button>
      <button slot="footer" type="button" class="button danger" aria-disabled=${this.asking.busy ? 'true' : nothing} @click=${this.onSure}>${msg('Sign out everywhere else')}</button>
    </gorun-dialog>`;
  }

  private readonly onNotMe = (): void => {
    this.asking.clear();
    this.notMeDialog.show();
  };

  private readonly onSure = async (): Promise<void> => {
    if (this.asking.busy || !(await this.end('others'))) return;
    this.notMeDialog.close();
    this.password.show();
  };

  private readonly onSeen = (): void => {
    const event = new SeeSecurityEvent();
    this.dispatchEvent(event);
    void this.asking.wait(event.outcome);
  };

  private end(session: EndSessionEvent['session']): Promise<boolean> {
    const event = new EndSessionEvent(session);
    this.dispatchEvent(event);
    return this.asking.wait(event.outcome);
  }
}

function isNews({ isSeen, isThis }: SecurityNotice): boolean {
  return !isSeen && !isThis;
}

function renderWait(): TemplateResult {
  return html`<p class="wait" role="status"><span class="spinner" aria-hidden="true"></span>${msg('Loading')}</p>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-settings-security': GorunSettingsSecurity;
  }
}
