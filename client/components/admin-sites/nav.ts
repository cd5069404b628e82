import { msg } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import { icon, mark } from '../../icons.ts';

/** The pages beside the chat: those who answer visitors have the inbox, admins the sites as well. */
export function renderNav(current: 'inbox' | 'sites', isAdmin: boolean): TemplateResult {
  const row = (page: 'inbox' | 'sites', label: string) => html`<a class="nav-row" href="/admin/${page}" aria-current=${page === current ? 'page' : nothing}>${icon(page === 'inbox' ? 'person' : 'site')}<span class="grow">${label}</span></a>`;
  return html`<aside aria-label=${msg('Administration')}>
    <div class="brand">${mark}<span class="wordmark">GoRunChat</span></div>
    ${isAdmin ? row('sites', msg('Sites')) : nothing}${row('inbox', msg('Inbox'))}
    <span class="push"></span>
    <a class="nav-row" href="/">${icon('left', 'flips')}<span class="grow">${msg('Back to chat')}</span></a>
  </aside>`;
}
