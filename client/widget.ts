import type { ShownSite } from '../contracts/sites.ts';
import type { Box } from './widget-box.ts';

// What a site's page loads: a button, and the element behind it. A classic script without a library, a policy or a request of its own but for one question about the site; everything else comes with
// the first hover, focus or open.

/** Replaced by the names of the files when this is built. */
const BOX = '/__box__';
const PANEL = '/__panel__';
const script = document.currentScript as HTMLScriptElement | null;
const server = new URL(script?.src ?? location.href).origin;

const OPEN: Readonly<Record<string, string>> = { en: 'Open the chat', de: 'Chat öffnen', fr: 'Ouvrir la discussion', es: 'Abrir el chat', ja: 'チャットを開く', ar: 'فتح المحادثة' };
const BUBBLE = 'M12.3 4.5h13.2c3.5 0 5.9 3 5.2 6.4l-1.4 7.1c-.7 3.4-3.9 6-7.4 6H13.2l-8.7 4.8c-.9.5-1.9-.3-1.6-1.3l3.5-14.7C7.2 8 8.8 4.5 12.3 4.5z';
const LINE = 'M12.3 12.7h4.9a1.3 1.3 0 0 1 1.27 1.56 1.3 1.3 0 0 1-1.27 1.04h-4.9a1.3 1.3 0 0 1-1.27-1.56 1.3 1.3 0 0 1 1.27-1.04zM22.15 9.3h1.3c.7 0 1.2.6 1.06 1.3l-1.38 7c-.14.7-.75 1.2-1.45 1.2h-1.3c-.7 0-1.2-.6-1.06-1.3l1.38-7c.14-.7.75-1.2 1.45-1.2z';

const sheet = new CSSStyleSheet();
sheet.replaceSync(`:host{display:block;color-scheme:inherit}:host([theme=light]){color-scheme:light}:host([theme=dark]){color-scheme:dark}:host(:not([theme])) .root{color-scheme:var(--gorun-theme,inherit)}:host([hidden]),[hidden]{display:none!important}
.root{all:initial;direction:inherit;color-scheme:inherit;--o:var(--gorun-chat-offset,20px);--a:var(--gorun-chat-accent,var(--site,light-dark(#23281a,#cdf04f)));--g:var(--gorun-chat-on-accent,var(--on-site,light-dark(#d3f54a,#1a1e10)))}
.dock{position:fixed;inset:auto;inset-block-end:max(var(--o),env(safe-area-inset-bottom));inset-inline-end:var(--o);margin:0;padding:0;border:0;background:none;overflow:visible;z-index:2147483000;inline-size:56px;block-size:56px}
.start{inset-inline:var(--o) auto}
button{all:unset;box-sizing:border-box;display:grid;place-items:center;inline-size:56px;block-size:56px;border-radius:50%;background:var(--a);color:var(--g);cursor:pointer;box-shadow:0 8px 24px rgb(0 0 0/.2),0 0 0 1px rgb(255 255 255/.14) inset}
button:focus-visible{outline:2px solid var(--a);outline-offset:3px}
svg{inline-size:32px;block-size:32px;fill:currentColor}path+path{fill:var(--a)}
@media(prefers-reduced-motion:no-preference){button{transition:transform .2s}button:hover{transform:translateY(-2px)}}
@media(forced-colors:active){button{border:1px solid}}`);

/** What a page may ask of the panel. */
const ASKED = ['send', 'identify', 'setContext', 'forget', 'startConversation', 'downloadTranscript'] as const;
type Asked = (typeof ASKED)[number];

const warn = (error: unknown): void => console.warn('GoRunChat:', error);

/** The chat of a site, in any page that the site allows: `client/widget.d.ts` says what a page can do with it. */
class GorunChat extends HTMLElement {
  static readonly observedAttributes = ['open', 'site', 'mode', 'position', 'lang', 'theme'];
  isOpen = false;
  readonly server = server;
  readonly panel = server + PANEL;
  readonly dock = document.createElement('div');
  /** What the site has said is in force by then; where nobody answered, what the page itself says. */
  asked: Promise<void> | undefined;
  button: HTMLButtonElement | undefined;
  context: unknown;
  #box: Box | undefined;
  #loading: Promise<Box> | undefined;
  #isClosed = false;
  #isAnswered = false;
  #languages: readonly string[] = [];
  #isReady: () => void = () => undefined;
  readonly ready = new Promise<void>((resolve) => (this.#isReady = resolve));

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [sheet];
    root.append(this.dock);
  }

  get isInline(): boolean {
    return this.getAttribute('mode') === 'inline';
  }

  /** The page's where the site allows it. Certain once the site was asked. */
  get language(): string {
    const wanted = (this.lang || document.documentElement.lang || navigator.language).slice(0, 2).toLowerCase();
    return this.#languages.find((one) => one === wanted) ?? this.#languages[0] ?? wanted;
  }

  get unread(): number {
    return this.#box?.state.unread ?? 0;
  }

  get connection(): string {
    return this.#box?.state.connection ?? 'idle';
  }

  get conversationId(): string | undefined {
    return this.#box?.state.conversation;
  }

  connectedCallback(): void {
    const { dock, isInline } = this;
    this.#place();
    this.asked = this.#ask().catch(warn);
    if (isInline) return void this.open().catch(warn);
    if (this.button === undefined) this.#draw();
    // Over everything, whatever stands around it; where there is no top layer, by its place alone.
    dock.setAttribute('popover', 'manual');
    dock.showPopover?.();
    this.#box?.show();
    if (this.hasAttribute('open')) this.open().catch(warn);
  }

  disconnectedCallback(): void {
    this.#box?.rest();
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (!this.isConnected || before === now) return;
    if (name === 'open') return void (this.isInline || (now === null ? this.close() : this.open()).catch(warn));
    if (this.asked === undefined) return; // about to be
    if (name === 'site' || name === 'mode') return this.#begin();
    this.#place();
    this.#name();
  }

  /** Another site, or another place: nothing of the one before stays. */
  #begin(): void {
    const { isOpen, isInline } = this;
    this.disconnectedCallback();
    this.dock.replaceChildren();
    this.dock.removeAttribute('popover');
    this.isOpen = this.#isAnswered = false;
    this.button = this.#box = this.#loading = undefined;
    this.connectedCallback();
    if (isOpen && !isInline) this.open().catch(warn);
  }

