import type { ShownSite } from '../contracts/sites.ts';
import type { ToFrame } from './frame-messages.ts';
import type { Asked, Box, Connection } from './widget-parts.ts';

// What a site's page loads: a button, and the element behind it. A classic script without a library, a policy or a request of its own but for one question about the site; everything else comes with
// the first hover, focus or open.

/** Replaced by the name of the file when this is built. */
const BOX = '/__box__';
const script = document.currentScript as HTMLScriptElement | null;
const server = new URL(script?.src ?? location.href).origin;

/** What the button does, and what is said where that could not be fetched. */
const WORDS: Readonly<Record<string, readonly [open: string, failed: string]>> = { en: ['Open the chat', 'No connection'], de: ['Chat öffnen', 'Keine Verbindung'], fr: ['Ouvrir la discussion', 'Pas de connexion'], es: ['Abrir el chat', 'Sin conexión'], ja: ['チャットを開く', '接続なし'], ar: ['فتح المحادثة', 'لا اتصال'] };
const BUBBLE = 'M12.3 4.5h13.2c3.5 0 5.9 3 5.2 6.4l-1.4 7.1c-.7 3.4-3.9 6-7.4 6H13.2l-8.7 4.8c-.9.5-1.9-.3-1.6-1.3l3.5-14.7C7.2 8 8.8 4.5 12.3 4.5z';
const LINE = 'M12.3 14h4.9zM22 10.6h1.2l-1.4 6.9h-1.2z';

// The outline is seen where the colours are the system's alone.
const sheet = new CSSStyleSheet();
sheet.replaceSync(`:host{display:block}:host([theme=light]){color-scheme:light}:host([theme=dark]){color-scheme:dark}:host(:not([theme])) .root{color-scheme:var(--gorun-theme,inherit)}:host([hidden]),[hidden]{display:none!important}
.root{all:initial;color-scheme:inherit;--o:var(--gorun-chat-offset,20px);--a:var(--gorun-chat-accent,var(--site,light-dark(#23281a,#cdf04f)));--g:var(--gorun-chat-on-accent,var(--on-site,light-dark(#d3f54a,#1a1e10)))}
.dock{position:fixed;inset-block-end:max(var(--o),env(safe-area-inset-bottom));inset-inline-end:var(--o);inline-size:56px;z-index:2147483000}
b{background:Canvas;font:12px system-ui}
.root>iframe{position:fixed;inset-block-end:88px;inset-inline-end:var(--o);inline-size:min(400px,100vw - 2*var(--o));block-size:min(640px,100dvh - 108px);border:0;border-radius:20px}
.inline>iframe{position:static;inline-size:100%}
.start,.start>iframe{inset-inline:var(--o) auto}
button{all:unset;box-sizing:border-box;display:grid;place-items:center;inline-size:56px;block-size:56px;border-radius:50%;background:var(--a);color:var(--g);cursor:pointer;box-shadow:0 8px 24px #0003,0 0 0 1px #ffffff24 inset;outline:1px solid #0000}
button:focus-visible{outline:2px solid var(--a);outline-offset:3px}
svg{inline-size:32px;block-size:32px;fill:currentColor}path+path{fill:var(--a);stroke:var(--a);stroke-width:2.6;stroke-linejoin:round}`);

const ASKED: readonly Asked[] = ['send', 'identify', 'setContext', 'forget', 'startConversation', 'downloadTranscript'];

/** The page's policy has kept the box from being loaded. */
let isRefused = false;
document.addEventListener('securitypolicyviolation', ({ blockedURI }) => (isRefused ||= blockedURI === server + BOX));

const make = <K extends keyof HTMLElementTagNameMap>(name: K, more: object = {}): HTMLElementTagNameMap[K] => Object.assign(document.createElement(name), more);

const warn = (what: unknown): void => console.warn('GoRunChat:', what);

