import { msg, str } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import type { RouteReply } from '../../../contracts/routes.ts';
import { icon } from '../../icons.ts';
import { downloadText } from '../../text/download.ts';
import { formatCount } from '../../text/amounts.ts';
import { fullTime } from '../../text/times.ts';

type Witnesses = RouteReply<'logWitnesses'>;

/** Who cosigns the log and how far, and what this deployment has cosigned of others; nothing where there is neither. */
export function renderWitnesses({ witnesses, own }: Witnesses): TemplateResult {
  return html`${witnesses.length === 0 ? nothing : html`<section class="box copies"><header><h2>${witnesses.length > 1 ? msg('Witnesses') : msg('Witness')}</h2></header>${witnesses.map((one) => html`<article class="body stack" aria-label=${one.name}>${renderWitness(one)}</article>`)}</section>`}
    ${own === null ? nothing : renderOwn(own)}`;
}

function renderWitness({ name, place, size, of, at, note, state }: Witnesses['witnesses'][number]): TemplateResult {
  const [badge, mark, says] = STATES[state];
  return html`<h3>${name}</h3><p class="state"><span class="badge ${badge}">${icon(mark, 'small')}${says()}</span></p>
    ${state === 'refused' ? html`<p>${msg('Somebody has cut the log back or written it anew, or a backup was restored. Check it with a checkpoint that was kept elsewhere before anything else is done.')}</p>` : nothing}
    ${state === 'failing' ? html`<p>${msg('It is asked again by itself, and the chat goes on.')}</p>` : nothing}
    <dl class="facts"><dt>${msg('Cosigned')}</dt><dd>${of === 1 ? msg(str`${formatCount(size)} of 1 record`) : msg(str`${formatCount(size)} of ${formatCount(of)} records`)}</dd>
      <dt>${msg('Last time')}</dt><dd>${at === null ? msg('Not yet') : fullTime(at)}</dd><dt>${msg('Where')}</dt><dd class="place">${place}</dd></dl>
    ${note === null ? nothing : html`<div class="line"><button type="button" class="button" @click=${() => downloadText(`cosigned-${size}.txt`, 'text/plain', note)}>${icon('download', 'small')}${msg('Download what it cosigned')}</button></div>`}`;
}

function renderOwn({ key, logs }: NonNullable<Witnesses['own']>): TemplateResult {
  return html`<section class="box copies"><header><h2>${msg('Witness for others')}</h2></header>${logs.map(({ origin, size, at, isRefused }) => html`<article class="body stack" aria-label=${origin}><h3>${origin}</h3>
    ${isRefused ? html`<p class="state"><span class="badge danger">${icon('warn', 'small')}${msg('It has signed two different logs')}</span></p><p>${msg('What it signed is in the audit log, as “checkpoint refused”.')}</p>` : nothing}
    <dl class="facts"><dt>${msg('Cosigned')}</dt><dd>${size === 1 ? msg('1 record') : msg(str`${formatCount(size)} records`)}</dd><dt>${msg('Last time')}</dt><dd>${at === null ? msg('Not yet') : fullTime(at)}</dd></dl></article>`)}
    <div class="body"><dl class="facts"><dt>${msg('Public key')}</dt><dd class="mono">${key}</dd></dl></div></section>`;
}

const STATES = {
  whole: ['success', 'check', () => msg('All records are cosigned')],
  behind: ['', 'clock', () => msg('The last ones follow within a minute')],
  failing: ['warning', 'warn', () => msg('It cannot be asked at the moment, or does not know this log')],
  refused: ['danger', 'warn', () => msg('It refuses the log: it has cosigned another one')],
} as const satisfies Record<Witnesses['witnesses'][number]['state'], readonly [string, unknown, () => string]>;
