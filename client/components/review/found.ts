import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Message, Part } from '../../../contracts/conversation.ts';
import type { CaseId, ConversationId } from '../../../contracts/ids.ts';
import type { RouteReply } from '../../../contracts/routes.ts';
import { textOf } from '../../../contracts/view.ts';
import { icon } from '../../icons.ts';
import type { Review } from '../../state/review.ts';
import { nameOf } from '../../state/whom.ts';
import { fields, host } from '../../styles/host.ts';
import { fieldOf, secondEnds } from '../../text/dates.ts';
import { fullTime, shortTime } from '../../text/times.ts';
import { tableStyles } from '../admin-page/page.styles.ts';
import { renderError, renderLoading } from '../admin-page/page.ts';
import { pageStyles } from '../admin-sites/admin-sites.styles.ts';
import { ReviewEvent } from '../admin-cases/events.ts';
import '../part-file/part-file.ts';
import '../part-reasoning/part-reasoning.ts';
import '../part-text/part-text.ts';
import { Asking } from '../settings/outcome.ts';
import { type Line, linesOf } from './lines.ts';
import { foundStyles } from './review.styles.ts';

const BEGINNING_CHARACTERS = 60;

/** One conversation that was found, with every branch, as it is or was at a moment. Each look at it is asked for, and so on record. */
@customElement('gorun-found')
export class GorunFound extends LitElement {
  static override styles = [host, fields, pageStyles, tableStyles, foundStyles];
  @property({ attribute: false }) case!: CaseId;
  @property({ attribute: false }) conversation!: ConversationId;
  @property({ attribute: false }) review!: Review;
  @state() private shown: { readonly reply: RouteReply<'readForCase'>; readonly at: number | null } | undefined;
  @query('#moment') private readonly field!: HTMLInputElement | null;
  @query('h2') private readonly heading!: HTMLElement | null;
  private readonly asking = new Asking(this);

  protected override firstUpdated(): void {
    void this.read(null);
  }

  protected override render(): TemplateResult {
    const { shown, asking } = this;
    return html`<p class="back"><a href="/admin/cases/${this.case}/review">${icon('left', 'small flips')}${msg('Back to what was found')}</a></p>
      ${renderError(asking.problem)}${shown === undefined ? (asking.busy ? renderLoading() : nothing) : this.renderShown(shown.reply, shown.at)}`;
  }

  private renderShown({ found, messages, notes }: RouteReply<'readForCase'>, at: number | null): TemplateResult {
    const owner = nameOf({ type: 'person', id: found.owner }, this.review.names);
    return html`<h2 tabindex="-1" dir="auto">${found.title || msg('Conversation')}</h2>
      <dl class="facts"><dt>${msg('Of')}</dt><dd>${found.site === null ? owner : msg(str`Visitor ${owner} of ${nameOf({ type: 'site', id: found.site }, this.review.names)}`)}</dd>
        <dt>${msg('Begun')}</dt><dd>${fullTime(found.createdAt)}</dd>${found.deletedAt === null ? nothing : html`<dt>${msg('Deleted')}</dt><dd>${fullTime(found.deletedAt)}</dd>`}
        <dt>${msg('Id')}</dt><dd class="mono">${found.id}</dd></dl>
      <form class="filters" @submit=${this.onMoment}><div class="field"><label for="moment">${msg('As it was at')}</label><input class="input" id="moment" type="datetime-local" step="1" required .value=${fieldOf(at ?? found.updatedAt)} /></div>
        <button type="submit" class="button">${msg('Show that moment')}</button>${at === null ? nothing : html`<button type="button" class="button" @click=${() => void this.read(null)}>${msg('Show as it is')}</button>`}</form>
      <p role="status" class="quiet">${at === null ? msg(str`As it is now: ${messages.length} messages, every version of each.`) : msg(str`As it was on ${fullTime(at)}: ${messages.length} messages.`)}</p>
      <ol class="said">${repeat(linesOf(messages), ({ message }) => message.id, (line) => this.renderLine(line, owner))}</ol>
      ${notes.length === 0 ? nothing : html`<h3>${msg('Notes of those who answered')}</h3><ul class="said">${notes.map((note) => html`<li><p class="plain" dir="auto">${note.text}</p><p class="quiet">${note.by.name} · ${fullTime(note.at)}</p></li>`)}</ul>`}`;
  }

  private renderLine({ message, version, versions, follows }: Line, owner: string): TemplateResult {
    const author = message.author === 'person' ? owner : (message.by?.name ?? message.model ?? msg('The model'));
    return html`<li class=${message.author}><h3><span dir="auto">${author}</span> <time title=${fullTime(message.at)}>${shortTime(message.at)}</time>${versions > 1 ? html` <span class="badge info">${msg(str`Version ${version} of ${versions}`)}</span>` : nothing}${renderOutcome(message)}</h3>
      ${follows === undefined ? nothing : html`<p class="quiet follows" dir="auto">${follows === null ? msg('Begins the conversation anew') : msg(str`Follows “${beginningOf(follows)}”`)}</p>`}
      ${message.parts.map((part) => renderPart(part, message))}</li>`;
  }

  private readonly onMoment = (event: Event): void => {
    event.preventDefault();
    const at = secondEnds(this.field?.value ?? '');
    if (at !== null) void this.read(at);
  };

  private async read(at: number | null): Promise<void> {
    const isFirst = this.shown === undefined;
    const event = new ReviewEvent(this.case, { do: 'read', conversation: this.conversation, at });
    this.dispatchEvent(event);
    if (!(await this.asking.wait(event.outcome))) return;
    this.shown = { reply: (await event.outcome) as RouteReply<'readForCase'>, at };
    await this.updateComplete;
    if (isFirst) this.heading?.focus();
  }
}

function renderPart(part: Part, message: Message): TemplateResult {
  if (part.type === 'file') return html`<gorun-part-file .file=${{ ...part, id: part.fileId }}></gorun-part-file>`;
  if (part.type === 'reasoning') return html`<gorun-part-reasoning .text=${part.text} .tookMs=${message.reasonedMs}></gorun-part-reasoning>`;
  return message.author === 'person' ? html`<p class="plain" dir="auto">${part.text}</p>` : html`<gorun-part-text .text=${part.text}></gorun-part-text>`;
}

function renderOutcome({ author, outcome }: Message): TemplateResult | typeof nothing {
  if (author === 'person' || outcome?.kind === 'completed') return nothing;
  const words = { stopped: msg('stopped'), interrupted: msg('interrupted'), failed: msg('failed'), growing: msg('not finished yet') }[outcome?.kind ?? 'growing'];
  return html` <span class="badge warning">${words}</span>`;
}

function beginningOf(message: Message): string {
  const text = textOf(message).replaceAll(/\s+/gu, ' ').trim();
  return text.length > BEGINNING_CHARACTERS ? `${text.slice(0, BEGINNING_CHARACTERS).trimEnd()}…` : text;
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-found': GorunFound;
  }
}
