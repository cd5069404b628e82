import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { ConversationId, UserId } from '../../../contracts/ids.ts';
import type { Model } from '../../../contracts/models.ts';
import type { InboxRow } from '../../../contracts/sites.ts';
import type { ConversationController } from '../../state/conversation.ts';
import type { InboxController } from '../../state/inbox.ts';
import type { WritersController } from '../../state/writers.ts';
import { icon } from '../../icons.ts';
import { fields, host } from '../../styles/host.ts';
import { shortTime } from '../../text/times.ts';
import { styles as frame } from '../admin-sites/admin-sites.styles.ts';
import { renderNav } from '../admin-sites/nav.ts';
import '../composer/composer.ts';
import type { GorunComposer } from '../composer/composer.ts';
import type { ChangeDraftEvent, SendTurnEvent } from '../composer/events.ts';
import { navRow } from '../sidebar/sidebar.styles.ts';
import '../thread/thread.ts';
import { styles } from './admin-inbox.styles.ts';
import { BlockVisitorEvent, ChooseInboxEvent, MoreInboxEvent } from './events.ts';
import { renderInboxList } from './list.ts';
import { renderWho } from './who.ts';

/** The conversations of visitors as they come, and the one that is looked at: a person takes it over, answers, and gives it back to the model. */
@customElement('gorun-admin-inbox')
export class GorunAdminInbox extends LitElement {
  static override styles = [host, fields, navRow, frame, styles];
  @property({ attribute: false }) inbox: InboxController | undefined;
  @property({ attribute: false }) conversation: ConversationController | undefined;
  /** The one that is looked at. */
  @property() current: ConversationId | undefined;
  /** Who looks. */
  @property() user = '' as UserId;
  @property({ type: Boolean }) admin = false;
  /** Draws again when what is followed has changed. */
  @property({ attribute: false }) beat: unknown;
  @property({ attribute: false }) writers: WritersController | undefined;
  @state() private text = '';
  /** What answers for the sites, by the name that visitors are told. */
  private models: readonly Model[] = [];
  @query('gorun-composer') private readonly composer!: GorunComposer | null;

  protected override willUpdate(): void {
    const model = this.conversation?.view.conversation.model;
    if (model !== undefined && this.models[0]?.id !== model) this.models = [{ id: model, name: msg('Assistant'), provider: 'site', providerName: '', vision: false, fields: [], needsKey: false, isDemo: false }];
  }

  protected override render(): TemplateResult {
    const { inbox, current } = this;
    return html`${renderNav('inbox', this.admin)}
      <main class="inbox ${current === undefined ? '' : 'one'}">
        ${inbox === undefined ? nothing : renderInboxList({ ...listOf(inbox), current, choose: (wanted) => this.dispatchEvent(new ChooseInboxEvent(wanted)), more: () => this.dispatchEvent(new MoreInboxEvent()) })}
        ${current === undefined ? html`<p class="none">${msg('Choose a conversation.')}</p>` : this.renderTalk(current)}
      </main>`;
  }

  private renderTalk(current: ConversationId): TemplateResult {
    const { conversation } = this;
    const row = this.inbox?.rows?.find(({ id }) => id === current);
    if (conversation === undefined) return html`<div></div>`;
    const { phase, view } = conversation;
    const by = view.conversation.handoff?.by;
    const isMine = by?.user === this.user;
    return html`<section class="talk" aria-label=${msg('Conversation')}>
      <header><a class="icon-button back" href="/admin/inbox" aria-label=${msg('Back to the inbox')}>${icon('left', 'flips')}</a><h2 dir="auto">${view.conversation.title || row?.title || msg('Conversation')}</h2>
        ${by !== undefined && !isMine ? html`<span class="badge info">${icon('person', 'small')}${msg(str`${by.name} answers`)}</span>` : nothing}
        ${this.renderBlock(current)}
        ${by !== undefined ? html`<button type="button" class="button" @click=${() => conversation.handoff('end')}>${msg('Back to the model')}</button>` : html`<button type="button" class="button primary" @click=${() => this.join(conversation)}>${msg('Answer yourself')}</button>`}</header>
      ${renderWho(view.conversation.visitor, view.messages)}
      ${this.renderNotes(conversation)}
      <gorun-thread locked .fileAddress=${this.inbox?.fileAddress} .models=${this.models} .model=${view.conversation.model} .view=${view} .state=${phase === 'missing' ? 'gone' : phase === 'new' ? 'loading' : phase} @gorun-thread-action=${() => conversation.again()}></gorun-thread>
      <div class="dock">${isMine ? this.renderComposer(conversation, row) : html`<p class="quiet">${by === undefined ? msg('The model answers here. Whoever answers instead is named to the visitor.') : msg('Somebody else answers here.')}</p>`}</div>
    </section>`;
  }

