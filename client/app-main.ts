import { msg, str } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import type { CommandId, MessageId } from '../contracts/ids.ts';
import { attachedFiles } from './components/composer/attached-files.ts';
import { aboutTemporary, renderTemporaryHello, renderTemporaryToggle, temporaryInvitation } from './app-temporary.ts';
import { IMAGES } from './components/composer/composer.ts';
import type { AttachEvent, ChangeDraftEvent, SendTurnEvent, StopAndSendEvent } from './components/composer/events.ts';
import type { ConnectionState } from './components/connection/connection.ts';
import type { ChooseBranchEvent, ContinueTurnEvent, EditMessageEvent, RateMessageEvent, RemovePendingEvent, ResendMessageEvent, RetryTurnEvent } from './components/message/events.ts';
import type { ChooseModelEvent } from './components/model-picker/model-picker.ts';
import './components/model-picker/model-picker.ts';
import './components/notice/notice.ts';
import type { ChangeParametersEvent } from './components/parameters/parameters.ts';
import './components/parameters/parameters.ts';
import type { RemoveFileEvent } from './components/part-file/part-file.ts';
import './components/presence/presence.ts';
import type { TakeDraftEvent } from './components/presence/presence.ts';
import './components/queue/queue.ts';
import type { EditQueuedEvent, MoveQueuedEvent, RemoveQueuedEvent } from './components/queue/queue.ts';
import './components/search/search.ts';
import type { SearchEvent } from './components/search/search.ts';
import './components/thread/thread.ts';
import type { ThreadActionEvent } from './components/thread/events.ts';
import { type Icon, icon } from './icons.ts';
import { CLIP, SHEET, SLIDERS, TERMINAL } from './icons-app.ts';
import { dayOf } from './state/grouping.ts';
import type { Workspace } from './state/workspace.ts';
import { formatBytes } from './text/sizes.ts';

/** What the main column asks of the page around it. */
export interface Around {
  focusComposer(): void;
  editLast(): void;
  reload(): void;
  /** Opens the place where keys are given. */
  giveKey(): void;
}

/** What stands over the main column, and in the tab. */
export function headingOf(work: Workspace): string {
  const { place } = work.place.address;
  if (place.view === 'search') return msg('Search');
  if (place.view === 'archive') return msg('Archive');
  if (place.view === 'sites') return msg('Sites');
  if (place.view === 'inbox') return msg('Inbox');
  if (place.view === 'people') return msg('People');
  if (place.view === 'audit') return msg('Audit log');
  if (place.view === 'records') return msg('Records');
  if (place.view === 'retention') return msg('Retention');
  if (place.view === 'cases') return msg('Cases');
  if (work.conversation.phase === 'missing') return msg('Nothing here');
  const { id, title } = work.conversation.view.conversation;
  if (work.conversation.isTemporary) return msg('Temporary chat');
  return title || work.list.get(id)?.title || msg('New chat');
}

/** Where the connection stands, as it is shown. */
export function connectionOf(work: Workspace): ConnectionState {
  const { connection } = work.session;
  if (connection === 'live') return work.conversation.isCatchingUp ? 'catching-up' : 'live';
  if (connection === 'offline') return 'offline';
  if (connection === 'outdated') return 'live'; // a notice over the composer says it
  return connection === 'ended' ? 'session-ended' : 'reconnecting';
}

/** The main column under its header: the conversation with the composer, a search or the archive. */
export function renderMain(work: Workspace, around: Around): TemplateResult {
  switch (work.place.address.place.view) {
    case 'search':
      return renderSearch(work);
    case 'archive':
      return renderArchive(work);
    case 'new':
    case 'conversation':
    case 'inbox':
    case 'people':
    case 'records':
    case 'retention':
    case 'audit':
    case 'cases':
    case 'sites': // stand beside all this, not in it
      return renderConversation(work, around);
  }
}

function renderConversation(work: Workspace, around: Around): TemplateResult {
  const isFresh = work.conversation.phase === 'new';
  const isTemporary = isFresh && work.conversation.isTemporary;
  return html`${isTemporary ? renderTemporaryHello(work) : isFresh ? renderHello(work) : renderThread(work, around)}
    <div class="dock" ?hidden=${work.conversation.phase === 'missing'}>${renderDock(work, around)}</div>
    ${isFresh && !isTemporary ? renderStarters(work, around) : nothing}`;
}

