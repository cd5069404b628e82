import { msg, str } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import type { Names } from '../../../contracts/cases.ts';
import { nobodyMeant } from '../../state/cases.ts';
import type { AuditWanted } from '../../state/audit-wanted.ts';
import { meant } from '../../state/whom.ts';
import { renderDay, textIn } from '../admin-cases/fields.ts';
import { renderError } from '../admin-page/page.ts';
import { GROUPS, groupInWords, typeInWords, typesIn } from './kinds.ts';

/** As many chosen kinds are named while the choice is closed. */
const MOST_NAMED = 4;

/** What the form needs to be drawn. */
export interface Filters {
  readonly wanted: AuditWanted;
  readonly names: Names;
  /** Kinds that are ticked. */
  readonly types: ReadonlySet<string>;
  readonly problem: string;
  tick(types: readonly string[], isOn: boolean): void;
  submit(event: SubmitEvent): void;
  clear(event: Event): void;
}

/** What of the log is shown. Nothing is asked for before *Show*, because each question is on record. */
export function renderFilters({ wanted, names, types, problem, tick, submit, clear }: Filters): TemplateResult {
  const person = names.people.find(({ id }) => id === wanted.user)?.email ?? wanted.user ?? '';
  return html`<form class="wanted" aria-label=${msg('What to show')} @submit=${submit}>
    <div class="filters">
      <div class="field person"><label for="person">${msg('Done by')}</label><input class="input" id="person" name="person" dir="auto" autocomplete="off" spellcheck="false" maxlength="254" list="people" placeholder=${msg('Name or e-mail')} aria-invalid=${problem === '' ? nothing : 'true'} .value=${person} />
        <datalist id="people">${names.people.map(({ name, email }) => html`<option value=${email}>${name}</option>`)}</datalist></div>
      ${renderDay('from', 'from', msg('From'), wanted.from)}${renderDay('to', 'to', msg('To'), wanted.to)}
      <div class="go"><button type="submit" class="button">${msg('Show')}</button><button type="button" class="button ghost" @click=${clear}>${msg('Clear')}</button></div>
    </div>
    <details class="kinds"><summary>${msg(str`Kinds: ${chosenInWords(types)}`)}</summary>
      <div class="groups">${GROUPS.map((group) => renderGroup(group, types, tick))}</div></details>
    ${renderError(problem)}</form>`;
}

function renderGroup(group: (typeof GROUPS)[number], types: ReadonlySet<string>, tick: Filters['tick']): TemplateResult {
  const all = typesIn(group);
  const count = all.filter((type) => types.has(type)).length;
  return html`<fieldset><legend><label><input type="checkbox" class="check" .checked=${live(count === all.length)} .indeterminate=${live(count > 0 && count < all.length)} @change=${() => tick(all, count < all.length)} />${groupInWords(group)}</label></legend>
    ${all.map((type) => html`<label><input type="checkbox" class="check" name="types" value=${type} .checked=${live(types.has(type))} @change=${() => tick([type], !types.has(type))} />${typeInWords(type)}</label>`)}</fieldset>`;
}

function chosenInWords(types: ReadonlySet<string>): string {
  if (types.size === 0) return msg('all');
  return types.size > MOST_NAMED ? msg(str`${types.size} chosen`) : [...types].map(typeInWords).join(', ');
}

/** What a form asks for, or the sentence that says what is wrong with it. */
export function wantedIn(form: HTMLFormElement, types: ReadonlySet<string>, names: Names): AuditWanted | string {
  const given = new FormData(form);
  const [whom, from, to] = [textIn(given, 'person').trim(), textIn(given, 'from'), textIn(given, 'to')];
  const person = whom === '' ? undefined : meant('person', whom, names);
  if (whom !== '' && person === undefined) return nobodyMeant('person').detail ?? '';
  if (from !== '' && to !== '' && from > to) return msg('The last day comes before the first one.');
  return { types: [...types], user: person?.id, from, to };
}
