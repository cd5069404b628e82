import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { CaseAccess } from '../../../contracts/access.ts';
import type { Case, Names } from '../../../contracts/cases.ts';
import type { UserId } from '../../../contracts/ids.ts';
import type { RouteReply } from '../../../contracts/routes.ts';
import { icon } from '../../icons.ts';
import { EYE } from '../../icons-app.ts';
import { type AccessCommand, grantIn } from '../../state/accesses.ts';
import { nameOf, NOBODY } from '../../state/whom.ts';
import { fields, host } from '../../styles/host.ts';
import { fullTime, shortTime } from '../../text/times.ts';
import { caseStyles } from '../admin-cases/cases.styles.ts';
import { renderFormDialog, renderReason, showEmpty, textIn } from '../admin-cases/fields.ts';
import { exportsStyles } from '../exports/exports.styles.ts';
import { tableStyles } from '../admin-page/page.styles.ts';
import { renderError, renderLoading } from '../admin-page/page.ts';
import { pageStyles } from '../admin-sites/admin-sites.styles.ts';
import '../dialog/dialog.ts';
import type { GorunDialog } from '../dialog/dialog.ts';
import { Asking } from '../settings/outcome.ts';
import { AccessCommandEvent } from './events.ts';

/** As the contract has it. */
const MOST_HOURS = 8;
type Step = Exclude<AccessCommand['do'], 'read' | 'ask'>;

/**
 * Who may read what others wrote for a case, where another reviewer has to grant it. Its content is shown to whom it is granted, or where nobody has to.
 * @slot - what is read
 * @fires gorun-access-command
 */
@customElement('gorun-access')
export class GorunAccess extends LitElement {
  static override styles = [host, fields, pageStyles, tableStyles, caseStyles, exportsStyles];
  @property({ attribute: false }) case!: Case;
  @property() user: UserId | undefined;
  @property({ attribute: false }) names: Names = NOBODY;
  @property({ attribute: false }) list: RouteReply<'accesses'> | undefined;
  /** What is about to be done, and to which. */
  @state() private about: { readonly step: Step; readonly one: CaseAccess } | undefined;
  @query('gorun-dialog.ask') private readonly askDialog!: GorunDialog;
  @query('gorun-dialog.step') private readonly stepDialog!: GorunDialog;
  private readonly asking = new Asking(this);
  private readonly reading = new Asking(this);

  protected override firstUpdated(): void {
    const event = new AccessCommandEvent(this.case.id, { do: 'read' });
    this.dispatchEvent(event);
    void this.reading.wait(event.outcome);
  }

  protected override render(): TemplateResult {
    const { list, reading } = this;
    if (list === undefined) return html`${renderError(reading.problem)}${reading.busy ? renderLoading() : nothing}`;
    if (!list.isNeeded) return html`<slot></slot>`;
    return html`<div class="stack">${this.renderMine(list)}${list.accesses.length === 0 ? nothing : this.renderAll(list.accesses)}</div>${this.renderDialogs()}`;
  }

  private renderMine(list: RouteReply<'accesses'>): TemplateResult {
    const mine = grantIn(list, this.user);
    if (mine !== undefined) return html`<p class="line" role="status"><span class="badge success">${icon('check', 'small')}${msg('Access granted')}</span> <span>${msg(str`until ${shortTime(mine.until ?? 0)}`)}</span> ${this.renderStep('withdraw', mine, msg('Give it back…'))}</p><slot></slot>`;
    const waiting = list.accesses.find((one) => one.by === this.user && one.state === 'waiting');
    if (waiting !== undefined) return html`<p role="status">${msg('You have asked to read for this case. It opens once another reviewer has granted it.')}</p><div class="line">${this.renderStep('withdraw', waiting, msg('Withdraw…'))}</div>`;
    return html`<p>${msg('Here another reviewer has to grant it before what others wrote is found or read for a case.')}</p>
      <div class="line"><button type="button" class="button primary" @click=${() => showEmpty(this.askDialog, this.asking)}>${icon(EYE)}${msg('Ask for access…')}</button></div>`;
  }

  private renderAll(accesses: readonly CaseAccess[]): TemplateResult {
    return html`<section class="box"><header><h2>${msg('Who may read')}</h2></header><div class="body"><ul class="rows">${repeat(accesses, ({ id }) => id, (one) => this.renderOne(one))}</ul></div></section>
      ${this.names === NOBODY ? html`<p class="quiet">${msg('Names stand here once a reason was given under Review.')}</p>` : nothing}`;
  }

