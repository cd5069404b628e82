import { msg, str } from '@lit/localize';
import { html, nothing, svg, type TemplateResult } from 'lit';
import type { SiteDay } from '../../../contracts/sites.ts';
import { icon } from '../../icons.ts';
import { downloadText } from '../../text/download.ts';
import { language } from '../../text/language.ts';

export interface Numbers {
  readonly days: readonly SiteDay[];
  readonly isWhole: boolean;
  /** Of what the replies cost; `null` where no prices are set. */
  readonly currency: string | null;
}

type Time = 'firstMs' | 'tookMs';
type Count = Exclude<keyof SiteDay, 'day' | 'cost' | Time>;

const BAR = { width: 8, height: 72 };

/** What came of a site's chat in the last days: sums, a plot for each, the table behind them, and a file to take away. */
export function renderNumbers(numbers: Numbers | undefined, problem: string): TemplateResult {
  if (problem !== '') return html`<p class="error" role="alert">${problem}</p>`;
  if (numbers === undefined) return html`<p class="quiet" role="status">${msg('Loading')}</p>`;
  const { days, isWhole, currency } = numbers;
  const counts: readonly [Count, string][] = [
    ['conversations', msg('Conversations begun')], ['settled', msg('Settled by the model')], ['handedOver', msg('Answered by people')], ['asked', msg('Messages of visitors')], ['answered', msg('Replies of the model')],
    ['unfinished', msg('Replies without an end')], ['good', msg('Good replies')], ['bad', msg('Bad replies')], ['outputTokens', msg('Tokens written')],
  ];
  return html`${isWhole ? nothing : html`<p class="quiet">${msg('There are more conversations than are counted here; the oldest are left out.')}</p>`}
    <div class="plots">${counts.map(([count, label]) => renderCount(days, count, label))}${renderTime(days, 'firstMs', msg('Time to the first word'))}${renderTime(days, 'tookMs', msg('Time for a reply'))}${currency === null ? nothing : renderCost(days, currency)}</div>
    ${currency === null ? nothing : html`<p class="quiet">${msg('Cost: what replies used, at the prices of that moment. Replies that did not say what they used, or whose model had no price then, are not in it.')}</p>`}
    <p class="quiet">${msg('Settled by the model: it has replied, and no person has or is asked for.')}</p>
    <p class="quiet">${msg('Counted are the conversations that are there: what was deleted, or is no longer kept, is in no day any more. For longer, keep the file.')}</p>
    <div class="line"><button type="button" class="button" @click=${() => downloadText(`chat-${days[0]?.day ?? ''}-${days.at(-1)?.day ?? ''}.csv`, 'text/csv', csvOf(days, currency))}>${icon('download', 'small')}${msg('Download as CSV')}</button></div>`;
}

function renderCount(days: readonly SiteDay[], count: Count, label: string): TemplateResult {
  const sum = days.reduce((all, day) => all + day[count], 0);
  const most = Math.max(1, ...days.map((day) => day[count]));
  const number = new Intl.NumberFormat(language());
  const said = msg(str`${label}: ${number.format(sum)} in ${days.length} days, at most ${number.format(most)} on one`);
  return renderPlot({ label, said, value: number.format(sum), bars: days.map((day) => ({ height: day[count] / most, title: `${day.day}: ${number.format(day[count])}` })) });
}

/** The median of each day; over them stands that of the latest day with replies. */
function renderTime(days: readonly SiteDay[], time: Time, label: string): TemplateResult {
  const latest = days.findLast((day) => day[time] !== null)?.[time];
  const most = Math.max(1, ...days.map((day) => day[time] ?? 0));
  const value = latest === undefined || latest === null ? '–' : seconds(latest);
  const said = msg(str`${label}: ${value} on the latest day with replies, at most ${seconds(most)} on one`);
  return renderPlot({ label, said, value, bars: days.map((day) => ({ height: (day[time] ?? 0) / most, title: `${day.day}: ${day[time] === null ? '–' : seconds(day[time])}` })) });
}

function renderCost(days: readonly SiteDay[], currency: string): TemplateResult {
  const money = (amount: number): string => new Intl.NumberFormat(language(), { style: 'currency', currency, ...(amount > 0 && amount < 1 && { maximumSignificantDigits: 2 }) }).format(amount);
  const [sum, most] = [days.reduce((all, { cost = 0 }) => all + cost, 0), Math.max(0, ...days.map(({ cost = 0 }) => cost))];
  const label = msg('Cost of replies');
  const said = msg(str`${label}: ${money(sum)} in ${days.length} days, at most ${money(most)} on one`);
  return renderPlot({ label, said, value: money(sum), bars: days.map(({ day, cost = 0 }) => ({ height: most === 0 ? 0 : cost / most, title: `${day}: ${money(cost)}` })) });
}

function seconds(ms: number): string {
  return new Intl.NumberFormat(language(), { style: 'unit', unit: 'second', unitDisplay: 'narrow', maximumSignificantDigits: 2 }).format(ms / 1_000);
}

interface Plot {
  readonly label: string;
  /** The same for those who do not see the bars. */
  readonly said: string;
  readonly value: string;
  /** Heights from 0 to 1. */
  readonly bars: readonly { readonly height: number; readonly title: string }[];
}

function renderPlot({ label, said, value, bars }: Plot): TemplateResult {
  return html`<figure class="box plot"><figcaption>${label}<strong class="num">${value}</strong></figcaption>
    <svg role="img" aria-label=${said} viewBox="0 0 ${bars.length * BAR.width} ${BAR.height}" preserveAspectRatio="none">${bars.map((bar, place) => {
      const height = bar.height * (BAR.height - 4);
      return svg`<rect x=${place * BAR.width + 1} y=${BAR.height - height} width=${BAR.width - 2} height=${height}><title>${bar.title}</title></rect>`;
    })}</svg></figure>`;
}

/** RFC 4180; every field is a number or a date, so nothing needs quotes. */
function csvOf(days: readonly SiteDay[], currency: string | null): string {
  const [first] = days;
  if (first === undefined) return '';
  const names = Object.keys(first) as (keyof SiteDay)[];
  return [names.map((name) => (name === 'cost' ? `cost${currency}` : name)).join(','), ...days.map((day) => names.map((name) => day[name] ?? '').join(','))].map((line) => `${line}\r\n`).join('');
}