function renderHello(work: Workspace): TemplateResult {
  const name = work.account?.person.name.split(/\s+/)[0] ?? '';
  return html`<div class="hello"><h2>${msg(str`What shall we get done, ${name}?`)}</h2></div>`;
}

function renderThread(work: Workspace, around: Around): TemplateResult {
  const { conversation } = work;
  const { phase } = conversation;
  const state = phase === 'missing' ? 'gone' : phase === 'new' ? 'ready' : phase;
  const model = work.model;
  return html`<gorun-thread
    .view=${conversation.view} .state=${state} .pending=${conversation.unseen} .found=${conversation.found} .models=${work.models.models} .settings=${work.account?.settings}
    .fileAddress=${fileAddressOf(work)} ?locked=${conversation.view.conversation.deletedAt !== null}
    @gorun-edit-message=${(event: EditMessageEvent) => model && conversation.edit(event.message, event.text, model)}
    @gorun-retry-turn=${(event: RetryTurnEvent) => conversation.tryAgain(event.message, model)}
    @gorun-continue-turn=${(event: ContinueTurnEvent) => conversation.goOn(event.message)}
    @gorun-choose-branch=${(event: ChooseBranchEvent) => conversation.choose(event.message)}
    @gorun-rate-message=${(event: RateMessageEvent) => conversation.rate(event.message, event.rating)}
    @gorun-resend-message=${(event: ResendMessageEvent) => conversation.sendAgain(event.pending as MessageId, event.text)}
    @gorun-remove-pending=${(event: RemovePendingEvent) => conversation.takeBack(event.pending as MessageId)}
    @gorun-focus-composer=${() => around.focusComposer()}
    @gorun-thread-action=${(event: ThreadActionEvent) => (event.action === 'new-chat' ? work.place.go({ view: 'new' }) : conversation.again())}
  ></gorun-thread>`;
}

const addresses = new WeakMap<Workspace, Workspace['fileAddress']>();

/** The same function each time, so that nothing is drawn again for its sake. */
function fileAddressOf(work: Workspace): Workspace['fileAddress'] {
  const known = addresses.get(work) ?? ((file) => work.fileAddress(file));
  addresses.set(work, known);
  return known;
}

function renderDock(work: Workspace, around: Around): TemplateResult {
  const { conversation, account } = work;
  const { turn } = conversation.view;
  const limits = work.session.welcome?.limits;
  return html`${renderNotices(work, around)}
    <gorun-presence .draftElsewhere=${account?.drafts.elsewhere(work.draftPlace)} @gorun-take-draft=${(event: TakeDraftEvent) => {
      work.takeDraft(event.text);
      around.focusComposer();
    }}></gorun-presence>
    ${keyed(conversation.id, html`<gorun-queue .commands=${conversation.view.conversation.queue}
      @gorun-edit-queued=${(event: EditQueuedEvent) => conversation.queue({ type: 'queue.edit', queued: event.queued, text: event.text })}
      @gorun-remove-queued=${(event: RemoveQueuedEvent) => work.removeQueued(event.queued)}
      @gorun-move-queued=${(event: MoveQueuedEvent) => conversation.queue({ type: 'queue.move', queued: event.queued, before: event.before as CommandId | null })}></gorun-queue>`)}
    <gorun-composer id="message" .text=${work.draft} .files=${attachedFiles(work.attachments.of(conversation.id))} .running=${turn?.id ?? null} .model=${work.modelDetails?.name ?? ''} .invitation=${temporaryInvitation(work)}
      .blocked=${blockedBecause(work)} .limit=${limits?.messageCharacters ?? Infinity} .accepts=${work.modelDetails?.vision === false ? '' : IMAGES} ?enterSends=${account?.settings.enterSends ?? true}
      @gorun-send-turn=${(event: SendTurnEvent) => work.send(event.text, 'queue')}
      @gorun-stop-and-send=${(event: StopAndSendEvent) => work.send(event.text, 'stop-and-send')}
      @gorun-stop-turn=${() => conversation.stop()}
      @gorun-change-draft=${(event: ChangeDraftEvent) => work.write(event.text)}
      @gorun-attach=${(event: AttachEvent) => work.attach(event.files)}
      @gorun-remove-file=${(event: RemoveFileEvent) => work.attachments.remove(conversation.id, event.file)}
      @gorun-edit-last=${() => around.editLast()}>
      <button slot="start" type="button" class="icon-button" aria-label=${msg('Model parameters')} title=${msg('Model parameters')} aria-pressed=${work.isPanelOpen} @click=${() => work.openPanel(!work.isPanelOpen)}>${icon(SLIDERS)}</button>
    </gorun-composer>
    <p class="fineprint">${finePrint(work, around)}</p>`;
}

