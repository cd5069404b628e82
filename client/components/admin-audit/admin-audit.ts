import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Names } from '../../../contracts/cases.ts';
import { icon } from '../../icons.ts';
import type { AuditLog, Following } from '../../state/audit.ts';
import { type AuditWanted, EVERYTHING } from '../../state/audit-wanted.ts';
import { later } from '../../state/frame.ts';
import { NOBODY } from '../../state/whom.ts';
import { fields, host } from '../../styles/host.ts';
import { downloadFile } from '../../text/download.ts';
import { formatBytes } from '../../text/sizes.ts';
import { tableStyles } from '../admin-page/page.styles.ts';
import { renderError, renderHead, renderLoading, renderUnread } from '../admin-page/page.ts';
import { pageStyles, styles as frame } from '../admin-sites/admin-sites.styles.ts';
import { renderNav } from '../admin-sites/nav.ts';
import { Asking } from '../settings/outcome.ts';
import { navRow } from '../sidebar/sidebar.styles.ts';
import { styles } from './admin-audit.styles.ts';
import { renderEntry } from './entry.ts';
import { type AuditFormat, FollowAuditEvent, MoreAuditEvent, ShowAuditEvent, TakeAuditEvent } from './events.ts';
import { renderFilters, wantedIn } from './filters.ts';

/** So long new entries are counted before somebody who listens is told how many there are. */
const TELL_AFTER_MS = 1_500;

/**
 * Administration: who did what and when, but for what was said in conversations. Looking at it is on record, too.
 * @fires gorun-show-audit
 * @fires gorun-more-audit
 * @fires gorun-follow-audit
 * @fires gorun-take-audit
 * @fires gorun-read-again
 */