  #place(): void {
    this.dock.className = this.isInline ? 'root inline' : `root dock ${this.getAttribute('position') ?? ''}`;
  }

  async open(): Promise<void> {
    if (this.isOpen) return;
    this.isOpen = true;
    try {
      (await this.#load()).show();
    } catch (error) {
      this.isOpen = false; // the next press tries again
      throw error;
    }
    this.tell('open');
  }

  async close(): Promise<void> {
    if (!this.isOpen || this.isInline) return;
    this.isOpen = false;
    (await this.#load()).show();
    this.button?.focus();
    this.tell('close');
  }

  toggle(): Promise<void> {
    return this.isOpen ? this.close() : this.open();
  }

  tell(what: string, more: object = {}): void {
    this.dispatchEvent(Object.assign(new Event(`gorun-${what}`), more));
  }

  #draw(): void {
    const button = document.createElement('button');
    for (const [name, value] of Object.entries({ type: 'button', part: 'launcher', 'aria-haspopup': 'dialog', 'aria-expanded': 'false' })) button.setAttribute(name, value as string);
    const slot = document.createElement('slot');
    slot.name = 'launcher';
    const space = 'http://www.w3.org/2000/svg';
    const svg = slot.appendChild(document.createElementNS(space, 'svg'));
    svg.setAttribute('viewBox', '0 0 32 32');
    svg.setAttribute('aria-hidden', 'true');
    for (const path of [BUBBLE, LINE]) svg.appendChild(document.createElementNS(space, 'path')).setAttribute('d', path);
    button.append(slot);
    button.onclick = () => this.toggle().catch(warn);
    button.onpointerenter = button.onfocus = () => this.#load().catch(warn);
    this.button = button;
    this.dock.append(button);
    this.#name();
  }

  #name(): void {
    const { language } = this;
    this.dock.lang = language;
    this.button?.setAttribute('aria-label', (OPEN[language] ?? OPEN['en']) as string);
    this.#box?.show();
  }

  /** Whether the site is there, what it looks like and what it speaks. A site that is closed shows nothing. */
  async #ask(): Promise<void> {
    const site = this.getAttribute('site');
    const reply = await fetch(`${server}/api/widget/${site}`, { credentials: 'omit' }).catch(() => undefined);
    if (site !== this.getAttribute('site')) return; // another one is being asked for
    if (reply?.ok !== true) {
      console.warn(`GoRunChat: no chat for ${location.origin} (${reply?.status ?? 'origin not allowed, or no answer'})`);
      this.#isClosed = reply !== undefined && reply.status < 500 && reply.status !== 429;
      this.hidden ||= this.#isClosed;
      return;
    }
    const { accent, theme, languages } = (await reply.json()) as ShownSite;
    for (const [name, value] of [['site', accent?.ground], ['on-site', accent?.text], ['gorun-theme', theme === 'host' ? null : theme]]) this.dock.style.setProperty(`--${name}`, value ?? null);
    this.#languages = languages;
    this.#name();
    this.hidden &&= !this.#isClosed;
    this.#isClosed = false;
    this.answered();
    if (this.#hasBegun) this.#load().catch(warn);
  }

  /** The site has said that its chat is open to this page. */
  answered(): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    this.#isReady();
    this.tell('ready');
  }

  /** Whoever has a conversation here is told of what comes, whether the chat is open or not. */
  get #hasBegun(): boolean {
    try {
      return `gorunchat.begun.${this.getAttribute('site')}` in localStorage;
    } catch {
      return false;
    }
  }

  #load(): Promise<Box> {
    return (this.#loading ??= (import(server + BOX) as Promise<typeof import('./widget-box.ts')>).then(({ openBox }) => openBox(this)).then((box) => (this.#box = box), (error: unknown) => {
      this.#loading = undefined;
      throw error;
    }));
  }

  /** What a page tells of where its visitor is waits for the panel: a page that is only looked at fetches none. */
  async ask(what: Asked, said?: unknown): Promise<void> {
    if (what === 'setContext' && this.#loading === undefined) return void (this.context = said);
    await (await this.#load()).ask(what, said);
  }
}

export type { GorunChat, Asked };

if (!customElements.get('gorun-chat')) {
  for (const what of ASKED) Object.assign(GorunChat.prototype, { [what](this: GorunChat, said?: unknown) { return this.ask(what, said); } });
  customElements.define('gorun-chat', GorunChat);
  const { site } = script?.dataset ?? {};
  const place = (): void => {
    if (site === undefined || document.querySelector('gorun-chat')) return;
    const chat = document.createElement('gorun-chat');
    for (const [name, value] of Object.entries(script?.dataset ?? {})) chat.setAttribute(name, value as string);
    document.body.append(chat);
  };
  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', place);
  else place();
}