function renderNotices(work: Workspace, around: Around): TemplateResult | typeof nothing {
  const { connection } = work.session;
  const { id, deletedAt } = work.conversation.view.conversation;
  if (connection === 'outdated') return html`<gorun-notice tone="warning" .heading=${msg('This page is older than the server')} .text=${msg('What you wrote is kept.')} .actions=${[{ id: 'reload', label: msg('Reload'), isMain: true }]} @gorun-notice-action=${() => around.reload()}></gorun-notice>`;
  if (deletedAt !== null) return html`<gorun-notice .heading=${msg('This conversation was deleted')} .actions=${[{ id: 'restore', label: msg('Undo'), isMain: true }]} @gorun-notice-action=${() => work.restore(id)}></gorun-notice>`;
  if (connection !== 'offline') return renderKeyNotice(work, around);
  return html`<gorun-notice .text=${msg('You are offline. You can write on; what you send goes out when you are back.')} announced="status" .symbol=${'offline' satisfies Icon}></gorun-notice>`;
}

/** Nothing can be sent before there is a key, so that is said before somebody writes. */
function renderKeyNotice(work: Workspace, around: Around): TemplateResult | typeof nothing {
  const model = work.modelDetails;
  const heading = model?.needsKey === true ? msg(str`There is no key for ${model.providerName} yet`) : model === undefined && work.models.isRead && work.models.models.length === 0 ? msg('There is no model to talk to yet') : '';
  if (heading === '') return nothing;
  return html`<gorun-notice .heading=${heading} .text=${msg('Add one in Settings.')} .symbol=${'key' satisfies Icon} .actions=${[{ id: 'settings', label: msg('Settings'), isMain: true }]} @gorun-notice-action=${() => around.giveKey()}></gorun-notice>`;
}

function blockedBecause(work: Workspace): string {
  const { files, model } = { files: work.attachments.of(work.conversation.id), model: work.modelDetails };
  if (work.conversation.view.conversation.deletedAt !== null) return msg('This conversation was deleted.');
  if (files.some((file) => file.state === 'uploading')) return msg('An image is still on its way.');
  if (files.some((file) => file.state === 'refused')) return msg('Remove the image that was refused first.');
  if (model === undefined && work.models.models.length > 0) return msg('This model is gone. Choose another one.');
  // For which provider, and where, the notice above says.
  return model?.needsKey === true || (model === undefined && work.models.isRead) ? msg('Add a key first') : '';
}

function finePrint(work: Workspace, around: Around): TemplateResult | string {
  if (work.modelDetails?.isDemo === true) return msg(html`This is a scripted demo. Add a key in <button type="button" class="inline" @click=${() => around.giveKey()}>Models</button> to talk to a real one.`) as TemplateResult;
  if (work.conversation.phase !== 'new') return work.conversation.isTemporary ? aboutTemporary(work) : msg('Models can be wrong. Check what matters.');
  return html`<span class="only-wide"><kbd>Shift Enter</kbd> ${msg('for a new line')}</span>`;
}

function renderStarters(work: Workspace, around: Around): TemplateResult {
  const starters: readonly { icon: Icon; label: string; text: string }[] = [
    { icon: 'edit', label: msg('Rewrite a text'), text: msg('Rewrite this text so that it is shorter and clearer:\n\n') },
    { icon: 'thought', label: msg('Explain something'), text: msg('Explain this to someone who is new to it: ') },
    { icon: SHEET, label: msg('Make a table'), text: msg('Make a table of this:\n\n') },
    { icon: TERMINAL, label: msg('Work on code'), text: msg('Find the mistake in this code and correct it:\n\n') },
  ];
  const start = (text: string) => {
    work.write(text);
    around.focusComposer();
  };
  return html`<div class="starters" role="group" aria-label=${msg('Ideas to start with')}>${starters.map((one) => html`<button class="chip" type="button" @click=${() => start(one.text)}>${icon(one.icon, 'small')}<span>${one.label}</span></button>`)}</div>`;
}