/** The chat of a site, in any page that the site allows: `client/widget.d.ts` says what a page can do with it. */
class GorunChat extends HTMLElement {
  static readonly observedAttributes = ['open', 'site', 'mode', 'position', 'lang', 'theme'];
  isOpen = false;
  readonly server = server;
  dock = make('div');
  /** What the site has said is in force by then; where nobody answered, what the page itself says. */
  asked: Promise<void> | undefined;
  button: HTMLButtonElement | undefined;
  context: unknown;
  /** What stands behind the button, once it is there. */
  box: Box | undefined;
  /** What the button does. */
  label!: string;
  /** Stands over the button where it could not do that. */
  readonly failed = make('b', { role: 'alert' });
  #loading: Promise<Box> | undefined;
  #isClosed: boolean | undefined;
  #isAnswered: boolean | undefined;
  #languages: readonly string[] = [];
  #isReady!: () => void;
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
    return this.box?.state.unread ?? 0;
  }

  get connection(): Connection {
    return this.box?.state.connection ?? 'idle';
  }

  get conversationId(): string | undefined {
    return this.box?.state.conversation;
  }

  connectedCallback(): void {
    const { dock, isInline } = this;
    this.asked = this.#ask().catch(warn);
    if (!isInline) {
      if (!this.button) this.#draw();
      // Over everything, whatever stands around it; where there is no top layer, by its place alone.
      dock.popover = 'manual';
      dock.showPopover?.();
    }
    this.#place();
    if (isInline || this.hasAttribute('open')) this.open().catch(warn);
  }

  disconnectedCallback(): void {
    this.box?.rest();
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (!this.isConnected || before === now) return;
    if (name === 'open') return void (this.isInline || (now === null ? this.close() : this.open()).catch(warn));
    if (!this.asked) return; // about to be
    if (name === 'site' || name === 'mode') return this.#begin();
    this.#place();
  }

  /** Another site, or another place: nothing of the one before stays. */
  #begin(): void {
    const { isOpen, dock } = this;
    this.disconnectedCallback();
    dock.replaceWith((this.dock = make('div')));
    this.#isAnswered = false;
    this.button = this.box = this.#loading = undefined;
    this.connectedCallback();
    if (isOpen) this.#load().catch(warn);
  }

  /** As the tag says, and the site. */
  #place(): void {
    const { dock, button, language } = this;
    dock.className = this.isInline ? 'root inline' : `root dock ${this.getAttribute('position')}`;
    dock.lang = language;
    [this.label, this.failed.textContent] = WORDS[language] ?? (WORDS['en'] as (typeof WORDS)['']);
    if (button) button.ariaLabel = this.label;
    this.box?.show();
  }

  async open(): Promise<void> {
    if (this.isOpen) return;
    this.isOpen = true;
    (await this.#load()).show();
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
    const button = make('button', { part: 'launcher', ariaHasPopup: 'dialog', ariaExpanded: 'false' });
    const slot = make('slot', { name: 'launcher' });
    const space = 'http://www.w3.org/2000/svg';
    const svg = slot.appendChild(document.createElementNS(space, 'svg'));
    for (const path of [BUBBLE, LINE]) svg.appendChild(document.createElementNS(space, 'path')).setAttribute('d', path);
    button.append(slot);
    button.onclick = () => this.toggle().catch(warn);
    button.onpointerenter = button.onfocus = () => this.#load().catch(warn);
    this.button = button;
    this.dock.append(button);
  }

  /** Whether the site is there, what it looks like and what it speaks. A site that is closed shows nothing. */
  async #ask(): Promise<void> {
    const site = this.getAttribute('site');
    const reply = await fetch(`${server}/api/widget/${site}`, { credentials: 'omit' }).catch(warn);
    if (site !== this.getAttribute('site')) return; // another one is being asked for
    if (!reply?.ok) {
      warn(`no chat for ${location.origin} (${reply?.status ?? 'no answer'})`);
      this.#isClosed = (reply?.status as number) < 500 && reply!.status !== 429; // not where nobody answered
      this.hidden ||= this.#isClosed;
      return;
    }
    const { accent, theme, languages } = (await reply.json()) as ShownSite;
    for (const [name, value] of [['--site', accent?.ground], ['--on-site', accent?.text], ['--gorun-theme', theme === 'host' ? null : theme]] as const) this.dock.style.setProperty(name, value ?? null);
    this.#languages = languages;
    this.#place();
    this.hidden &&= !this.#isClosed;
    this.#isClosed = false;
    this.answered();
    if (`gorunchat.begun.${site}` in localStorage) this.#load().catch(warn); // whoever has a conversation here is told of what comes, whether the chat is open or not
  }

  /** The site has said that its chat is open to this page. */
  answered(): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    this.#isReady();
    this.tell('ready');
  }

  #load(): Promise<Box> {
    return (this.#loading ??= (import(server + BOX) as Promise<typeof import('./widget-box.ts')>).then(({ openBox }) => openBox(this)).catch(async (error: Error) => {
      await new Promise((resolve) => setTimeout(resolve)); // a refusal by the page's policy is told after what it keeps from being done
      if (isRefused) return (this.box ??= this.#bare(error));
      if (this.isOpen) this.dock.prepend(this.failed);
      this.isOpen = false;
      this.#loading = undefined; // the next press tries again
      throw error;
    }));
  }

  /** What stands behind the button where the page's policy lets nothing more run: a frame that is told when it is seen, and not heard. */
  #bare(error: Error): Box {
    const frame = make('iframe', { src: `${server}/embed/${this.getAttribute('site')}?lang=${this.language}#inline`, title: 'GoRunChat' });
    const show = (): void => {
      frame.hidden = !this.isOpen;
      if (this.button) this.button.ariaExpanded = `${this.isOpen}`;
      frame.contentWindow?.postMessage({ gorun: 'shown', said: this.isOpen } satisfies ToFrame, server);
    };
    frame.onload = show;
    Object.assign(this.dock, { role: 'region', ariaLabel: frame.title }).append(frame);
    return {
      state: {} as Box['state'],
      show,
      rest() {},
      ask() {
        throw Object.assign(error, { code: 'server-busy' });
      },
    };
  }

  /** What a page tells of where its visitor is waits for the panel: a page that is only looked at fetches none. */
  async ask(what: Asked, said?: unknown): Promise<void> {
    if (what === 'setContext') {
      this.context = said;
      if (!this.#loading) return;
    }
    await (await this.#load()).ask(what, said);
  }
}

export type { GorunChat };

if (!customElements.get('gorun-chat')) {
  for (const what of ASKED) Object.assign(GorunChat.prototype, { [what](this: GorunChat, said?: unknown) { return this.ask(what, said); } });
  customElements.define('gorun-chat', GorunChat);
  const dataset = script?.dataset ?? {};
  const place = (): void => {
    if (dataset['site'] === undefined || document.querySelector('gorun-chat')) return;
    const chat = make('gorun-chat' as 'div');
    for (const [name, value] of Object.entries(dataset)) chat.setAttribute(name, value as string);
    document.body.append(chat);
  };
  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', place);
  else place();
}
