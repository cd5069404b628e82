import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { FilePart, Message, Part, Rating } from '../../../contracts/conversation.ts';
import { FAILURES, type Refusal } from '../../../contracts/failures.ts';
import type { MessageId } from '../../../contracts/ids.ts';
import { type OpenTurn, textOf } from '../../../contracts/view.ts';
import { icon } from '../../icons.ts';
import { host } from '../../styles/host.ts';
import { copyText } from '../../text/clipboard.ts';
import { type FailureAction, type Who, wordsOfOutcome, wordsOfRefusal } from '../../text/failure-words.ts';
import { focusedElement } from '../menu/place.ts';
import type { NoticeActionEvent } from '../notice/notice.ts';
import '../part-file/part-file.ts';
import '../part-reasoning/part-reasoning.ts';
import { renderEditor } from './editor.ts';
import { ChooseBranchEvent, ContinueTurnEvent, EditMessageEvent, FailureActionEvent, RateMessageEvent, RemovePendingEvent, ResendMessageEvent, RetryTurnEvent } from './events.ts';
import { renderFoot } from './foot.ts';
import { renderProgress, renderWords } from './notices.ts';
import { styles } from './message.styles.ts';
import { SecondHand } from './second-hand.ts';

/** An own message that is not on record: on its way, waiting for the network, or refused and kept. */
export interface PendingMessage {
  readonly id: string;
  readonly text: string;
  readonly files: readonly FilePart[];
  readonly state: 'pending' | 'sending' | 'offline' | 'refused';
  /** Why; `outcome-unknown` also of one that is not refused. */
  readonly refusal?: Refusal | undefined;
}

const COPIED_MS = 2_000;
/** Longer messages of the person are folded: they know what they pasted. */
const FOLDED = { characters: 2_000, lines: 18 };
const NOBODY: Who = { model: '', provider: '' };

/**
 * One message of the thread: the person's in a bubble, a model's on the bare ground; or a pending one.
 * @fires gorun-edit-message
 * @fires gorun-retry-turn
 * @fires gorun-continue-turn
 * @fires gorun-choose-branch
 * @fires gorun-rate-message
 * @fires gorun-resend-message
 * @fires gorun-remove-pending
 * @fires gorun-failure-action
 * @csspart bubble - an own message
 */