function renderSearch(work: Workspace): TemplateResult {
  const { search, place } = work;
  const now = Date.now();
  return html`<div class="scroller"><gorun-search .words=${search.words} .state=${search.state} .hits=${search.hits} ?hasMore=${search.hasMore} .failure=${search.failure} .dayOf=${(at: number) => dayOf(at, now)}
    @gorun-search=${(event: SearchEvent) => place.go({ view: 'search', words: event.words }, 'replace')} @gorun-more-results=${() => search.more()}></gorun-search></div>`;
}

function renderArchive(work: Workspace): TemplateResult {
  const { archive } = work;
  const rows = archive.rows.filter((row) => row.deletedAt === null).toSorted((a, b) => b.updatedAt - a.updatedAt);
  const now = Date.now();
  if (archive.phase === 'failed') return html`<div class="scroller"><p class="say" role="alert">${msg('The list could not be loaded.')} <button type="button" class="button small" @click=${() => void archive.read()}>${msg('Try again')}</button></p></div>`;
  if (archive.phase === 'ready' && rows.length === 0) return html`<div class="scroller"><p class="say">${msg('Nothing is archived.')}</p></div>`;
  return html`<div class="scroller"><ul class="archive" aria-busy=${archive.phase === 'loading'}>${rows.map((row) => html`<li>
      <a href="/c/${row.id}"><span dir="auto">${row.title === '' ? msg('New chat') : row.title}</span><span class="quiet">${dayOf(row.updatedAt, now)}</span></a>
      <button type="button" class="button small" aria-label=${msg(str`Restore ${row.title}`)} @click=${() => work.archiveIt(row.id, false)}>${msg('Restore')}</button>
    </li>`)}</ul>${archive.hasMore ? html`<button type="button" class="button" @click=${() => void archive.more()}>${msg('Older ones')}</button>` : nothing}</div>`;
}

/** The model of the conversation, in the header. */
export function renderModel(work: Workspace): TemplateResult | typeof nothing {
  const { view } = work.place.address.place;
  if (view === 'search' || view === 'archive' || work.conversation.phase === 'missing') return nothing;
  return html`<gorun-model-picker slot="actions" .models=${work.models.models} .value=${work.model} @gorun-choose-model=${(event: ChooseModelEvent) => work.chooseModel(event.model)}></gorun-model-picker>${renderTemporaryToggle(work)}`;
}

/** While files are dragged over the window: where they would go. */
export function renderDrop(work: Workspace): TemplateResult {
  const limit = formatBytes(work.session.welcome?.limits.fileBytes ?? 0);
  return html`<div class="drop" aria-hidden="true"><p>${icon(CLIP)}<strong>${msg('Drop files to attach them')}</strong><span>${msg(str`Images, up to ${limit} each`)}</span></p></div>`;
}

/** Parameters are of a conversation: beside search and archive there is none. */
export function isPanelShown(work: Workspace): boolean {
  return work.isPanelOpen && ['conversation', 'new'].includes(work.place.address.place.view);
}

/** What the model may be told besides the messages, beside the thread. */
export function renderPanel(work: Workspace): TemplateResult | typeof nothing {
  if (!isPanelShown(work)) return nothing;
  return html`<aside class="panel" aria-label=${msg('Model parameters')}>
    <header><h2>${msg('Parameters')}</h2><button type="button" class="icon-button" aria-label=${msg('Close')} title=${msg('Close')} @click=${() => work.openPanel(false)}>${icon('x')}</button></header>
    <gorun-parameters .model=${work.modelDetails} .values=${work.conversation.parameters} @gorun-change-parameters=${(event: ChangeParametersEvent) => work.conversation.change({ parameters: event.values })}></gorun-parameters>
  </aside>`;
}
