import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { ProviderKey } from '../../../contracts/models.ts';
import type { Person, RouteReply, Settings } from '../../../contracts/routes.ts';
import type { SecurityNotice } from '../../../contracts/security.ts';
import { type Icon, icon } from '../../icons.ts';
import { CUBE, EYE, KEYBOARD, SUN } from '../../icons-app.ts';
import { LOCK } from '../../icons-admin.ts';
import { fields, host } from '../../styles/host.ts';
import { keyNames } from '../../text/key-names.ts';
import '../dialog/dialog.ts';
import type { GorunDialog } from '../dialog/dialog.ts';
import { navRow } from '../sidebar/sidebar.styles.ts';
import './account-section.ts';
import { ChangeSettingEvent, ShowSectionEvent } from './events.ts';
import './keys-section.ts';
import './security-section.ts';
import { Asking } from './outcome.ts';
import { settingStyles, styles } from './settings.styles.ts';

export type SettingsSection = 'appearance' | 'writing' | 'reading' | 'models' | 'account' | 'security' | 'keyboard';

/** Asks for the list of keys. */
export class ShowShortcutsEvent extends Event {
  constructor() {
    super('gorun-show-shortcuts', { bubbles: true, composed: true });
  }
}

type Flag = 'enterSends' | 'wrapCode' | 'showReasoning' | 'singleKeys';

/**
 * Everything a person may set, in a dialog. A change counts when the server has kept it, and follows the person to every device.
 * @fires gorun-change-setting
 * @fires gorun-change-key
 * @fires gorun-remove-keys
 * @fires gorun-rename-person
 * @fires gorun-end-session
 * @fires gorun-change-password
 * @fires gorun-see-security
 * @fires gorun-show-section
 * @fires gorun-show-shortcuts
 */
@customElement('gorun-settings')
export class GorunSettings extends LitElement {
  static override styles = [host, fields, navRow, settingStyles, styles];
  @property({ attribute: false }) settings!: Settings;
  @property({ attribute: false }) person!: Person;
  @property({ attribute: false }) keys: readonly ProviderKey[] | undefined;
  @property({ attribute: false }) sessions: RouteReply<'sessions'>['sessions'] | undefined;
  @property({ attribute: false }) notices: readonly SecurityNotice[] | undefined;
  /** So many of them are news. */
  @property({ type: Number }) unseen = 0;
  @state() private section: SettingsSection = 'appearance';
  @query('gorun-dialog') private readonly dialog!: GorunDialog;
  @query('h2') private readonly heading!: HTMLElement;
  @query('nav ul') private readonly strip!: HTMLElement;
  private readonly asking = new Asking(this);
  /** The strip of sections appears, or the window becomes narrow. */
  private readonly resized = new ResizeObserver(() => this.bringCurrentIntoView());

  /** Opens with the focus on the title: there is something to read first. */
  show(section: SettingsSection = 'appearance'): void {
    this.go(section);
    this.performUpdate();
    this.dialog.show();
    this.heading.focus();
  }

  close(): void {
    if (this.isOpen) this.dialog.close();
  }

  get isOpen(): boolean {
    return this.hasUpdated && this.dialog.isOpen;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.resized.disconnect();
  }

  protected override firstUpdated(): void {
    this.resized.observe(this.strip);
  }

  protected override render(): TemplateResult {
    const close = msg('Close settings');
    const button = (kind: string) => html`<button type="button" class="icon-button ${kind}" aria-label=${close} title=${close} @click=${() => this.close()}>${icon('x')}</button>`;
    const title = sections().find((one) => one.id === this.section)?.title ?? '';
    return html`<gorun-dialog bare size="wide" .heading=${msg('Settings')}>
      <div class="settings">
        <nav aria-label=${msg('Settings')}>
          <h2 tabindex="-1">${msg('Settings')}</h2>${button('only-narrow')}
          <ul>${sections().map((one) => html`<li><button type="button" class="nav-row" aria-current=${one.id === this.section ? 'true' : nothing} @click=${() => this.go(one.id)}>${icon(one.icon)}<span class="grow">${one.title}</span>${one.id === 'security' && this.unseen > 0 ? html`<span class="badge accent">${this.unseen}<span class="sr"> ${msg('new')}</span></span>` : nothing}</button></li>`)}</ul>
        </nav>
        <section aria-label=${title}>
          <div class="only-narrow"><h3 class="sr">${title}</h3></div>
          <header><h3>${title}</h3>${button('only-wide')}</header>
          <div class="rows">${this.renderProblem()}${this.renderSection()}${this.renderNote()}</div>
        </section>
      </div>
    </gorun-dialog>`;
  }

  private renderProblem(): TemplateResult | typeof nothing {
    return this.asking.problem ? html`<p class="error" role="alert">${icon('warn', 'small')}${this.asking.problem}</p>` : nothing;
  }

