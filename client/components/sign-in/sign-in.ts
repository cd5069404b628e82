import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { FAILURES } from '../../../contracts/failures.ts';
import type { FailureCode, Refusal } from '../../../contracts/failures.ts';
import type { Welcome } from '../../../contracts/routes.ts';
import { icon, mark } from '../../icons.ts';
import { fields, host } from '../../styles/host.ts';
import { styles } from './sign-in.styles.ts';

/** What was typed; whoever hears it signs in and says through `refusal` when that was not possible. */
export class SignInEvent extends Event {
  readonly email: string;
  readonly password: string;
  constructor(email: string, password: string) {
    super('gorun-sign-in', { bubbles: true, composed: true });
    this.email = email;
    this.password = password;
  }
}

/** Asks for an account with what was filled in. */
export class RegisterEvent extends Event {
  readonly account: { readonly email: string; readonly password: string; readonly name: string; readonly code?: string };
  constructor(account: RegisterEvent['account']) {
    super('gorun-register', { bubbles: true, composed: true });
    this.account = account;
  }
}

type FieldName = 'name' | 'email' | 'password' | 'code';

/** NIST SP 800-63B asks for length and nothing else. */
const SHORTEST_PASSWORD = 12;

/** The field that a refusal is about; the others stand above the button. */
const FIELD_OF: Partial<Record<FailureCode, FieldName>> = { 'sign-in-refused': 'password', 'address-taken': 'email', 'code-needed': 'code' };

/**
 * Signs in, or makes an account where the deployment allows it. What was typed stays when it is refused, and each
 * problem stands at its field.
 * @fires gorun-sign-in
 * @fires gorun-register
 */
@customElement('gorun-sign-in')
export class GorunSignIn extends LitElement {
  static override styles = [host, fields, styles];
  @property() deployment = 'GoRunChat';
  @property() registration: Welcome['registration'] = 'closed';
  @property() version = '';
  /** While the server is asked. */
  @property({ type: Boolean }) busy = false;
  @property({ attribute: false }) refusal: Refusal | undefined;
  /** Only the form, without a page around it: the account is known and its sign-in has ended. */
  @property() again: string | undefined;
  @state() private isRegistering = false;
  @state() private problems: Partial<Record<FieldName, string>> = {};
  @query('form') private readonly form!: HTMLFormElement;

  /** Puts the focus into the first field that is to be filled in. */
  override focus(): void {
    const inputs = [...(this.form?.querySelectorAll('input') ?? [])];
    inputs.find((input) => !input.readOnly && input.value === '')?.focus();
  }

  /** Where a finger would raise the keyboard over half of the page, it is to be read first. */
  protected override firstUpdated(): void {
    if (this.again === undefined && !matchMedia('(pointer: coarse)').matches) this.focus();
  }

