import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Case, Names } from '../../../contracts/cases.ts';
import type { CaseExport } from '../../../contracts/exports.ts';
import type { ExportId, UserId } from '../../../contracts/ids.ts';
import type { RouteReply } from '../../../contracts/routes.ts';
import { icon } from '../../icons.ts';
import type { ExportCommand, Ordered } from '../../state/exports.ts';
import { NOBODY, type Whom } from '../../state/whom.ts';
import { fields, host } from '../../styles/host.ts';
import { dayBegins, dayEnds } from '../../text/dates.ts';
import { downloadFile } from '../../text/download.ts';
import { formatBytes } from '../../text/sizes.ts';
import { caseStyles } from '../admin-cases/cases.styles.ts';
import { renderDay, renderFormDialog, renderReason, renderWhom, showEmpty, textIn } from '../admin-cases/fields.ts';
import { tableStyles } from '../admin-page/page.styles.ts';
import { renderError, renderLoading } from '../admin-page/page.ts';
import { pageStyles } from '../admin-sites/admin-sites.styles.ts';
import '../dialog/dialog.ts';
import type { GorunDialog } from '../dialog/dialog.ts';
import { Asking } from '../settings/outcome.ts';
import { ExportCommandEvent } from './events.ts';
import { factsOf, renderState, titleOf } from './export-words.ts';
import { exportsStyles } from './exports.styles.ts';
import { orderOf, renderOrderFields } from './order-form.ts';

const LOOK_AGAIN_MS = 2_000;
type Step = Extract<ExportCommand, { export: ExportId }>['do'];

/** Packages that were ordered for a case: how far each is, who has to do what, and how it is checked. */
@customElement('gorun-exports')
export class GorunExports extends LitElement {
  static override styles = [host, fields, pageStyles, tableStyles, caseStyles, exportsStyles];
  @property({ attribute: false }) case!: Case;
  @property() user: UserId | undefined;
  @property({ attribute: false }) names: Names = NOBODY;
  @property({ attribute: false }) list: RouteReply<'exports'> | undefined;
  @state() private type: Whom = 'person';
  /** What is about to be done, and to which. */
  @state() private about: { readonly step: Step; readonly one: CaseExport } | undefined;
  /** Bytes of a download that have come. */
  @state() private coming: number | undefined;
  @state() private saved: { readonly id: ExportId; readonly name: string } | undefined;
  @query('gorun-dialog.order') private readonly orderDialog!: GorunDialog;
  @query('gorun-dialog.step') private readonly stepDialog!: GorunDialog;
  private readonly asking = new Asking(this);
  private readonly reading = new Asking(this);
  private timer: ReturnType<typeof setTimeout> | undefined;

