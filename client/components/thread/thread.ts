import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { FilePart, QueuedMessage } from '../../../contracts/conversation.ts';
import type { MessageId, ModelId } from '../../../contracts/ids.ts';
import type { Model } from '../../../contracts/models.ts';
import { type ConversationView, type PathEntry, pathOf } from '../../../contracts/view.ts';
import { icon } from '../../icons.ts';
import { host } from '../../styles/host.ts';
import type { Who } from '../../text/failure-words.ts';
import { shortTime } from '../../text/times.ts';
import type { GorunMessage, PendingMessage } from '../message/message.ts';
import '../message/message.ts';
import '../notice/notice.ts';
import { type Announce, Announcer } from './announcer.ts';
import { FocusComposerEvent, FollowEndEvent, ThreadActionEvent } from './events.ts';
import { Following, type Place } from './following.ts';
import { styles } from './thread.styles.ts';
import { brokenIn, type Entry, firstSince, isOwn, type Turn, turnsOf, whoIs } from './turns.ts';

/** What a person has chosen about reading. */
export interface ReadingSettings {
  readonly announce: Announce;
  readonly singleKeys: boolean;
  readonly wrapCode: boolean;
  readonly showReasoning: boolean;
}

const SETTINGS: ReadingSettings = { announce: 'as-it-grows', singleKeys: true, wrapCode: false, showReasoning: false };
/** Conversations whose reading place is remembered. */
const MOST_PLACES = 100;

/**
 * The conversation along its chosen branches, and what is on its way into it. It fills the box it is given and scrolls in it.
 * @slot empty - what stands where nothing was said yet
 * @csspart turn - what a person said with all that was answered
 * @fires gorun-follow-end
 * @fires gorun-focus-composer
 * @fires gorun-thread-action
 */
@customElement('gorun-thread')
export class GorunThread extends LitElement {
  static override styles = [host, styles];
  /** The folded view; `undefined` while there is none, then `state` says why. */
  @property({ attribute: false }) view: ConversationView | undefined;
  @property({ attribute: false }) state: 'ready' | 'loading' | 'failed' | 'gone' = 'ready';
  /** Own messages not yet on record, in their order. Their ids should be those of the messages they become, then the element stays. */
  @property({ attribute: false }) pending: readonly PendingMessage[] = [];
  @property({ attribute: false }) models: readonly Model[] = [];
  /** The model of a conversation that has no view yet. */
  @property({ attribute: false }) model: ModelId | undefined;
  @property({ attribute: false }) settings: ReadingSettings = SETTINGS;
  @property({ attribute: false }) fileAddress: ((file: FilePart) => string | undefined) | undefined;
  /** Only to be read, as a shared conversation is. */
  @property({ type: Boolean }) locked = false;
  /** A message that was looked for: shown once it is on the path, and marked; another object asks again. */
  @property({ attribute: false }) found: { readonly message: MessageId } | undefined;
  @query('.scroller') private readonly scroller!: HTMLElement | null;
  /** The turn that has the height of the view: the one that began while somebody looked. */
  @state() private reserved: string | undefined;
  /** The first reply that came while the person was in another conversation, and since when. */
  @state() private fresh: { readonly id: string; readonly since: number } | undefined;
  private readonly announcer = new Announcer(this);
  private readonly following = new Following(this, () => this.findScrolled());
  private readonly places = new Map<string, { place: Place; leftAt: number }>();
  private path: readonly PathEntry[] = [];
  private turns: readonly Turn[] = [];
  private shownIn = '';
  private sought: GorunThread['found'];
  private wasAtEnd = true;
  private afterwards: (() => void) | undefined;

  /** Whether the end is kept in view while it grows. */
  get isFollowing(): boolean {
    return this.following.isFollowing;
  }

  /** Goes to the end and stays there while it grows. */
  followEnd(): void {
    this.following.follow();
  }

  /** Opens the last own message for another version; says whether there is one. */
  editLast(): boolean {
    const last = this.messages.findLast((message) => message.message?.author === 'person');
    last?.edit();
    return last !== undefined;
  }

  /** Says a sentence to people who do not see the page, such as "Reconnecting.". */
  announce(text: string, how: 'polite' | 'assertive' = 'polite'): void {
    this.announcer.say(text, how);
  }

