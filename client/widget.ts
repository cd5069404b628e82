import type { FailureCode } from '../contracts/failures.ts';
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

// The button's outline is seen where the colours are the system's alone. The icon is cut out of a border, which has the colour of text, also of the system's: where it ends, and what is left out of it.
const sheet = new CSSStyleSheet();
sheet.replaceSync(`:host{display:block}:host([hidden]),[hidden]{display:none!important}
.root{all:initial;color-scheme:inherit;--o:var(--gorun-chat-offset,20px);--a:var(--gorun-chat-accent,var(--site,light-dark(#23281a,#cdf04f)))}
.dock{position:fixed;inset-block-end:max(var(--o),env(safe-area-inset-bottom));inset-inline-end:var(--o);display:grid;justify-items:end;z-index:2147483000}
b{background:Canvas;padding:4px 8px;font:12px system-ui}
.root>iframe{inline-size:400px;block-size:min(640px,100dvh - 108px);margin-block-end:12px;border:0;border-radius:20px}
.inline>iframe{inline-size:100%}
.start{inset-inline:var(--o) auto;justify-items:start}
button{all:unset;display:grid;place-items:center;inline-size:56px;block-size:56px;border-radius:50%;background:var(--a);color:var(--gorun-chat-on-accent,var(--on-site,light-dark(#d3f54a,#1a1e10)));cursor:pointer;box-shadow:0 8px 24px #0003,0 0 0 1px #ffffff24 inset;outline:1px solid #0000}
button:focus-visible{outline:2px solid var(--a);outline-offset:3px}
i{border:16px solid;clip-path:path(evenodd,"M12.3 4.5h13.2c3.5 0 5.9 3 5.2 6.4l-1.4 7.1c-.7 3.4-3.9 6-7.4 6H13.2l-8.7 4.8c-.9.5-1.9-.3-1.6-1.3l3.5-14.7C7.2 8 8.8 4.5 12.3 4.5zM12.3 12.7h4.9a1.3 1.3 0 0 1 0 2.6h-4.9a1.3 1.3 0 0 1 0-2.6zM22 9.3h1.2a1.3 1.3 0 0 1 1.3 1.6l-1.4 6.9a1.3 1.3 0 0 1-1.3 1h-1.2a1.3 1.3 0 0 1-1.3-1.6l1.4-6.9a1.3 1.3 0 0 1 1.3-1z")}
@media(max-width:520px){.dock>iframe{position:fixed;inset:0;inline-size:100%;block-size:calc(100dvh - 88px);border-radius:0}}`);

/** The page's policy has kept the box from being loaded. */
let isRefused = false;
document.addEventListener('securitypolicyviolation', ({ blockedURI }) => (isRefused ||= blockedURI === server + BOX));

const make = <K extends keyof HTMLElementTagNameMap>(name: K, more: object = {}): HTMLElementTagNameMap[K] => Object.assign(document.createElement(name), more);

/** As one of the failure table. */
const refusal = (code: FailureCode): Error => Object.assign(new Error(code), { code });

const warn = (what: unknown): void => console.warn('GoRunChat:', what);

/** The chat of a site, in any page that the site allows: `client/widget.d.ts` says what a page can do with it. */
class GorunChat extends HTMLElement {
  static readonly observedAttributes = ['open', 'site', 'mode', 'position', 'lang', 'theme'];
  isOpen = false;
  unread!: number;
  connection!: Connection;
  conversationId: string | undefined;
  readonly server = server;
  dock!: HTMLElement;
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
  #isAnswered: boolean | undefined;
  #theme = '';
  #languages: readonly string[] = [];
  #isReady!: () => void;
  readonly ready = new Promise<void>((resolve) => (this.#isReady = resolve));

  constructor() {
    super();
    this.attachShadow({ mode: 'open' }).adoptedStyleSheets = [sheet];
    this.#clear();
  }

  get isInline(): boolean {
    return this.getAttribute('mode') === 'inline';
  }

  /** The page's where the site allows it. Certain once the site was asked. */
  get language(): string {
    const wanted = (this.lang || document.documentElement.lang || navigator.language).slice(0, 2).toLowerCase();
    return this.#languages.includes(wanted) ? wanted : (this.#languages[0] ?? wanted);
  }

  connectedCallback(): void {
    const { isInline } = this;
    this.asked = this.#ask().catch(warn);
    if (!isInline) {
      if (!this.button) this.#draw();
      this.dock.showPopover?.(); // over everything, whatever stands around it; where there is no top layer, by its place alone
    }
    this.#place();
    if (isInline || this.isOpen || this.hasAttribute('open')) this.open().catch(warn);
  }

  disconnectedCallback(): void {
    this.box?.rest();
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (before === now) return;
    const isOther = name === 'site' || name === 'mode';
    if (isOther) this.#clear();
    if (!this.isConnected || !this.asked) return; // it is about to be
    if (name === 'open') (now === null ? this.close() : this.open()).catch(warn);
    else if (isOther) this.connectedCallback();
    else this.#place();
  }

  /** Another site, or another place: nothing of the one before stays, also while the element is in no page. */
  #clear(): void {
    this.dock?.remove();
    this.dock = this.shadowRoot!.appendChild(make('div', { popover: 'manual' }));
    this.box?.rest();
    const { unread } = this;
    this.unread = 0;
    this.connection = 'idle';
    this.conversationId = this.button = this.box = this.#loading = this.#isAnswered = undefined;
    if (unread) this.tell('unread', { count: 0 });
  }

  /** As the tag says, and the site. */
  #place(): void {
    const { dock, button, language } = this;
    const theme = this.getAttribute('theme') ?? this.#theme;
    dock.style.colorScheme = theme === 'host' ? '' : theme;
    dock.className = this.isInline ? 'root inline' : `root dock ${this.getAttribute('position')}`;
    dock.lang = language;
    [this.label, this.failed.textContent] = WORDS[language] ?? (WORDS['en'] as (typeof WORDS)['']);
    if (button) button.ariaLabel = this.label;
    this.box?.show();
  }

