import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { keyed } from 'lit/directives/keyed.js';
import { live } from 'lit/directives/live.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Case, Found } from '../../../contracts/cases.ts';
import type { ConversationId } from '../../../contracts/ids.ts';
import { icon } from '../../icons.ts';
import { LOCK } from '../../icons-admin.ts';
import { EYE } from '../../icons-app.ts';
import type { Review, Reviewing, Search } from '../../state/review.ts';
import { nameOf } from '../../state/whom.ts';
import { fields, host } from '../../styles/host.ts';
import { dayBegins, dayEnds } from '../../text/dates.ts';
import { fullTime, shortTime } from '../../text/times.ts';
import { CaseCommandEvent, ReviewEvent } from '../admin-cases/events.ts';
import { renderFormDialog, renderReason, showEmpty, textIn } from '../admin-cases/fields.ts';
import { ExportCommandEvent } from '../exports/events.ts';
import { exportsStyles } from '../exports/exports.styles.ts';
import { orderOf, renderOrderFields } from '../exports/order-form.ts';
import { caseStyles } from '../admin-cases/cases.styles.ts';
import { tableStyles } from '../admin-page/page.styles.ts';
import { renderError } from '../admin-page/page.ts';
import { pageStyles } from '../admin-sites/admin-sites.styles.ts';
import '../dialog/dialog.ts';
import type { GorunDialog } from '../dialog/dialog.ts';
import '../notice/notice.ts';
import { Asking } from '../settings/outcome.ts';
import './found.ts';
import { reviewStyles } from './review.styles.ts';
import { renderSearch } from './search-form.ts';

