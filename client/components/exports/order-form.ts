import { msg } from '@lit/localize';
import { html, type TemplateResult } from 'lit';
import type { ExportForm } from '../../../contracts/exports.ts';
import type { ExportCommand, Ordered } from '../../state/exports.ts';
import { renderReason, textIn } from '../admin-cases/fields.ts';

/** In which forms beside the records themselves. */
const FORMS: readonly [ExportForm, () => string][] = [
  ['html', () => msg('Pages to print (HTML)')],
  ['csv', () => msg('A table (CSV)')],
  ['eml', () => msg('E-mail messages (EML)')],
  ['rsmf', () => msg('For Relativity (RSMF 2.0)')],
];

/** What every order says: its forms, who may open it, and why. */
export function renderOrderFields(id: string): TemplateResult {
  return html`<fieldset class="field"><legend>${msg('Also as')}</legend><div class="checks">${FORMS.map(([form, label]) => html`<label><input type="checkbox" class="check" name="form" value=${form} />${label()}</label>`)}</div>
      <span class="hint">${msg('The records with their proofs, the files, and a statement of what there is are always in the package.')}</span></fieldset>
    <div class="field"><label for="${id}-recipient">${msg('Encrypt to (an age recipient, if any)')}</label><input class="input" id="${id}-recipient" name="recipient" placeholder="age1…" autocomplete="off" spellcheck="false" maxlength="4000" aria-describedby="${id}-recipient-hint" />
      <span class="hint" id="${id}-recipient-hint">${msg('Only whoever has its key can open the package then. Leave it empty for a zip that anybody can open.')}</span></div>
    ${renderReason(`${id}-why`)}`;
}

/** The order that a form was filled with. */
export function orderOf(given: FormData, what: Ordered): ExportCommand {
  return { do: 'order', what, forms: given.getAll('form') as ExportForm[], recipient: textIn(given, 'recipient'), reason: textIn(given, 'reason') };
}
