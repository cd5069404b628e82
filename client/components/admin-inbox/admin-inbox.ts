import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { ConversationId, UserId } from '../../../contracts/ids.ts';
import type { InboxRow, Note } from '../../../contracts/sites.ts';
import type { ConversationController } from '../../state/conversation.ts';
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

/** Keeps the visitor of this conversation out of its site. */
export class BlockVisitorEvent extends Event {
  readonly conversation: ConversationId;
  constructor(conversation: ConversationId) {
    super('gorun-block-visitor', { bubbles: true, composed: true });
    this.conversation = conversation;
  }
}

/** The conversations of visitors as they come, and the one that is looked at: a person takes it over, answers, and gives it back to the model. */
@customElement('gorun-admin-inbox')
export class GorunAdminInbox extends LitElement {
  static override styles = [host, fields, navRow, frame, styles];
  @property({ attribute: false }) rows: readonly InboxRow[] | undefined;
  @property({ attribute: false }) conversation: ConversationController | undefined;
  /** Of the one that is looked at. */
  @property({ attribute: false }) notes: readonly Note[] = [];
  /** The one that is looked at. */
  @property() current: ConversationId | undefined;
  /** Who looks. */
  @property() user = '' as UserId;
  @property({ type: Boolean }) admin = false;
  /** Why the list is not there. */
  @property() problem = '';
  /** Draws again when what is followed has changed. */
  @property({ attribute: false }) beat: unknown;
  @property({ attribute: false }) writers: WritersController | undefined;
  @state() private text = '';
  @query('gorun-composer') private readonly composer!: GorunComposer | null;

  protected override render(): TemplateResult {
    return html`${renderNav('inbox', this.admin)}
      <main class="inbox ${this.current === undefined ? '' : 'one'}">
        <div class="list"><h1>${msg('Inbox')}</h1>${this.renderList()}</div>
        ${this.current === undefined ? html`<p class="none">${msg('Choose a conversation.')}</p>` : this.renderTalk(this.current)}
      </main>`;
  }

  private renderList(): TemplateResult {
    if (this.problem !== '') return html`<p role="alert">${this.problem}</p>`;
    if (this.rows === undefined) return html`<p class="quiet" role="status">${msg('Loading')}</p>`;
    if (this.rows.length === 0) return html`<p class="quiet">${msg('What visitors of your sites write will stand here.')}</p>`;
    return html`<ul>${repeat(this.rows, ({ id }) => id, (row) => html`<li><a href="/admin/inbox/${row.id}" aria-current=${row.id === this.current ? 'true' : nothing}>
      <strong dir="auto">${row.title || msg('New conversation')}</strong>
      <span class="line"><span class="grow" dir="auto">${row.siteName} · ${shortTime(row.updatedAt)}</span>${renderState(row)}</span></a></li>`)}</ul>`;
  }

  private renderTalk(current: ConversationId): TemplateResult {
    const { conversation } = this;
    const row = this.rows?.find(({ id }) => id === current);
    if (conversation === undefined) return html`<div></div>`;
    const { phase, view } = conversation;
    const by = view.conversation.handoff?.by;
    const isMine = by?.user === this.user;
    return html`<section class="talk" aria-label=${msg('Conversation')}>
      <header><a class="icon-button back" href="/admin/inbox" aria-label=${msg('Back to the inbox')}>${icon('left', 'flips')}</a><h2 dir="auto">${view.conversation.title || row?.title || msg('Conversation')}</h2>
        ${by !== undefined && !isMine ? html`<span class="badge info">${icon('person', 'small')}${msg(str`${by.name} answers`)}</span>` : nothing}
        <button type="button" class="button ghost" @click=${() => this.dispatchEvent(new BlockVisitorEvent(current))}>${msg('Block visitor')}</button>
        ${isMine ? html`<button type="button" class="button" @click=${() => conversation.handOver('handoff.end')}>${msg('Back to the model')}</button>` : by === undefined ? html`<button type="button" class="button primary" @click=${() => this.join(conversation)}>${msg('Answer yourself')}</button>` : nothing}</header>
      ${this.renderNotes(conversation)}
      <gorun-thread locked .view=${view} .state=${phase === 'missing' ? 'gone' : phase === 'new' ? 'loading' : phase} @gorun-thread-action=${() => conversation.again()}></gorun-thread>
      <div class="dock">${isMine ? this.renderComposer(conversation, row) : html`<p class="quiet">${by === undefined ? msg('The model answers here. Whoever answers instead is named to the visitor.') : msg('Somebody else answers here.')}</p>`}</div>
    </section>`;
  }

  /** The visitor is never told of them, so it is said here who reads them. */
  private renderNotes(conversation: ConversationController): TemplateResult {
    const { notes } = this;
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
    conversation.handOver({ note: (form.elements.namedItem('note') as HTMLTextAreaElement).value });
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
    conversation.handOver('handoff.join');
    void this.updateComplete.then(() => this.composer?.focus());
  }

  private answer(conversation: ConversationController, text: string): void {
    conversation.answer(text);
    this.text = '';
  }
}

function renderState({ handoff, running }: InboxRow): TemplateResult | typeof nothing {
  if (handoff?.state === 'asked') return html`<span class="badge warning">${icon('person', 'small')}${msg('Asks for a person')}</span>`;
  if (handoff?.by !== undefined) return html`<span class="badge info">${handoff.by.name}</span>`;
  return running ? html`<span class="running" role="img" aria-label=${msg('Replying')}><i></i><i></i><i></i></span>` : nothing;
}

declare global {
  interface HTMLElementEventMap {
    'gorun-block-visitor': BlockVisitorEvent;
  }
  interface HTMLElementTagNameMap {
    'gorun-admin-inbox': GorunAdminInbox;
  }
}
