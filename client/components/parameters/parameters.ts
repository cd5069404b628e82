import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import type { Model, ParameterField, Parameters } from '../../../contracts/models.ts';
import { fields, host } from '../../styles/host.ts';
import { styles } from './parameters.styles.ts';

/** The parameters of the conversation as the person wants them now; a field that is missing is left to the model. */
export class ChangeParametersEvent extends Event {
  readonly values: Parameters;
  constructor(values: Parameters) {
    super('gorun-change-parameters', { bubbles: true, composed: true });
    this.values = values;
  }
}

type Amount = Exclude<ParameterField, 'instructions' | 'effort'>;

const INSTRUCTIONS = { characters: 32_000, restMs: 600 };
const RANGES: Readonly<Record<Amount, { min: number; max: number; step: number; start: number }>> = {
  temperature: { min: 0, max: 2, step: 0.1, start: 1 },
  topP: { min: 0, max: 1, step: 0.05, start: 1 },
  maxOutputTokens: { min: 256, max: 32_000, step: 256, start: 8_192 },
};
const EFFORTS = [undefined, 'low', 'medium', 'high'] as const;

/**
 * What the model lets people set, and nothing else: fields that it lacks are absent.
 * @fires gorun-change-parameters
 */
@customElement('gorun-parameters')
export class GorunParameters extends LitElement {
  static override styles = [host, fields, styles];
  @property({ attribute: false }) model: Model | undefined;
  @property({ attribute: false }) values: Parameters = {};
  /** What is shown: the values, and what the person is changing. */
  @state() private draft: Parameters = {};
  private timer: ReturnType<typeof setTimeout> | undefined;

  override disconnectedCallback(): void {
    clearTimeout(this.timer);
    super.disconnectedCallback();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('values') && this.timer === undefined) this.draft = this.values;
  }

  protected override render(): TemplateResult {
    const has = (field: ParameterField) => this.model?.fields.includes(field) ?? false;
    const isChanged = Object.values(this.draft).some((value) => value !== undefined);
    return html`<div class="body">
        ${has('instructions') ? this.renderInstructions() : nothing} ${has('effort') ? this.renderEffort() : nothing}
        ${has('temperature') ? this.renderAmount('temperature', msg('Temperature'), msg('Lower repeats itself, higher surprises.')) : nothing}
        ${has('topP') ? this.renderAmount('topP', msg('Top P'), msg('How many unlikely words are considered. Change this or the temperature, not both.')) : nothing}
        ${has('maxOutputTokens') ? this.renderAmount('maxOutputTokens', msg('Longest reply'), '') : nothing}
        ${this.model && this.model.fields.length === 0 ? html`<p class="quiet">${msg('This model has nothing to set.')}</p>` : nothing}
      </div>
      <footer><button type="button" class="button ghost" aria-disabled=${isChanged ? nothing : 'true'} @click=${() => isChanged && this.commit({})}>${msg('Reset')}</button></footer>`;
  }

  private renderInstructions(): TemplateResult {
    const text = this.draft.instructions ?? '';
    const over = text.length - INSTRUCTIONS.characters;
    return html`<div class="field">
      <label for="instructions">${msg('Instructions')}</label>
      <textarea class="input" id="instructions" dir="auto" rows="3" aria-describedby="instructions-hint" aria-invalid=${over > 0 ? 'true' : nothing} .value=${live(text)} @input=${this.onInstructions} @change=${this.flush}></textarea>
      ${over > 0
        ? html`<span class="error" id="instructions-hint" role="alert">${over === 1 ? msg('Too long by 1 character') : msg(str`Too long by ${over.toLocaleString()} characters`)}</span>`
        : html`<span class="hint" id="instructions-hint">${msg('Go with every turn of this conversation.')}</span>`}
    </div>`;
  }

  private renderEffort(): TemplateResult {
    const names = { low: msg('Low'), medium: msg('Medium'), high: msg('High') };
    return html`<div class="field">
      <span class="label-line" id="effort">${msg('Reasoning')}</span>
      <div class="segmented" role="radiogroup" aria-labelledby="effort" @keydown=${this.onEffortKey}>
        ${EFFORTS.map((effort) => {
          const isChosen = this.draft.effort === effort;
          return html`<button type="button" role="radio" aria-checked=${isChosen} tabindex=${isChosen ? 0 : -1} @click=${() => this.set('effort', effort)}>${effort ? names[effort] : msg('Default')}</button>`;
        })}
      </div>
    </div>`;
  }

  private renderAmount(field: Amount, label: string, hint: string): TemplateResult {
    const { min, max, step, start } = RANGES[field];
    const value = this.draft[field];
    const shown = value === undefined ? msg('Default') : field === 'maxOutputTokens' ? msg(str`${value.toLocaleString()} tokens`) : String(value);
    return html`<div class="field">
      <span class="label-line">
        <label for=${field}>${label}</label>
        <output for=${field}>${shown}</output>
        ${value === undefined ? nothing : html`<button type="button" class="default" aria-label=${msg(str`Default for ${label}`)} @click=${() => this.set(field, undefined)}>${msg('Default')}</button>`}
      </span>
      <input class="slider" id=${field} type="range" min=${min} max=${Math.max(max, value ?? 0)} step=${step} aria-valuetext=${shown} aria-describedby=${hint ? `${field}-hint` : nothing}
        .value=${live(String(value ?? start))} @input=${(event: Event) => (this.draft = { ...this.draft, [field]: amountOf(event) })} @change=${(event: Event) => this.set(field, amountOf(event))} />
      ${hint ? html`<span class="hint" id="${field}-hint">${hint}</span>` : nothing}
    </div>`;
  }

  private set<F extends ParameterField>(field: F, value: Parameters[F]): void {
    const { [field]: _, ...rest } = this.draft;
    this.commit(value === undefined ? (rest as Parameters) : { ...rest, [field]: value });
  }

  private commit(values: Parameters): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.draft = values;
    if ((values.instructions?.length ?? 0) <= INSTRUCTIONS.characters) this.dispatchEvent(new ChangeParametersEvent(values));
  }

  /** While somebody writes, what other tabs set must not replace the text under the hand. */
  private readonly onInstructions = (event: Event): void => {
    const text = (event.target as HTMLTextAreaElement).value;
    this.draft = { ...this.draft, instructions: text };
    clearTimeout(this.timer);
    this.timer = setTimeout(this.flush, INSTRUCTIONS.restMs);
  };

  private readonly flush = (): void => {
    if (this.timer === undefined) return;
    const text = this.draft.instructions ?? '';
    this.set('instructions', text.trim() === '' ? undefined : text);
  };

  private readonly onEffortKey = (event: KeyboardEvent): void => {
    const isRtl = getComputedStyle(this).direction === 'rtl';
    const forward = ['ArrowDown', isRtl ? 'ArrowLeft' : 'ArrowRight'];
    const back = ['ArrowUp', isRtl ? 'ArrowRight' : 'ArrowLeft'];
    if (!forward.includes(event.key) && !back.includes(event.key)) return;
    event.preventDefault();
    const index = (EFFORTS.indexOf(this.draft.effort) + (forward.includes(event.key) ? 1 : -1) + EFFORTS.length) % EFFORTS.length;
    this.set('effort', EFFORTS[index]);
    this.performUpdate();
    this.renderRoot.querySelector<HTMLElement>('[role="radio"][aria-checked="true"]')?.focus();
  };
}

function amountOf(event: Event): number {
  return Number((event.target as HTMLInputElement).value);
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-parameters': GorunParameters;
  }
  interface HTMLElementEventMap {
    'gorun-change-parameters': ChangeParametersEvent;
  }
}
