import { msg } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import type { Review, Search } from '../../state/review.ts';
import { fieldOf } from '../../text/dates.ts';
import { icon } from '../../icons.ts';
import { renderDay, renderWhom } from '../admin-cases/fields.ts';

/** What the form needs; `choose` says of what it is to look for. */
export interface SearchForm {
  readonly review: Review;
  readonly type: Search['type'];
  readonly isBusy: boolean;
  choose(type: Search['type']): void;
  submit(event: SubmitEvent): void;
}

/** Of whom, when, and which words: filled with what was looked for last. */
export function renderSearch({ review, type, isBusy, choose, submit }: SearchForm): TemplateResult {
  const { search } = review;
  const types: readonly [Search['type'], string][] = [['person', msg('People')], ['site', msg('Visitors of sites')], ['everybody', msg('Everybody, in a time range')]];
  const day = (at: number | null | undefined): string => (at == null ? '' : fieldOf(at).slice(0, 10));
  return html`<form class="search" aria-label=${msg('What to look for')} @submit=${submit}>
    <div class="filters"><div class="field"><label for="of">${msg('Conversations of')}</label><select class="input" id="of" @change=${(event: Event) => choose((event.target as HTMLSelectElement).value as Search['type'])}>${types.map(([one, label]) => html`<option value=${one} ?selected=${one === type}>${label}</option>`)}</select></div>
      ${renderWhom('whom', type, review.names, search?.type === type ? search.whom : '', true)}</div>
    <div class="filters">${renderDay('from', 'from', msg('From'), day(search?.from))}${renderDay('to', 'to', msg('To'), day(search?.to))}
      <div class="field"><label for="models">${msg('Models, separated by commas')}</label><input class="input" id="models" name="models" placeholder="openai/gpt-5" autocomplete="off" spellcheck="false" maxlength="1000" .value=${search?.models ?? ''} /></div>
      <div class="field"><label for="words">${msg('Words, all in one message')}</label><input class="input" id="words" name="words" dir="auto" autocomplete="off" maxlength="200" .value=${search?.words ?? ''} /></div>
      <button type="submit" class="button primary" aria-disabled=${isBusy ? 'true' : nothing}>${icon('search')}${msg('Search')}</button></div></form>`;
}
