import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { textOn } from '../../../contracts/contrast.ts';
import type { SiteId, UserId } from '../../../contracts/ids.ts';
import { LANGUAGES } from '../../../contracts/languages.ts';
import type { Model } from '../../../contracts/models.ts';
import type { BlockedVisitor, ShownSite, Site, SiteSettings } from '../../../contracts/sites.ts';
import { icon } from '../../icons.ts';
import { fields, host } from '../../styles/host.ts';
import { copyText } from '../../text/clipboard.ts';
import '../chat-panel/chat-panel.ts';
import '../dialog/dialog.ts';
import type { GorunDialog } from '../dialog/dialog.ts';
import { Asking } from '../settings/outcome.ts';
import { pageStyles } from './admin-sites.styles.ts';
import { RemoveSiteEvent, SaveSiteEvent, SiteBlockedEvent, SiteKeyEvent, SiteNumbersEvent } from './events.ts';
import { renderNumbers, type Numbers } from './numbers.ts';
import { renderState } from './admin-sites.ts';
import { renderAppearance, renderBehaviour, renderBlocked, renderIdentity, renderInstall, renderLimits, type Form } from './sections.ts';

type Tab = 'appearance' | 'behaviour' | 'identity' | 'limits' | 'install' | 'numbers';

/** What a new site begins with. */
const BLANK: SiteSettings = {
  name: '', origins: [''], model: '' as SiteSettings['model'], instructions: '', title: '', greeting: '', starters: [], accent: null, theme: 'host', languages: [...LANGUAGES], uploads: false, handoff: false, answers: [],
  limits: { visitor: 100, address: 500, site: 5_000 }, challenge: false, hours: '', tellsText: false, privacy: { note: '', address: '', asks: false },
};

/** One site with all that is decided about it. What is changed here counts when it is saved; beside it stands what a visitor would see. */
@customElement('gorun-site-editor')
export class GorunSiteEditor extends LitElement {
  static override styles = [host, fields, pageStyles];
  /** `undefined` for one that is about to be made. */
  @property({ attribute: false }) site: Site | undefined;
  @property({ attribute: false }) models: readonly Model[] = [];
  @state() private draft: SiteSettings = BLANK;
  @state() private tab: Tab = 'appearance';
  @state() private isSaved = false;
  /** Told once, when it was made. */
  @state() private newKey: { id: string; key: string } | undefined;
  @state() private isCopied = false;
  @state() private isPhone = false;
  @state() private numbers: Numbers | undefined;
  @state() private blocked: readonly BlockedVisitor[] | undefined;
  @query('.remove') private readonly removeDialog!: GorunDialog;
  @query('h1') private readonly heading!: HTMLElement | null;
  private readonly asking = new Asking(this);
  private from: SiteSettings | undefined;

