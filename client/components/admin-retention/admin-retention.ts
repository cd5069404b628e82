import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { RouteReply } from '../../../contracts/routes.ts';
import { host } from '../../styles/host.ts';
import { formatCount } from '../../text/amounts.ts';
import { dayAndTime, fullTime } from '../../text/times.ts';
import { tableStyles } from '../admin-page/page.styles.ts';
import { renderError, renderHead, renderLoading, renderUnread } from '../admin-page/page.ts';
import { pageStyles, styles as frame } from '../admin-sites/admin-sites.styles.ts';
import { renderNav } from '../admin-sites/nav.ts';
import { Asking, AskEvent } from '../settings/outcome.ts';
import { navRow } from '../sidebar/sidebar.styles.ts';
import { styles } from './admin-retention.styles.ts';

type Kept = RouteReply<'retention'>;
type Schedule = Kept['schedules']['ordinary'];
type Disposed = Kept['disposed'][number];

/** Wants the certificates before those that are shown. */
export class MoreDisposedEvent extends AskEvent {
  constructor() {
    super('gorun-more-disposed');
  }
}

/**
 * Administration: how long conversations are kept, and what was erased, by which rule and when.
 * @fires gorun-more-disposed
 * @fires gorun-read-again
 */
@customElement('gorun-admin-retention')
export class GorunAdminRetention extends LitElement {
  static override styles = [host, navRow, frame, pageStyles, tableStyles, styles];
  @property({ attribute: false }) kept: Kept | undefined;
  /** Why it is not there. */
  @property() problem = '';
  @property({ type: Boolean }) admin = false;
  @property({ type: Boolean }) reviewer = false;
  @state() private said = '';
  private readonly asking = new Asking(this);

  protected override render(): TemplateResult {
    return html`${renderNav('retention', this.admin, this.reviewer)}<main><div>
      ${renderHead(msg('Retention'), msg('How long conversations are kept, and a certificate of each that was erased. Nothing of what they held is in it.'))}
      ${this.problem !== '' ? renderUnread(this.problem, this.admin, this) : this.kept === undefined ? renderLoading() : this.renderKept(this.kept)}
      <p class="sr" role="status">${this.said}</p></div></main>`;
  }

  private renderKept({ schedules, disposed, before }: Kept): TemplateResult {
    return html`<section class="box"><header><h2>${msg('Schedules')}</h2></header><div class="body stack">
      <dl class="facts schedules"><dt>${msg('Conversations of people')}</dt><dd>${inWords(schedules.ordinary)}</dd><dt>${msg('Temporary chats')}</dt><dd>${inWords(schedules.temporary)}</dd><dt>${msg('Conversations of visitors')}</dt><dd>${inWords(schedules.visitor)}</dd></dl>
      <p>${msg('Days count from the last thing that happened in a conversation. A hold comes before everything else, then what has to be kept, then a wish to delete, then age.')}</p>
      <p>${msg('Whoever runs this server sets them under “retention” in gorunchat.yaml.')}</p></div></section>
      <h2 class="after">${msg('Erased')}</h2>
      ${disposed.length === 0 ? html`<p class="none">${msg('Nothing was erased yet.')}</p>` : this.renderDisposed(disposed, before)}`;
  }

  private renderDisposed(disposed: readonly Disposed[], before: number | null): TemplateResult {
    const columns = [msg('Erased'), msg('Class'), msg('Why'), msg('Lasted'), msg('Records'), msg('Certificate')];
    return html`<div class="box wide" role="region" tabindex="0" aria-label=${msg('Erased conversations, the latest first')}><table class="table"><thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
      <tbody>${repeat(disposed, ({ conversation }) => conversation, renderOne)}</tbody></table></div>
      ${before === null ? html`<p class="quiet after">${msg('These are all of them.')}</p>` : html`<div class="more">${renderError(this.asking.problem)}<button type="button" class="button" aria-disabled=${this.asking.busy ? 'true' : nothing} @click=${() => void this.more()}>${this.asking.busy ? html`<span class="spinner"></span>${msg('Loading')}` : msg('Load more')}</button></div>`}`;
  }

  private async more(): Promise<void> {
    if (this.asking.busy) return;
    const before = this.kept?.disposed.length ?? 0;
    const event = new MoreDisposedEvent();
    this.dispatchEvent(event);
    if (await this.asking.wait(event.outcome)) this.said = msg(str`${(this.kept?.disposed.length ?? 0) - before} more`);
  }
}

function renderOne({ at, certificate, conversation, record }: Disposed): TemplateResult {
  const place = html`<td class="mono" data-label=${msg('Certificate')}>${conversation}:${record}</td>`;
  if (certificate === null) return html`<tr><td data-label=${msg('Erased')} title=${fullTime(at)}>${dayAndTime(at)}</td><td colspan="4">${msg('From before there were certificates.')}</td>${place}</tr>`;
  const { begunAt, lastAt, records, why } = certificate;
  return html`<tr><td data-label=${msg('Erased')} title=${fullTime(at)}>${dayAndTime(at)}</td><td data-label=${msg('Class')}>${{ ordinary: msg('Person'), temporary: msg('Temporary chat'), visitor: msg('Visitor') }[certificate.class]}</td>
    <td data-label=${msg('Why')}>${whyInWords(why)}</td><td data-label=${msg('Lasted')}>${dayAndTime(begunAt)} <br />${msg(str`to ${dayAndTime(lastAt)}`)}</td>
    <td data-label=${msg('Records')}>${formatCount(records)}</td>${place}</tr>`;
}

function whyInWords(why: NonNullable<Disposed['certificate']>['why']): string {
  return { 'deleted': msg('Deleted'), 'expired': msg('Its schedule'), 'person-removed': msg('Its person was removed'), 'restored': msg('Erased before, and again after a restore') }[why];
}

function inWords({ keepDays, deleteAfterDays }: Schedule): string {
  const least = keepDays === 0 ? msg('Erased as soon as they are deleted') : keepDays === 1 ? msg('Kept for a day at least') : msg(str`Kept for ${keepDays} days at least`);
  const most = deleteAfterDays === null ? msg('never deleted by themselves') : deleteAfterDays === 1 ? msg('deleted after a day') : deleteAfterDays % 1 > 0 ? msg(str`deleted after ${Math.round(deleteAfterDays * 24)} hours`) : msg(str`deleted after ${deleteAfterDays} days`);
  return `${least}; ${most}.`;
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-admin-retention': GorunAdminRetention;
  }
  interface HTMLElementEventMap {
    'gorun-more-disposed': MoreDisposedEvent;
  }
}
