import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { RouteReply } from '../../../contracts/routes.ts';
import { icon } from '../../icons.ts';
import { SHIELD } from '../../icons-admin.ts';
import { host } from '../../styles/host.ts';
import { copyText } from '../../text/clipboard.ts';
import { downloadText } from '../../text/download.ts';
import { formatCount } from '../../text/amounts.ts';
import { fullTime, shortTime } from '../../text/times.ts';
import { tableStyles } from '../admin-page/page.styles.ts';
import { renderError, renderHead, renderLoading, renderUnread } from '../admin-page/page.ts';
import { pageStyles, styles as frame } from '../admin-sites/admin-sites.styles.ts';
import { renderNav } from '../admin-sites/nav.ts';
import { Asking, AskEvent } from '../settings/outcome.ts';
import { navRow } from '../sidebar/sidebar.styles.ts';
import { styles } from './admin-records.styles.ts';
import { renderMasterKey } from './master-key.ts';
import { renderWitnesses } from './witnesses.ts';

type Checkpoint = RouteReply<'logCheckpoint'>;
type Copies = RouteReply<'logCopies'>['copies'];
type Feeds = RouteReply<'auditFeeds'>['feeds'];
type MasterKey = RouteReply<'masterKey'>;

/** Wants the next key that checkpoints are signed with. */
export class ChangeLogKeyEvent extends AskEvent {
  constructor() {
    super('gorun-change-log-key');
  }
}

/**
 * Administration: how many records there are, what was signed over them last, and how that is checked without this server. What records say is shown to nobody here.
 * @fires gorun-change-log-key
 * @fires gorun-read-again
 */
@customElement('gorun-admin-records')
export class GorunAdminRecords extends LitElement {
  static override styles = [host, navRow, frame, pageStyles, tableStyles, styles];
  @property({ attribute: false }) checkpoint: Checkpoint | undefined;
  /** Of the log, outside of the store. */
  @property({ attribute: false }) copies: Copies | undefined;
  /** Who cosigns the log, and what is cosigned here for others. */
  @property({ attribute: false }) witnesses: RouteReply<'logWitnesses'> | undefined;
  /** Where the audit log is sent on to. */
  @property({ attribute: false }) feeds: Feeds | undefined;
  /** How far another master key has taken the place of the one before. */
  @property({ attribute: false }) masterKey: MasterKey | undefined;
  /** Why it is not there. */
  @property() problem = '';
  @property({ type: Boolean }) admin = false;
  @property({ type: Boolean }) reviewer = false;
  /** What was put on the clipboard last. */
  @state() private copied = '';
  @state() private said = '';
  private readonly asking = new Asking(this);

  protected override render(): TemplateResult {
    const { checkpoint } = this;
    const badge = checkpoint === undefined || this.problem !== '' ? html`` : html`<span class="badge success" title=${fullTime(checkpoint.at)}>${icon(SHIELD, 'small')}${msg(str`Sealed ${shortTime(checkpoint.at)}, record ${formatCount(checkpoint.size)}`)}</span>`;
    return html`${renderNav('records', this.admin, this.reviewer)}<main><div>
      ${renderHead(msg('Records'), msg('Everything said and done here, in order. Nothing of what a record says is shown here: reviewers read it for a case, and that is recorded, too.'), badge)}
      ${this.problem !== '' ? renderUnread(this.problem, this.admin, this) : checkpoint === undefined ? renderLoading() : this.renderLog(checkpoint)}
      <p class="sr" role="status">${this.copied === '' ? this.said : msg('Copied')}</p></div></main>`;
  }

  private renderLog(checkpoint: Checkpoint): TemplateResult {
    return html`<div class="cols"><div class="stack">${this.renderCheckpoint(checkpoint)}${renderMeaning()}</div><div class="stack">${this.copies === undefined ? nothing : renderCopies(this.copies)}${this.witnesses === undefined ? nothing : renderWitnesses(this.witnesses)}${this.feeds === undefined || this.feeds.length === 0 ? nothing : renderFeeds(this.feeds)}${renderMasterKey(this.masterKey)}${this.renderCheck(checkpoint)}
      <section class="box"><header><h2>${msg('Erased')}</h2></header><div class="body"><p>${msg('What was erased can be read by nobody any more. Its records are unreadable and still count in the proof.')}</p></div></section></div></div>`;
  }

