import { msg } from '@lit/localize';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { refusalOf } from '../contracts/failures.ts';
import { type Around, connectionOf, headingOf, isPanelShown, renderDrop, renderMain, renderModel, renderPanel } from './app-main.ts';
import { commandsOf, MOST_RECENT, recentOf } from './app-commands.ts';
import { Door } from './app-door.ts';
import { type Over, renderAgain, renderOver } from './app-over.ts';
import { renderPage } from './app-pages.ts';
import { beginTemporary } from './app-temporary.ts';
import { styles } from './app.styles.ts';
import type { GorunComposer } from './components/composer/composer.ts';
import type { ArchiveConversationEvent, DeleteConversationEvent, PinConversationEvent, RenameConversationEvent } from './components/conversation-row/conversation-actions.ts';
import type { GorunDialog } from './components/dialog/dialog.ts';
import './components/header/header.ts';
import type { GorunHeader } from './components/header/header.ts';
import type { FailureActionEvent } from './components/message/events.ts';
import type { GorunModelPicker } from './components/model-picker/model-picker.ts';
import { type GorunPalette, type RunCommandEvent, SEARCH_MESSAGES } from './components/palette/palette.ts';
import type { OpenFileEvent } from './components/part-file/part-file.ts';
import type { GorunPicture } from './components/picture/picture.ts';
import type { EndSessionEvent, ShowSectionEvent } from './components/settings/events.ts';
import type { GorunSettings, SettingsSection } from './components/settings/settings.ts';
import type { Shortcut } from './components/shortcuts/keys.ts';
import type { GorunShortcuts } from './components/shortcuts/shortcuts.ts';
import './components/part-text/part-text.ts';
import './components/sidebar/sidebar.ts';
import type { GorunSidebar, SidebarEvent } from './components/sidebar/sidebar.ts';
import './components/sign-in/sign-in.ts';
import type { GorunThread } from './components/thread/thread.ts';
import type { GorunToasts } from './components/toast/toast.ts';
import { wordsOf } from './link/api.ts';
import { ConnectionVoice } from './state/connection-voice.ts';
import { DropController } from './state/dropping.ts';
import { groupedOnce, neighbourOf } from './state/grouping.ts';
import { KeyboardController } from './state/keyboard.ts';
import { isTouch } from './state/touch.ts';
import { type Said, Workspace } from './state/workspace.ts';
import { host } from './styles/host.ts';

/** The application: who is signed in decides between the door and the house; in the house stand sidebar, main column and what lies over them. */
@customElement('gorun-app')
export class GorunApp extends LitElement implements Over {
  static override styles = [host, styles];
  @state() private isDrawerOpen = false;
  @state() unsent: Workspace['unsent'] = { messages: 0, drafts: 0 };
  @query('gorun-toasts') private readonly toasts!: GorunToasts | null;
  @query('gorun-sidebar') private readonly sidebar!: GorunSidebar | null;
  @query('gorun-header') private readonly header!: GorunHeader | null;
  @query('gorun-thread') private readonly thread!: GorunThread | null;
  @query('gorun-composer') private readonly composer!: GorunComposer | null;
  @query('gorun-model-picker') private readonly modelPicker!: GorunModelPicker | null;
  @query('gorun-palette') private readonly palette!: GorunPalette | null;
  @query('gorun-settings') private readonly settings!: GorunSettings | null;
  @query('gorun-shortcuts') private readonly shortcuts!: GorunShortcuts | null;
  @query('gorun-picture') private readonly picture!: GorunPicture | null;
  @query('.leave') private readonly leaveDialog!: GorunDialog | null;
  @query('.again') private readonly againDialog!: GorunDialog | null;
  private readonly work = new Workspace(this, (said) => this.say(said));
  private readonly door = new Door(this, () => this.work.session, () => this.againDialog?.close());
  private readonly drop = new DropController(this, { isWanted: () => this.work.takesFiles, take: (files) => this.work.attach(files) });
  private readonly voice = new ConnectionVoice((text) => this.thread?.announce(text));
  private readonly grouped = groupedOnce();
  private readonly narrow = matchMedia('(max-width: 860px)');
  private shown = '';
  private leaving: EndSessionEvent['session'] = 'this';
  private readonly around: Around = {
    focusComposer: () => void this.updateComplete.then(() => this.composer?.focus()),
    editLast: () => void this.thread?.editLast(),
    reload: () => location.reload(),
    giveKey: () => void this.showSection('models'),
  };