  private renderBlock(current: ConversationId): TemplateResult | typeof nothing {
    const isBlocked = this.inbox?.isBlocked;
    if (isBlocked === undefined) return nothing;
    const block = (): unknown => this.dispatchEvent(new BlockVisitorEvent(current, !isBlocked));
    return html`${isBlocked ? html`<span class="badge warning">${msg('Blocked')}</span>` : nothing}<button type="button" class="button ghost" @click=${block}>${isBlocked ? msg('Let in again') : msg('Block visitor')}</button>`;
  }

  /** The visitor is never told of them, so it is said here who reads them. */
  private renderNotes(conversation: ConversationController): TemplateResult {
    const notes = this.inbox?.notes ?? [];
    return html`<details class="notes">
      <summary>${icon('edit', 'small')}${notes.length === 0 ? msg('Notes') : msg(str`Notes (${notes.length})`)}<span class="quiet">${msg('The visitor does not see them.')}</span></summary>
      <ol>${repeat(notes, ({ id }) => id, ({ by, at, text }) => html`<li><p dir="auto">${text}</p><span class="quiet">${by.name} · ${shortTime(at)}</span></li>`)}</ol>
      <form @submit=${(event: SubmitEvent) => this.note(event, conversation)}>
        <textarea class="input" name="note" rows="2" required maxlength="4000" aria-label=${msg('A note for those who answer')} placeholder=${msg('A note for those who answer')}></textarea>
        <button type="submit" class="button">${msg('Add note')}</button>
      </form>
    </details>`;
  }

  private renderComposer(conversation: ConversationController, row: InboxRow | undefined): TemplateResult {
    const answers = row?.answers ?? [];
    const isWriting = this.writers?.of(conversation.id) === null;
    return html`<p class="quiet writing" role="status">${isWriting ? msg('The visitor is writing') : nothing}</p>
      ${answers.length === 0 ? nothing : html`<div class="answers" role="group" aria-label=${msg('Answers that are given often')}>${answers.map((text) => html`<button type="button" class="chip" title=${text} @click=${() => this.take(text)}><span dir="auto">${text}</span></button>`)}</div>`}
      <gorun-composer .accepts=${''} .invitation=${msg('Write to the visitor')} .text=${this.text}
        @gorun-send-turn=${(event: SendTurnEvent) => this.answer(conversation, event.text)}
        @gorun-change-draft=${(event: ChangeDraftEvent) => this.write(conversation, event.text)}></gorun-composer>`;
  }

  private note(event: SubmitEvent, conversation: ConversationController): void {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    conversation.note((form.elements.namedItem('note') as HTMLTextAreaElement).value);
    form.reset();
  }

  private take(text: string): void {
    this.text = this.text === '' ? text : `${this.text}\n${text}`;
    this.composer?.focus();
  }

  private write(conversation: ConversationController, text: string): void {
    this.text = text;
    this.writers?.write(conversation.id);
  }

  private join(conversation: ConversationController): void {
    conversation.handoff('join');
    void this.updateComplete.then(() => this.composer?.focus());
  }

  private answer(conversation: ConversationController, text: string): void {
    conversation.answer(text);
    this.text = '';
  }
}

function listOf({ rows, wanted, sites, hasMore, isReading, problem }: InboxController): Pick<InboxController, 'rows' | 'wanted' | 'sites' | 'hasMore' | 'isReading' | 'problem'> {
  return { rows, wanted, sites, hasMore, isReading, problem };
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-admin-inbox': GorunAdminInbox;
  }
}