  protected override firstUpdated(): void {
    void this.read();
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('list')) this.lookAgain();
  }

  /** While something is being made how far it is is asked for again and again, also when an answer did not come. */
  private lookAgain(): void {
    clearTimeout(this.timer);
    if (this.isConnected && this.list?.exports.some((one) => one.state === 'making') === true) this.timer = setTimeout(() => void this.read('look'), LOOK_AGAIN_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  protected override render(): TemplateResult {
    const { list, reading, case: one } = this;
    const isOpen = one.closedAt === null;
    return html`<div class="stack">
      ${isOpen ? html`<div class="line"><button type="button" class="button primary" @click=${() => showEmpty(this.orderDialog, this.asking)}>${icon('download')}${msg('Order an export…')}</button></div>` : nothing}
      ${renderError(reading.problem)}${list === undefined ? (reading.busy ? renderLoading() : nothing) : this.renderList(list)}</div>${this.renderDialogs(list?.needsApproval ?? false)}`;
  }

  private renderList({ exports, needsApproval }: RouteReply<'exports'>): TemplateResult {
    return html`${needsApproval ? html`<p class="quiet">${msg('Here another reviewer approves each export before it is made.')}</p>` : nothing}
      ${exports.length === 0 ? html`<p class="quiet">${msg('Nothing was exported for this case yet.')}</p>` : nothing}
      ${repeat(exports, ({ id }) => id, (one) => this.renderOne(one))}
      ${this.names === NOBODY && exports.length > 0 ? html`<p class="quiet">${msg('Names stand here once a reason was given under Review.')}</p>` : nothing}
      <p class="quiet">${msg('A package is kept for seven days, encrypted, and then destroyed. Each download is recorded with its reason.')}</p>`;
  }

  private renderOne(one: CaseExport): TemplateResult {
    return html`<section class="box" aria-label=${titleOf(one, this.names)}><header><h2 dir="auto">${titleOf(one, this.names)}</h2>${renderState(one.state)}</header>
      <div class="body">${this.renderProgress(one)}<dl class="facts">${factsOf(one, this.names, this.user)}</dl>${this.renderActions(one)}${this.saved?.id === one.id ? renderCheck(this.saved.name, one) : nothing}</div></section>`;
  }

  private renderProgress({ state: is, progress }: CaseExport): TemplateResult | typeof nothing {
    if (is !== 'making') return nothing;
    const of = progress?.of ?? null;
    const says = of === null ? msg('Finding out what there is') : msg(str`${progress?.done ?? 0} of ${of} conversations`);
    return html`<div class="making"><progress aria-label=${msg('How far it is')} max=${of ?? nothing} value=${of === null ? nothing : (progress?.done ?? 0)}></progress><span class="quiet" role="status">${says}</span></div>`;
  }

  private renderActions(one: CaseExport): TemplateResult | typeof nothing {
    const isMine = one.by === this.user;
    const button = (step: Step, label: string, style = '') => html`<button type="button" class="button small ${style}" @click=${() => this.ask(step, one)}>${label}</button>`;
    if (one.state === 'waiting') return html`<div class="actions">${isMine ? html`<span class="quiet">${msg('It waits for another reviewer.')}</span>` : html`${button('approve', msg('Approve…'), 'primary')}${button('refuse', msg('Refuse…'))}`}${button('cancel', msg('Cancel…'))}</div>`;
    if (one.state === 'making') return html`<div class="actions">${button('cancel', msg('Cancel…'))}</div>`;
    return one.state === 'ready' ? html`<div class="actions">${button('download', msg('Download…'), 'primary')}${button('cancel', msg('Destroy…'))}${this.coming !== undefined && this.about?.one.id === one.id ? html`<span role="status" class="quiet">${msg(str`${formatBytes(this.coming)} so far`)}</span>` : nothing}</div>` : nothing;
  }

  private renderDialogs(needsApproval: boolean): TemplateResult {
    const { asking, about, type } = this;
    const types: readonly [Whom, string][] = [['person', msg('People')], ['site', msg('Visitors of sites')], ['everybody', msg('Everybody, in a time range')]];
    const words = wordsFor(about?.step ?? 'cancel', about?.one);
    return html`${renderFormDialog({
      name: 'order', heading: msg('Order an export'), verb: msg('Order'), asking,
      body: html`<div class="field"><label for="order-type">${msg('All conversations of')}</label><select class="input" id="order-type" @change=${(event: Event) => (this.type = (event.target as HTMLSelectElement).value as Whom)}>${types.map(([of, label]) => html`<option value=${of} ?selected=${of === type}>${label}</option>`)}</select></div>
        ${renderWhom('order-whom', type, this.names, '', true)}<p class="quiet">${msg('Single conversations are exported from Review.')}</p>
        <div class="pair">${renderDay('order-from', 'from', msg('From'))}${renderDay('order-to', 'to', msg('To'))}</div>
        ${renderOrderFields('order')}${needsApproval ? html`<p class="quiet">${msg('It is made once another reviewer has approved it.')}</p>` : nothing}`,
      submit: (given) => this.run(orderOf(given, this.orderedIn(given))),
    })}${renderFormDialog({
      name: 'step', heading: words.heading, verb: words.verb, isDanger: words.isDanger, asking, fallback: () => this.renderRoot.querySelector<HTMLElement>('.box .button, .line .button'),
      body: html`<p>${words.says}</p>${renderReason('step-why')}`, submit: (given) => this.take(textIn(given, 'reason')),
    })}`;
  }

  private orderedIn(given: FormData): Ordered {
    return { type: this.type, whom: textIn(given, 'whom'), from: dayBegins(textIn(given, 'from')), to: dayEnds(textIn(given, 'to')) };
  }

  private ask(step: Step, one: CaseExport): void {
    this.about = { step, one };
    showEmpty(this.stepDialog, this.asking);
  }

  private async take(reason: string): Promise<boolean> {
    const { about } = this;
    if (about === undefined) return false;
    const id = about.one.id;
    if (about.step !== 'download') return this.run({ do: about.step, export: id, reason });
    const event = new ExportCommandEvent(this.case.id, { do: 'download', export: id, reason, progress: (bytes) => (this.coming = bytes) });
    this.dispatchEvent(event);
    const isThere = await this.asking.wait(event.outcome);
    this.coming = undefined;
    if (isThere) this.save(about.one, (await event.outcome) as Blob);
    return isThere;
  }

  private save({ id, recipient }: CaseExport, bytes: Blob): void {
    const name = `${this.case.name.replaceAll(/[^\p{L}\p{N}]+/gu, '-').replaceAll(/^-|-$/gu, '') || 'case'}-${new Date().toISOString().slice(0, 10)}.zip${recipient === null ? '' : '.age'}`;
    downloadFile(name, bytes);
    this.saved = { id, name };
  }

  private async read(how: 'read' | 'look' = 'read'): Promise<void> {
    const event = new ExportCommandEvent(this.case.id, { do: how });
    this.dispatchEvent(event);
    await this.reading.wait(event.outcome);
    this.lookAgain();
  }

  private run(command: ExportCommand): Promise<boolean> {
    const event = new ExportCommandEvent(this.case.id, command);
    this.dispatchEvent(event);
    return this.asking.wait(event.outcome);
  }
}

/** How a package is checked, and what comes of it. */
function renderCheck(name: string, { recipient }: CaseExport): TemplateResult {
  const zip = name.replace(/\.age$/u, '');
  return html`<div class="check-it" role="status"><span>${msg(str`Saved as ${name}.`)} ${msg('Anybody can check it, without this server:')}</span>
    ${recipient === null ? nothing : html`<span class="mono">age --decrypt -i KEY.txt -o ${zip} ${name}</span>`}<span class="mono">gorunchat verify ${zip}</span>
    <span>${msg('Or, without the command line:')} <a href="/verify" target="_blank">${msg('a page that checks it in the browser')}</a></span>
    <span class="quiet">${msg('“Intact” means: nothing in it was altered, left out or added since it was signed here. Otherwise it names each thing that is wrong.')}</span></div>`;
}

function wordsFor(step: Step, one: CaseExport | undefined): { heading: string; verb: string; says: string; isDanger: boolean } {
  switch (step) {
    case 'approve':
      return { heading: msg('Approve this export?'), verb: msg('Approve'), says: msg('It is made then, and every reviewer can download it.'), isDanger: false };
    case 'refuse':
      return { heading: msg('Refuse this export?'), verb: msg('Refuse'), says: msg('It is over then. It can be ordered again.'), isDanger: true };
    case 'download':
      return { heading: msg('Download this export?'), verb: msg('Download'), says: msg('It holds what others wrote, and what leaves this server is out of its reach.'), isDanger: false };
    case 'cancel':
      return one?.state === 'ready'
        ? { heading: msg('Destroy this package?'), verb: msg('Destroy'), says: msg('Its key is destroyed. What was downloaded stays with those who have it.'), isDanger: true }
        : { heading: msg('Cancel this export?'), verb: msg('Cancel export'), says: msg('Nothing of it is left.'), isDanger: true };
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-exports': GorunExports;
  }
}