  async open(): Promise<void> {
    const wasOpen = this.isOpen;
    this.isOpen = true;
    (await this.#load()).show();
    if (!wasOpen) this.tell('open');
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
    const load = (): void => void this.#load().catch(warn);
    this.button = make('button', { part: 'launcher', ariaLabel: this.label, ariaHasPopup: 'dialog', ariaExpanded: 'false', onclick: () => this.toggle().catch(warn), onpointerenter: load, onfocus: load });
    const slot = make('slot', { name: 'launcher' });
    slot.append(make('i'));
    this.button.append(slot);
    this.dock.append(this.button);
  }

  /** Whether the site is there, what it looks like and what it speaks. A site that is closed shows nothing. */
  async #ask(): Promise<void> {
    const site = this.getAttribute('site');
    const reply = await fetch(`${server}/api/widget/${site}`, { credentials: 'omit' });
    if (site !== this.getAttribute('site')) return; // another one is being asked for
    this.dock.hidden = !reply.ok && reply.status < 500 && reply.status !== 429; // not where nobody could say
    if (!reply.ok) return warn(`no chat for ${location.origin} (${reply.status})`);
    const { accent, theme, languages } = (await reply.json()) as ShownSite;
    this.dock.style.cssText = accent ? `--site:${accent.ground};--on-site:${accent.text}` : '';
    this.#theme = theme;
    this.#languages = languages;
    this.#place();
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
      if (isRefused) return (this.box ??= this.#bare());
      if (!this.button) this.#draw(); // in the page, too, there is something to press then
      if (this.isOpen) this.dock.prepend(this.failed);
      this.isOpen = false;
      this.#loading = undefined; // the next press tries again
      throw error;
    }));
  }

  /** What stands behind the button where the page's policy lets nothing more run: a frame that is told when it is seen and where its visitor is, and not heard. */
  #bare(): Box {
    const frame = make('iframe', { src: `${server}/embed/${this.getAttribute('site')}?lang=${this.language}#inline`, title: 'GoRunChat' });
    const show = (): void => {
      frame.hidden = !this.isOpen;
      if (this.button) this.button.ariaExpanded = `${this.isOpen}`;
      for (const what of [{ gorun: 'shown', said: this.isOpen }, { gorun: 'setContext', said: this.context }] satisfies ToFrame[]) frame.contentWindow?.postMessage(what, server);
    };
    frame.onload = show;
    Object.assign(this.dock, { role: 'region', ariaLabel: frame.title }).prepend(frame);
    return {
      show,
      rest() {},
      ask(what) {
        if (what !== 'setContext') throw refusal('server-busy');
        show();
      },
    };
  }

  /** What a page tells of where its visitor is waits for the panel: a page that is only looked at fetches none. What it asks of one site goes to no other. */
  async ask(what: Asked, said?: unknown): Promise<void> {
    if (what === 'setContext') {
      this.context = said;
      return (await this.#loading)?.ask(what, said);
    }
    const site = this.getAttribute('site');
    const box = await this.#load();
    if (site !== this.getAttribute('site')) throw refusal('moved-on');
    await box.ask(what, said);
  }
}

export type { GorunChat };

if (!customElements.get('gorun-chat')) {
  const methods = GorunChat.prototype as Partial<Record<Asked, (said?: unknown) => Promise<void>>>;
  for (const what of ['send', 'identify', 'setContext', 'forget', 'startConversation', 'downloadTranscript'] satisfies Asked[]) methods[what] = function (this: GorunChat, said) { return this.ask(what, said); };
  customElements.define('gorun-chat', GorunChat);
  const place = (): void => {
    if (!script?.dataset['site'] || document.querySelector('gorun-chat')) return;
    const chat = make('gorun-chat' as 'div');
    for (const [name, value] of Object.entries(script.dataset)) chat.setAttribute(name, value as string);
    document.body.append(chat);
  };
  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', place);
  else place();
}
