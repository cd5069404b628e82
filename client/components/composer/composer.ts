import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import type { TurnId } from '../../../contracts/ids.ts';
import { IMAGE_TYPES } from '../../../contracts/images.ts';
import { icon } from '../../icons.ts';
import { host } from '../../styles/host.ts';
import type { ShownFile } from '../part-file/part-file.ts';
import { styles } from './composer.styles.ts';
import { AttachEvent, ChangeDraftEvent, EditLastEvent, SendTurnEvent, StopAndSendEvent, StopTurnEvent } from './events.ts';

/** A file of the message that is being written. It is sent along once it is neither on its way (`progress`) nor refused. */
export interface AttachedFile extends ShownFile {
  /** From 0 to 1 while it is uploaded. */
  readonly progress?: number | undefined;
  /** Why it cannot be sent, in words. */
  readonly refusal?: string | undefined;
}

/** Milliseconds for which a press on Stop is taken for one on the Send that stood there before. */
const GUARD_MS = 400;

/** What can be attached anywhere. */
export const IMAGES = IMAGE_TYPES.join(',');

/**
 * Where a person writes. It knows nothing of what becomes of the text: whoever hears `gorun-send-turn` empties `text`.
 * @slot start - more tools before the space
 * @slot end - more tools before Send
 * @fires gorun-send-turn
 * @fires gorun-stop-turn
 * @fires gorun-stop-and-send
 * @fires gorun-attach
 * @fires gorun-remove-file
 * @fires gorun-change-draft
 * @fires gorun-edit-last
 * @csspart box - the frame
 * @csspart input - the field
 * @csspart send - Send, or Stop
 */
@customElement('gorun-composer')
export class GorunComposer extends LitElement {
  static override styles = [host, styles];
  /** What is written; setting it puts a draft of another tab in. */
  @property({ attribute: false }) text = '';
  @property({ attribute: false }) files: readonly AttachedFile[] = [];
  /** The turn that runs, if one does. */
  @property({ attribute: false }) running: TurnId | null = null;
  /** The name of the model, for the invitation to write. */
  @property() model = '';
  /** Why nothing can be sent now, in words; writing goes on. */
  @property() blocked = '';
  @property({ type: Boolean }) enterSends = true;
  /** Characters of a message. */
  @property({ type: Number }) limit = 200_000;
  /** What the file chooser offers; empty where nothing can be attached. */
  @property() accepts = IMAGES;
  /** Instead of the usual invitation. */
  @property() invitation = '';
  /** One line high, with its buttons beside the field. */
  @property({ type: Boolean, reflect: true }) compact = false;
  @query('textarea') private readonly field!: HTMLTextAreaElement;
  @query('input') private readonly chooser!: HTMLInputElement | null;
  @state() private isDropping = false;
  @state() private isRefused = false;
  private runningSince = -GUARD_MS;
  private hasSent = false;

  override focus(options?: FocusOptions): void {
    this.field?.focus(options);
  }

