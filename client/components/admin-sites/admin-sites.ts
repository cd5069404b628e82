import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { keyed } from 'lit/directives/keyed.js';
import type { SiteId } from '../../../contracts/ids.ts';
import type { Model } from '../../../contracts/models.ts';
import type { Site } from '../../../contracts/sites.ts';
import { icon } from '../../icons.ts';
import { host } from '../../styles/host.ts';
import { navRow } from '../sidebar/sidebar.styles.ts';
import { pageStyles, styles } from './admin-sites.styles.ts';
import { renderNav } from './nav.ts';
import './site-editor.ts';

/**
 * Administration: the sites that embed the chat.
 * @fires gorun-save-site
 * @fires gorun-remove-site
 * @fires gorun-site-key
 */
@customElement('gorun-admin-sites')
export class GorunAdminSites extends LitElement {
  static override styles = [host, navRow, pageStyles, styles];
  @property({ attribute: false }) sites: readonly Site[] | undefined;
  @property({ attribute: false }) models: readonly Model[] = [];
  /** The one that is shown; `new` is one that is about to be made. */
  @property() site: SiteId | 'new' | undefined;
  /** Why the list is not there. */
  @property() problem = '';

  protected override render(): TemplateResult {
    return html`${renderNav('sites', true)}
      <main><div>${this.renderMain()}</div></main>`;
  }

  private renderMain(): TemplateResult {
    if (this.problem !== '') return html`<p class="error" role="alert">${icon('warn', 'small')}${this.problem}</p>`;
    if (this.sites === undefined) return html`<p role="status" class="quiet">${msg('Loading')}</p>`;
    if (this.site === undefined) return this.renderList(this.sites);
    const site = this.sites.find(({ id }) => id === this.site);
    if (site === undefined && this.site !== 'new') return html`<p role="status">${msg('There is nothing here')}. <a href="/admin/sites">${msg('Sites')}</a></p>`;
    return html`${keyed(this.site, html`<gorun-site-editor .site=${site} .models=${this.models}></gorun-site-editor>`)}`;
  }

  private renderList(sites: readonly Site[]): TemplateResult {
    return html`<div class="page-head"><div><h1>${msg('Sites')}</h1><p>${msg('Places of yours whose pages show a chat. Who writes there needs no account, and sees their own conversations only.')}</p></div>
        <div class="actions"><a class="button primary" href="/admin/sites/new">${icon('plus')}${msg('Add a site')}</a></div></div>
      ${sites.length === 0 ? html`<p class="quiet">${msg('Your sites will stand here.')}</p>` : nothing}
      <ul class="rows" ?hidden=${sites.length === 0}>${sites.map((site) => html`<li><span class="grow"><a href="/admin/sites/${site.id}" dir="auto">${site.settings.name}</a><br><span class="quiet">${originsOf(site)}</span></span>${renderState(site)}</li>`)}</ul>`;
  }
}

function originsOf({ settings: { origins } }: Site): string {
  const [first = '', ...others] = origins.map((origin) => origin.replace(/^https?:\/\//u, ''));
  return others.length === 0 ? first : others.length === 1 ? `${first}, ${others[0]}` : msg(str`${first} and ${others.length} more`);
}

/** Whether the chat of a site is open, in a word and a sign. */
export function renderState({ isLive }: Site): TemplateResult {
  return isLive ? html`<span class="badge success">${icon('check', 'small')}${msg('Live')}</span>` : html`<span class="badge warning">${icon('x', 'small')}${msg('Closed')}</span>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-admin-sites': GorunAdminSites;
  }
}