/** What others wrote, for a case: nothing is shown before a reason was given, which then stays in sight. */
@customElement('gorun-review')
export class GorunReview extends LitElement {
  static override styles = [host, fields, pageStyles, tableStyles, caseStyles, exportsStyles, reviewStyles];
  @property({ attribute: false }) case!: Case;
  @property({ attribute: false }) review: Review | undefined;
  /** The conversation that is read. */
  @property() found: ConversationId | undefined;
  @state() private type: Search['type'] = 'person';
  @state() private chosen: ReadonlySet<ConversationId> = new Set();
  @state() private isOrdered = false;
  @state() private isHeld = false;
  @query('gorun-dialog.why') private readonly whyDialog!: GorunDialog;
  @query('gorun-dialog.hold') private readonly holdDialog!: GorunDialog;
  @query('gorun-dialog.export') private readonly exportDialog!: GorunDialog;
  private readonly asking = new Asking(this);
  private readonly saying = new Asking(this);

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('review');
    if (changed.has('review') && (before?.search !== this.review?.search || before?.results === undefined)) this.forget(); // a question that goes on only adds rows, so what is ticked stays
  }

  protected override firstUpdated(): void {
    this.type = this.review?.search?.type ?? 'person';
    if (this.review === undefined) this.whyDialog.show();
  }

  /** Who comes back from reading goes on where they were. */
  protected override updated(changed: PropertyValues<this>): void {
    const read = changed.get('found');
    if (read !== undefined && this.found === undefined) this.renderRoot.querySelector<HTMLElement>(`a[href$="/${read}"]`)?.focus();
  }

  protected override render(): TemplateResult {
    const { review, found } = this;
    return html`${review === undefined ? this.renderClosed() : html`${this.renderWhy(review)}${found === undefined ? this.renderFinding(review) : keyed(found, html`<gorun-found .case=${this.case.id} .conversation=${found} .review=${review}></gorun-found>`)}`}
      ${this.renderDialogs()}`;
  }

  private renderClosed(): TemplateResult {
    return html`<gorun-notice class="reason" .symbol=${EYE} .heading=${msg('Nothing is shown without a reason')} .text=${msg('Other people’s conversations open only with one.')} .actions=${[{ id: 'why', label: msg('Give a reason…'), isMain: true }]} @gorun-notice-action=${this.askWhy}></gorun-notice>`;
  }

  private renderWhy({ reason }: Review): TemplateResult {
    return html`<gorun-notice class="reason" tone="info" .symbol=${EYE} .heading=${msg(str`Reason for this access: “${reason}”`)} .text=${msg('It is written into the record with everything that you look for, open or export.')} .actions=${[{ id: 'why', label: msg('Change…') }]} @gorun-notice-action=${this.askWhy}></gorun-notice>`;
  }

  private renderFinding(review: Review): TemplateResult {
    const { asking, type } = this;
    return html`${renderSearch({ review, type, isBusy: asking.busy, choose: (chosen) => (this.type = chosen), submit: this.onSearch })}
      ${renderError(asking.problem)}
      ${asking.busy ? html`<p class="quiet" role="status">${msg('Searching')}</p>` : nothing}
      ${review.results === undefined ? html`<p class="quiet">${msg('What was deleted and is held is found, too. Each search is recorded.')}</p>` : this.renderResults(review, review.results)}`;
  }

  private renderResults({ names }: Review, { found, isWhole, goesOn }: NonNullable<Review['results']>): TemplateResult {
    if (found.length === 0) return goesOn === undefined ? html`<p role="status">${msg('Nothing found. What was erased is found no more.')}</p>` : this.renderGoOn(goesOn.at, msg('Nothing found so far.'));
    return html`${this.renderBar(found)}${this.renderDone()}
      ${goesOn !== undefined ? this.renderGoOn(goesOn.at) : isWhole ? nothing : html`<p class="quiet after">${msg('Only the latest are shown. Narrow the dates or the words to see others.')}</p>`}
      <div class="box"><table class="table results"><thead><tr><th scope="col"><span class="sr">${msg('Selected')}</span></th><th scope="col">${msg('Conversation')}</th><th scope="col">${msg('Last message')}</th><th scope="col">${msg('Who')}</th></tr></thead>
        <tbody>${repeat(found, ({ id }) => id, (one) => this.renderFound(one, nameOf({ type: 'person', id: one.owner }, names)))}</tbody></table></div>`;
  }

  /** How far back everybody was looked at, and what goes on from there. */
  private renderGoOn(at: number, says = ''): TemplateResult {
    return html`<div class="filters bar after"><p role="status" class="quiet">${says} ${msg(str`Everything back to ${fullTime(at)} was looked at.`)}</p>
      <button type="button" class="button small" aria-disabled=${this.asking.busy ? 'true' : nothing} @click=${() => !this.asking.busy && void this.run(this.asking, { do: 'go-on' })}>${msg('Look further back')}</button></div>`;
  }

  private renderFound({ id, title, messages, updatedAt, deletedAt, site }: Found, owner: string): TemplateResult {
    const name = title || msg('Conversation without a title');
    const isChosen = this.chosen.has(id);
    return html`<tr class=${isChosen ? 'chosen' : ''}><td><input type="checkbox" class="check" aria-label=${msg(str`Select ${name}`)} .checked=${live(isChosen)} @change=${() => this.turn([id], !isChosen)} /></td>
      <td><strong><a href="/admin/cases/${this.case.id}/review/${id}" dir="auto">${name}</a></strong><span class="second">${messages === 1 ? msg('1 message') : msg(str`${messages} messages`)}</span>${deletedAt === null ? nothing : html` <span class="badge warning" title=${fullTime(deletedAt)}>${icon('trash', 'small')}${msg('Deleted by its owner')}</span>`}</td>
      <td class="num" title=${fullTime(updatedAt)}>${shortTime(updatedAt)}</td><td>${site === null ? owner : msg(str`Visitor ${owner}`)}</td></tr>`;
  }

  private renderBar(found: readonly Found[]): TemplateResult {
    const { size } = this.chosen;
    const isReady = size > 0 && !this.asking.busy;
    return html`<div class="filters bar"><label><input type="checkbox" class="check" .checked=${live(size === found.length)} .indeterminate=${live(size > 0 && size < found.length)} @change=${() => this.turn(found.map(({ id }) => id), size < found.length)} />${msg('All')}</label>
      <strong role="status">${msg(str`${size} selected of ${found.length}`)}</strong>
      <button type="button" class="button small" aria-disabled=${isReady ? nothing : 'true'} @click=${() => isReady && this.ask(this.holdDialog)}>${icon(LOCK)}${msg('Place a hold…')}</button>
      <button type="button" class="button primary small" aria-disabled=${isReady ? nothing : 'true'} @click=${() => isReady && this.ask(this.exportDialog)}>${icon('download')}${msg('Export…')}</button></div>`;
  }

  /** What was done with what is ticked. */
  private renderDone(): TemplateResult {
    return html`<div class="done" role="status">${this.isHeld ? msg('The selected conversations are held.') : nothing}${this.isOrdered ? html`<span>${msg('The export was ordered.')} <a href="/admin/cases/${this.case.id}/exports">${msg('How far it is stands under Exports')}</a></span>` : nothing}</div>`;
  }

  private renderDialogs(): TemplateResult {
    return html`${renderFormDialog({
      name: 'why', heading: msg('Why do you need to read this?'), verb: msg('Go on'), asking: this.saying, fallback: () => this.renderRoot.querySelector<HTMLElement>('#of, h2'),
      body: html`<p>${msg('Other people’s conversations open only with a reason. It is recorded with everything you look at, and can be reviewed.')}</p><dl class="facts"><dt>${msg('Case')}</dt><dd dir="auto">${this.case.name}</dd></dl>${renderReason('reason', msg('At least one sentence.'))}`,
      submit: (given) => this.run(this.saying, { do: 'begin', reason: textIn(given, 'reason') }),
    })}${renderFormDialog({
      name: 'hold', heading: msg('Hold what is selected?'), verb: msg('Place hold'), asking: this.saying,
      body: html`<p>${this.chosen.size === 1 ? msg('1 conversation.') : msg(str`${this.chosen.size} conversations.`)} ${msg('Nothing in them is erased until the holds are released. Their owners are not told.')}</p>${renderReason('hold-why')}`,
      submit: (given) => this.hold(textIn(given, 'reason')),
    })}${renderFormDialog({
      name: 'export', heading: msg('Export what is selected?'), verb: msg('Order'), asking: this.saying,
      body: html`<p>${this.chosen.size === 1 ? msg('1 conversation.') : msg(str`${this.chosen.size} conversations.`)} ${msg('A package of them is made in the background.')}</p>${renderOrderFields('export')}`,
      submit: (given) => this.order(given),
    })}`;
  }

  private readonly askWhy = (): void => this.ask(this.whyDialog);

  private ask(dialog: GorunDialog): void {
    showEmpty(dialog, this.saying);
  }

  private readonly onSearch = (event: SubmitEvent): void => {
    event.preventDefault();
    if (this.asking.busy) return;
    const given = new FormData(event.currentTarget as HTMLFormElement);
    this.forget();
    void this.run(this.asking, { do: 'find', search: { type: this.type, whom: textIn(given, 'whom'), from: dayBegins(textIn(given, 'from')), to: dayEnds(textIn(given, 'to')), models: textIn(given, 'models'), words: textIn(given, 'words') } });
  };

  private turn(ids: readonly ConversationId[], isOn: boolean): void {
    const chosen = new Set(this.chosen);
    for (const id of ids) if (isOn) chosen.add(id); else chosen.delete(id);
    this.chosen = chosen;
    this.isOrdered = false;
    this.isHeld = false;
  }

  /** What was said of other results is over. */
  private forget(): void {
    this.chosen = new Set();
    this.isOrdered = false;
    this.isHeld = false;
  }

  /** One hold for each, so that each can be released by itself. */
  private async hold(reason: string): Promise<boolean> {
    for (const whom of this.chosen) {
      const event = new CaseCommandEvent({ do: 'hold', case: this.case.id, type: 'conversation', whom, from: null, to: null, reason });
      this.dispatchEvent(event);
      if (!(await this.saying.wait(event.outcome))) return false;
    }
    this.isHeld = true;
    return true;
  }

  private async order(given: FormData): Promise<boolean> {
    const event = new ExportCommandEvent(this.case.id, orderOf(given, { type: 'chosen', conversations: [...this.chosen] }));
    this.dispatchEvent(event);
    this.isOrdered = await this.saying.wait(event.outcome);
    return this.isOrdered;
  }

  private run(asking: Asking, asked: Reviewing): Promise<boolean> {
    const event = new ReviewEvent(this.case.id, asked);
    this.dispatchEvent(event);
    return asking.wait(event.outcome);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-review': GorunReview;
  }
}
