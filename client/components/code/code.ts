import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { icon } from '../../icons.ts';
import { host } from '../../styles/host.ts';
import { copyText } from '../../text/clipboard.ts';
import { drawCode, isColoured, loadLanguage, readInfo } from '../../text/code.ts';
import { styles } from './code.styles.ts';

const COPIED_MS = 2_000;

/**
 * A block of code, always left to right. It is coloured once it has stopped growing; colours change no size, so nothing moves.
 * @csspart bar - the line with the name and the buttons
 * @csspart pre - the box that scrolls sideways
 */
@customElement('gorun-code')
export class GorunCode extends LitElement {
  static override styles = [host, styles];
  @property({ attribute: false }) code = '';
  /** What stands behind the fence: a language, and perhaps the name of a file. */
  @property({ attribute: false }) info = '';
  @property({ type: Boolean }) growing = false;
  /** Whether long lines are broken; what the person chooses for this block counts more. */
  @property({ type: Boolean }) wrap = false;
  @state() private chosenWrap: boolean | undefined;
  @state() private copied: 'no' | 'yes' | 'failed' = 'no';
  private timer: ReturnType<typeof setTimeout> | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  protected override render(): TemplateResult {
    const { language, name } = readInfo(this.info);
    const shown = name === '' ? msg('Code') : name;
    const isWrapped = this.chosenWrap ?? this.wrap;
    /* The caret is a drawing, so spaces between the tags below would become part of the code. */
    return html`<div class="bar" part="bar">
        <span>${shown}</span>
        <button type="button" class="copy" aria-pressed=${isWrapped} @click=${() => (this.chosenWrap = !isWrapped)}>${icon('wrap')}${msg('Wrap')}</button>
        <button type="button" class="copy ${this.copied === 'yes' ? 'done' : ''}" aria-label=${this.copied === 'no' ? msg(str`Copy ${shown}`) : nothing} @click=${this.copy}>${this.renderCopy()}</button>
      </div>
      <pre part="pre" tabindex="0" role="group" dir="ltr" class=${isWrapped ? 'wrapped' : ''} aria-label=${shown}><code>${this.growing
        ? html`${this.code}<span class="caret" aria-hidden="true"></span>`
        : drawCode(this.code, language)}</code></pre>`;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (this.growing || !(changed.has('code') || changed.has('growing') || changed.has('info'))) return;
    const { language } = readInfo(this.info);
    if (isColoured(this.code, language) !== undefined) return;
    /* Without its language the code stays plain, which loses nothing. */
    loadLanguage(language).then(
      () => this.requestUpdate(),
      () => undefined,
    );
  }

  private renderCopy(): TemplateResult {
    if (this.copied === 'yes') return html`${icon('check')}${msg('Copied')}`;
    return this.copied === 'failed' ? html`${icon('x')}${msg('Not copied')}` : html`${icon('copy')}${msg('Copy')}`;
  }

  private readonly copy = async (): Promise<void> => {
    this.copied = (await copyText(this.code)) ? 'yes' : 'failed';
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.copied = 'no'), COPIED_MS);
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-code': GorunCode;
  }
}