  protected override render(): TemplateResult {
    const isFirst = this.registration.startsWith('first-account');
    const form = isFirst || this.isRegistering ? this.renderRegister(isFirst) : this.renderSignIn();
    if (this.again !== undefined) return html`<div class="bare">${form}</div>`;
    return html`<main class="door"><div class="card">${form}</div>${this.version ? html`<footer><span>GoRunChat ${this.version}</span></footer>` : nothing}</main>`;
  }

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('refusal') && this.refusal !== undefined) this.focusField(FIELD_OF[this.refusal.code] ?? undefined);
  }

  private renderSignIn(): TemplateResult {
    return html`<form novalidate @submit=${this.onSignIn}>
      ${this.again === undefined ? this.renderTitle(msg(str`Sign in to ${this.deployment}`)) : nothing}
      ${this.renderField('email', msg('E-mail'), 'email', 'username', this.again)}
      ${this.renderField('password', msg('Password'), 'password', 'current-password')}
      ${this.renderGeneral()}
      ${this.renderButton(msg('Sign in'))}
      ${this.registration === 'open' && this.again === undefined ? this.renderSwap(msg('Create an account'), true) : nothing}
    </form>`;
  }

  private renderRegister(isFirst: boolean): TemplateResult {
    const needsCode = this.registration === 'first-account-with-code';
    const title = isFirst ? msg('Welcome. You are the first one here.') : msg(str`Create an account for ${this.deployment}`);
    return html`<form novalidate @submit=${this.onRegister}>
      ${this.renderTitle(title, isFirst ? msg('The first account administers this server. Others can make their own accounts afterwards.') : undefined)}
      ${this.renderField('name', msg('Your name'), 'text', 'name')}
      ${this.renderField('email', msg('E-mail'), 'email', 'username')}
      ${this.renderField('password', msg('Password'), 'password', 'new-password', undefined, msg(str`${SHORTEST_PASSWORD} characters or more.`))}
      ${needsCode ? this.renderField('code', msg('Code from the terminal'), 'text', 'one-time-code', undefined, msg('It was printed where the server was started.')) : nothing}
      ${this.renderGeneral()}
      ${this.renderButton(msg('Create account'))}
      ${isFirst ? nothing : this.renderSwap(msg('Sign in instead'), false)}
    </form>`;
  }

  private renderTitle(title: string, text?: string): TemplateResult {
    return html`<div class="title">${mark}<h1>${title}</h1>${text ? html`<p>${text}</p>` : nothing}</div>`;
  }

  private renderField(name: FieldName, label: string, type: string, autocomplete: string, value?: string, hint?: string): TemplateResult {
    const problem = this.problemOf(name);
    const says = problem ? `${name}-error` : hint ? `${name}-hint` : nothing;
    return html`<div class="field">
      <label for=${name}>${label}</label>
      <input class="input" id=${name} name=${name} type=${type} autocomplete=${autocomplete as 'off'} autocapitalize=${name === 'name' ? 'words' : 'none'} spellcheck="false"
        value=${value ?? nothing} ?readonly=${value !== undefined && value !== ''} aria-invalid=${problem ? 'true' : nothing} aria-describedby=${says} required @input=${() => this.forget(name)} />
      ${problem ? html`<span class="error" id="${name}-error" role="alert">${icon('warn', 'small')}${problem}</span>` : hint ? html`<span class="hint" id="${name}-hint">${hint}</span>` : nothing}
    </div>`;
  }

  private renderGeneral(): TemplateResult | typeof nothing {
    if (this.refusal === undefined || FIELD_OF[this.refusal.code] !== undefined) return nothing;
    return html`<p class="error general" role="alert">${icon('warn', 'small')}${wordsFor(this.refusal)}</p>`;
  }

  private renderButton(words: string): TemplateResult {
    return html`<button type="submit" class="button primary wide" aria-disabled=${this.busy ? 'true' : nothing}>${this.busy ? html`<span class="spinner" aria-hidden="true"></span>` : nothing}${words}</button>`;
  }

  private renderSwap(words: string, isRegistering: boolean): TemplateResult {
    return html`<button type="button" class="swap" @click=${() => this.swap(isRegistering)}>${words}</button>`;
  }

  private problemOf(name: FieldName): string | undefined {
    if (this.problems[name] !== undefined) return this.problems[name];
    return this.refusal !== undefined && FIELD_OF[this.refusal.code] === name ? wordsFor(this.refusal) : undefined;
  }

  private swap(isRegistering: boolean): void {
    this.isRegistering = isRegistering;
    this.problems = {};
    this.refusal = undefined;
  }

  private forget(name: FieldName): void {
    if (this.problems[name] !== undefined) this.problems = { ...this.problems, [name]: undefined };
  }

  private readonly onSignIn = (event: Event): void => {
    event.preventDefault();
    const typed = this.typed();
    if (!this.isComplete({ email: emailProblem(typed.email), password: typed.password === '' ? msg('Enter your password.') : undefined })) return;
    this.dispatchEvent(new SignInEvent(typed.email, typed.password));
  };

  private readonly onRegister = (event: Event): void => {
    event.preventDefault();
    const { name, email, password, code } = this.typed();
    const complete = this.isComplete({
      name: name === '' ? msg('Enter your name.') : undefined,
      email: emailProblem(email),
      password: password.length < SHORTEST_PASSWORD ? msg(str`${SHORTEST_PASSWORD} characters or more.`) : undefined,
      code: this.registration === 'first-account-with-code' && code === '' ? FAILURES['code-needed'].text : undefined,
    });
    if (complete) this.dispatchEvent(new RegisterEvent({ name, email, password, ...(code !== '' && { code }) }));
  };

  private typed(): Record<FieldName, string> {
    const text = (name: FieldName) => this.form.querySelector<HTMLInputElement>(`#${name}`)?.value ?? '';
    return { name: text('name').trim(), email: text('email').trim(), password: text('password'), code: text('code').trim() };
  }

  /** Whether the form may go out; otherwise says what is missing and goes to the first such field. */
  private isComplete(problems: Partial<Record<FieldName, string | undefined>>): boolean {
    if (this.busy) return false;
    this.problems = problems as Partial<Record<FieldName, string>>;
    const first = Object.entries(problems).find(([, problem]) => problem !== undefined)?.[0];
    if (first !== undefined) this.focusField(first as FieldName);
    return first === undefined;
  }

  private focusField(name: FieldName | undefined): void {
    if (name !== undefined) this.form.querySelector<HTMLInputElement>(`#${name}`)?.focus();
  }
}

function emailProblem(email: string): string | undefined {
  return /^[^\s@]+@[^\s@]+$/.test(email) ? undefined : msg('Enter an e-mail address.');
}

function wordsFor(refusal: Refusal): string {
  return refusal.text ?? FAILURES[refusal.code].text;
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-sign-in': GorunSignIn;
  }
  interface HTMLElementEventMap {
    'gorun-sign-in': SignInEvent;
    'gorun-register': RegisterEvent;
  }
}
