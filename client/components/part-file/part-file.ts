import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { type IconName, icon } from '../../icons.ts';
import { host } from '../../styles/host.ts';
import { formatBytes } from '../../text/sizes.ts';
import { styles } from './part-file.styles.ts';

/** What a file looks like before and after it is part of a message. `id` is the file's id once it has one. */
export interface ShownFile {
  readonly id: string;
  readonly name: string;
  readonly mediaType: string;
  /** Bytes. */
  readonly size: number;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

/** The person wants to see the file; unless prevented, its address opens in a new tab. */
export class OpenFileEvent extends Event {
  readonly file: string;
  readonly name: string;
  constructor(file: string, name: string) {
    super('gorun-open-file', { bubbles: true, composed: true, cancelable: true });
    this.file = file;
    this.name = name;
  }
}

/** The person takes the file out of the message that is being written; an upload that is under way ends. */
export class RemoveFileEvent extends Event {
  readonly file: string;
  constructor(file: string) {
    super('gorun-remove-file', { bubbles: true, composed: true });
    this.file = file;
  }
}

/**
 * A file of a message, or of one that is being written.
 * @fires gorun-open-file
 * @fires gorun-remove-file
 */
@customElement('gorun-part-file')
export class GorunPartFile extends LitElement {
  static override styles = [host, styles];
  @property({ attribute: false }) file: ShownFile | undefined;
  /** Where its bytes are; an image with an address is shown. */
  @property() address: string | undefined;
  /** From 0 to 1 while it is uploaded. */
  @property({ type: Number }) progress: number | undefined;
  /** Why it was refused, in words. */
  @property() refusal: string | undefined;
  @property({ type: Boolean }) removable = false;
  @state() private isGone = false;

  protected override render(): TemplateResult | typeof nothing {
    const { file } = this;
    if (file === undefined) return nothing;
    if (this.removable) return html`<span class="file removable ${this.refusal ? 'refused' : ''}">${this.renderTile(file)}${this.renderProgress()}${this.renderRemove(file)}</span>`;
    if (this.isGone || this.address === undefined) return html`<span class="file">${this.renderTile(file)}</span>`;
    if (!file.mediaType.startsWith('image/')) return html`<button type="button" class="file" @click=${this.open}>${this.renderTile(file)}</button>`;
    return html`<button type="button" class="picture" aria-label=${msg(str`Open ${file.name}`)} title=${file.name} @click=${this.open}>
      <img src=${this.address} alt=${file.name} loading="lazy" width=${file.width ?? nothing} height=${file.height ?? nothing} @error=${() => (this.isGone = true)} />
    </button>`;
  }

  private renderTile(file: ShownFile): TemplateResult {
    const symbol: IconName = this.refusal ? 'warn' : file.mediaType.startsWith('image/') ? 'image' : 'file';
    return html`<span class="tile">${icon(symbol)}</span><span class="text"><span class="name" dir="auto" title=${file.name}>${file.name}</span>${this.renderSize(file)}</span>`;
  }

  private renderSize(file: ShownFile): TemplateResult {
    if (this.refusal) return html`<span class="size">${this.refusal}</span>`;
    if (this.isGone) return html`<span class="size">${msg('No longer there')}</span>`;
    if (this.progress === undefined) return html`<span class="size">${kindOf(file)} · ${formatBytes(file.size)}</span>`;
    const percent = Math.floor(this.progress * 100);
    return html`<span class="size" role="progressbar" aria-label=${msg(str`Uploading ${file.name}`)} aria-valuenow=${percent} aria-valuemin="0" aria-valuemax="100">${msg(str`Uploading · ${percent} %`)}</span>`;
  }

  private renderProgress(): TemplateResult | typeof nothing {
    return this.progress === undefined || this.refusal ? nothing : html`<span class="bar" aria-hidden="true"><progress max="1" .value=${this.progress}></progress></span>`;
  }

  private renderRemove(file: ShownFile): TemplateResult {
    const label = this.progress === undefined ? msg(str`Remove ${file.name}`) : msg(str`Cancel the upload of ${file.name}`);
    return html`<button type="button" class="icon-button small remove" aria-label=${label} title=${label} @click=${() => this.dispatchEvent(new RemoveFileEvent(file.id))}>${icon('x')}</button>`;
  }

  private readonly open = (): void => {
    if (this.file && this.dispatchEvent(new OpenFileEvent(this.file.id, this.file.name)) && this.address) window.open(this.address, '_blank', 'noopener');
  };
}

function kindOf({ mediaType, name }: ShownFile): string {
  if (mediaType.startsWith('image/')) return msg('Image');
  return /\.([a-z0-9]{1,5})$/i.exec(name)?.[1]?.toUpperCase() ?? msg('File');
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-part-file': GorunPartFile;
  }
  interface HTMLElementEventMap {
    'gorun-open-file': OpenFileEvent;
    'gorun-remove-file': RemoveFileEvent;
  }
}
