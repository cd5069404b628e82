import { msg, str } from '@lit/localize';
import { html, LitElement, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { keyed } from 'lit/directives/keyed.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Case } from '../../../contracts/cases.ts';
import type { CaseId, ConversationId, UserId } from '../../../contracts/ids.ts';
import type { RouteReply } from '../../../contracts/routes.ts';
import { icon } from '../../icons.ts';
import type { Review } from '../../state/review.ts';
import { fields, host } from '../../styles/host.ts';
import { shortTime } from '../../text/times.ts';
import { renderHead, renderLoading, renderUnread } from '../admin-page/page.ts';
import { pageStyles, styles as frame } from '../admin-sites/admin-sites.styles.ts';
import { renderNav } from '../admin-sites/nav.ts';
import '../dialog/dialog.ts';
import type { GorunDialog } from '../dialog/dialog.ts';
import { Asking } from '../settings/outcome.ts';
import { navRow } from '../sidebar/sidebar.styles.ts';
import { renderCaseState } from './case-page.ts';
import { caseStyles } from './cases.styles.ts';
import { CaseCommandEvent } from './events.ts';
import { renderFormDialog, renderReason, showEmpty, textIn } from './fields.ts';

/**
 * Cases, for reviewers: why things are kept from being erased, and why somebody reads what others wrote.
 * @fires gorun-case-command
 * @fires gorun-review
 * @fires gorun-access-command
 * @fires gorun-export-command
 * @fires gorun-read-again
 */
@customElement('gorun-admin-cases')
export class GorunAdminCases extends LitElement {
  static override styles = [host, fields, navRow, frame, pageStyles, caseStyles];
  @property({ attribute: false }) cases: readonly Case[] | undefined;
  /** Why the list is not there. */
  @property() problem = '';
  /** Who looks. */
  @property() user: UserId | undefined;
  @property({ type: Boolean }) admin = false;
  @property({ type: Boolean }) reviewer = false;
  /** The case that is shown, what of it, and the conversation that is read. */
  @property() current: CaseId | undefined;
  @property({ type: Boolean }) reviewing = false;
  @property({ type: Boolean }) exporting = false;
  @property() found: ConversationId | undefined;
  /** What was looked at for the case that is shown. */
  @property({ attribute: false }) review: Review | undefined;
  @property({ attribute: false }) exports: RouteReply<'exports'> | undefined;
  @property({ attribute: false }) accesses: RouteReply<'accesses'> | undefined;
  @query('.open') private readonly dialog!: GorunDialog;
  private readonly asking = new Asking(this);

  protected override render(): TemplateResult {
    return html`${renderNav('cases', this.admin, this.reviewer)}<main><div>${this.renderMain()}</div></main>`;
  }

  private renderMain(): TemplateResult {
    if (this.problem !== '') return html`${renderHead(msg('Cases'), '')}${renderUnread(this.problem, this.reviewer, this)}`;
    if (this.current === undefined) return html`${this.renderHeading()}${this.cases === undefined ? renderLoading() : this.renderList(this.cases)}${this.renderOpen()}`;
    if (this.cases === undefined) return renderLoading();
    const one = this.cases.find(({ id }) => id === this.current);
    if (one === undefined) return html`<p role="status">${msg('There is nothing here')}. <a href="/admin/cases">${msg('Cases')}</a></p>`;
    return html`${keyed(one.id, html`<gorun-case .case=${one} .user=${this.user} ?reviewing=${this.reviewing} ?exporting=${this.exporting} .exports=${this.exports} .found=${this.found} .review=${this.review} .accesses=${this.accesses}></gorun-case>`)}`;
  }

  private renderHeading(): TemplateResult {
    return renderHead(msg('Cases'), msg('A case keeps things from being erased, and opens what others wrote to you. Every step is recorded with its reason.'), html`<button type="button" class="button primary" @click=${this.onOpen}>${icon('plus')}${msg('Open a case…')}</button>`);
  }

  private readonly onOpen = (): void => showEmpty(this.dialog, this.asking);

  private renderList(cases: readonly Case[]): TemplateResult {
    if (cases.length === 0) return html`<p class="quiet">${msg('Your cases will stand here.')}</p>`;
    return html`<ul class="rows">${repeat(cases, ({ id }) => id, (one) => html`<li><span class="grow"><a href="/admin/cases/${one.id}" dir="auto">${one.name}</a><br><span class="quiet">${msg(str`Opened ${shortTime(one.openedAt)}`)} · ${holdsInWords(one)}</span></span>${renderCaseState(one)}</li>`)}</ul>`;
  }

  private renderOpen(): TemplateResult {
    const submit = (given: FormData): Promise<boolean> => {
      const event = new CaseCommandEvent({ do: 'open', name: textIn(given, 'name'), reason: textIn(given, 'reason') });
      this.dispatchEvent(event);
      return this.asking.wait(event.outcome);
    };
    return renderFormDialog({
      name: 'open', heading: msg('Open a case'), verb: msg('Open case'), asking: this.asking, submit,
      body: html`<div class="field"><label for="name">${msg('Case or reference')}</label><input class="input" id="name" name="name" dir="auto" required maxlength="200" /></div>${renderReason('why', msg('It stays on record with the case.'))}`,
    });
  }
}

function holdsInWords({ holds, closedAt }: Case): string {
  if (closedAt !== null) return msg(str`closed ${shortTime(closedAt)}`);
  return holds.length === 0 ? msg('nothing held') : holds.length === 1 ? msg('1 hold') : msg(str`${holds.length} holds`);
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-admin-cases': GorunAdminCases;
  }
}
