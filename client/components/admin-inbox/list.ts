import { msg } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { repeat } from 'lit/directives/repeat.js';
import type { ConversationId, SiteId } from '../../../contracts/ids.ts';
import type { InboxRow } from '../../../contracts/sites.ts';
import type { InboxController, InboxWanted } from '../../state/inbox.ts';
import { icon } from '../../icons.ts';
import { shortTime } from '../../text/times.ts';

/** What the list of an inbox is drawn of, and what is done from it. */
export interface InboxList extends Pick<InboxController, 'rows' | 'wanted' | 'sites' | 'hasMore' | 'isReading' | 'problem'> {
  readonly current: ConversationId | undefined;
  choose(wanted: InboxWanted): void;
  more(): void;
}

/** The conversations of visitors, the latest first, and what of them is shown. */
export function renderInboxList(list: InboxList): TemplateResult {
  return html`<div class="list"><h1>${msg('Inbox')}</h1>${renderChoice(list)}${renderRows(list)}</div>`;
}

function renderChoice({ wanted, sites, choose }: InboxList): TemplateResult {
  const state = (handoff: InboxWanted['handoff'], name: string) => html`<button type="button" aria-pressed=${wanted.handoff === handoff} @click=${() => choose({ ...wanted, handoff })}>${name}</button>`;
  return html`<div class="choice">
    ${sites.length < 2 ? nothing : html`<select class="input" aria-label=${msg('Site')} .value=${live(wanted.site ?? '')} @change=${(event: Event) => choose({ ...wanted, site: ((event.target as HTMLSelectElement).value || undefined) as SiteId | undefined })}>
      <option value="">${msg('All sites')}</option>${sites.map(({ id, name }) => html`<option value=${id} ?selected=${id === wanted.site}>${name}</option>`)}</select>`}
    <div class="segmented" role="group" aria-label=${msg('Which conversations')}>${state(undefined, msg('All'))}${state('asked', msg('Asking'))}${state('joined', msg('Answered'))}</div></div>`;
}

function renderRows({ rows, wanted, problem, hasMore, isReading, current, more }: InboxList): TemplateResult {
  if (problem !== '') return html`<p role="alert">${problem}</p>`;
  if (rows === undefined) return html`<p class="quiet" role="status">${msg('Loading')}</p>`;
  const next = hasMore ? html`<div class="more"><button type="button" class="button" aria-disabled=${isReading ? 'true' : nothing} @click=${() => !isReading && more()}>${isReading ? msg('Loading') : msg('Load more')}</button></div>` : nothing;
  if (rows.length === 0) return html`<p class="quiet" role="status">${isAll(wanted) ? msg('What visitors of your sites write will stand here.') : hasMore ? msg('None among the latest conversations. There are earlier ones.') : msg('No conversation is like that.')}</p>${next}`;
  return html`<ul>${repeat(rows, ({ id }) => id, (row) => html`<li><a href="/admin/inbox/${row.id}" aria-current=${row.id === current ? 'true' : nothing}>
    <strong dir="auto">${row.title || msg('New conversation')}</strong>
    <span class="line"><span class="grow" dir="auto">${[row.siteName, nameOf(row), shortTime(row.updatedAt)].filter((one) => one !== undefined).join(' · ')}</span>${renderState(row)}</span></a></li>`)}</ul>${next}`;
}

function isAll({ site, handoff }: InboxWanted): boolean {
  return site === undefined && handoff === undefined;
}

function nameOf({ visitor }: InboxRow): string | undefined {
  return visitor === null ? undefined : (visitor.name ?? visitor.subject);
}

function renderState({ handoff, running }: InboxRow): TemplateResult | typeof nothing {
  if (handoff?.state === 'asked') return html`<span class="badge warning">${icon('person', 'small')}${msg('Asks for a person')}</span>`;
  if (handoff?.by !== undefined) return html`<span class="badge info">${handoff.by.name}</span>`;
  return running ? html`<span class="running" role="img" aria-label=${msg('Replying')}><i></i><i></i><i></i></span>` : nothing;
}
