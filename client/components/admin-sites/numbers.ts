import { msg, str } from '@lit/localize';
import { html, nothing, svg, type TemplateResult } from 'lit';
import type { SiteDay } from '../../../contracts/sites.ts';
import { icon } from '../../icons.ts';
import { downloadText } from '../../text/download.ts';
import { language } from '../../text/language.ts';

export interface Numbers {
  readonly days: readonly SiteDay[];
  readonly isWhole: boolean;
}

type Count = Exclude<keyof SiteDay, 'day' | 'tookMs'>;

const BAR = { width: 8, height: 72 };

/** What came of a site's chat in the last days: sums, a plot for each, the table behind them, and a file to take away. */
export function renderNumbers(numbers: Numbers | undefined, problem: string): TemplateResult {
  if (problem !== '') return html`<p class="error" role="alert">${problem}</p>`;
  if (numbers === undefined) return html`<p class="quiet" role="status">${msg('Loading')}</p>`;
  const { days, isWhole } = numbers;
  const counts: readonly [Count, string][] = [
    ['conversations', msg('Conversations begun')], ['handedOver', msg('Answered by people')], ['asked', msg('Messages of visitors')], ['answered', msg('Replies of the model')],
    ['unfinished', msg('Replies without an end')], ['good', msg('Good replies')], ['bad', msg('Bad replies')], ['outputTokens', msg('Tokens written')],
  ];
  return html`${isWhole ? nothing : html`<p class="quiet">${msg('There are more conversations than are counted here; the oldest are left out.')}</p>`}
    <div class="plots">${counts.map(([count, label]) => renderPlot(days, count, label))}</div>
    <div class="line"><button type="button" class="button" @click=${() => downloadText(`chat-${days[0]?.day ?? ''}-${days.at(-1)?.day ?? ''}.csv`, 'text/csv', csvOf(days))}>${icon('download', 'small')}${msg('Download as CSV')}</button></div>`;
}

function renderPlot(days: readonly SiteDay[], count: Count, label: string): TemplateResult {
  const sum = days.reduce((all, day) => all + day[count], 0);
  const most = Math.max(1, ...days.map((day) => day[count]));
  const number = new Intl.NumberFormat(language());
  const said = msg(str`${label}: ${number.format(sum)} in ${days.length} days, at most ${number.format(most)} on one`);
  return html`<figure class="box plot"><figcaption>${label}<strong class="num">${number.format(sum)}</strong></figcaption>
    <svg role="img" aria-label=${said} viewBox="0 0 ${days.length * BAR.width} ${BAR.height}" preserveAspectRatio="none">${days.map((day, place) => {
      const height = (day[count] / most) * (BAR.height - 4);
      return svg`<rect x=${place * BAR.width + 1} y=${BAR.height - height} width=${BAR.width - 2} height=${height}><title>${day.day}: ${number.format(day[count])}</title></rect>`;
    })}</svg></figure>`;
}

/** RFC 4180; every field is a number or a date, so nothing needs quotes. */
function csvOf(days: readonly SiteDay[]): string {
  const [first] = days;
  if (first === undefined) return '';
  const names = Object.keys(first) as (keyof SiteDay)[];
  return [names.join(','), ...days.map((day) => names.map((name) => day[name] ?? '').join(','))].map((line) => `${line}\r\n`).join('');
}
