import { msg, str } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import type { Names } from '../../../contracts/cases.ts';
import type { CaseExport, ExportForm, ExportState } from '../../../contracts/exports.ts';
import type { UserId } from '../../../contracts/ids.ts';
import { icon } from '../../icons.ts';
import { allNamed, nameOf } from '../../state/whom.ts';
import { formatBytes } from '../../text/sizes.ts';
import { fullTime, longDay, shortTime } from '../../text/times.ts';

/** What an order is of. */
export function titleOf({ scope }: CaseExport, names: Names): string {
  if (scope.type === 'chosen') return scope.conversations.length === 1 ? msg('1 conversation') : msg(str`${scope.conversations.length} conversations`);
  const of = allNamed(scope.of, names);
  if (scope.from === null && scope.to === null) return msg(str`All conversations of ${of}`);
  if (scope.to === null) return msg(str`All conversations of ${of} from ${longDay(scope.from ?? 0)} on`);
  return scope.from === null ? msg(str`All conversations of ${of} up to ${longDay(scope.to)}`) : msg(str`All conversations of ${of} from ${longDay(scope.from)} to ${longDay(scope.to)}`);
}

/** How an order stands, in a word and a sign. */
export function renderState(state: ExportState): TemplateResult {
  const sign = { waiting: 'clock', making: 'clock', ready: 'check', cancelled: 'x', refused: 'x', failed: 'warn', expired: 'x' } as const;
  const tone = { waiting: 'warning', making: 'info', ready: 'success', cancelled: '', refused: '', failed: 'danger', expired: '' } as const;
  const word = { waiting: msg('Waits for approval'), making: msg('Being made'), ready: msg('Ready'), cancelled: msg('Cancelled'), refused: msg('Refused'), failed: msg('Could not be made'), expired: msg('Expired') };
  return html`<span class="badge ${tone[state]}">${icon(sign[state], 'small')}${word[state]}</span>`;
}

const FORM: Readonly<Record<ExportForm, string>> = { csv: 'CSV', html: 'HTML', eml: 'EML', rsmf: 'RSMF 2.0' };

/** Who ordered it, why, and what is in it. */
export function factsOf({ at, by, reason, forms, recipient, made, expiresAt, decided, endedAt, state }: CaseExport, names: Names, user: UserId | undefined): TemplateResult {
  const who = (id: UserId): string => (id === user ? msg('you') : nameOf({ type: 'person', id }, names));
  return html`<dt>${msg('Ordered')}</dt><dd title=${fullTime(at)}>${msg(str`${shortTime(at)} by ${who(by)}`)}</dd><dt>${msg('Reason')}</dt><dd dir="auto">${reason}</dd>
    <dt>${msg('Forms')}</dt><dd>${['NDJSON', ...forms.map((form) => FORM[form])].join(', ')}</dd>
    ${recipient === null ? nothing : html`<dt>${msg('Encrypted to')}</dt><dd class="mono">${recipient}</dd>`}
    ${decided === null ? nothing : html`<dt>${state === 'refused' ? msg('Refused') : msg('Approved')}</dt><dd title=${fullTime(decided.at)} dir="auto">${msg(str`${shortTime(decided.at)} by ${who(decided.by)}: ${decided.reason}`)}</dd>`}
    ${made === null ? nothing : html`<dt>${msg('Holds')}</dt><dd>${made.conversations === 1 ? msg('1 conversation') : msg(str`${made.conversations} conversations`)}, ${formatBytes(made.bytes)}</dd>`}
    ${expiresAt === null ? nothing : html`<dt>${msg('Kept until')}</dt><dd>${fullTime(expiresAt)}</dd>`}
    ${endedAt === null ? nothing : html`<dt>${msg('Over since')}</dt><dd title=${fullTime(endedAt)}>${shortTime(endedAt)}</dd>`}`;
}