@customElement('gorun-message')
export class GorunMessage extends LitElement {
  static override styles = [host, styles];
  @property({ attribute: false }) message: Message | undefined;
  /** Instead of `message`. */
  @property({ attribute: false }) pending: PendingMessage | undefined;
  /** All siblings with this one, oldest first. */
  @property({ attribute: false }) versions: readonly MessageId[] = [];
  /** Set while this message is the reply that grows. */
  @property({ attribute: false }) turn: OpenTurn | undefined;
  @property({ attribute: false }) who: Who = NOBODY;
  /** What the person thought of this reply. */
  @property({ attribute: false }) rating: Rating | undefined;
  @property({ type: Boolean }) last = false;
  /** A turn is running in this conversation. */
  @property({ type: Boolean }) busy = false;
  /** Nothing can be changed here. */
  @property({ type: Boolean }) locked = false;
  /** It was looked for. */
  @property({ type: Boolean, reflect: true }) marked = false;
  @property({ type: Boolean }) wrapCode = false;
  @property({ type: Boolean }) showReasoning = false;
  @property({ attribute: false }) fileAddress: ((file: FilePart) => string | undefined) | undefined;
  @query('textarea') private readonly field!: HTMLTextAreaElement | null;
  @state() private edited: string | undefined;
  @state() private isCopied = false;
  @state() private isUnfolded = false;
  private editedFrom: HTMLElement | null = null;
  private closingSince: number | undefined;
  private copiedTimer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    new SecondHand(this, () => this.turn?.phase === 'waiting' || this.turn?.phase === 'closing');
    this.addEventListener('gorun-notice-action', this.onNotice);
  }

  /** The plain text of the message. */
  get plainText(): string {
    return this.pending?.text ?? (this.message ? textOf(this.message) : '');
  }

  /** Opens the message for another version, with the focus at the end of its text. Only own messages can be edited. */
  edit(): void {
    if (this.locked || (this.message?.author !== 'person' && this.pending?.state !== 'refused')) return;
    this.editedFrom = focusedElement();
    this.edited = this.plainText;
    this.performUpdate();
    this.field?.focus();
    this.field?.setSelectionRange(this.edited.length, this.edited.length);
  }

  async copy(): Promise<void> {
    this.isCopied = await copyText(this.plainText);
    clearTimeout(this.copiedTimer);
    this.copiedTimer = setTimeout(() => (this.isCopied = false), COPIED_MS);
  }

  /** What says how it ended, where that needs more than its text. */
  get notice(): HTMLElement | null {
    return this.renderRoot.querySelector('gorun-notice');
  }

  /** Asks for another reply, when this is a finished one and nothing runs. */
  retry(): void {
    if (this.canRetry && this.message) this.dispatchEvent(new RetryTurnEvent(this.message.id));
  }

  /** Shows the sibling `by` places further, when there is one. */
  chooseVersion(by: number): void {
    const to = this.message && this.versions[this.versions.indexOf(this.message.id) + by];
    if (to !== undefined && !this.locked) this.dispatchEvent(new ChooseBranchEvent(to));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.copiedTimer);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('turn')) this.closingSince = this.turn?.phase === 'closing' ? (this.closingSince ?? Date.now()) : undefined;
    this.setAttribute('author', this.message?.author ?? 'person');
    this.setAttribute('state', this.edited !== undefined ? 'editing' : (this.pending?.state ?? (this.turn ? 'streaming' : (this.message?.outcome?.kind ?? 'normal'))));
  }

  protected override render(): TemplateResult | typeof nothing {
    if (this.edited !== undefined) return html`<h2 class="sr">${msg('Edit your message')}</h2>${this.renderEditing(this.edited)}`;
    if (this.pending) return this.renderPending(this.pending);
    if (!this.message) return nothing;
    return this.message.author === 'person' ? this.renderOwn(this.message) : this.renderReply(this.message);
  }

  private get canRetry(): boolean {
    return this.message?.author === 'model' && this.message.by === undefined && this.turn === undefined && !this.busy && !this.locked;
  }

  private renderOwn(message: Message): TemplateResult {
    const files = message.parts.filter((part) => part.type === 'file');
    return html`<h2 class="sr">${msg('You said')}</h2>
      <div class="own">${this.renderFiles(files)}${this.renderBubble(this.plainText)}${this.renderMessageFoot(message)}</div>`;
  }

  private renderBubble(text: string): TemplateResult | typeof nothing {
    if (text === '') return nothing;
    const isLong = text.length > FOLDED.characters || text.split('\n').length > FOLDED.lines;
    const isFolded = isLong && !this.isUnfolded;
    return html`<div class="bubble-own" part="bubble">
      <div class=${isFolded ? 'folded' : ''}>${text.split(/\n{2,}/).map((paragraph) => html`<p dir="auto">${paragraph}</p>`)}</div>
      ${isLong ? html`<button type="button" class="copy" aria-expanded=${!isFolded} @click=${() => (this.isUnfolded = isFolded)}>${isFolded ? msg('Show all') : msg('Show less')}</button>` : nothing}
    </div>`;
  }

  private renderFiles(files: readonly FilePart[]): TemplateResult | typeof nothing {
    if (files.length === 0) return nothing;
    return html`<div class="files">${files.map((file) => html`<gorun-part-file .file=${{ ...file, id: file.fileId }} .address=${this.fileAddress?.(file)}></gorun-part-file>`)}</div>`;
  }

  private renderPending(pending: PendingMessage): TemplateResult {
    return html`<h2 class="sr">${msg('You said')}</h2>
      <div class="own">${this.renderFiles(pending.files)}${this.renderBubble(pending.text)}${this.renderPendingFoot(pending)}</div>`;
  }

  private renderPendingFoot(pending: PendingMessage): TemplateResult | typeof nothing {
    const remove = html`<button type="button" class="copy" @click=${() => this.dispatchEvent(new RemovePendingEvent(pending.id))}>${msg('Remove')}</button>`;
    if (pending.state === 'refused') {
      const words = wordsOfRefusal(pending.refusal ?? { code: 'internal' }, this.who);
      return html`<p class="foot danger">${icon('warn', 'small')}<span>${msg('Not sent')}</span>${remove}</p>
        ${renderWords(words, 'danger', pending.refusal?.code === 'record-unavailable' ? 'shieldx' : undefined)}`;
    }
    if (pending.refusal?.code === 'outcome-unknown') return html`<p class="foot">${icon('clock', 'small')}<span>${msg(FAILURES['outcome-unknown'].text)}</span></p>`;
    if (pending.state === 'sending') return html`<p class="foot">${icon('clock', 'small')}<span>${msg('Sending')}</span></p>`;
    return pending.state === 'offline' ? html`<p class="foot">${icon('clock', 'small')}<span>${msg('Goes out when you are back')}</span>${remove}</p>` : nothing;
  }

  private renderReply(message: Message): TemplateResult {
    const isThoughtHidden = message.reasonedMs !== undefined && !message.parts.some((part) => part.type === 'reasoning');
    return html`<h2 class="sr">${msg(str`${this.who.model} said`)}</h2>
      <div class="parts">
        ${isThoughtHidden ? html`<gorun-part-reasoning .tookMs=${message.reasonedMs}></gorun-part-reasoning>` : nothing}
        ${repeat(message.parts, (_, index) => index, (part, index) => this.renderPart(part, index, message))}
        ${this.turn ? renderProgress(this.turn, this.closingSince, this.who) : this.renderOutcome(message)}
      </div>
      ${this.turn ? nothing : this.renderMessageFoot(message)}`;
  }

  private renderPart(part: Part, index: number, message: Message): TemplateResult | typeof nothing {
    const isGrowing = this.turn !== undefined && this.turn.phase !== 'closing' && index === message.parts.length - 1;
    if (part.type === 'file') return this.renderFiles([part]);
    if (part.type === 'text') return html`<gorun-part-text .text=${part.text} ?growing=${isGrowing} .wrapCode=${this.wrapCode}></gorun-part-text>`;
    const isFirst = message.parts.findIndex((other) => other.type === 'reasoning') === index;
    return html`<gorun-part-reasoning .text=${part.text} ?live=${isGrowing} ?open=${this.showReasoning} .tookMs=${isFirst ? message.reasonedMs : undefined}></gorun-part-reasoning>`;
  }

  private renderOutcome(message: Message): TemplateResult | typeof nothing {
    const words = message.outcome && wordsOfOutcome(message.outcome, this.plainText !== '', this.who);
    if (!words || !message.outcome) return nothing;
    const isPlain = message.outcome.kind !== 'failed' || message.outcome.code === 'output-limit' || message.outcome.code === 'turn-limit';
    const offered = this.locked || this.busy ? [] : words.actions;
    return renderWords({ ...words, actions: offered }, isPlain ? 'plain' : 'danger');
  }

  private renderMessageFoot(message: Message): TemplateResult {
    return renderFoot({
      message,
      versions: this.versions,
      model: this.who.model,
      isLast: this.last,
      isCopied: this.isCopied,
      copy: this.plainText === '' ? undefined : () => void this.copy(),
      edit: this.locked ? undefined : () => this.edit(),
      rating: this.rating,
      rate: this.locked || message.outcome?.kind === 'failed' ? undefined : (rating) => this.dispatchEvent(new RateMessageEvent(message.id, rating)),
      retry: this.canRetry ? () => this.retry() : undefined,
      choose: (to) => this.locked || this.dispatchEvent(new ChooseBranchEvent(to)),
    });
  }

  private renderEditing(text: string): TemplateResult {
    return renderEditor({
      text,
      hint: this.pending ? '' : msg('The earlier version stays as a branch.'),
      saveLabel: this.pending ? msg('Send again') : msg('Send as new version'),
      change: (written) => (this.edited = written),
      cancel: () => this.stopEditing(),
      save: () => {
        this.stopEditing();
        if (this.pending) this.dispatchEvent(new ResendMessageEvent(this.pending.id, text, false));
        else if (this.message) this.dispatchEvent(new EditMessageEvent(this.message.id, text));
      },
    });
  }

  private stopEditing(): void {
    this.edited = undefined;
    this.performUpdate();
    // A button of this message is drawn anew; the composer is still there.
    const back = this.editedFrom?.isConnected === true ? this.editedFrom : this;
    this.editedFrom = null;
    back.focus();
  }

  private readonly onNotice = (event: NoticeActionEvent): void => {
    event.stopPropagation();
    const action = event.action as FailureAction;
    if (action === 'edit') this.edit();
    else if (action === 'send-again' || action === 'send-anyway') this.dispatchEvent(new ResendMessageEvent(this.pending?.id ?? '', this.plainText, action === 'send-anyway'));
    else if (action === 'retry') this.retry();
    else if (action === 'continue' && this.message) this.dispatchEvent(new ContinueTurnEvent(this.message.id));
    else if (action !== 'continue') this.dispatchEvent(new FailureActionEvent(action, this.message?.id));
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-message': GorunMessage;
  }
}