  /** What others changed meanwhile comes in as long as nothing was changed here. */
  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('site') && (this.from === undefined || !this.isChanged)) {
      this.from = this.site?.settings ?? BLANK;
      this.draft = this.from;
    }
    const [first] = this.models;
    if (this.draft.model === '' && first !== undefined) this.draft = { ...this.draft, model: first.id };
  }

  protected override firstUpdated(): void {
    this.heading?.focus();
  }

  private get isChanged(): boolean {
    return JSON.stringify(this.draft) !== JSON.stringify(this.from);
  }

  protected override render(): TemplateResult {
    const { site, asking } = this;
    const isBecoming = site === undefined && asking.busy; // what would be written now would be lost with this page of a site that is not there yet
    const tabs: readonly [Tab, string][] = [['appearance', msg('Appearance')], ['behaviour', msg('Behaviour')], ['identity', msg('Identity')], ['limits', msg('Limits')], ['install', msg('Install')], ['numbers', msg('Numbers')]];
    return html`<div class="page-head">
        <div><p class="quiet crumb"><a href="/admin/sites">${msg('Sites')}</a> / ${this.draft.name || msg('New site')}</p><h1 tabindex="-1" dir="auto">${this.draft.name || msg('New site')}</h1></div>
        <div class="actions"><span class="quiet" role="status">${this.isSaved ? msg('Saved') : nothing}</span>${site ? renderState(site) : nothing}
          ${site ? html`<button type="button" class="button" ?disabled=${asking.busy} @click=${() => void this.turn(!site.isLive)}>${site.isLive ? msg('Close') : msg('Open')}</button>` : nothing}
          <button type="button" class="button primary" aria-disabled=${this.isChanged && !asking.busy ? nothing : 'true'} @click=${() => this.isChanged && !asking.busy && void this.save()}>${site ? msg('Save') : msg('Add the site')}</button></div>
      </div>
      ${asking.problem ? html`<p class="error" role="alert">${icon('warn', 'small')}${asking.problem}</p>` : nothing}
      <nav class="tabs" ?inert=${isBecoming} aria-label=${msg('Site settings')}>${tabs.filter(([tab]) => site !== undefined || tab !== 'identity' && tab !== 'install' && tab !== 'numbers').map(([tab, name]) => html`<button type="button" aria-current=${tab === this.tab ? 'page' : nothing} @click=${() => this.go(tab)}>${name}</button>`)}</nav>
      ${this.tab === 'numbers' ? renderNumbers(this.numbers, this.asking.problem) : html`<div class="cols" ?inert=${isBecoming}><div class="form" @input=${() => (this.isSaved = false)}>${this.renderTab()}</div><div class="aside">${this.renderPreview()}</div></div>`}
      ${site ? this.renderRemove(site) : nothing}`;
  }

  private async go(tab: Tab): Promise<void> {
    this.tab = tab;
    if (this.site === undefined) return;
    if (tab === 'identity') await this.readBlocked(this.site.id);
    if (tab !== 'numbers') return;
    const event = new SiteNumbersEvent(this.site.id);
    if (await this.ask(event)) this.numbers = (await event.outcome) as Numbers;
  }

  private renderTab(): TemplateResult | typeof nothing {
    const { site } = this;
    const form: Form = { draft: this.draft, models: this.models, set: (change) => (this.draft = { ...this.draft, ...change }) };
    switch (this.tab) {
      case 'appearance':
        return renderAppearance(form);
      case 'behaviour':
        return renderBehaviour(form);
      case 'limits':
        return renderLimits(form);
      case 'identity':
        return html`${renderIdentity({ keys: this.site?.keys ?? [], newKey: this.newKey, isBusy: this.asking.busy, make: () => void this.makeKey(), remove: (key) => void this.removeKey(key) })}${site === undefined ? nothing : renderBlocked({ blocked: this.blocked, isBusy: this.asking.busy, letIn: (visitor) => void this.readBlocked(site.id, visitor) })}`;
      case 'numbers':
        return nothing;
      case 'install':
        return renderInstall({ site: this.site?.id ?? ('' as SiteId), server: location.origin, isCopied: this.isCopied, copy: (text) => void this.copy(text), remove: () => this.removeDialog.show() });
    }
  }

  private renderPreview(): TemplateResult {
    const { title, greeting, starters, accent, theme, languages, uploads, handoff, hours, tellsText, privacy } = this.draft;
    const shown: ShownSite = {
      site: this.site?.id ?? ('' as SiteId), title: title || msg('Chat'), greeting, starters: starters.filter((text) => text.trim() !== ''), theme, languages, uploads, handoff, hours, tellsText, privacy,
      accent: accent === null ? null : { ground: accent, text: textOn(accent).text },
      limits: { messageCharacters: Infinity, fileBytes: 0, filesPerMessage: 0 },
    };
    return html`<section class="box" aria-label=${msg('Preview')}><header><h2>${msg('Preview')}</h2><div class="segmented" role="group" aria-label=${msg('Preview as')}>${this.renderWidth(false, msg('Desktop'))}${this.renderWidth(true, msg('Phone'))}</div></header><div class="stage ${this.isPhone ? 'phone' : ''}" inert><gorun-chat-panel closable class=${theme} .preview=${shown}></gorun-chat-panel></div></section>`;
  }

  private renderWidth(isPhone: boolean, name: string): TemplateResult {
    return html`<button type="button" aria-pressed=${isPhone === this.isPhone} @click=${() => (this.isPhone = isPhone)}>${name}</button>`;
  }

  private renderRemove(site: Site): TemplateResult {
    return html`<gorun-dialog class="remove" .heading=${msg(str`Remove ${site.settings.name}?`)}>
      <p>${msg('Its pages show no chat any more, and whoever writes there now is cut off. Conversations stay on record.')}</p>
      <button slot="footer" type="button" class="button ghost" @click=${() => this.removeDialog.close()}>${msg('Cancel')}</button>
      <button slot="footer" type="button" class="button danger" @click=${() => void this.removeSite(site.id)}>${msg('Remove site')}</button></gorun-dialog>`;
  }

  private ask<E extends Event & { outcome: Promise<unknown> | undefined }>(event: E): Promise<boolean> {
    this.dispatchEvent(event);
    return this.asking.wait(event.outcome);
  }

  private async save(): Promise<void> {
    const asked = this.draft;
    const settings = { ...this.draft, origins: this.draft.origins.filter((one) => one.trim() !== ''), starters: this.draft.starters.filter((one) => one.trim() !== ''), answers: this.draft.answers.filter((one) => one.trim() !== '') };
    if (!(await this.ask(new SaveSiteEvent(this.site?.id, settings)))) return;
    // What was written while it was saved stays, and is still to be saved.
    this.isSaved = this.draft === asked;
    this.from = this.isSaved ? undefined : asked;
    this.requestUpdate('site');
  }

  private async turn(isLive: boolean): Promise<void> {
    await this.ask(new SaveSiteEvent(this.site?.id, undefined, isLive));
  }

  private async removeSite(site: SiteId): Promise<void> {
    this.removeDialog.close();
    await this.ask(new RemoveSiteEvent(site));
  }

  private async makeKey(): Promise<void> {
    if (this.site === undefined) return;
    const event = new SiteKeyEvent(this.site.id);
    if (await this.ask(event)) this.newKey = (await event.outcome) as { id: string; key: string };
  }

  private async removeKey(key: string): Promise<void> {
    if (this.site !== undefined && (await this.ask(new SiteKeyEvent(this.site.id, key))) && this.newKey?.id === key) this.newKey = undefined;
  }

  private async readBlocked(site: SiteId, letIn?: UserId): Promise<void> {
    const event = new SiteBlockedEvent(site, letIn);
    if (await this.ask(event)) this.blocked = ((await event.outcome) as { blocked: BlockedVisitor[] }).blocked;
  }

  private async copy(text: string): Promise<void> {
    this.isCopied = await copyText(text);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-site-editor': GorunSiteEditor;
  }
}