  private renderCheckpoint({ size, at, note, keys }: Checkpoint): TemplateResult {
    return html`<section class="box"><div class="verdict"><span class="seal">${icon(SHIELD)}</span><div><h2>${size === 1 ? msg('1 record has its place in the log, signed') : msg(str`${formatCount(size)} records have their place in the log, signed`)}</h2><p>${fullTime(at)}</p></div></div>
      <div class="body stack"><p>${msg('A checkpoint is one short text that stands for all of them. Keep it where nobody who runs this server can change it, such as with an auditor: whoever has it finds out later if the log was cut back or written anew.')}</p>
        <pre tabindex="0" aria-label=${msg('Last checkpoint')}>${note}</pre>
        <div class="line"><button type="button" class="button" @click=${() => downloadText(`checkpoint-${size}.txt`, 'text/plain', note)}>${icon('download', 'small')}${msg('Download checkpoint')}</button>${this.renderCopy('note', msg('Copy checkpoint'), note)}</div>
        <dl class="facts"><dt>${keys.length === 1 ? msg('Public key') : msg('Public keys')}</dt>${keys.map((key) => html`<dd class="mono">${key}</dd>`)}</dl>
        <div class="line">${this.renderCopy('keys', keys.length === 1 ? msg('Copy public key') : msg('Copy public keys'), keys.join('\n'))}
          <button type="button" class="button" aria-disabled=${this.asking.busy ? 'true' : nothing} @click=${() => void this.changeKey()}>${msg('Change the signing key')}</button></div>${renderError(this.asking.problem)}
        <p>${msg('A new key signs from the next record on; the one before it signs along, so that whoever has only that one can go on checking. It is on record.')}</p></div></section>`;
  }

  private async changeKey(): Promise<void> {
    if (this.asking.busy) return;
    this.said = '';
    const event = new ChangeLogKeyEvent();
    this.dispatchEvent(event);
    if (await this.asking.wait(event.outcome)) this.said = msg('The signing key was changed');
  }

  private renderCheck({ size, keys }: Checkpoint): TemplateResult {
    const command = `gorunchat verify DATA_FOLDER \\\n  --checkpoint checkpoint-${size}.txt${keys.map((key) => ` \\\n  --key '${key}'`).join('')}`;
    return html`<section class="box"><header><h2>${msg('Check it yourself')}</h2></header><div class="body stack">
      <p>${msg('Whoever has a copy of the data folder and a checkpoint can check it without this server and without trusting us. It reads, and changes nothing.')}</p>
      <pre tabindex="0" aria-label=${msg('Command that verifies the records')}>${command}</pre>
      <div class="line">${this.renderCopy('command', msg('Copy command'), command)}</div>
      <p>${msg('What a reviewer exported is checked the same way:')} <span class="mono">gorunchat verify FILE</span>, <a class="mono" href="/verify.mjs" download>node verify.mjs FILE</a></p>
      <p>${msg('Or by a page that needs no server and sends nothing anywhere. Give it to whoever is given a package, apart from the package.')}</p>
      <div class="line"><a class="button" href="/verify" target="_blank">${icon(SHIELD, 'small')}${msg('Open the page')}</a><a class="button" href="/verify" download="gorunchat-verify.html">${icon('download', 'small')}${msg('Download the page')}</a></div></div></section>`;
  }

  private renderCopy(what: string, label: string, text: string): TemplateResult {
    const isCopied = this.copied === what;
    return html`<button type="button" class="button" @click=${async () => (this.copied = (await copyText(text)) ? what : '')}>${icon(isCopied ? 'check' : 'copy', 'small')}${isCopied ? msg('Copied') : label}</button>`;
  }
}

/** What the verifier looks at, one line each, and what it cannot know. */
function renderMeaning(): TemplateResult {
  const checks = [msg('Every record follows the one before it in its chain.'), msg('No number is missing or used twice.'), msg('The log contains every record, in one order.'), msg('The checkpoint is signed with the key that you give.'), msg('The log begins with all that the checkpoint stood for.')];
  return html`<section class="box"><header><h2>${msg('What “intact” means')}</h2></header>
    <ul class="checks">${checks.map((check) => html`<li>${icon('check')}<span>${check}</span></li>`)}</ul>
    <div class="body"><p>${msg('Then no record was altered, lost, swapped or cut off since the checkpoint was made. Younger ones are vouched for by their own chain until the next checkpoint stands for them.')}</p></div></section>`;
}

