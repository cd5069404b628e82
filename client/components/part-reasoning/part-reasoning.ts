import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { icon } from '../../icons.ts';
import { host } from '../../styles/host.ts';
import { duration } from '../../text/times.ts';
import { styles } from './part-reasoning.styles.ts';

/**
 * What a model let us see of its thinking, folded unless the person wants it otherwise. It never folds or unfolds by itself,
 * so that nothing moves under the hand.
 * @csspart thoughts - the text
 */
@customElement('gorun-part-reasoning')
export class GorunPartReasoning extends LitElement {
  static override styles = [host, styles];
  /** Empty when the provider keeps the thoughts to itself. */
  @property({ attribute: false }) text = '';
  @property({ type: Boolean }) live = false;
  /** Milliseconds of thinking, when known. */
  @property({ attribute: false }) tookMs: number | undefined;
  /** How it begins; what the person does with it afterwards counts more. */
  @property({ type: Boolean }) open = false;
  @state() private chosen: boolean | undefined;

  protected override render(): TemplateResult {
    const isOpen = this.chosen ?? this.open;
    if (this.text.trim() === '') return html`<p class="disclosure">${this.renderState()}</p>`;
    return html`<button type="button" class="disclosure" aria-expanded=${isOpen} @click=${() => (this.chosen = !isOpen)}>${this.renderState()}${icon('right', 'chevron')}</button>
      ${isOpen ? html`<div class="thoughts" part="thoughts"><gorun-part-text .text=${this.text} ?growing=${this.live}></gorun-part-text></div>` : nothing}`;
  }

  private renderState(): TemplateResult {
    if (this.live) return html`<span class="running" role="img" aria-label=${msg('Running')}><i></i><i></i><i></i></span><span>${currentThought(this.text) ?? msg('Thinking')}</span>`;
    return html`${icon('thought', 'small')}<span>${this.tookMs === undefined ? msg('Thoughts') : msg(str`Thought for ${duration(this.tookMs)}`)}</span>`;
  }
}

/** Some models give each thought a title, as a heading or in bold on a line of its own; the last one is what it is at now. */
function currentThought(text: string): string | undefined {
  const titles = [...text.matchAll(/^(?:#{1,6} +(.+)|\*\*([^*\n]+)\*\*)\s*$/gm)];
  const last = titles.at(-1);
  return (last?.[1] ?? last?.[2])?.trim();
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-part-reasoning': GorunPartReasoning;
  }
}
