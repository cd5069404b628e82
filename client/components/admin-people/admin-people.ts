import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { repeat } from 'lit/directives/repeat.js';
import type { UserId } from '../../../contracts/ids.ts';
import type { Person } from '../../../contracts/routes.ts';
import { icon } from '../../icons.ts';
import { fields, host } from '../../styles/host.ts';
import { initialsOf } from '../../text/initials.ts';
import { tableStyles } from '../admin-page/page.styles.ts';
import { renderError, renderHead, renderLoading, renderUnread } from '../admin-page/page.ts';
import { pageStyles, styles } from '../admin-sites/admin-sites.styles.ts';
import { renderNav } from '../admin-sites/nav.ts';
import '../dialog/dialog.ts';
import type { GorunDialog } from '../dialog/dialog.ts';
import { Asking, AskEvent } from '../settings/outcome.ts';
import { navRow } from '../sidebar/sidebar.styles.ts';

type Role = Person['role'];

/** Changes what somebody may do. */
export class SetRoleEvent extends AskEvent {
  readonly user: UserId;
  readonly role: Role;
  constructor(user: UserId, role: Role) {
    super('gorun-set-role');
    this.user = user;
    this.role = role;
  }
}

/** Removes somebody for good. */
export class RemovePersonEvent extends AskEvent {
  readonly user: UserId;
  constructor(user: UserId) {
    super('gorun-remove-person');
    this.user = user;
  }
}

/** Ends every sign-in of somebody. */
export class SignOutPersonEvent extends AskEvent {
  readonly user: UserId;
  constructor(user: UserId) {
    super('gorun-sign-out-person');
    this.user = user;
  }
}

/**
 * Administration: who has an account, and what they may do.
 * @fires gorun-set-role
 * @fires gorun-remove-person
 * @fires gorun-sign-out-person
 * @fires gorun-read-again
 */
@customElement('gorun-admin-people')
export class GorunAdminPeople extends LitElement {
  static override styles = [host, fields, navRow, styles, pageStyles, tableStyles];
  @property({ attribute: false }) people: readonly Person[] | undefined;
  /** Why the list is not there. */
  @property() problem = '';
  /** Who looks. */
  @property() user: UserId | undefined;
  @property({ type: Boolean }) admin = false;
  @property({ type: Boolean }) reviewer = false;
  @state() private words = '';
  /** Whose role was asked to be changed last, and to what. */
  @state() private asked: { readonly user: UserId; readonly role: Role } | undefined;
  /** What was done last, for those who do not see the choice. */
  @state() private said = '';
  /** Who is about to be removed, or signed out. */
  @state() private leaving: Person | undefined;
  @query('#role') private readonly dialog!: GorunDialog;
  @query('#removal') private readonly removal!: GorunDialog;
  @query('#sign-out') private readonly signOut!: GorunDialog;
  private readonly asking = new Asking(this);
  private readonly removing = new Asking(this);

  protected override render(): TemplateResult {
    return html`${renderNav('people', this.admin, this.reviewer)}<main><div>
      ${renderHead(msg('People'), msg('Who may sign in, and what they may do. Every change here is recorded.'))}
      ${this.problem !== '' ? renderUnread(this.problem, this.admin, this) : this.people === undefined ? renderLoading() : this.renderList(this.people)}
      <p class="sr" role="status">${this.said}</p>${this.renderQuestion()}${this.renderRemoval()}${this.renderSignOut()}
    </div></main>`;
  }

  private renderList(people: readonly Person[]): TemplateResult {
    const shown = people.filter((person) => isNamed(person, this.words));
    return html`<div class="filters"><div class="find-box">${icon('search', 'small')}<input type="search" aria-label=${msg('Find people')} placeholder=${msg('Name or e-mail')} .value=${live(this.words)} @input=${(event: Event) => (this.words = (event.target as HTMLInputElement).value)} /></div></div>
      ${shown.length === 0 ? html`<p class="quiet">${msg(str`Nobody found for “${this.words}”.`)}</p>` : html`<div class="box"><table class="table"><thead><tr><th scope="col">${msg('Name')}</th><th scope="col">${msg('Role')}</th><th scope="col"><span class="sr">${msg('Sign out or remove')}</span></th></tr></thead>
        <tbody>${repeat(shown, ({ id }) => id, (person) => this.renderPerson(person))}</tbody></table></div>`}
      <p class="quiet after" role="status">${msg(str`${shown.length} of ${people.length} shown`)}</p>
      <p class="quiet">${msg('Members use the chat and answer visitors. Admins manage sites and people as well. Reviewers keep and read what others wrote, for a case and on record; no admin is a reviewer.')}</p>`;
  }

  private renderPerson(person: Person): TemplateResult {
    const { id, name, email, role } = person;
    const isAsked = this.asked?.user === id;
    return html`<tr><td><div class="who"><span class="avatar" aria-hidden="true">${initialsOf(name)}</span><span><strong dir="auto">${name}${id === this.user ? html` <span class="badge">${msg('you')}</span>` : nothing}</strong><span class="second">${email}</span></span></div></td>
      <td><select class="input" aria-label=${msg(str`Role of ${name}`)} aria-invalid=${isAsked && this.asking.problem !== '' ? 'true' : nothing} aria-busy=${isAsked && this.asking.busy ? 'true' : nothing} @change=${(event: Event) => this.choose(person, (event.target as HTMLSelectElement).value as Role)}>
        ${Object.entries(rolesInWords()).map(([one, word]) => html`<option value=${one} .selected=${live(one === role)}>${word}</option>`)}</select>
        ${isAsked ? renderError(this.asking.problem) : nothing}</td>
      <td>${id === this.user ? nothing : html`<button type="button" class="icon-button" aria-label=${msg(str`Sign out ${name} everywhere`)} title=${msg(str`Sign out ${name} everywhere`)} @click=${() => this.askToSignOut(person)}>${icon('leave')}</button><button type="button" class="icon-button" aria-label=${msg(str`Remove ${name}`)} title=${msg(str`Remove ${name}`)} @click=${() => this.askToRemove(person)}>${icon('trash')}</button>`}</td></tr>`;
  }

