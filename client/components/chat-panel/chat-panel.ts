import { msg } from '@lit/localize';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { Handoff, Message } from '../../../contracts/conversation.ts';
import { Failure, type FailureCode } from '../../../contracts/failures.ts';
import type { ConversationId, SiteId } from '../../../contracts/ids.ts';
import type { ShownSite } from '../../../contracts/sites.ts';
import { siteModel } from '../../../contracts/site-model.ts';
import { textOf } from '../../../contracts/view.ts';
import type { PageContext } from '../../../contracts/page-context.ts';
import { call } from '../../link/visitor-api.ts';
import { ConversationController } from '../../state/conversation.ts';
import { isTouch } from '../../state/touch.ts';
import { isRightToLeft, speak } from '../../locales/languages.ts';
import { keepItem, openStorage } from '../../state/storage.ts';
import { WritersController } from '../../state/writers.ts';
import { VisitController, type VisitPhase } from '../../state/visit.ts';
import { host } from '../../styles/host.ts';
import type { Asked, Connection, News } from '../../widget-parts.ts';
import type { AttachEvent, ChangeDraftEvent, SendTurnEvent, StopAndSendEvent } from '../composer/events.ts';
import { IMAGES, type GorunComposer } from '../composer/composer.ts';
import type { RemoveFileEvent } from '../part-file/part-file.ts';
import type { ChooseItemEvent, GorunMenu } from '../menu/menu.ts';
import { askPanel, unfetched } from './ask.ts';
import { ClosePanelEvent, HandoffEvent, MessageSaidEvent, PanelChangeEvent, PanelFailureEvent } from './events.ts';
import { styles } from './chat-panel.styles.ts';
import { HandoffState } from './handoff-state.ts';
import { renderHead, wordsOf } from './head.ts';
import { Own } from './own.ts';
import { Pictures } from './pictures.ts';
import { Sound } from './sound.ts';
import { renderStrips } from './strips.ts';
import { Tally } from './tally.ts';
import { contextOf, renderContext } from './told.ts';
import { renderClosed, renderFine, renderWelcome, type Greeting } from './welcome.ts';

/**
 * The conversation of a site's visitor, in the box it is given.
 * @csspart header
 * @csspart thread
 * @csspart composer
 * @csspart send
 * @csspart footer
 * @fires gorun-panel-close
 * @fires gorun-panel-change
 * @fires gorun-failure
 * @fires gorun-handoff
 * @fires gorun-message
 */
@customElement('gorun-chat-panel')
export class GorunChatPanel extends LitElement {
  static override styles = [host, styles];
  @property() site = '' as SiteId;
  /** Only shown, as a site would have it: nobody is asked, nothing is sent. */
  @property({ attribute: false }) preview: ShownSite | undefined;
  /** The origin of the deployment. */
  @property() server = location.origin;
  /** Of a frame: the origin of the page around it. */
  page: string | undefined;
  /** Two letters. */
  @property() language = 'en';
  /** Has a button that closes it. */
  @property({ type: Boolean }) closable = false;
  /** Whether somebody may be looking at it. */
  @property({ type: Boolean }) shown = false;
  /** Keeps the focus inside, as on a phone, where it covers the page. */
  @property({ type: Boolean }) modal = false;
  /** For the page around it: one of the methods that it may call. */
  readonly ask = (what: Asked, said: unknown): Promise<void> => askPanel(this, what, said);
  @query('gorun-composer') private readonly composer!: GorunComposer | null;
  @query('gorun-menu') private readonly menu!: GorunMenu | null;
  @query('.close') private readonly closer!: HTMLElement | null;
  /** Nothing is said before its words are there. */
  @state() private isSpoken = false;
  @state() private context: PageContext | undefined;
  @state() private showsPrivacy = false;
  /** What draws a conversation, and what stands under ⋯, once they were needed. */
  @state() private talk: typeof import('./talk.ts') | undefined;
  @state() private more: typeof import('./more.ts') | undefined;
  private readonly storage = openStorage();
  private visit!: VisitController;
  readonly conversation = new ConversationController(this);
  private readonly writers = new WritersController(this);
  /** Until the site has been asked there is nothing to write in. */
  private awaitsFocus = false;
  private readonly handoffState = new HandoffState(() => Date.now() - this.visit.ahead, () => this.requestUpdate());
  private handed: HandoffEvent['state'] = 'ended';
  private begun: ConversationId | undefined;
  /** When the latest conversation that was shown here began: only a later one takes its place by itself. */
  private latest = 0;
  private isSending = false;
  private readonly tally = new Tally(this.storage, () => `gorunchat.seen.${this.site}`);
  private readonly own = new Own(this.storage, () => this.site);
  private readonly sound = new Sound(this.storage, () => this.site);
  private fresh: readonly Message[] = [];
  private told = '';
  private readonly pictures = new Pictures(this, () => ({ site: this.site, known: () => this.visit.connect(), from: () => ({ server: this.server, token: this.visit.visit?.token ?? '' }) }));