  /** Models are the server's, and sign-ins are of one device. */
  private renderNote(): TemplateResult | typeof nothing {
    return ['models', 'account', 'security'].includes(this.section) ? nothing : html`<p class="quiet note">${msg('These settings follow you to every device.')}</p>`;
  }

  private renderSection(): TemplateResult {
    switch (this.section) {
      case 'appearance':
        return html`${this.renderChoice('theme', msg('Theme'), '', [['system', msg('as the system')], ['light', msg('light')], ['dark', msg('dark')]])}
          ${this.renderSwitch('wrapCode', msg('Wrap long lines of code'), msg('Off: code scrolls sideways.'))}`;
      case 'writing':
        return this.renderSwitch('enterSends', msg('Enter sends'), msg(str`Off: Enter makes a new line, ${keyNames('Ctrl', 'Enter')} sends.`));
      case 'reading':
        return html`${this.renderSwitch('showReasoning', msg('Open the thinking of a model'), msg('While it is being written.'))}
          ${this.renderChoice('announce', msg('Announce a reply'), msg('For screen readers.'), [['as-it-grows', msg('as it grows')], ['when-finished', msg('when finished')], ['only-that', msg('only that it is finished')]])}`;
      case 'models':
        return html`<gorun-settings-keys .keys=${this.keys} ?isAdmin=${this.person.role === 'admin'}></gorun-settings-keys>`;
      case 'account':
        return html`<gorun-settings-account .person=${this.person}></gorun-settings-account>`;
      case 'security':
        return html`<gorun-settings-security .notices=${this.notices} .sessions=${this.sessions}></gorun-settings-security>`;
      case 'keyboard':
        return html`${this.renderSwitch('singleKeys', msg('Single keys'), msg('J, K, C, R and others while the thread has the focus.'))}
          <div class="setting"><div><p class="name">${msg('All keys')}</p></div><button type="button" class="button" @click=${() => this.dispatchEvent(new ShowShortcutsEvent())}>${msg('Show')}</button></div>`;
    }
  }

  private renderSwitch(name: Flag, title: string, hint: string): TemplateResult {
    return html`<div class="setting"><div><label class="name" for=${name}>${title}</label><p class="hint" id="${name}-hint">${hint}</p></div>
      <span class="switch"><input type="checkbox" role="switch" id=${name} aria-describedby="${name}-hint" .checked=${this.settings[name]} @change=${(event: Event) => this.toggle(name, event)} /><i></i></span></div>`;
  }

  private renderChoice<N extends 'theme' | 'announce'>(name: N, title: string, hint: string, choices: readonly (readonly [Settings[N], string])[]): TemplateResult {
    return html`<div class="setting"><div><label class="name" for=${name}>${title}</label>${hint ? html`<p class="hint" id="${name}-hint">${hint}</p>` : nothing}</div>
      <select class="input" id=${name} aria-describedby=${hint ? `${name}-hint` : nothing} @change=${(event: Event) => this.change({ [name]: (event.target as HTMLSelectElement).value } as Partial<Settings>)}>
        ${choices.map(([value, words]) => html`<option value=${value} ?selected=${this.settings[name] === value}>${words}</option>`)}
      </select></div>`;
  }

  private toggle(name: Flag, event: Event): void {
    const input = event.target as HTMLInputElement;
    const wanted = input.checked;
    // It shows what is kept, so it goes over only when the server says so.
    input.checked = this.settings[name];
    this.change({ [name]: wanted });
  }

  private change(change: Partial<Settings>): void {
    const event = new ChangeSettingEvent(change);
    this.dispatchEvent(event);
    void this.asking.wait(event.outcome);
  }

  private go(section: SettingsSection): void {
    this.section = section;
    void this.updateComplete.then(() => this.bringCurrentIntoView());
    if (section === 'models') this.dispatchEvent(new ShowSectionEvent('keys'));
    if (section === 'security') this.dispatchEvent(new ShowSectionEvent('security'));
  }

  /** On narrow windows the sections are a strip, in which the chosen one may be out of sight. */
  private bringCurrentIntoView(): void {
    this.renderRoot.querySelector('nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }
}

function sections(): readonly { readonly id: SettingsSection; readonly title: string; readonly icon: Icon }[] {
  return [
    { id: 'appearance', title: msg('Appearance'), icon: SUN },
    { id: 'writing', title: msg('Writing'), icon: 'edit' },
    { id: 'reading', title: msg('Reading'), icon: EYE },
    { id: 'models', title: msg('Models and keys'), icon: CUBE },
    { id: 'account', title: msg('Account'), icon: 'person' },
    { id: 'security', title: msg('Security'), icon: LOCK },
    { id: 'keyboard', title: msg('Keyboard'), icon: KEYBOARD },
  ];
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-settings': GorunSettings;
  }
  interface HTMLElementEventMap {
    'gorun-show-shortcuts': ShowShortcutsEvent;
  }
}
