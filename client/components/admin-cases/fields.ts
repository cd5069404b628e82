import { msg } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import type { Names } from '../../../contracts/cases.ts';
import type { Named } from '../../state/whom.ts';
import { renderError } from '../admin-page/page.ts';
import type { GorunDialog } from '../dialog/dialog.ts';
import type { Asking } from '../settings/outcome.ts';

const REASON_CHARACTERS = 1_000;

/** Why something is done; nothing is done without one. */
export function renderReason(id: string, hint = ''): TemplateResult {
  return html`<div class="field"><label for=${id}>${msg('Reason')}</label><textarea class="input" id=${id} name="reason" rows="3" dir="auto" required maxlength=${REASON_CHARACTERS} aria-describedby=${hint === '' ? nothing : `${id}-hint`}></textarea>
    ${hint === '' ? nothing : html`<span class="hint" id="${id}-hint">${hint}</span>`}</div>`;
}

/** Who is meant: chosen from those that are known here, or written; one, or several with commas between them. Of everybody there is nothing to write. */
export function renderWhom(id: string, type: Named['type'] | 'everybody', names: Names | undefined, value = '', several = false): TemplateResult | typeof nothing {
  if (type === 'everybody') return nothing;
  const label = several ? { person: msg('E-mail, name or id of each, separated by commas'), site: msg('Name or id of each, separated by commas'), conversation: '' }[type] : { person: msg('E-mail, name or id of the person'), site: msg('Name or id of the site'), conversation: msg('Id of the conversation') }[type];
  const known = type === 'person' ? names?.people.map(({ name, email }) => html`<option value=${email}>${name}</option>`) : type === 'site' ? names?.sites.map(({ id: site, name }) => html`<option value=${site}>${name}</option>`) : undefined;
  return html`${keyed(type, html`<div class="field"><label for=${id}>${label}</label><input class="input" id=${id} name="whom" dir="auto" autocomplete="off" spellcheck="false" required maxlength=${several ? 10_000 : 254} list=${known === undefined ? nothing : `${id}-known`} .value=${value} />
    ${known === undefined ? nothing : html`<datalist id="${id}-known">${known}</datalist>`}</div>`)}`;
}

export function renderDay(id: string, name: string, label: string, value = ''): TemplateResult {
  return html`<div class="field"><label for=${id}>${label}</label><input class="input" id=${id} name=${name} type="date" .value=${value} /></div>`;
}

/** A dialog whose form does one thing, for which its button has the verb. */
export interface FormDialog {
  readonly name: string;
  readonly heading: string;
  readonly verb: string;
  readonly isDanger?: boolean;
  readonly asking: Asking;
  readonly body: TemplateResult;
  /** Takes the focus when what opened the dialog is gone by then. */
  readonly fallback?: () => HTMLElement | null;
  submit(given: FormData): Promise<boolean>;
}

/** What is refused is said in the dialog, which keeps what was written; once it is done the dialog closes. */
export function renderFormDialog({ name, heading, verb, isDanger, asking, body, fallback, submit }: FormDialog): TemplateResult {
  const onSubmit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    if (asking.busy || !(await submit(new FormData(form)))) return;
    form.reset();
    form.closest<GorunDialog>('gorun-dialog')?.close();
  };
  const onCancel = (event: Event): void => (event.currentTarget as Element).closest<GorunDialog>('gorun-dialog')?.close();
  return html`<gorun-dialog class=${name} .heading=${heading} .fallback=${fallback}><form id="${name}-form" @submit=${onSubmit}>${body}${renderError(asking.problem)}</form>
    <span slot="footer" class="push"></span>
    <button slot="footer" type="button" class="button ghost" @click=${onCancel}>${msg('Cancel')}</button>
    <button slot="footer" type="submit" form="${name}-form" class="button ${isDanger === true ? 'danger' : 'primary'}" aria-disabled=${asking.busy ? 'true' : nothing}>${verb}</button></gorun-dialog>`;
}

/** Opens it empty: what was written for another hold, or refused before, counts no more. */
export function showEmpty(dialog: GorunDialog, asking: Asking): void {
  asking.clear();
  dialog.querySelector('form')?.reset();
  dialog.show();
}

/** What was written into a field of a form. */
export function textIn(given: FormData, name: string): string {
  const value = given.get(name);
  return typeof value === 'string' ? value : '';
}