  constructor() {
    super();
    new KeyboardController(this, { singleKeys: () => this.work.account?.settings.singleKeys ?? false, run: (shortcut) => this.work.account !== undefined && !this.hasEnded && this.runShortcut(shortcut) });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.narrow.addEventListener('change', this.onWidth);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.narrow.removeEventListener('change', this.onWidth);
    this.voice.close();
  }

  protected override render(): TemplateResult {
    const { session } = this.work;
    switch (session.phase) {
      case 'asking':
        return html`<div class="waiting" role="status"><span class="sr">${msg('Loading')}</span></div>`;
      case 'unanswered':
        return html`<main class="waiting"><gorun-notice .heading=${msg('The server did not answer')} .text=${msg('Your conversations are safe.')} .actions=${[{ id: 'again', label: msg('Try again'), isMain: true }]} @gorun-notice-action=${() => void session.start()}></gorun-notice></main>`;
      case 'signed-out':
        return this.renderDoor();
      case 'signed-in':
        return html`${this.renderHouse()}${this.work.account === undefined ? nothing : renderAgain(this.work.account, this.door, this.hasEnded)}`;
    }
  }

  /** Whoever is signed out elsewhere is signed out here, too: nothing of theirs can be read until they sign in again, when all of it stands as they left it. */
  private get hasEnded(): boolean {
    return this.work.account !== undefined && this.work.session.connection === 'ended';
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    const { work } = this;
    this.work.preferences.wear(work.account?.settings.theme);
    document.title = this.documentTitle();
    this.toggleAttribute('ended', this.hasEnded);
    if (work.account === undefined) return;
    this.voice.hear(work.session.connection === 'live');
    if (this.hasEnded) this.askAgain();
    if (work.place.address.settings !== this.settings?.isOpen) this.showSettings(work.place.address.settings);
    this.focusWhatIsNew();
  }

  private renderDoor(): TemplateResult {
    const { welcome } = this.work.session;
    return html`<gorun-sign-in .deployment=${welcome?.deployment ?? 'GoRunChat'} .registration=${welcome?.registration ?? 'closed'} .version=${welcome?.version ?? ''} .busy=${this.door.isAsking} .refusal=${this.door.refusal}
      @gorun-sign-in=${this.door.signIn} @gorun-register=${this.door.register}></gorun-sign-in>`;
  }

  private renderHouse(): TemplateResult {
    const { work } = this;
    const { place } = work.place.address;
    work.inbox.open(place.view === 'inbox');
    const page = renderPage(work, place, (said) => this.say(said));
    if (page !== undefined) return page;
    const folded = work.preferences.isCollapsed;
    const isFresh = place.view !== 'search' && place.view !== 'archive' && work.conversation.phase === 'new';
    return html`<div class="house ${folded ? 'folded' : ''} ${isPanelShown(work) ? 'with-panel' : ''} ${this.isDrawerOpen ? 'drawer' : ''}"
        @gorun-rename-conversation=${(event: RenameConversationEvent) => work.rename(event.conversation, event.title)}
        @gorun-pin-conversation=${(event: PinConversationEvent) => work.pin(event.conversation, event.pinned)}
        @gorun-archive-conversation=${(event: ArchiveConversationEvent) => work.archiveIt(event.conversation, event.archived)}
        @gorun-delete-conversation=${(event: DeleteConversationEvent) => work.delete(event.conversation)}
        @gorun-failure-action=${this.onFailureAction}
        @gorun-open-file=${this.onOpenFile}
        @gorun-ask-sign-in=${this.askAgain}>
      <nav aria-label=${msg('Shortcuts')}><button type="button" class="skip button primary" @click=${this.onSkip}>${msg('To the composer')}</button></nav>
      ${this.renderSidebar()}
      <main class=${isFresh ? 'fresh' : ''} ?inert=${this.isDrawerOpen}>
        ${this.renderHeader()}${renderMain(work, this.around)}${this.drop.isOver ? renderDrop(work) : nothing}
      </main>
      ${renderPanel(work)}
      <div class="scrim" @click=${() => (this.isDrawerOpen = false)}></div>
    </div>
    ${work.account === undefined ? nothing : renderOver(work, work.account, this)}`;
  }

  private renderSidebar(): TemplateResult {
    const { list, place, session, conversation } = this.work;
    const { view } = place.address.place;
    return html`<gorun-sidebar .groups=${this.grouped(list.rows, Date.now())} .current=${view === 'conversation' ? conversation.id : undefined} .place=${view} .person=${session.account?.person} .phase=${list.phase} ?hasMore=${list.hasMore} ?hasSites=${session.welcome?.hasSites === true} .unseen=${this.work.details.security.unseen}
      @gorun-sidebar-want=${this.onSidebar} @click=${this.onSidebarClick} @keydown=${this.onDrawerKey}></gorun-sidebar>`;
  }

