import { msg } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import { type Icon, icon, mark } from '../../icons.ts';
import { AUDIT, LEDGER, LOCK, PEOPLE, SITE } from '../../icons-admin.ts';

type Page = 'sites' | 'people' | 'audit' | 'records' | 'retention' | 'inbox' | 'cases';

/** The pages beside the chat: those who answer visitors have the inbox, admins what they manage as well, and reviewers their cases, which nobody else has. */
export function renderNav(current: Page, isAdmin: boolean, isReviewer = false): TemplateResult {
  const row = (page: Page, symbol: Icon, label: string) => html`<a class="nav-row" href="/admin/${page}" aria-current=${page === current ? 'page' : nothing}>${icon(symbol)}<span class="grow">${label}</span></a>`;
  return html`<aside aria-label=${msg('Administration')}>
    <div class="brand">${mark}<span class="wordmark">GoRunChat</span></div>
    ${isAdmin ? html`${row('sites', SITE, msg('Sites'))}${row('people', PEOPLE, msg('People'))}${row('audit', AUDIT, msg('Audit log'))}${row('records', LEDGER, msg('Records'))}${row('retention', 'clock', msg('Retention'))}` : nothing}
    ${isReviewer ? row('cases', LOCK, msg('Cases')) : row('inbox', 'person', msg('Inbox'))}
    <span class="push"></span>
    <a class="nav-row" href="/">${icon('left', 'flips')}<span class="grow">${msg('Back to chat')}</span></a>
  </aside>`;
}