  /** Who takes a role from themselves cannot give it back to themselves. */
  private renderQuestion(): TemplateResult {
    const role = this.asked?.role;
    return html`<gorun-dialog id="role" .heading=${msg('Change your own role?')} @gorun-close-dialog=${() => this.requestUpdate()}>
      <p>${role === 'reviewer' ? msg('You will be a reviewer and no administrator any more. Only another administrator can change that again.') : msg('You will be no administrator any more. Only another administrator can change that again.')}</p>
      <button slot="footer" type="button" class="button ghost" @click=${() => this.dialog.close()}>${msg('Cancel')}</button>
      <button slot="footer" type="button" class="button danger" @click=${this.onSure}>${msg('Change my role')}</button></gorun-dialog>`;
  }

  private renderRemoval(): TemplateResult {
    const name = this.leaving?.name ?? '';
    return html`<gorun-dialog id="removal" .heading=${msg(str`Remove ${name}?`)} @gorun-close-dialog=${() => this.requestUpdate()}>
      <p>${msg(str`${name} is signed out everywhere at once and cannot sign in any more. All their conversations, settings and keys are erased, but for what a hold or a schedule keeps. This cannot be undone.`)}</p>
      ${renderError(this.removing.problem)}
      <button slot="footer" type="button" class="button ghost" @click=${() => this.removal.close()}>${msg('Cancel')}</button>
      <button slot="footer" type="button" class="button danger" aria-disabled=${this.removing.busy ? 'true' : nothing} @click=${this.onRemove}>${msg('Remove for good')}</button></gorun-dialog>`;
  }

  private renderSignOut(): TemplateResult {
    const name = this.leaving?.name ?? '';
    return html`<gorun-dialog id="sign-out" .heading=${msg(str`Sign out ${name} everywhere?`)} @gorun-close-dialog=${() => this.requestUpdate()}>
      <p>${msg(str`Every sign-in of ${name} ends at once. They can sign in again, and are told then that an administrator did this.`)}</p>
      ${renderError(this.removing.problem)}
      <button slot="footer" type="button" class="button ghost" @click=${() => this.signOut.close()}>${msg('Cancel')}</button>
      <button slot="footer" type="button" class="button danger" aria-disabled=${this.removing.busy ? 'true' : nothing} @click=${this.onSignOut}>${msg('Sign out everywhere')}</button></gorun-dialog>`;
  }

  private askToSignOut(person: Person): void {
    if (this.removing.busy) return;
    this.removing.problem = '';
    this.leaving = person;
    this.signOut.show();
  }

  private readonly onSignOut = async (): Promise<void> => {
    if (this.leaving === undefined || this.removing.busy) return;
    const { id, name } = this.leaving;
    const event = new SignOutPersonEvent(id);
    this.dispatchEvent(event);
    if (!(await this.removing.wait(event.outcome))) return;
    this.signOut.close();
    this.said = msg(str`${name} was signed out everywhere`);
  };

  private askToRemove(person: Person): void {
    if (this.removing.busy) return;
    this.removing.problem = '';
    this.leaving = person;
    this.removal.show();
  }

  private readonly onRemove = async (): Promise<void> => {
    if (this.leaving === undefined || this.removing.busy) return;
    const { id, name } = this.leaving;
    const event = new RemovePersonEvent(id);
    this.dispatchEvent(event);
    if (!(await this.removing.wait(event.outcome))) return;
    this.removal.close();
    this.said = msg(str`${name} was removed`);
  };

  private choose({ id, role: before }: Person, role: Role): void {
    if (role === before || this.asking.busy) return this.requestUpdate();
    this.asking.problem = '';
    this.asked = { user: id, role };
    if (id === this.user) this.dialog.show();
    else void this.change(id, role);
  }

  private readonly onSure = (): void => {
    this.dialog.close();
    if (this.asked !== undefined) void this.change(this.asked.user, this.asked.role);
  };

  private async change(user: UserId, role: Role): Promise<void> {
    const event = new SetRoleEvent(user, role);
    this.said = '';
    this.dispatchEvent(event);
    const name = this.people?.find(({ id }) => id === user)?.name ?? '';
    if (await this.asking.wait(event.outcome)) this.said = msg(str`${name}: ${rolesInWords()[role]}`);
  }
}

function isNamed({ name, email }: Person, words: string): boolean {
  const wanted = words.trim().toLocaleLowerCase();
  return `${name} ${email}`.toLocaleLowerCase().includes(wanted);
}

function rolesInWords(): Readonly<Record<Role, string>> {
  return { admin: msg('Admin'), member: msg('Member'), reviewer: msg('Reviewer') };
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-admin-people': GorunAdminPeople;
  }
  interface HTMLElementEventMap {
    'gorun-set-role': SetRoleEvent;
    'gorun-remove-person': RemovePersonEvent;
    'gorun-sign-out-person': SignOutPersonEvent;
  }
}
