import { msg, str } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import type { Counted } from '../../contracts/proofs/statement.ts';
import type { Finding, Verdict } from '../../contracts/proofs/verdict.ts';
import { icon } from '../icons.ts';
import { formatCount } from '../text/amounts.ts';
import { fullTime } from '../text/times.ts';
import type { Checked } from './checking.ts';

/** What was given besides the package. */
export interface Given {
  readonly file: File | undefined;
  readonly checkpoint: string | undefined;
  readonly hasKeys: boolean;
}

const MOST_SHOWN = 100;

/** In one line. */
export function summaryOf(checked: Checked): string {
  if (checked.type === 'cancelled') return msg('Cancelled. Nothing was found out.');
  if (checked.type !== 'verdict') return msg('This could not be checked');
  const count = checked.verdict.findings.length;
  if (count === 0) return msg('Intact');
  return `${msg('Not intact')}. ${count === 1 ? msg('1 problem was found.') : msg(str`${formatCount(count)} problems were found.`)}`;
}

/** What came of a check, in words; its heading is `outcome`. */
export function renderChecked(checked: Checked, given: Given): TemplateResult {
  if (checked.type === 'verdict') return checked.verdict.findings.length === 0 ? renderIntact(checked.verdict, given) : renderBroken(checked.verdict);
  return html`<h2 id="outcome" tabindex="-1">${summaryOf(checked)}</h2>${checked.type === 'cancelled' ? nothing : html`<p>${reasonOf(checked, given)}</p>`}`;
}

function reasonOf(checked: Exclude<Checked, { type: 'verdict' | 'cancelled' }>, { file }: Given): TemplateResult | string {
  if (checked.type === 'not-one') return msg('This is no package: it does not begin as a zip file does.');
  if (checked.type === 'unreadable') return html`<span lang="en" dir="ltr">${sentence(checked.says)}</span>`;
  const name = file?.name ?? 'PACKAGE.zip.age';
  return html`${msg('It is encrypted. Whoever has the key opens it first:')} <span class="mono" dir="ltr">age --decrypt -i KEY.txt -o ${name.replace(/\.age$/u, '')} ${name}</span>`;
}

function renderIntact(verdict: Verdict, given: Given): TemplateResult {
  const { records, chains, under, counted = [] } = verdict;
  return html`<h2 id="outcome" class="good" tabindex="-1">${icon('check')}${msg('Intact')}</h2>
    <p>${msg('Every file is as it was signed. No record of a conversation in it was altered, left out or added, and the statement of which conversations there are is whole.')}</p>
    <dl><dt>${msg('Conversations in it')}</dt><dd class="num">${formatCount(chains)}</dd><dt>${msg('Records in it')}</dt><dd class="num">${formatCount(records)}</dd>
      ${under === undefined ? nothing : html`<dt>${msg('Log')}</dt><dd class="mono" dir="ltr">${under.origin}</dd><dt>${msg('Records in the log then')}</dt><dd class="num">${formatCount(under.size)}</dd>`}</dl>
    ${counted.length === 0 ? nothing : html`<h3>${msg('Whose conversations these are')}</h3><ul>${counted.map(renderCounted)}</ul>`}
    <h3>${msg('How far that can be trusted')}</h3>${renderTrust(verdict, given)}`;
}

function renderCounted({ subject, from, to, conversations, included, records }: Counted): TemplateResult {
  return html`<li><p><strong>${subject.type === 'person' ? msg('Person') : msg('Site')} <bdi class="mono">${subject.id}</bdi></strong>${from === null ? nothing : html` · ${msg(str`from ${fullTime(from)}`)}`}${to === null ? nothing : html` · ${msg(str`to ${fullTime(to)}`)}`}</p>
    <p>${msg(str`${formatCount(included)} of ${formatCount(conversations)} conversations are in it, with ${formatCount(records)} records in all of them.`)}</p></li>`;
}

function renderTrust({ keys = [], under, isHeldAgainst }: Verdict, { checkpoint, hasKeys }: Given): TemplateResult {
  const size = Number(checkpoint?.split('\n')[1]);
  return html`${hasKeys ? html`<p>${msg('It is signed with a public key that you gave.')}</p>` : html`<p>${msg('You gave no public key, so it was checked with what the package names itself. Compare that with what you had from the deployment: whoever makes a whole new package can name a key of their own.')}</p>
      <ul>${keys.map((key) => html`<li class="mono key" dir="ltr">${key}</li>`)}</ul>`}
    ${checkpoint === undefined ? nothing : isHeldAgainst === true ? html`<p>${msg('It is under the checkpoint that you gave.')}</p>` : html`<p class="notice">${icon('warn', 'small')}<span>${msg(str`The checkpoint that you gave is of another moment (${formatCount(size)} records, the package ${formatCount(under?.size ?? 0)}), so the package could not be held against it.`)}</span></p>`}`;
}

function renderBroken({ findings }: Verdict): TemplateResult {
  return html`<h2 id="outcome" class="bad" tabindex="-1">${icon('warn')}${msg('Not intact')}</h2>
    <p>${findings.length === 1 ? msg('1 problem was found.') : msg(str`${formatCount(findings.length)} problems were found.`)}</p>
    <ul class="findings">${findings.slice(0, MOST_SHOWN).map(({ kind, says }) => html`<li><span class="badge danger">${KINDS[kind]()}</span><span lang="en" dir="ltr">${sentence(says)}</span></li>`)}</ul>
    ${findings.length > MOST_SHOWN ? html`<p>${msg(str`… and ${formatCount(findings.length - MOST_SHOWN)} more`)}</p>` : nothing}`;
}

const KINDS = {
  altered: () => msg('Altered'),
  missing: () => msg('Missing'),
  swapped: () => msg('Exchanged'),
  truncated: () => msg('Cut off'),
  unreadable: () => msg('Unreadable'),
  restored: () => msg('Restored'),
} as const satisfies Record<Finding['kind'], () => string>;

/** The verifier's own words, which are English wherever they are said. */
function sentence(says: string): string {
  return /[.:]$/u.test(says) ? says : `${says}.`;
}
