import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Case, Hold } from '../../../contracts/cases.ts';
import type { ConversationId, UserId } from '../../../contracts/ids.ts';
import type { RouteReply } from '../../../contracts/routes.ts';
import { icon } from '../../icons.ts';
import { LOCK } from '../../icons-admin.ts';
import { grantIn } from '../../state/accesses.ts';
import type { CaseCommand } from '../../state/cases.ts';
import type { Review } from '../../state/review.ts';
import { nameOf, NOBODY } from '../../state/whom.ts';
import { fields, host } from '../../styles/host.ts';
import { dayBegins, dayEnds } from '../../text/dates.ts';
import { fullTime, longDay, shortTime } from '../../text/times.ts';
import { tableStyles } from '../admin-page/page.styles.ts';
import { pageStyles } from '../admin-sites/admin-sites.styles.ts';
import '../access/access.ts';
import '../exports/exports.ts';
import '../review/review.ts';
import '../dialog/dialog.ts';
import type { GorunDialog } from '../dialog/dialog.ts';
import { Asking } from '../settings/outcome.ts';
import { caseStyles } from './cases.styles.ts';
import { CaseCommandEvent } from './events.ts';
import { renderDay, renderFormDialog, renderReason, renderWhom, showEmpty, textIn } from './fields.ts';

type Type = Hold['scope']['of']['type'];

/** One case: what it holds, and what is read for it. */
@customElement('gorun-case')
export class GorunCase extends LitElement {
  static override styles = [host, fields, pageStyles, tableStyles, caseStyles];
  @property({ attribute: false }) case!: Case;
  @property() user: UserId | undefined;
  @property({ type: Boolean }) reviewing = false;
  @property({ type: Boolean }) exporting = false;
  @property() found: ConversationId | undefined;
  @property({ attribute: false }) review: Review | undefined;
  @property({ attribute: false }) exports: RouteReply<'exports'> | undefined;
  @property({ attribute: false }) accesses: RouteReply<'accesses'> | undefined;
  @state() private type: Type = 'person';
  @state() private releasing: Hold | undefined;
  @query('gorun-dialog.hold') private readonly holdDialog!: GorunDialog;
  @query('gorun-dialog.release') private readonly releaseDialog!: GorunDialog;
  @query('gorun-dialog.close') private readonly closeDialog!: GorunDialog;
  @query('h1') private readonly heading!: HTMLElement | null;
  private readonly asking = new Asking(this);

  protected override firstUpdated(): void {
    this.heading?.focus();
  }

  protected override render(): TemplateResult {
    const { case: one, reviewing, exporting } = this;
    const isOpen = one.closedAt === null;
    const tab = (href: string, isHere: boolean, label: TemplateResult | string) => html`<a href=${href} aria-current=${isHere ? 'page' : nothing}>${label}</a>`;
    return html`<div class="page-head"><div><p class="quiet crumb"><a href="/admin/cases">${msg('Cases')}</a> / <span dir="auto">${one.name}</span></p><h1 tabindex="-1" dir="auto">${one.name}</h1><p>${isOpen ? msg(str`Opened ${shortTime(one.openedAt)}`) : msg(str`Closed ${shortTime(one.closedAt ?? 0)}`)}</p></div>
        <div class="actions">${renderCaseState(one)}${isOpen ? html`<button type="button" class="button" @click=${() => this.show(this.closeDialog)}>${msg('Close case…')}</button>` : nothing}</div></div>
      <nav class="tabs" aria-label=${msg('Case')}>${tab(`/admin/cases/${one.id}`, !reviewing && !exporting, html`${msg('Holds')}<span class="badge">${one.holds.length}</span>`)}${tab(`/admin/cases/${one.id}/review`, reviewing, msg('Review'))}${tab(`/admin/cases/${one.id}/exports`, exporting, msg('Exports'))}</nav>
      ${exporting ? html`<gorun-exports .case=${one} .user=${this.user} .names=${this.names} .list=${this.exports}></gorun-exports>` : reviewing ? this.renderReview(one, isOpen) : this.renderHolds()}
      ${this.renderDialogs()}`;
  }

  private renderReview(one: Case, isOpen: boolean): TemplateResult {
    if (!isOpen) return html`<p class="quiet">${msg('The case is closed, so nothing is shown for it any more. What was exported stays with those who have it.')}</p>`;
    const review = html`<gorun-review .case=${one} .review=${this.review} .found=${this.found}></gorun-review>`;
    return html`<gorun-access .case=${one} .user=${this.user} .names=${this.names} .list=${this.accesses}>${this.isReadable ? review : nothing}</gorun-access>`;
  }

  private renderHolds(): TemplateResult {
    const { holds, closedAt } = this.case;
    return html`<div class="stack">
      ${closedAt === null ? html`<div class="line"><button type="button" class="button primary" @click=${() => this.show(this.holdDialog)}>${icon(LOCK)}${msg('Place a hold…')}</button></div>` : nothing}
      ${holds.length === 0 ? html`<p class="quiet">${closedAt === null ? msg('Nothing is held for this case yet.') : msg('All holds of this case were released when it was closed.')}</p>` : nothing}
      ${repeat(holds, ({ id }) => id, (hold) => this.renderHold(hold))}
      ${this.review === undefined && holds.some(({ scope: { of } }) => of.type === 'person' || of.type === 'site') ? html`<p class="quiet">${msg('Names stand here once a reason was given under Review.')}</p>` : nothing}
      <p class="quiet">${msg('A hold stops every deletion at once. To its owner what is deleted looks deleted; once nothing holds it any more it is erased.')}</p></div>`;
  }