  private renderHeader(): TemplateResult {
    const { work } = this;
    const { view } = work.place.address.place;
    const { conversation } = work.conversation.view;
    const acted = view === 'conversation' && work.conversation.phase === 'ready' && conversation.deletedAt === null ? conversation : undefined;
    return html`<gorun-header .heading=${headingOf(this.work)} .conversation=${acted} .tabs=${view === 'conversation' ? work.conversation.tabs : 1} .connection=${connectionOf(work)} ?sidebarHidden=${work.preferences.isCollapsed} .drawerOpen=${this.isDrawerOpen}
      @gorun-open-sidebar=${this.onOpenSidebar}>${renderModel(work)}</gorun-header>`;
  }

  // What is said ------------------------------------------------------------------------------------------------------------

  private documentTitle(): string {
    return this.work.account === undefined || this.hasEnded ? 'GoRunChat' : `${headingOf(this.work)} · GoRunChat`;
  }

  private say({ text, undo, forMs, isOfSecurity }: Said): void {
    const look = isOfSecurity === true && { actionLabel: msg('Look'), action: () => void this.showSection('security') };
    this.toasts?.show({ text, ...look, ...(undo && { actionLabel: msg('Undo'), action: undo }), ...(forMs !== undefined && { durationMs: forMs }) });
  }

  private sayFailure(error: unknown): void {
    this.say({ text: wordsOf(refusalOf(error)) });
  }

  // Where the focus goes -----------------------------------------------------------------------------------------------------

  /** A conversation or a new chat that was opened is to be written in; where a finger would raise the keyboard, it is to be read first. */
  private focusWhatIsNew(): void {
    const { place } = this.work.place.address;
    const now = place.view === 'conversation' ? place.id : place.view;
    if (now === this.shown) return;
    this.shown = now;
    this.isDrawerOpen = false;
    // What was looked for takes the focus itself, once it is there.
    const isSought = place.view === 'conversation' && this.work.conversation.found !== undefined;
    if ((place.view === 'conversation' || place.view === 'new') && !isSought && !isTouch() && !this.work.place.address.settings) this.around.focusComposer();
  }

  private readonly onSkip = (event: Event): void => {
    event.preventDefault();
    this.composer?.focus();
  };

  /** Sidebar, thread and composer are three stops. */
  private goToStop(step: 1 | -1): boolean {
    const stops = [this.sidebar, this.thread, this.composer].filter((stop) => stop !== null && stop.checkVisibility());
    const at = stops.findIndex((stop) => stop?.matches(':focus-within'));
    stops[(at + step + stops.length) % stops.length]?.focus();
    return stops.length > 0;
  }

  // Keys and commands ----------------------------------------------------------------------------------------------------------

  private runShortcut(command: Shortcut): boolean {
    const { work } = this;
    switch (command) {
      case 'palette':
        this.openPalette();
        return true;
      case 'new-chat':
        work.place.go({ view: 'new' });
        this.around.focusComposer();
        return true;
      case 'sidebar':
        this.toggleSidebar();
        return true;
      case 'next-unread':
      case 'previous-unread':
        return this.goToNeighbour(command === 'next-unread' ? 1 : -1);
      case 'settings':
        work.place.openSettings();
        return true;
      case 'search':
        work.place.go({ view: 'search', words: '' });
        return true;
      case 'rename':
        this.header?.rename();
        return true;
      case 'next-stop':
      case 'previous-stop':
        return this.goToStop(command === 'next-stop' ? 1 : -1);
      case 'shortcuts':
        this.shortcuts?.show();
        return true;
      case 'composer':
        this.composer?.focus();
        return true;
    }
  }

  private openPalette(): void {
    this.palette?.show([
      { title: msg('Conversations'), entries: recentOf(this.work), most: MOST_RECENT },
      { title: msg('Commands'), entries: commandsOf(this.work) },
    ]);
  }

  private goToNeighbour(step: 1 | -1): boolean {
    const rows = this.grouped(this.work.list.rows, Date.now()).flatMap((group) => group.rows);
    const id = neighbourOf(this.work.conversation.id, rows, step);
    if (id !== undefined) this.work.place.go({ view: 'conversation', id });
    return true;
  }

