import { speakable } from './text/speech.ts';
import type { News } from './widget-parts.ts';
import type { GorunChat } from './widget.ts';

const DISMISS: Readonly<Record<string, string>> = { en: 'Dismiss', de: 'Ausblenden', fr: 'Masquer', es: 'Descartar', ja: '閉じる', ar: 'إخفاء' };
const CROSS = 'm5.5 5.5 9 9M14.5 5.5l-9 9';

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
.teaser{position:absolute;inset-block-end:68px;inset-inline-end:0;box-sizing:border-box;display:flex;gap:4px;align-items:flex-start;inline-size:max-content;max-inline-size:min(300px,calc(100vw - 2*var(--o)));padding-block:12px;padding-inline:16px 6px;border:1px solid var(--gorun-line);border-radius:18px;border-end-end-radius:5px;background:var(--gorun-surface);color:var(--gorun-text);box-shadow:var(--gorun-shadow-2);font:14px/1.45 var(--gorun-chat-font,var(--gorun-font))}
.teaser:empty{visibility:hidden}
.start .teaser{inset-inline:0 auto;border-end-end-radius:18px;border-end-start-radius:5px}
.teaser button{all:unset;box-sizing:border-box;cursor:pointer;border-radius:6px}
.teaser button:focus-visible{outline:2px solid var(--gorun-focus);outline-offset:2px}
.teaser .text{flex:1;min-inline-size:0;overflow-wrap:anywhere}
.teaser strong{display:block;font-weight:600;font-size:13px}
.teaser .line{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2;overflow:hidden}
.teaser .x{display:grid;place-items:center;flex:none;inline-size:28px;block-size:28px;color:var(--gorun-text-2)}
.teaser .x:hover{background:var(--gorun-hover)}
.teaser svg{inline-size:18px;block-size:18px;fill:none;stroke:currentColor;stroke-width:1.6;stroke-linecap:round}
@media(pointer:coarse){.teaser .x{inline-size:44px;block-size:44px}}
@media(prefers-reduced-motion:no-preference){.teaser:not(:empty){animation:e .2s cubic-bezier(.2,.7,.2,1)}@keyframes e{from{opacity:0;transform:translateY(4px)}}}`);

/** Says beside the closed chat what has come: its first line, until somebody opens the chat or puts it away. */
export function tease(chat: GorunChat, { who, text }: News): void {
  const line = firstLine(text);
  if (chat.isOpen || line === '') return;
  const root = chat.shadowRoot as ShadowRoot;
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
  const teaser = regionIn(chat);
  const said = button('text', () => chat.open());
  said.append(Object.assign(document.createElement('strong'), { textContent: who }), Object.assign(document.createElement('span'), { className: 'line', dir: 'auto', textContent: line }));
  const away = button('x', () => putAway(chat));
  away.title = DISMISS[chat.language] ?? (DISMISS['en'] as string);
  away.setAttribute('aria-label', away.title);
  away.append(cross());
  // What is there when a region comes is not read out, what comes into it is.
  requestAnimationFrame(() => !chat.isOpen && teaser.replaceChildren(said, away));
}

function regionIn(chat: GorunChat): Element {
  const there = chat.dock.querySelector('.teaser');
  if (there !== null) return there;
  const region = document.createElement('div');
  region.className = 'teaser';
  region.setAttribute('part', 'teaser');
  region.setAttribute('role', 'status');
  region.addEventListener('keydown', (event) => event.key === 'Escape' && putAway(chat));
  chat.dock.prepend(region);
  return region;
}

/** The focus goes where the teaser came from. */
function putAway(chat: GorunChat): void {
  chat.dock.querySelector('.teaser')?.remove();
  chat.button?.focus();
}

function button(name: string, press: () => unknown): HTMLButtonElement {
  return Object.assign(document.createElement('button'), { type: 'button', className: name, onclick: press });
}

function cross(): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 20 20');
  svg.setAttribute('aria-hidden', 'true');
  svg.appendChild(document.createElementNS(svg.namespaceURI as 'http://www.w3.org/2000/svg', 'path')).setAttribute('d', CROSS);
  return svg;
}

/** Of markdown, as words: the first line that has any. Code is none. */
export function firstLine(markdown: string): string {
  const passage = markdown.split(/\n{2,}/u).find((one) => speakable(one) !== '') ?? '';
  return passage.split('\n').map(speakable).find((one) => one !== '') ?? '';
}
