import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { host } from '../../styles/host.ts';
import { focusedElement } from '../menu/place.ts';
import { styles } from './toast.styles.ts';

/** What a toast says and, when both are given, the one thing that can be done about it. */
export interface Toast {
  readonly text: string;
  readonly actionLabel?: string;
  readonly action?: () => void;
  /** Milliseconds it stays, hovering and focus not counted; never less than 8 s. */
  readonly durationMs?: number;
}

interface Shown {
  readonly id: number;
  readonly toast: Toast;
  leftMs: number;
  since: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

const SHORTEST_MS = 8_000;
const MOST = 3;

/**
 * Says in passing what was done. One per page; it stays in the document so that what it says is announced. F8 puts the focus into it.
 * @cssprop --gorun-toast-start - what is at the start of the column they are centred over
 * @cssprop --gorun-toast-end - what is at its end
 */
@customElement('gorun-toasts')
export class GorunToasts extends LitElement {
  static override styles = [host, styles];
  @state() private shown: readonly Shown[] = [];
  @query('.stack') private readonly stack!: HTMLElement;
  private last = 0;
  private raisedFor = 0;
  private cameFrom: HTMLElement | null = null;

  /** Shows a toast; the returned function takes it away early. At most three stand at a time, the oldest goes first. */
  show(toast: Toast): () => void {
    const one: Shown = { id: ++this.last, toast, leftMs: Math.max(toast.durationMs ?? SHORTEST_MS, SHORTEST_MS), since: 0, timer: undefined };
    for (const old of this.shown.slice(0, Math.max(this.shown.length - MOST + 1, 0))) this.drop(old);
    this.shown = [...this.shown, one];
    this.run(one);
    return () => this.drop(one);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('keydown', this.onF8);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('keydown', this.onF8);
    for (const one of this.shown) this.drop(one);
  }

  protected override render(): TemplateResult {
    return html`<div role="status">
      <div class="stack" popover="manual">${repeat(this.shown, (one) => one.id, (one) => this.renderToast(one))}</div>
    </div>`;
  }

  /** A new toast raises the stack again, above a dialog that was opened since; raising it takes the focus out, so nothing else does. */
  protected override updated(): void {
    const newest = this.shown.at(-1)?.id ?? this.raisedFor;
    if (newest <= this.raisedFor) return;
    this.raisedFor = newest;
    if (this.stack.matches(':popover-open')) this.stack.hidePopover();
    this.stack.showPopover();
  }

  private renderToast(one: Shown): TemplateResult {
    const { text, actionLabel, action } = one.toast;
    return html`<div class="toast ${actionLabel ? '' : 'plain'}" tabindex="-1" @pointerenter=${() => this.pause(one)} @focusin=${() => this.pause(one)}
      @pointerleave=${() => this.resume(one)} @focusout=${() => this.resume(one)} @keydown=${(event: KeyboardEvent) => this.onKey(event, one)}>
      <span>${text}</span>${actionLabel && action
        ? html`<span class="sr">${msg(str`${actionLabel} available`)}</span><button type="button" @click=${() => this.act(one)}>${actionLabel}</button>`
        : nothing}
    </div>`;
  }

  private act(one: Shown): void {
    this.drop(one);
    one.toast.action?.();
  }

  private run(one: Shown): void {
    one.since = performance.now();
    one.timer = setTimeout(() => this.drop(one), one.leftMs);
  }

  private pause(one: Shown): void {
    if (one.timer === undefined) return;
    clearTimeout(one.timer);
    one.timer = undefined;
    one.leftMs -= performance.now() - one.since;
  }

  /** A toast that was almost over stays another second, so that it does not vanish under the pointer. */
  private resume(one: Shown): void {
    const element = this.stack.children[this.shown.indexOf(one)];
    if (one.timer !== undefined || !this.shown.includes(one) || element?.matches(':hover, :focus-within')) return;
    one.leftMs = Math.max(one.leftMs, 1_000);
    this.run(one);
  }

  private drop(one: Shown): void {
    clearTimeout(one.timer);
    const hadFocus = this.shadowRoot?.activeElement !== null;
    this.shown = this.shown.filter((other) => other !== one);
    if (hadFocus) this.cameFrom?.focus();
  }

  private onKey(event: KeyboardEvent, one: Shown): void {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    this.drop(one);
  }

  private readonly onF8 = (event: KeyboardEvent): void => {
    const newest = this.stack.lastElementChild;
    if (event.key !== 'F8' || newest === null) return;
    event.preventDefault();
    this.cameFrom = focusedElement();
    (newest.querySelector<HTMLElement>('button') ?? (newest as HTMLElement)).focus();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-toasts': GorunToasts;
  }
}