  /** Why Send does nothing now; empty when it sends. */
  get reason(): string {
    const over = this.text.length - this.limit;
    if (over > 0) return over === 1 ? msg('Too long by 1 character') : msg(str`Too long by ${over.toLocaleString()} characters`);
    if (this.files.some(({ progress, refusal }) => progress !== undefined && !refusal)) return msg('A file is still on its way');
    if (this.files.some(({ refusal }) => refusal)) return msg('Remove the file that was refused');
    if (this.text.trim() === '' && this.files.length === 0) return msg('Write something first');
    return this.blocked;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('running') || this.running === null || changed.get('running') !== null) return;
    // Where nothing could be sent, no press was meant for Send.
    this.runningSince = this.hasSent || this.text.trim() !== '' ? performance.now() : -GUARD_MS;
    this.hasSent = false;
  }

  protected override render(): TemplateResult {
    const isTooLong = this.text.length > this.limit;
    const isTold = isTooLong || (this.isRefused && this.reason !== '');
    return html`<div class="composer ${this.isDropping ? 'dropping' : ''}" part="box" @dragenter=${this.onDrag} @dragover=${this.onDrag} @dragleave=${this.onDragLeave} @drop=${this.onDrop}>
      ${this.renderTray()}
      <textarea part="input" dir="auto" rows="1" aria-label=${msg('Message')} aria-describedby="problem" aria-invalid=${isTooLong ? 'true' : nothing} enterkeyhint=${this.isEnterSending ? 'send' : 'enter'}
        placeholder=${this.placeholder} .value=${live(this.text)} @input=${this.onInput} @keydown=${this.onKey} @paste=${this.onPaste}></textarea>
      <div class="tools">
        ${this.renderAttach()}<slot name="start"></slot>
        <span class="push"></span>
        <span id="problem" class=${isTold ? 'problem' : 'sr'} role="status">${isTold ? html`${icon('warn', 'small')}${this.reason}` : nothing}</span>
        ${this.running !== null && this.isEnterSending ? html`<span class="hint">${msg('Enter queues')}</span>` : nothing}
        <slot name="end"></slot>
        ${this.running === null ? this.renderSend() : this.renderStop()}
      </div>
      ${this.isDropping ? html`<div class="drop" aria-hidden="true">${msg('Drop files to attach them')}</div>` : nothing}
    </div>`;
  }

  private get placeholder(): string {
    if (this.running !== null) return this.compact ? msg('Write the next message') : msg('Write the next message, it waits its turn');
    return this.invitation || (this.model === '' ? msg('Message') : msg(str`Message ${this.model}`));
  }

  private renderTray(): TemplateResult | typeof nothing {
    if (this.files.length === 0) return nothing;
    void import('../part-file/part-file.ts');
    return html`<div class="tray" role="group" aria-label=${msg('Files')}>
      ${this.files.map((file) => html`<gorun-part-file removable .file=${file} .progress=${file.progress} .refusal=${file.refusal} @gorun-remove-file=${this.onRemove}></gorun-part-file>`)}
    </div>`;
  }

  private renderAttach(): TemplateResult | typeof nothing {
    if (this.accepts === '') return nothing;
    return html`<input type="file" multiple hidden accept=${this.accepts} @change=${this.onChoose} />
      <button type="button" class="icon-button" aria-label=${msg('Add images')} title=${msg('Add images')} @click=${() => this.chooser?.click()}>${icon('plus')}</button>`;
  }

  private renderSend(): TemplateResult {
    const { reason } = this;
    return html`<button type="button" class="send" part="send" aria-label=${msg('Send')} title=${reason || msg('Send')} aria-disabled=${reason ? 'true' : nothing} aria-description=${reason || nothing} @click=${() => this.send()}>
      ${icon('send')}
    </button>`;
  }

  private renderStop(): TemplateResult {
    return html`<button type="button" class="send" part="send" aria-label=${msg('Stop the reply')} title=${msg('Stop')} aria-keyshortcuts="Escape" @click=${this.onStop}>${icon('stop')}</button>`;
  }

  /** On a touch screen the keyboard has no Shift Enter worth the name, so there the button sends. */
  private get isEnterSending(): boolean {
    return this.enterSends && !matchMedia('(pointer: coarse)').matches;
  }

  private send(isInstead = false): void {
    // Asked for in vain: the reason is shown, but for the one that can be seen.
    this.isRefused = this.reason !== '' && (this.text.trim() !== '' || this.files.length > 0);
    if (this.reason !== '') return;
    this.hasSent = true;
    this.dispatchEvent(isInstead && this.running !== null ? new StopAndSendEvent(this.text) : new SendTurnEvent(this.text));
    this.focus();
  }

  private stop(): void {
    if (this.running !== null) this.dispatchEvent(new StopTurnEvent(this.running));
  }

  private readonly onStop = (): void => {
    if (performance.now() - this.runningSince >= GUARD_MS) this.stop();
    this.focus();
  };

  private readonly onInput = (): void => {
    this.text = this.field.value;
    this.isRefused = false;
    this.dispatchEvent(new ChangeDraftEvent(this.text));
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    /* While characters are composed, Enter and Esc belong to the input method; 229 is how Safari says so on the last one. */
    if (event.isComposing || event.keyCode === 229) return;
    const withControl = event.ctrlKey || event.metaKey;
    if (event.key === 'Enter' && withControl) this.send(this.enterSends);
    else if (event.key === 'Enter' && !event.shiftKey && !event.altKey && this.isEnterSending) this.send();
    else if (event.key === 'Escape' && this.running !== null) this.stop();
    else if (event.key === 'ArrowUp' && this.text === '' && !withControl && !event.shiftKey && !event.altKey) this.dispatchEvent(new EditLastEvent());
    else return;
    event.preventDefault();
  };

  private attach(list: FileList | undefined | null): boolean {
    const files = [...(list ?? [])];
    if (files.length === 0) return false;
    this.dispatchEvent(new AttachEvent(files));
    this.focus();
    return true;
  }

  private readonly onChoose = (): void => {
    this.attach(this.chooser?.files);
    if (this.chooser) this.chooser.value = '';
  };

  /** A copied table brings a picture of itself; where there is text, the text is meant. */
  private readonly onPaste = (event: ClipboardEvent): void => {
    if (event.clipboardData?.types.includes('text/plain')) return;
    if (this.attach(event.clipboardData?.files)) event.preventDefault();
  };

  private readonly onDrag = (event: DragEvent): void => {
    if (this.accepts === '' || !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    this.isDropping = true;
  };

  private readonly onDragLeave = (event: DragEvent): void => {
    if (!(event.currentTarget as Element).contains(event.relatedTarget as Node | null)) this.isDropping = false;
  };

  private readonly onDrop = (event: DragEvent): void => {
    this.isDropping = false;
    if (this.attach(event.dataTransfer?.files)) event.preventDefault();
  };

  /** The focus goes to the next chip, or back to the field behind the last one. */
  private readonly onRemove = (event: Event): void => {
    const next = (event.currentTarget as Element).nextElementSibling ?? (event.currentTarget as Element).previousElementSibling;
    const button = next?.shadowRoot?.querySelector<HTMLElement>('.remove');
    (button ?? this).focus();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-composer': GorunComposer;
  }
}