  private renderHold(hold: Hold): TemplateResult {
    const { scope, at, by, reason } = hold;
    const who = by === this.user ? msg('you') : nameOf({ type: 'person', id: by }, this.names);
    return html`<section class="box"><header>${icon(LOCK)}<h2 dir="auto">${this.inWords(hold)}</h2><button type="button" class="button small" aria-label=${msg(str`Release: ${this.inWords(hold)}`)} @click=${() => this.release(hold)}>${msg('Release…')}</button></header>
      <div class="body"><dl class="facts"><dt>${msg('Covers')}</dt><dd>${rangeInWords(scope.from, scope.to)}</dd><dt>${msg('Reason')}</dt><dd dir="auto">${reason}</dd><dt>${msg('By')}</dt><dd title=${fullTime(at)}>${msg(str`Placed ${shortTime(at)} by ${who}`)}</dd></dl></div></section>`;
  }

  private renderDialogs(): TemplateResult {
    const { id, name, holds } = this.case;
    const { asking, releasing } = this;
    return html`${renderFormDialog({
      name: 'hold', heading: msg('Place a hold'), verb: msg('Place hold'), asking, body: this.renderHoldForm(),
      submit: (given) => this.run({ do: 'hold', case: id, type: this.type, whom: textIn(given, 'whom'), from: dayBegins(textIn(given, 'from')), to: dayEnds(textIn(given, 'to')), reason: textIn(given, 'reason') }),
    })}${renderFormDialog({
      name: 'release', heading: msg('Release this hold?'), verb: msg('Release hold'), isDanger: true, asking, fallback: () => this.heading,
      body: html`<p>${releasing === undefined ? '' : this.inWords(releasing)}</p><p>${msg('What was deleted meanwhile is erased then, unless another hold keeps it. That cannot be undone.')}</p>${renderReason('release-why')}`,
      submit: (given) => this.run({ do: 'release', case: id, hold: releasing?.id ?? '', reason: textIn(given, 'reason') }),
    })}${renderFormDialog({
      name: 'close', heading: msg(str`Close ${name}?`), verb: msg('Close case'), isDanger: true, asking, fallback: () => this.heading,
      body: html`<p>${holds.length === 0 ? msg('Nothing can be held or read for it any more, and its exports are destroyed.') : msg('All its holds are released, and what was deleted meanwhile is erased. Nothing can be held or read for it any more, and its exports are destroyed.')}</p>${renderReason('close-why')}`,
      submit: (given) => this.run({ do: 'close', case: id, reason: textIn(given, 'reason') }),
    })}`;
  }

  private renderHoldForm(): TemplateResult {
    const types: readonly [Type, string][] = [['person', msg('A person')], ['site', msg('A site')], ['conversation', msg('One conversation')], ['everybody', msg('Everybody, in a time range')]];
    return html`<div class="field"><label for="hold-type">${msg('What is held')}</label><select class="input" id="hold-type" @change=${(event: Event) => (this.type = (event.target as HTMLSelectElement).value as Type)}>${types.map(([type, label]) => html`<option value=${type} ?selected=${type === this.type}>${label}</option>`)}</select></div>
      ${renderWhom('hold-whom', this.type, this.review?.names)}
      <div class="pair">${renderDay('hold-from', 'from', msg('From'))}${renderDay('hold-to', 'to', msg('To'))}</div>
      <p class="quiet">${this.type === 'everybody' ? msg('Everything of everybody, visitors of sites included. At least one date is needed.') : msg('Without dates: everything, and what is still to come.')}</p>${renderReason('hold-why')}`;
  }

  private get isReadable(): boolean {
    return this.accesses !== undefined && (!this.accesses.isNeeded || grantIn(this.accesses, this.user) !== undefined);
  }

  private get names(): Review['names'] {
    return this.review?.names ?? NOBODY;
  }

  private inWords({ scope: { of } }: Hold): string {
    if (of.type === 'everybody') return msg('All conversations of everybody');
    const name = nameOf(of, this.names);
    return of.type === 'conversation' ? msg(str`Conversation ${name}`) : of.type === 'person' ? msg(str`All conversations of ${name}`) : msg(str`All conversations of the site ${name}`);
  }

  private release(hold: Hold): void {
    this.releasing = hold;
    this.show(this.releaseDialog);
  }

  private show(dialog: GorunDialog): void {
    showEmpty(dialog, this.asking);
  }

  private run(command: CaseCommand): Promise<boolean> {
    const event = new CaseCommandEvent(command);
    this.dispatchEvent(event);
    return this.asking.wait(event.outcome);
  }
}

/** Whether a case is open, in a word and a sign. */
export function renderCaseState({ closedAt }: Case): TemplateResult {
  return closedAt === null ? html`<span class="badge success">${icon('check', 'small')}${msg('Open')}</span>` : html`<span class="badge">${icon('x', 'small')}${msg('Closed')}</span>`;
}

function rangeInWords(from: number | null, to: number | null): string {
  if (from === null && to === null) return msg('Everything so far, and everything new');
  if (to === null) return msg(str`From ${longDay(from ?? 0)} to today, and everything new`);
  return from === null ? msg(str`Everything up to ${longDay(to)}`) : msg(str`From ${longDay(from)} to ${longDay(to)}`);
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-case': GorunCase;
  }
}