@customElement('gorun-admin-audit')
export class GorunAdminAudit extends LitElement {
  static override styles = [host, fields, navRow, frame, pageStyles, tableStyles, styles];
  @property({ attribute: false }) log: AuditLog | undefined;
  /** Why it is not there. */
  @property() problem = '';
  @property({ attribute: false }) wanted: AuditWanted = EVERYTHING;
  @property({ attribute: false }) names: Names = NOBODY;
  /** Whether what came before is being asked for, and why it did not come. */
  @property({ type: Boolean }) busy = false;
  @property() moreProblem = '';
  @property() following: Following = 'off';
  /** Why following is over. */
  @property() endProblem = '';
  @property({ type: Number }) freshAfter = Infinity;
  @property({ type: Boolean }) admin = false;
  @property({ type: Boolean }) reviewer = false;
  @state() private types: ReadonlySet<string> = new Set();
  @state() private wrong = '';
  @state() private open: ReadonlySet<number> = new Set();
  /** Bytes of the file that have come. */
  @state() private taken: number | undefined;
  @state() private said = '';
  private readonly asking = new Asking(this);
  #told = 0;
  #tell: (() => void) | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#tell?.();
    this.#tell = undefined;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('wanted')) {
      this.types = new Set(this.wanted.types);
      this.wrong = '';
      this.open = new Set();
    }
    if (changed.has('log') || changed.has('freshAfter')) this.#count();
  }

  private get fresh(): number {
    return this.log?.entries.filter(({ number }) => number > this.freshAfter).length ?? 0;
  }

  protected override render(): TemplateResult {
    return html`${renderNav('audit', this.admin, this.reviewer)}<main><div>
      ${renderHead(msg('Audit log'), msg('Who did what, when and from where. What is said in conversations is not in it. That you look at it is in it, too.'), this.admin ? this.renderActions() : nothing)}
      ${this.admin ? html`<p class="taken" role="status">${this.taken === undefined ? nothing : msg(str`Downloading: ${formatBytes(this.taken)} so far`)}</p>${renderError(this.asking.problem)}${renderError(this.endProblem)}${this.renderFilters()}` : nothing}
      ${this.problem !== '' ? renderUnread(this.problem, this.admin, this) : this.log === undefined ? renderLoading() : this.renderLog(this.log)}
      <p class="sr" role="status">${this.said}</p></div></main>`;
  }

  private renderActions(): TemplateResult {
    const { following } = this;
    const isOn = following !== 'off' && following !== 'over';
    const take = (format: AuditFormat, label: string): TemplateResult => html`<button type="button" class="button" aria-disabled=${this.asking.busy ? 'true' : nothing} @click=${() => void this.take(format)}>${icon('download', 'small')}${label}</button>`;
    return html`${take('csv', msg('CSV'))}${take('ndjson', msg('NDJSON'))}
      <label class="follow">${following === 'live' ? html`<span class="running" aria-hidden="true"><i></i><i></i><i></i></span>` : nothing}<span>${msg('Follow')}</span><span class="switch"><input type="checkbox" role="switch" .checked=${live(isOn)} @change=${() => this.dispatchEvent(new FollowAuditEvent(!isOn))} /><i></i></span></label>`;
  }

  private renderFilters(): TemplateResult {
    const { wanted, names, types, wrong } = this;
    return renderFilters({ wanted, names, types, problem: wrong, tick: (ticked, isOn) => this.tick(ticked, isOn), submit: this.onSubmit, clear: this.onClear });
  }

  private renderLog({ entries, before }: AuditLog): TemplateResult {
    const more = before === null ? html`<p class="quiet after">${msg('The log begins here.')}</p>` : html`<div class="more">${renderError(this.moreProblem)}<button type="button" class="button" aria-disabled=${this.busy ? 'true' : nothing} @click=${() => !this.busy && this.dispatchEvent(new MoreAuditEvent())}>${this.busy ? html`<span class="spinner"></span>${msg('Loading')}` : msg('Load more')}</button></div>`;
    if (entries.length === 0) return html`${this.renderFollowed()}<p class="none" role="status">${before === null ? msg('Nothing in the log is like that.') : msg('Nothing like that among the latest entries. There are earlier ones.')}</p>${before === null ? nothing : more}`;
    return html`${this.renderFollowed()}<div class="box"><table class="table log" aria-label=${msg('Entries, the latest first')}><thead><tr><th scope="col">${msg('Time')}</th><th scope="col">${msg('Who')}</th><th scope="col">${msg('What happened')}</th><th scope="col">${msg('From where')}</th></tr></thead>
      <tbody>${repeat(entries, ({ number }) => number, (entry) => renderEntry(entry, { names: this.names, isOpen: this.open.has(entry.number), isFresh: entry.number > this.freshAfter, turn: this.turn }))}</tbody></table></div>${more}`;
  }

  /** Where following stands: nothing is said of it while it is not asked for. */
  private renderFollowed(): TemplateResult | typeof nothing {
    const { following, fresh } = this;
    if (following === 'off' || following === 'over') return nothing;
    const words = following === 'live' ? (fresh === 0 ? msg('New entries will stand here.') : freshInWords(fresh)) : following === 'waiting' ? msg('Reconnecting. What came meanwhile comes then.') : msg('Connecting');
    return html`<p class="followed ${following}">${following === 'waiting' ? icon('warn', 'small') : nothing}${words}</p>`;
  }

  private readonly turn = (number: number): void => {
    const open = new Set(this.open);
    if (!open.delete(number)) open.add(number);
    this.open = open;
  };

  private tick(ticked: readonly string[], isOn: boolean): void {
    const types = new Set(this.types);
    for (const type of ticked) if (isOn) types.add(type); else types.delete(type);
    this.types = types;
  }

  private readonly onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    const wanted = wantedIn(event.currentTarget as HTMLFormElement, this.types, this.names);
    this.wrong = typeof wanted === 'string' ? wanted : '';
    if (typeof wanted !== 'string') this.dispatchEvent(new ShowAuditEvent(wanted));
  };

  private readonly onClear = (event: Event): void => {
    (event.currentTarget as HTMLButtonElement).form?.reset();
    this.types = new Set();
    this.wrong = '';
    this.dispatchEvent(new ShowAuditEvent(EVERYTHING));
  };

  private async take(format: AuditFormat): Promise<void> {
    if (this.asking.busy) return;
    this.taken = 0;
    const event = new TakeAuditEvent(format, (bytes) => (this.taken = bytes));
    this.dispatchEvent(event);
    if (await this.asking.wait(event.outcome)) downloadFile(`audit-${new Date().toISOString().slice(0, 10)}.${format}`, (await event.outcome) as Blob);
    this.taken = undefined;
  }

  /** Says how many have come, and not each of them. */
  #count(): void {
    const { fresh } = this;
    if (fresh <= this.#told) {
      this.#told = fresh;
      if (fresh === 0) this.said = '';
      return;
    }
    this.#tell ??= later(TELL_AFTER_MS, () => {
      this.#tell = undefined;
      this.#told = this.fresh;
      this.said = this.#told === 0 ? '' : freshInWords(this.#told);
    });
  }
}

function freshInWords(count: number): string {
  return count === 1 ? msg('1 new entry') : msg(str`${count} new entries`);
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-admin-audit': GorunAdminAudit;
  }
}