  override connectedCallback(): void {
    this.visit ??= this.openVisit();
    this.own.resume();
    super.connectedCallback();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const part of [this.pictures, this.handoffState]) part.close();
    this.sound.look(false);
  }

  /** What was written and not sent. */
  get text(): string {
    return this.own.text;
  }

  /** Replies that have ended since it was last looked at. */
  get unreadCount(): number {
    return this.tally.unread;
  }

  /** The latest of them. */
  get news(): News | undefined {
    const { latest } = this.tally;
    return latest && { who: latest.by?.name ?? this.heading, text: textOf(latest) };
  }

  /** What stands over the conversation. */
  get heading(): string {
    return this.visit.shown?.title ?? '';
  }

  get connection(): Connection {
    return this.visit.phase === 'closed' ? 'closed' : this.visit.connection;
  }

  get conversationId(): ConversationId | undefined {
    return this.conversation.isNew ? undefined : this.conversation.id;
  }

  override focus(options?: FocusOptions): void {
    this.awaitsFocus = this.composer === null;
    if (this.composer !== null) void this.composer.updateComplete.then(() => this.composer?.focus(options));
  }

  /** Sends as if it had been written here. Rejects with the failure that keeps it from being sent. */
  async send(text: string, mode: 'queue' | 'stop-and-send' = 'queue', toPerson?: true): Promise<void> {
    await this.updateComplete;
    await this.visit.connect();
    if (this.mustAgree) throw new Failure('not-permitted');
    this.conversation.send({ text, files: this.pictures.take(this.conversation.id), model: siteModel(this.site), mode, context: this.context, toPerson });
  }

  /** Puts it into the composer, to be looked over. */
  write(text: string): void {
    this.own.write(text);
    this.requestUpdate();
  }

  /** What the page tells of where the visitor is: short texts by name. It goes with each message, and the visitor can see it. */
  setContext(told: unknown): void {
    this.context = contextOf(told);
  }

  identify(identity: string): Promise<void> {
    return this.visit.identify(identity);
  }

  async forget(): Promise<void> {
    for (const kept of [this.own, this.sound, this.tally]) kept.forget();
    await this.visit.forget();
  }

  startConversation(): void {
    this.conversation.show(undefined);
    this.focus();
  }

  /** What was said, as a text file. */
  async downloadTranscript(): Promise<void> {
    (await import('./transcript.ts').catch(unfetched)).saveTranscript(this.heading, this.conversation.view);
  }

  private openVisit(): VisitController {
    const visit = new VisitController(this, {
      call: this.preview === undefined ? call : () => new Promise(() => undefined), site: this.site, server: this.server, page: this.page, storage: this.storage,
      failed: (code: FailureCode) => this.dispatchEvent(new PanelFailureEvent(code)),
      known: (user) => this.own.become(user),
      stored: (key) => this.own.heard(key),
      forgotten: () => {
        for (const known of [this.own, this.sound]) known.lapse();
      },
    });
    for (const member of [this.conversation, this.writers]) visit.add(member);
    visit.add({
      listener: {
        notice: (_, notice) => {
          if (notice.type === 'row' && notice.row.createdAt > this.latest && !this.conversation.isRunning && this.conversation.unseen.length === 0) this.conversation.show(notice.row.id);
        },
      },
      signedIn: () => this.conversation.show(visit.conversation),
      signedOut: () => this.conversation.show(undefined),
      commandRefused: (_, { code }) => this.dispatchEvent(new PanelFailureEvent(code)),
    });
    return visit;
  }

  /** Everything is drawn anew in another language. */
  private async speak(): Promise<void> {
    const { language } = this;
    this.isSpoken = false;
    await speak(language);
    if (language === this.language) this.isSpoken = true;
  }

  /** Nothing is sent before. Whether it is known yet who the visitor is does not matter: what is sent waits for that. */
  private get mustAgree(): boolean {
    return !this.own.hasAgreed && this.visit.shown?.privacy.asks === true;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('language')) void this.speak();
    if (this.preview !== undefined) Object.assign(this.visit, { shown: this.preview, phase: 'open' satisfies VisitPhase });
    this.handoffState.observe(this.handoff);
    this.latest = Math.max(this.latest, this.conversation.view.conversation.createdAt);
    this.fresh = [...this.fresh, ...this.tally.observe(this.conversation, this.shown)];
  }

  protected override updated(): void {
    const { accent } = this.visit.shown ?? { accent: null };
    for (const [name, value] of [['--site', accent?.ground], ['--on-site', accent?.text]] as const) this.style.setProperty(name, value ?? null);
    const { state } = this.handoffState;
    if (state !== this.handed) this.dispatchEvent(new HandoffEvent(state));
    this.handed = state;
    for (const message of this.fresh) this.dispatchEvent(new MessageSaidEvent(message.author, message.id, this.visit.shown?.tellsText === true ? textOf(message) : undefined));
    this.sound.look(this.shown);
    const reply = this.fresh.findLast(({ author }) => author === 'model');
    if (reply !== undefined) this.sound.came(reply.id).catch(() => undefined); // it is seen all the same
    this.fresh = [];
    const now = `${this.unreadCount} ${this.connection} ${this.conversationId} ${this.visit.phase} ${this.heading}`;
    if (now !== this.told) this.dispatchEvent(new PanelChangeEvent());
    this.told = now;
    this.pictures.observe(this.conversation.view.messages);
    if (this.awaitsFocus && this.composer !== null) this.focus();
    if (this.conversation.phase !== 'new' || this.isComing) void this.loadTalk();
    if (this.conversation.view.position.epoch > 0 && this.preview === undefined && this.begun !== this.conversationId) { // others who asked sooner would be told of none
      this.begun = this.conversationId;
      keepItem(this.storage, this.visit.begunKey, this.begun);
    }
  }

  protected override render(): TemplateResult | typeof nothing {
    const { visit } = this;
    if (!this.isSpoken) return nothing;
    return html`<div class="chat" lang=${this.language} dir=${isRightToLeft(this.language) ? 'rtl' : 'ltr'}>
      ${this.modal ? html`<span class="guard" tabindex="0" @focus=${() => this.focus()}></span>` : nothing}
      ${this.renderHead()}
      <div class="talk">${visit.phase === 'closed' ? renderClosed(visit.refusal?.code) : visit.shown === undefined || this.isComing ? this.renderAsking() : this.conversation.phase === 'new' && !this.isComing ? this.renderWelcome() : this.renderThread()}</div>
      <div class="foot" part="footer">${visit.phase === 'closed' || visit.shown === undefined ? nothing : html`${this.renderStrip()}${this.renderComposer()}`}${renderFine(visit.shown?.privacy.address, this.handoff?.by !== undefined)}<slot name="footer"></slot></div>
      ${this.modal ? html`<span class="guard" tabindex="0" @focus=${() => this.closer?.focus()}></span>` : nothing}
    </div>`;
  }

  private renderHead(): TemplateResult {
    const { heading: title } = this;
    const person = this.visit.shown?.handoff !== true || this.visit.phase !== 'open' || this.mustAgree ? undefined : this.handoff === null ? 'none' : 'asked';
    const items = this.more?.itemsOf({ person, hasMessages: this.conversation.view.messages.length > 0, hasSound: this.sound.isOn, ...this.said }) ?? [];
    return renderHead({
      title, items, words: this.words(), openMenu: (anchor) => void this.openMenu(anchor), choose: this.onItem,
      close: this.closable ? () => void this.dispatchEvent(new ClosePanelEvent()) : undefined,
    });
  }

  private async openMenu(anchor: Element): Promise<void> {
    this.more = await import('./more.ts');
    this.requestUpdate(); // another tab may have switched the sound
    await this.updateComplete;
    this.menu?.show(anchor);
  }

  private get handoff(): Handoff | null {
    return this.conversation.view.conversation.handoff ?? null;
  }

  private words(): string {
    const { visit: { connection, phase }, handoff } = this;
    return wordsOf({ connection, phase, answers: handoff?.by?.name, writer: this.writers.of(this.conversation.id) ?? undefined });
  }

  /** There is a conversation, and what follows it is being fetched. */
  private get isComing(): boolean {
    return this.visit.account === undefined && this.visit.conversation !== undefined;
  }

  private renderAsking(): TemplateResult {
    return html`<p class="say" role="status">${this.visit.phase === 'unanswered' ? msg('The chat does not answer. It is tried again by itself.') : nothing}</p>`;
  }

  private renderWelcome(): TemplateResult {
    return renderWelcome({ ...this.said, asks: this.mustAgree, agree: this.onAgree, start: (text) => void this.sendOnce(text) });
  }

  private get said(): Pick<Greeting, 'shown' | 'name'> {
    return { shown: this.visit.shown, name: this.visit.visit?.name };
  }

  private showPrivacy(isShown: boolean): void {
    this.showsPrivacy = isShown;
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>(isShown ? '.again' : '[aria-haspopup]')?.focus());
  }

  private readonly loadTalk = async (): Promise<unknown> => (this.talk ??= await import('./talk.ts'));

  private renderThread(): TemplateResult {
    if (this.talk === undefined) return this.renderAsking();
    const { conversation, site, heading: title, pictures: { addressOf }, visit: { account } } = this;
    return this.talk.renderTalk({ conversation, site, title, settings: account?.settings, addressOf, startOver: () => this.startConversation(), focusComposer: () => this.focus() });
  }

  private renderStrip(): TemplateResult {
    const again = this.showsPrivacy ? this.more?.renderAgain(this.said, () => this.showPrivacy(false)) : nothing;
    const { connection, shown } = this.visit;
    return html`<slot name="notice"></slot>${renderStrips({ connection, handoff: this.handoffState.state, hours: shown?.hours })}${again}${renderContext(this.context)}`;
  }

  private renderComposer(): TemplateResult {
    const { text } = this;
    const { turn } = this.conversation.view;
    return html`<gorun-composer compact part="composer" exportparts="send" class=${text === '' && turn === null ? 'empty' : ''} .text=${text} .running=${turn?.id ?? null} .files=${this.pictures.of(this.conversation.id)} .accepts=${this.visit.shown?.uploads === true ? IMAGES : ''} .invitation=${this.mustAgree ? msg('Agree above, then write') : msg('Write a message')}
      .limit=${this.visit.shown?.limits.messageCharacters ?? Infinity} .blocked=${this.mustAgree ? msg('Agree above, then write') : ''}
      @gorun-send-turn=${this.onSend} @gorun-stop-and-send=${this.onSend} @gorun-stop-turn=${() => this.conversation.stop()}
      @gorun-change-draft=${this.onWrite} @input=${this.onFirstWord}
      @gorun-attach=${this.onAttach} @gorun-remove-file=${(event: RemoveFileEvent) => this.pictures.remove(this.conversation.id, event.file)}></gorun-composer>`;
  }

  private readonly onWrite = (event: ChangeDraftEvent): void => {
    this.write(event.text);
    if (this.handoff !== null) this.writers.write(this.conversation.id);
  };

  /** What is not sent stays where it was written. One thing at a time: until it is known whether it can be sent, a second press means the same. */
  private async sendOnce(text: string, mode?: 'stop-and-send'): Promise<void> {
    if (this.isSending) return;
    this.isSending = true;
    try {
      await this.send(text, mode);
      if (this.text === text) this.write('');
    } catch {
      // The panel says that the chat is closed; what was written is still there.
    } finally {
      this.isSending = false;
    }
  }

  private readonly onSend = (event: SendTurnEvent | StopAndSendEvent): void => void this.sendOnce(event.text, event.type === 'gorun-stop-and-send' ? 'stop-and-send' : undefined);

  private readonly onAttach = async ({ files }: AttachEvent): Promise<void> => {
    const { shown } = this.visit;
    if (shown?.uploads !== true) return;
    await this.pictures.add(this.conversation.id, files, shown.limits).catch(() => undefined);
    this.onFirstWord();
  };

  /** Whoever writes will send: what that takes is fetched meanwhile. */
  private readonly onFirstWord = (): void => {
    void this.loadTalk();
    this.visit.connect().catch(() => undefined); // sending tells
  };

  private readonly onAgree = (): void => {
    this.own.agree();
    this.requestUpdate();
    if (!isTouch()) void this.updateComplete.then(() => this.focus());
  };

  private readonly onItem = ({ item }: ChooseItemEvent): void => {
    const { visit, conversation, handoff, sound } = this;
    this.more?.choose(item, { panel: this, visit, conversation, handoff, sound, showPrivacy: () => this.showPrivacy(true) });
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'gorun-chat-panel': GorunChatPanel;
  }
}