  private renderOne(one: CaseAccess): TemplateResult {
    const { by, at, reason, hours, decided, withdrawn } = one;
    const last = withdrawn ?? decided;
    return html`<li><span class="grow"><strong dir="auto">${this.who(by)}</strong> ${renderState(one)}<br><span class="quiet" title=${fullTime(at)}>${shortTime(at)} · ${hours === 1 ? msg('1 hour') : msg(str`${hours} hours`)} · <span dir="auto">${reason}</span></span>
        ${last === null ? nothing : html`<br><span class="quiet" title=${fullTime(last.at)} dir="auto">${msg(str`${this.who(last.by)}: ${last.reason}`)}</span>`}</span>
      ${this.renderSteps(one)}</li>`;
  }

  private renderSteps(one: CaseAccess): TemplateResult | typeof nothing {
    if (one.by === this.user) return nothing; // above
    if (one.state === 'waiting') return html`${this.renderStep('grant', one, msg('Grant…'), 'primary')}${this.renderStep('refuse', one, msg('Refuse…'))}`;
    return isGranted(one) ? this.renderStep('withdraw', one, msg('Withdraw…')) : nothing;
  }

  private renderStep(step: Step, one: CaseAccess, label: string, style = ''): TemplateResult {
    return html`<button type="button" class="button small ${style}" @click=${() => this.ask(step, one)}>${label}</button>`;
  }

  private renderDialogs(): TemplateResult {
    const { asking, about } = this;
    const words = wordsFor(about?.step ?? 'withdraw');
    return html`${renderFormDialog({
      name: 'ask', heading: msg('Ask for access'), verb: msg('Ask'), asking, fallback: () => this.renderRoot.querySelector<HTMLElement>('.line .button'),
      body: html`<div class="field"><label for="hours">${msg('For how many hours')}</label><input class="input" id="hours" name="hours" type="number" min="1" max=${MOST_HOURS} step="1" value=${MOST_HOURS} required aria-describedby="hours-hint" />
          <span class="hint" id="hours-hint">${msg(str`They begin when it is granted; ${MOST_HOURS} at most.`)}</span></div>${renderReason('access-why', msg('The other reviewer sees it, and it stays on record.'))}`,
      submit: (given) => this.run({ do: 'ask', hours: Number(textIn(given, 'hours')), reason: textIn(given, 'reason') }),
    })}${renderFormDialog({
      name: 'step', heading: words.heading, verb: words.verb, isDanger: words.isDanger, asking, fallback: () => this.renderRoot.querySelector<HTMLElement>('.line .button, .rows .button'),
      body: html`<p>${words.says}</p>${renderReason('step-why')}`, submit: (given) => this.take(textIn(given, 'reason')),
    })}`;
  }

  private who(id: UserId): string {
    return id === this.user ? msg('you') : nameOf({ type: 'person', id }, this.names);
  }

  private ask(step: Step, one: CaseAccess): void {
    this.about = { step, one };
    showEmpty(this.stepDialog, this.asking);
  }

  private async take(reason: string): Promise<boolean> {
    return this.about !== undefined && this.run({ do: this.about.step, access: this.about.one.id, reason });
  }

  private run(command: AccessCommand): Promise<boolean> {
    const event = new AccessCommandEvent(this.case.id, command);
    this.dispatchEvent(event);
    return this.asking.wait(event.outcome);
  }
}

function isGranted({ state: is, until }: CaseAccess): boolean {
  return is === 'granted' && until !== null && until > Date.now();
}

/** How it stands, in a word and a sign. */
function renderState(one: CaseAccess): TemplateResult {
  if (one.state === 'waiting') return html`<span class="badge warning">${icon('clock', 'small')}${msg('Waits for approval')}</span>`;
  if (isGranted(one)) return html`<span class="badge success">${icon('check', 'small')}${msg(str`until ${shortTime(one.until ?? 0)}`)}</span>`;
  const word = { granted: msg('Ended'), refused: msg('Refused'), withdrawn: msg('Withdrawn'), waiting: '' }[one.state];
  return html`<span class="badge">${icon('x', 'small')}${word}</span>`;
}

function wordsFor(step: Step): { heading: string; verb: string; says: string; isDanger: boolean } {
  switch (step) {
    case 'grant':
      return { heading: msg('Grant this access?'), verb: msg('Grant'), says: msg('They can look for and read what others wrote for this case, from now on and for the hours that they asked for. Each look is recorded.'), isDanger: false };
    case 'refuse':
      return { heading: msg('Refuse this access?'), verb: msg('Refuse'), says: msg('It is over then. It can be asked for again.'), isDanger: true };
    case 'withdraw':
      return { heading: msg('Withdraw this access?'), verb: msg('Withdraw'), says: msg('Nothing is shown by it any more, from now on. It can be asked for again.'), isDanger: true };
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-access': GorunAccess;
  }
}