/** Where the audit log is sent on to, and how far it was. */
function renderFeeds(feeds: Feeds): TemplateResult {
  return html`<section class="box copies"><header><h2>${msg('The audit log is sent on')}</h2></header>${feeds.map(({ place, sent, of, isFailing }) => html`<article class="body stack" aria-label=${place}>
    <p class="state">${isFailing ? html`<span class="badge warning">${icon('warn', 'small')}${msg('It is not taken at the moment')}</span>` : html`<span class="badge success">${icon('check', 'small')}${sent >= of ? msg('All entries were sent') : msg('The last ones follow in a moment')}</span>`}</p>
    <dl class="facts"><dt>${msg('Sent')}</dt><dd>${msg(str`${formatCount(sent)} of ${formatCount(of)} entries`)}</dd><dt>${msg('Where')}</dt><dd class="place">${place}</dd></dl></article>`)}</section>`;
}

/** Where the log is kept as well, and whether all of it is there. */
function renderCopies(copies: Copies): TemplateResult {
  return html`<section class="box copies"><header><h2>${copies.length > 1 ? msg('Copies outside') : msg('Copy outside')}</h2></header>
    ${copies.length === 0 ? html`<div class="body"><p>${msg('There is none. Whoever runs this server can name a folder for it with GORUNCHAT_ARCHIVE.')}</p></div>` : copies.map((copy) => html`<article class="body stack" aria-label=${KINDS[copy.kind]()}>${renderCopy(copy)}</article>`)}</section>`;
}

function renderCopy({ kind, place, holds, of, at, state, differsAt, compared }: Copies[number]): TemplateResult {
  const [badge, mark, says] = STATES[state];
  return html`<h3>${KINDS[kind]()}</h3><p class="state"><span class="badge ${badge}">${icon(mark, 'small')}${says()}</span></p>${renderProblem(state, differsAt)}
    <dl class="facts"><dt>${msg('Holds')}</dt><dd>${of === 1 ? msg(str`${formatCount(holds)} of 1 record`) : msg(str`${formatCount(holds)} of ${formatCount(of)} records`)}</dd>
      ${compared === null ? nothing : html`<dt>${msg('Compared')}</dt><dd>${msg(str`${formatCount(Math.min(compared, holds))} of ${formatCount(holds)} with the log, since this server started or in the last day`)}</dd>`}
      <dt>${msg('Last seen')}</dt><dd>${at === null ? msg('Not since this server started') : fullTime(at)}</dd>
      <dt>${msg('Where')}</dt><dd class="place">${place}</dd></dl>
    ${renderHowToCheck(kind, place)}`;
}

function renderProblem(state: Copies[number]['state'], differsAt: number | null): TemplateResult | typeof nothing {
  if (state === 'failing') return html`<p>${msg('It is tried again by itself, and the chat goes on. What is missing follows in order.')}</p>`;
  if (state !== 'differs') return nothing;
  return html`<p>${differsAt === null ? nothing : html`${msg(str`The first place that differs is ${formatCount(differsAt)}.`)} `}${msg('One of them was changed, or the copy is of another log. Nothing is written to it. Check both before anything else is done.')}</p>`;
}

function renderHowToCheck(kind: Copies[number]['kind'], place: string): TemplateResult {
  if (kind === 'folder') return html`<p>${msg('Check it like the data folder:')} <span class="place">gorunchat verify ${place}</span></p>`;
  if (kind === 'cloud-storage') return html`<p>${msg('Download it, then check it like the data folder:')} <span class="place">gcloud storage cp --recursive "${place}*" ARCHIVE</span>, <span class="place">gorunchat verify ARCHIVE</span></p>`;
  return html`<p>${msg('For questions about records. It is compared with the log by itself; proofs are in the other copies.')}</p>`;
}

const KINDS = {
  folder: () => msg('Folder'),
  'cloud-storage': () => msg('Cloud Storage'),
  duckdb: () => msg('DuckDB file'),
  bigquery: () => msg('BigQuery'),
} as const satisfies Record<Copies[number]['kind'], () => string>;

const STATES = {
  whole: ['success', 'check', () => msg('All records are there')],
  behind: ['', 'clock', () => msg('The last ones follow in a moment')],
  failing: ['warning', 'warn', () => msg('It cannot be written at the moment')],
  differs: ['danger', 'warn', () => msg('It does not hold what the log holds')],
} as const satisfies Record<Copies[number]['state'], readonly [string, unknown, () => string]>;

declare global {
  interface HTMLElementTagNameMap {
    'gorun-admin-records': GorunAdminRecords;
  }
  interface HTMLElementEventMap {
    'gorun-change-log-key': ChangeLogKeyEvent;
  }
}