  run(event: RunCommandEvent): void {
    const { entry } = event;
    const { work } = this;
    if (entry === SEARCH_MESSAGES) return work.place.go({ view: 'search', words: event.query });
    if (entry.startsWith('/')) return event.inNewTab ? void window.open(entry, '_blank', 'noopener') : work.place.goTo(entry);
    const { conversation } = work.conversation.view;
    if (entry === 'choose-model') this.modelPicker?.show();
    else if (entry === 'parameters') work.openPanel(true);
    else if (entry === 'temporary-chat') beginTemporary(work, this.around);
    else if (entry === 'pin') work.pin(conversation.id, !conversation.pinned);
    else if (entry === 'archive') work.archiveIt(conversation.id, !conversation.archived);
    else if (entry === 'delete') work.delete(conversation.id);
    else if (entry === 'stop') work.conversation.stop();
    else if (entry === 'sign-out') this.askToLeave('this');
    else this.runShortcut(entry as Shortcut);
  }

  private readonly onFailureAction = (event: FailureActionEvent): void => {
    if (event.action === 'settings') void this.showSection('models');
    if (event.action === 'other-model' || event.action === 'choose-model') this.modelPicker?.show();
    if (event.action === 'shorten' && event.message !== undefined) this.work.shorten(event.message);
    if (event.action === 'sign-in') this.askAgain();
    if (event.action === 'reload') location.reload();
  };

  private readonly onOpenFile = (event: OpenFileEvent): void => {
    event.preventDefault();
    this.picture?.show({ name: event.name, address: this.work.fileAddress({ fileId: event.file }) });
  };

  // Sidebar ----------------------------------------------------------------------------------------------------------------------

  private toggleSidebar(): void {
    if (this.narrow.matches) this.isDrawerOpen = !this.isDrawerOpen;
    else this.work.preferences.collapse(!this.work.preferences.isCollapsed);
  }

  /** A drawer is of narrow pages only. */
  private readonly onWidth = (): void => {
    this.isDrawerOpen = false;
  };

  private readonly onOpenSidebar = (): void => {
    this.toggleSidebar();
    void this.updateComplete.then(() => this.sidebar?.focus());
  };

  private readonly onSidebar = (event: SidebarEvent): void => {
    const { want } = event;
    if (want === 'search' || want === 'settings' || want === 'shortcuts' || want === 'security') this.isDrawerOpen = false;
    if (want === 'search') this.openPalette();
    if (want === 'toggle') this.toggleSidebar();
    if (want === 'settings') this.work.place.openSettings();
    if (want === 'shortcuts') this.shortcuts?.show();
    if (want === 'security') void this.showSection('security');
    if (want === 'sites' || want === 'people' || want === 'records' || want === 'retention' || want === 'audit' || want === 'inbox' || want === 'cases') this.work.place.go({ view: want });
    if (want === 'sign-out') this.askToLeave('this');
    if (want === 'more') void this.work.list.more();
    if (want === 'again') void this.work.list.read();
  };

  private readonly onSidebarClick = (event: Event): void => {
    if (event.composedPath().some((one) => one instanceof HTMLAnchorElement)) this.isDrawerOpen = false;
  };

  private readonly onDrawerKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !this.isDrawerOpen) return;
    this.isDrawerOpen = false;
    void this.updateComplete.then(() => this.header?.focus());
  };

  // Settings and sign-in -----------------------------------------------------------------------------------------------------------

  private showSettings(isOpen: boolean): void {
    if (isOpen) this.settings?.show();
    else this.settings?.close();
  }

  /** Over a conversation: a page of administration has no settings over it. */
  private async showSection(section: SettingsSection): Promise<void> {
    if (this.settings === null) this.work.place.go({ view: 'new' });
    await this.updateComplete;
    this.settings?.show(section);
    this.work.place.openSettings();
  }

  readSection(event: ShowSectionEvent): void {
    event.outcome = this.work.details.read(event.section).catch((error: unknown) => this.sayFailure(error));
  }

  showShortcuts(): void {
    this.shortcuts?.show();
  }

  /** Closing comes from the settings themselves or from a dialog within them. */
  settingsClosed(): void {
    if (this.settings?.isOpen === false) this.work.place.closeSettings();
  }

  endSession(event: EndSessionEvent): void {
    if (event.session === 'this' || event.session === 'all') this.askToLeave(event.session);
    else event.outcome = this.work.details.endSession(event.session);
  }

  private askToLeave(session: EndSessionEvent['session']): void {
    this.leaving = session;
    this.unsent = this.work.unsent;
    const { messages, drafts } = this.unsent;
    if (messages + drafts > 0) this.leaveDialog?.show();
    else this.leave();
  }

  leave(): void {
    this.leaveDialog?.close();
    this.work.session.signOut(this.leaving === 'all').catch((error: unknown) => this.sayFailure(error));
  }

  stay(): void {
    this.leaveDialog?.close();
  }

  private readonly askAgain = (): void => {
    if (this.againDialog?.isOpen === false) this.againDialog.show();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-app': GorunApp;
  }
}
