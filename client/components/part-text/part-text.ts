import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { guard } from 'lit/directives/guard.js';
import { repeat } from 'lit/directives/repeat.js';
import { host } from '../../styles/host.ts';
import { type Block, BlockReader } from '../../text/blocks.ts';
import { drawBlock } from '../../text/markdown.ts';
import '../code/code.ts';
import { styles } from './part-text.styles.ts';

/** A link of the text is about to be followed; `preventDefault` keeps the person here. */
export class OpenLinkEvent extends Event {
  readonly href: string;
  constructor(href: string) {
    super('gorun-open-link', { bubbles: true, composed: true, cancelable: true });
    this.href = href;
  }
}

const CARET = html`<span class="caret" aria-hidden="true"></span>`;

/**
 * Text of a model as markdown. While it grows only its last blocks are read and drawn; finished blocks keep their elements.
 * @fires gorun-open-link
 * @csspart code - a block of code
 * @csspart table - the box of a table
 */
@customElement('gorun-part-text')
export class GorunPartText extends LitElement {
  static override styles = [host, styles];
  @property({ attribute: false }) text = '';
  @property({ type: Boolean }) growing = false;
  /** Whether code breaks its lines where a person has not chosen otherwise. */
  @property({ type: Boolean }) wrapCode = false;
  private readonly reader = new BlockReader();

  override connectedCallback(): void {
    super.connectedCallback();
    this.renderRoot.addEventListener('click', this.onClick);
  }

  /** However fast the text comes, it is drawn once for each picture on the screen; where nothing is shown there is no next picture to wait for. */
  protected override async scheduleUpdate(): Promise<void> {
    if (this.growing && this.hasUpdated && !document.hidden) await new Promise(requestAnimationFrame);
    await super.scheduleUpdate();
  }

  protected override render(): TemplateResult {
    const blocks = this.reader.read(this.text, this.growing);
    const isEmpty = this.growing && blocks.every((block) => !block.isGrowing);
    return html`${repeat(blocks, (_, index) => index, (block) => renderBlock(block))}${isEmpty ? CARET : nothing}`;
  }

  protected override updated(): void {
    for (const code of this.renderRoot.querySelectorAll('gorun-code')) code.wrap = this.wrapCode;
  }

  private readonly onClick = (event: Event): void => {
    const link = event.composedPath().find((element) => element instanceof HTMLAnchorElement);
    if (link !== undefined && !this.dispatchEvent(new OpenLinkEvent(link.href))) event.preventDefault();
  };
}

function renderBlock(block: Block): unknown {
  const kind = block.token.type === 'space' || block.token.type === 'def' ? 'empty' : block.token.type;
  return guard([block], () => html`<div class="block ${kind} ${block.isGrowing ? 'growing' : ''}">${drawBlock(block.token, block.isGrowing ? CARET : nothing)}</div>`);
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-part-text': GorunPartText;
  }
  interface HTMLElementEventMap {
    'gorun-open-link': OpenLinkEvent;
  }
}
