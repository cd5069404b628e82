import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { QueuedMessage } from '../../../contracts/conversation.ts';
import type { CommandId } from '../../../contracts/ids.ts';
import { type IconName, icon } from '../../icons.ts';
import { host } from '../../styles/host.ts';
import { styles } from './queue.styles.ts';

/** Another text for a message that waits. */
export class EditQueuedEvent extends Event {
  readonly queued: CommandId;
  readonly text: string;
  constructor(queued: CommandId, text: string) {
    super('gorun-edit-queued', { bubbles: true, composed: true });
    this.queued = queued;
    this.text = text;
  }
}

/** Takes a message out of the queue. */
export class RemoveQueuedEvent extends Event {
  readonly queued: CommandId;
  constructor(queued: CommandId) {
    super('gorun-remove-queued', { bubbles: true, composed: true });
    this.queued = queued;
  }
}

/** Puts a message before another one, or last with `null`. */
export class MoveQueuedEvent extends Event {
  readonly queued: CommandId;
  readonly before: CommandId | null;
  constructor(queued: CommandId, before: CommandId | null) {
    super('gorun-move-queued', { bubbles: true, composed: true });
    this.queued = queued;
    this.before = before;
  }
}

const SHOWN = 5;

/**
 * What waits for the running turn, the same in every tab. Each can be changed until it is taken; `Alt ↑` and `Alt ↓` move it too.
 * @fires gorun-edit-queued
 * @fires gorun-remove-queued
 * @fires gorun-move-queued
 */
@customElement('gorun-queue')
export class GorunQueue extends LitElement {
  static override styles = [host, styles];
  @property({ attribute: false }) commands: readonly QueuedMessage[] = [];
  @state() private areAllShown = false;
  @state() private edited: { readonly queued: CommandId; readonly text: string } | undefined;

  /** A message that was taken while it was being edited: what was written for it is not lost, whoever hears this finds it a place. */
  protected override willUpdate(changed: PropertyValues<this>): void {
    const { edited } = this;
    if (!changed.has('commands') || edited === undefined || this.commands.some(({ command }) => command === edited.queued)) return;
    const text = this.renderRoot.querySelector('textarea')?.value ?? '';
    this.edited = undefined;
    if (text.trim() !== '' && text !== edited.text) this.dispatchEvent(new EditQueuedEvent(edited.queued, text));
  }

  protected override render(): TemplateResult | typeof nothing {
    if (this.commands.length === 0) return nothing;
    const shown = this.areAllShown ? this.commands : this.commands.slice(0, SHOWN);
    const rest = this.commands.length - shown.length;
    return html`<ol aria-label=${msg('Waiting to be sent')}>
      ${repeat(shown, ({ command }) => command, (queued, index) => (this.edited?.queued === queued.command ? this.renderEdited(this.edited) : this.renderQueued(queued, index)))}
      ${rest > 0 ? html`<li><button type="button" class="more" @click=${() => (this.areAllShown = true)}>${msg(str`and ${rest} more`)}</button></li>` : nothing}
    </ol>`;
  }

  private renderQueued(queued: QueuedMessage, index: number): TemplateResult {
    const { command } = queued;
    const [above, below] = [this.commands[index - 1], this.commands[index + 1]];
    return html`<li @keydown=${(event: KeyboardEvent) => this.onKey(event, index)}>
      <span class="order">${index === 0 ? msg('Next') : msg('Then')}</span>
      <span class="what" dir="auto" title=${queued.text}>${queued.text || (queued.files.length === 1 ? msg('1 image') : msg(str`${queued.files.length} images`))}</span>
      ${above && this.commands.length > 1 ? button('up', msg('Move up'), () => this.move(index, -1)) : nothing}
      ${below && index > 0 ? button('down', msg('Move down'), () => this.move(index, 1)) : nothing}
      ${button('edit', msg('Edit'), () => this.startEditing(queued))}${button('x', msg('Remove'), () => this.drop(command, index))}
    </li>`;
  }

  private renderEdited({ text }: { readonly text: string }): TemplateResult {
    return html`<li class="editing">
      <textarea dir="auto" rows="1" aria-label=${msg('Edit the waiting message')} .value=${text} @keydown=${this.onEditKey}></textarea>
      ${button('check', msg('Save'), () => this.save())}${button('x', msg('Cancel'), () => this.stopEditing())}
    </li>`;
  }

  private startEditing({ command, text }: QueuedMessage): void {
    this.edited = { queued: command, text };
    this.performUpdate();
    const field = this.renderRoot.querySelector('textarea');
    field?.focus();
    field?.setSelectionRange(text.length, text.length);
  }

  private save(): void {
    const text = this.renderRoot.querySelector('textarea')?.value ?? '';
    if (text.trim() === '' || this.edited === undefined) return;
    this.dispatchEvent(new EditQueuedEvent(this.edited.queued, text));
    this.stopEditing();
  }

  private stopEditing(): void {
    const index = this.commands.findIndex(({ command }) => command === this.edited?.queued);
    this.edited = undefined;
    this.performUpdate();
    this.focusRow(index);
  }

  private drop(queued: CommandId, index: number): void {
    this.focusRow(index < this.commands.length - 1 ? index + 1 : index - 1);
    this.dispatchEvent(new RemoveQueuedEvent(queued));
  }

  /** Down: behind the one below, that is before the one after it. */
  private move(index: number, by: -1 | 1): void {
    const [queued, place] = [this.commands[index], this.commands[by < 0 ? index - 1 : index + 2]];
    if (queued === undefined || index + by < 0 || index + by >= this.commands.length) return;
    this.dispatchEvent(new MoveQueuedEvent(queued.command, place?.command ?? null));
  }

  private focusRow(index: number): void {
    this.renderRoot.querySelectorAll('li')[index]?.querySelector<HTMLElement>('button:last-of-type')?.focus();
  }

  private onKey(event: KeyboardEvent, index: number): void {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    event.stopPropagation();
    this.move(index, event.key === 'ArrowUp' ? -1 : 1);
  }

  private readonly onEditKey = (event: KeyboardEvent): void => {
    if (event.isComposing || (event.key !== 'Escape' && (event.key !== 'Enter' || event.shiftKey))) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === 'Enter') this.save();
    else this.stopEditing();
  };
}

function button(symbol: IconName, label: string, act: () => void): TemplateResult {
  return html`<button type="button" class="icon-button small" aria-label=${label} title=${label} @click=${act}>${icon(symbol)}</button>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-queue': GorunQueue;
  }
  interface HTMLElementEventMap {
    'gorun-edit-queued': EditQueuedEvent;
    'gorun-remove-queued': RemoveQueuedEvent;
    'gorun-move-queued': MoveQueuedEvent;
  }
}
