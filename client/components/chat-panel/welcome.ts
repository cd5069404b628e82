import { msg, str } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import type { FailureCode } from '../../../contracts/failures.ts';
import type { ShownSite } from '../../../contracts/sites.ts';
import { icon } from '../../icons.ts';

export interface Greeting {
  readonly shown: ShownSite | undefined;
  /** What the site told of a user that it vouches for. */
  readonly name: string | null | undefined;
  /** Something has to be agreed to before anything can be written. */
  readonly asks: boolean;
  agree(): void;
  start(text: string): void;
}

/** What stands where nothing was said yet: the greeting, what has to be said before anything is written, with ideas to start with unless it has to be agreed to. Its first line is larger. */
export function renderWelcome({ shown, name, asks, agree, start }: Greeting): TemplateResult {
  const [first = '', ...rest] = (shown?.greeting ?? '').split('\n');
  return html`<div class="welcome">
    <div><h3 dir="auto">${first}</h3>${rest.length > 0 ? html`<p dir="auto">${rest.join(' ')}</p>` : nothing}${shown?.hours ? html`<p dir="auto">${shown.hours}</p>` : nothing}</div>
    ${asks || saysSomething(shown, name) ? renderBefore(renderSaid(shown, name), asks ? agree : undefined) : nothing}
    ${asks ? nothing : renderStarters(shown?.starters ?? [], start)}
  </div>`;
}

function renderStarters(starters: readonly string[], start: Greeting['start']): TemplateResult | typeof nothing {
  if (starters.length === 0) return nothing;
  return html`<div class="choices" role="group" aria-label=${msg('Ideas to start with')}>${starters.map((text) => html`<button type="button" class="chip" dir="auto" @click=${() => start(text)}>${text}</button>`)}</div>`;
}

function renderBefore(said: TemplateResult, agree: (() => void) | undefined): TemplateResult {
  return html`<section class="consent" aria-labelledby="consent"><strong id="consent">${msg('Before you write')}</strong>${said}
    ${agree ? html`<button type="button" class="button primary" @click=${agree}>${msg('Agree and start')}</button>` : nothing}</section>`;
}

/** Whether there is something that a visitor has to be told: what becomes of what they write, or who the site says they are. */
export function saysSomething(shown: ShownSite | undefined, name: Greeting['name']): boolean {
  return Boolean(shown?.privacy.note || name);
}

/** What becomes of what is written, and who the site says one is. */
export function renderSaid(shown: ShownSite | undefined, name: Greeting['name']): TemplateResult {
  const note = shown?.privacy.note;
  return html`<ul class="said">${note ? html`<li>${icon('shapes')}<span dir="auto">${note}</span></li>` : nothing}${name ? html`<li>${icon('person')}<span>${msg(str`The site told us you are ${name}.`)}</span></li>` : nothing}</ul>`;
}

/** Who answers, and what becomes of what is written. */
export function renderFine(privacy: string | undefined, isPerson: boolean): TemplateResult {
  return html`<p class="fine"><span>${isPerson ? msg('Answered by people') : msg('Answered by AI')}</span>${privacy ? html`<span aria-hidden="true">·</span><a href=${privacy} target="_blank" rel="noopener">${msg('Privacy')}</a>` : nothing}<span aria-hidden="true">·</span><span>GoRunChat</span></p>`;
}

/** Why nothing can be written here. */
export function renderClosed(code: FailureCode | undefined): TemplateResult {
  return html`<p class="say" role="status">${code === 'identity-refused' ? msg('The site could not say who you are. Reload the page to try again.') : msg('This chat is closed.')}</p>`;
}