  override focus(options?: FocusOptions): void {
    this.scroller?.focus(options);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('view') && !changed.has('pending') && !changed.has('found')) return;
    const before = this.turns;
    this.path = this.view ? pathOf(this.view) : [];
    const turns = turnsOf(this.path, this.pending);
    const conversation = this.view?.conversation.id ?? '';
    this.wasAtEnd = this.following.isAtEnd;
    if (conversation !== this.shownIn && !this.isSame(before, turns)) this.leaveFor(conversation);
    else this.findNewTurn(before, turns, changed.get('view')?.conversation.queue ?? []);
    this.shownIn = conversation;
    this.turns = turns;
    if (this.found !== this.sought) this.seek();
    this.following.isGrowing = this.view?.turn != null;
    this.announcer.observe(this.view, this.pending, this.settings.announce, whoIs(this.view?.conversation.model ?? this.model, this.models));
  }

  protected override updated(): void {
    this.afterwards?.();
    this.afterwards = undefined;
  }

  protected override render(): TemplateResult {
    return html`<div class="scroller" tabindex="0" role="log" aria-live="off" aria-label=${msg('Conversation')} @keydown=${this.onKey} @focusin=${this.onFocus}>
        <div class="column">${this.renderContent()}</div>
      </div>
      ${this.following.hasNews && !this.following.isFollowing ? html`<button type="button" class="to-latest" @click=${this.onFollow}>${icon('down')}${msg('New reply')}</button>` : nothing}
      ${this.announcer.render()}`;
  }

  private renderContent(): TemplateResult {
    if (this.view?.isErased || this.state === 'gone') return this.renderMissing(msg('There is nothing here'), msg('It was deleted, or it belongs to someone else.'), 'new-chat', msg('New chat'));
    if (this.state === 'failed') return this.renderMissing(msg('This conversation could not be loaded'), msg('The server did not answer. Your conversations are safe.'), 'load-again', msg('Try again'));
    if (this.state === 'loading' && this.turns.length === 0) return renderSkeleton();
    if (this.turns.length === 0) return html`<slot name="empty"></slot><div class="end"></div>`;
    return html`${repeat(this.turns, ({ id }) => id, (turn, index) => this.renderTurn(turn, index === this.turns.length - 1))}`;
  }

  private renderTurn(turn: Turn, isLast: boolean): TemplateResult {
    const isGrowing = isLast && this.view?.turn != null;
    return html`<div part="turn" class="turn ${isLast && turn.id === this.reserved ? 'reserved' : ''} ${isGrowing ? 'growing' : ''}">
      ${repeat(turn.entries, ({ id }) => id, (entry, index) => this.renderEntry(entry, isLast && index === turn.entries.length - 1))}
      ${isLast ? html`<div class="end"></div>` : nothing}
    </div>`;
  }

  private renderEntry({ id, path, pending }: Entry, isLast: boolean): TemplateResult {
    const turn = this.view?.turn;
    const model = path?.message.model ?? this.view?.conversation.model ?? this.model;
    return html`${id === this.fresh?.id ? html`<p class="divider">${msg(str`New since ${shortTime(this.fresh.since)}`)}</p>` : nothing}<gorun-message
        tabindex="-1"
        .message=${path?.message}
        .pending=${path ? undefined : pending}
        .versions=${path?.versions ?? []}
        .turn=${turn && turn.reply.id === path?.message.id ? turn : undefined}
        .who=${path?.message.by ? this.person(path.message.by.name) : this.who(model)}
        .rating=${path === undefined ? undefined : this.view?.conversation.ratings?.[path.message.id]}
        .fileAddress=${this.fileAddress}
        ?last=${isLast}
        ?busy=${turn != null}
        ?locked=${this.locked}
        ?marked=${id === this.sought?.message}
        ?wrapCode=${this.settings.wrapCode}
        ?showReasoning=${this.settings.showReasoning}
      ></gorun-message>`;
  }

  /** One object for each model, so that a message is not drawn again because its neighbour grew. */
  private readonly names = new Map<string, Who>();
  private who(model: ModelId | undefined): Who {
    const now = whoIs(model, this.models);
    const known = this.names.get(model ?? '');
    if (known?.model === now.model && known.provider === now.provider) return known;
    this.names.set(model ?? '', now);
    return now;
  }

  /** A person who answers in the model's place. */
  private person(name: string): Who {
    const known = this.names.get(`person ${name}`) ?? { model: name, provider: '', isFixed: true };
    this.names.set(`person ${name}`, known);
    return known;
  }

  private renderMissing(title: string, text: string, action: ThreadActionEvent['action'], label: string): TemplateResult {
    const actions = [{ id: action, label, isMain: true }];
    return html`<gorun-notice .heading=${title} .text=${text} .actions=${actions} announced="status" @gorun-notice-action=${() => this.dispatchEvent(new ThreadActionEvent(action))}></gorun-notice>`;
  }

  private get messages(): GorunMessage[] {
    return [...this.renderRoot.querySelectorAll('gorun-message')];
  }

  private findScrolled(): { scroller: HTMLElement; column: HTMLElement; end: HTMLElement } | undefined {
    const { scroller, renderRoot } = this;
    const column = renderRoot.querySelector<HTMLElement>('.column');
    if (!scroller || !column) return undefined;
    return { scroller, column, get end() { return renderRoot.querySelector<HTMLElement>('.end') ?? column; } };
  }

  /** A conversation that gets its view after its first message was sent is the same one. */
  private isSame(before: readonly Turn[], turns: readonly Turn[]): boolean {
    return this.shownIn === '' && before.length > 0 && turns.some(({ id }) => id === before[0]?.id);
  }

  private leaveFor(conversation: string): void {
    if (this.shownIn !== '') {
      this.places.delete(this.shownIn);
      this.places.set(this.shownIn, { place: this.following.place(this.byId(this.turns)), leftAt: Date.now() });
      for (const oldest of this.places.keys()) if (this.places.size > MOST_PLACES) this.places.delete(oldest);
    }
    const kept = this.places.get(conversation);
    this.reserved = undefined;
    const first = firstSince(this.path, kept?.leftAt);
    this.fresh = first && kept ? { id: first.id, since: kept.leftAt } : undefined;
    this.afterwards = () => void this.settle().then(() => this.shownIn === conversation && this.following.restore(kept?.place ?? 'end', this.byId(this.turns)));
  }

  /**
   * A turn that begins while somebody looks gets the height of the view. Sent from here it is raised; from elsewhere only
   * for those who were at the end and had turned to nothing else. One that waited behind a reply that broke off leaves in
   * sight what is said about that.
   */
  private findNewTurn(before: readonly Turn[], turns: readonly Turn[], queue: readonly QueuedMessage[]): void {
    const last = turns.at(-1);
    const first = last?.entries[0];
    if (!last || !first || !isOwn(first) || before.some(({ id }) => id === last.id)) return;
    if (first.pending?.state === 'refused' || (first.pending === undefined && !this.wasAtEnd)) return;
    this.reserved = last.id;
    if (first.pending === undefined && this.following.hasLeft) return;
    const broken = queue.some(({ message }) => message === last.id) ? brokenIn(turns.at(-2)) : undefined;
    this.afterwards = () => {
      const element = this.byId(turns).get(broken ?? last.id);
      void element?.updateComplete.then(() => (broken === undefined ? this.following.raise(element) : this.following.bring(element.notice ?? element)));
    };
  }

  private seek(): void {
    const { found } = this;
    if (found !== undefined && !this.path.some(({ message }) => message.id === found.message)) return;
    this.sought = found;
    if (found === undefined) return;
    this.reserved = undefined;
    this.afterwards = () => void this.settle().then(() => this.sought === found && this.showFound(found.message));
  }

  private showFound(message: MessageId): void {
    const element = this.byId(this.turns).get(message);
    if (element === undefined) return;
    this.following.leave();
    this.following.bring(element);
    element.focus({ preventScroll: true });
  }

  private byId(turns: readonly Turn[]): Map<string, GorunMessage> {
    const ids = turns.flatMap(({ entries }) => entries.map(({ id }) => id));
    return new Map(this.messages.map((element, index) => [ids[index] ?? '', element] as const));
  }

  /** Until everything inside has its height. */
  private async settle(): Promise<void> {
    await Promise.all(this.messages.map(async (message) => {
      await message.updateComplete;
      await Promise.all([...message.renderRoot.querySelectorAll('gorun-part-text')].map((part) => part.updateComplete));
    }));
  }

  private readonly onFollow = (): void => {
    this.dispatchEvent(new FollowEndEvent());
    this.followEnd();
    this.focus({ preventScroll: true });
  };

  private readonly onFocus = (event: FocusEvent): void => {
    const message = event.composedPath().find((element) => (element as Element).localName === 'gorun-message');
    if (message !== undefined && message !== this.messages.at(-1)) this.following.leave();
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    const [target] = event.composedPath() as Element[];
    if (event.ctrlKey || event.metaKey || event.altKey || target?.matches('input, textarea, select')) return;
    if (event.key === 'End') this.followEnd();
    else if (event.key === 'PageUp' || event.key === 'ArrowUp' || event.key === 'Home') return this.following.leave();
    else if (!this.settings.singleKeys || !this.onLetter(event.key, event.composedPath())) return;
    event.preventDefault();
  };

  private onLetter(key: string, path: readonly EventTarget[]): boolean {
    const { messages } = this;
    const here = messages.find((message) => path.includes(message));
    const index = here ? messages.indexOf(here) : -1;
    if (key === 'j') focusMessage(messages[here ? index + 1 : this.firstInView()]);
    else if (key === 'k') focusMessage(messages[here ? index - 1 : this.firstInView()]);
    else if (key === '/') this.dispatchEvent(new FocusComposerEvent());
    else if (key === 'c' && here) void here.copy();
    else if (key === 'r' && here) here.retry();
    else if (key === '[' && here) here.chooseVersion(-1);
    else if (key === ']' && here) here.chooseVersion(1);
    else return false;
    return true;
  }

  private firstInView(): number {
    const top = this.scroller?.getBoundingClientRect().top ?? 0;
    return Math.max(this.messages.findIndex((message) => message.getBoundingClientRect().bottom > top), 0);
  }
}

function focusMessage(message: GorunMessage | undefined): void {
  message?.focus({ preventScroll: true });
  message?.scrollIntoView({ block: 'nearest' });
}

/** Real sizes, so that nothing jumps when the conversation is there. */
function renderSkeleton(): TemplateResult {
  return html`<div class="waiting" role="status" aria-label=${msg('Loading')}>
    <span class="skeleton own"></span>
    <span class="lines"><span class="skeleton"></span><span class="skeleton"></span><span class="skeleton short"></span></span>
  </div>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-thread': GorunThread;
  }
}
