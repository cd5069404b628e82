import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { ModelId } from '../../../contracts/ids.ts';
import type { Model } from '../../../contracts/models.ts';
import { icon } from '../../icons.ts';
import { CUBE } from '../../icons-app.ts';
import { host } from '../../styles/host.ts';
import { styles as menuStyles } from '../menu/menu.styles.ts';
import { placeBeside } from '../menu/place.ts';
import { styles } from './model-picker.styles.ts';

/** The person chose a model. One that needs a key still needs it. */
export class ChooseModelEvent extends Event {
  readonly model: ModelId;
  constructor(model: ModelId) {
    super('gorun-choose-model', { bubbles: true, composed: true });
    this.model = model;
  }
}

/**
 * The model of the conversation, and all others to choose from: by provider, with a field that finds.
 * @fires gorun-choose-model
 * @csspart list - the models
 */
@customElement('gorun-model-picker')
export class GorunModelPicker extends LitElement {
  static override styles = [host, menuStyles, styles];
  @property({ attribute: false }) models: readonly Model[] = [];
  @property({ attribute: false }) value: ModelId | undefined;
  @query('.button') private readonly button!: HTMLElement;
  @query('.menu') private readonly panel!: HTMLElement;
  @query('input') private readonly field!: HTMLInputElement | null;
  @state() private isOpen = false;
  @state() private query = '';
  @state() private at = 0;

  /** Opens the list with the focus in the field that finds. */
  show(): void {
    if (this.isOpen) return;
    this.isOpen = true;
    this.query = '';
    this.at = Math.max(this.found.findIndex(({ id }) => id === this.value), 0);
    this.performUpdate();
    this.panel.showPopover();
    placeBeside(this.panel, this.button);
    addEventListener('pointerdown', this.onOutside, true);
    this.field?.focus();
    this.renderRoot.querySelector('.at')?.scrollIntoView({ block: 'nearest' });
  }

  hide(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    removeEventListener('pointerdown', this.onOutside, true);
    const hadFocus = this.shadowRoot?.activeElement !== null;
    if (this.isConnected) this.panel.hidePopover();
    if (hadFocus) this.button.focus();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.hide();
  }

  protected override render(): TemplateResult {
    const current = this.models.find(({ id }) => id === this.value);
    const name = current?.name ?? this.value?.slice(this.value.indexOf('/') + 1) ?? msg('Choose a model');
    return html`<button type="button" class="button small" aria-haspopup="dialog" aria-expanded=${this.isOpen} aria-label=${msg(str`Model: ${name}`)} @click=${() => (this.isOpen ? this.hide() : this.show())}>
        <span>${name}</span>${icon('down', 'small')}
      </button>
      <div class="menu" popover="manual" role="dialog" aria-label=${msg('Choose a model')} @keydown=${this.onKey} @focusout=${this.onFocusOut}>
        ${this.isOpen ? this.renderList() : nothing}
      </div>`;
  }

  private renderList(): TemplateResult {
    const { found } = this;
    return html`<div class="find">
        ${icon('search')}<input type="text" role="combobox" autocomplete="off" spellcheck="false" aria-autocomplete="list" aria-expanded="true" aria-controls="list"
          aria-activedescendant=${found.length > 0 ? `model-${this.at}` : nothing} aria-label=${msg('Find a model')} placeholder=${msg('Find a model')} .value=${this.query} @input=${this.onFind} />
      </div>
      <div role="listbox" id="list" part="list" aria-label=${msg('Models')}>${providersOf(found).map((group, index) => this.renderGroup(group, index))}</div>
      ${found.length === 0 ? html`<p class="none">${this.models.length === 0 ? msg('There is no model for you yet.') : msg(str`Nothing found for "${this.query}".`)}</p>` : nothing}
      <span class="sr" role="status">${this.query === '' ? nothing : found.length === 1 ? msg('1 model') : msg(str`${found.length} models`)}</span>`;
  }

  private renderGroup(group: readonly Model[], index: number): TemplateResult {
    return html`<div role="group" aria-labelledby="group-${index}">
      <div class="label" id="group-${index}" role="presentation">${group[0]?.providerName}</div>
      ${group.map((model) => this.renderModel(model, this.found.indexOf(model)))}
    </div>`;
  }

  private renderModel(model: Model, index: number): TemplateResult {
    const isChosen = model.id === this.value;
    const second = secondLine(model);
    return html`<div class="item ${isChosen ? 'active' : ''} ${index === this.at ? 'at' : ''}" role="option" id="model-${index}" aria-selected=${isChosen} @click=${() => this.choose(model)} @pointermove=${() => (this.at = index)}>
      ${icon(model.isDemo ? 'shapes' : CUBE)}
      <span class="grow"><span>${model.name}</span>${second === '' ? nothing : html`<span class="second">${second}</span>`}</span>
      ${model.needsKey ? html`<span class="badge">${icon('key', 'small')}${msg('Needs a key')}</span>` : nothing}${isChosen ? icon('check') : nothing}
    </div>`;
  }

  /** In the order in which they are shown: provider by provider. */
  private get found(): readonly Model[] {
    const words = this.query.toLocaleLowerCase().split(/\s+/);
    const matching = this.models.filter(({ name, providerName, id }) => words.every((word) => `${name} ${providerName} ${id}`.toLocaleLowerCase().includes(word)));
    return providersOf(matching).flat();
  }

  private choose(model: Model | undefined): void {
    if (model === undefined) return;
    this.hide();
    this.dispatchEvent(new ChooseModelEvent(model.id));
  }

  private moveTo(index: number): void {
    const count = this.found.length;
    if (count === 0) return;
    this.at = (index + count) % count;
    this.performUpdate();
    this.renderRoot.querySelector('.at')?.scrollIntoView({ block: 'nearest' });
  }

  private readonly onFind = (): void => {
    this.query = this.field?.value ?? '';
    this.at = 0;
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === 'ArrowDown') this.moveTo(this.at + 1);
    else if (event.key === 'ArrowUp') this.moveTo(this.at - 1);
    else if (event.key === 'Home' && this.query === '') this.moveTo(0);
    else if (event.key === 'End' && this.query === '') this.moveTo(-1);
    else if (event.key === 'Enter') this.choose(this.found[this.at]);
    else if (event.key === 'Escape') this.hide();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  private readonly onOutside = (event: Event): void => {
    if (!event.composedPath().includes(this)) this.hide();
  };

  private readonly onFocusOut = (event: FocusEvent): void => {
    const to = event.relatedTarget;
    if (to instanceof Node && !this.shadowRoot?.contains(to)) this.hide();
  };
}

/** Models of one provider together, providers in the order of their first model. */
function providersOf(models: readonly Model[]): readonly (readonly Model[])[] {
  return [...Map.groupBy(models, ({ provider }) => provider).values()];
}

function secondLine({ isDemo, description, vision }: Model): string {
  if (isDemo) return msg('This is a scripted demo. Add a key in Models to talk to a real one.');
  return [description, vision ? msg('Images') : undefined].filter((word) => word !== undefined && word !== '').join(' · ');
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-model-picker': GorunModelPicker;
  }
  interface HTMLElementEventMap {
    'gorun-choose-model': ChooseModelEvent;
  }
}
