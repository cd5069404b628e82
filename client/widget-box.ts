import { newInside } from './widget-inside.ts';
import type { Box, Changed } from './widget-parts.ts';
import type { GorunChat } from './widget.ts';

/** Close, and what stands before how many messages are new, however many. */
const WORDS: Readonly<Record<string, readonly [string, string]>> = {
  en: ['Close the chat', 'new messages:'],
  de: ['Chat schließen', 'neue Nachrichten:'],
  fr: ['Fermer la discussion', 'nouveaux messages :'],
  es: ['Cerrar el chat', 'mensajes nuevos:'],
  ja: ['チャットを閉じる', '新着メッセージ：'],
  ar: ['إغلاق المحادثة', 'رسائل جديدة:'],
};

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
.n{position:absolute;inset-block-start:-3px;inset-inline-end:-3px;min-inline-size:22px;box-sizing:border-box;padding:0 5px;border:2px solid #fff;border-radius:11px;background:#b3202a;color:#fff;font:650 12px/18px system-ui,sans-serif;text-align:center}
.box{position:fixed;inset-block-end:calc(max(var(--o),env(safe-area-inset-bottom)) + 68px);inset-inline-end:var(--o);box-sizing:border-box;inline-size:min(var(--gorun-chat-width,400px),calc(100vw - 2*var(--o)));block-size:min(var(--gorun-chat-height,640px),calc(100dvh - var(--o) - 84px));border:1px solid var(--gorun-line,#8886);border-radius:var(--gorun-chat-radius,20px);background:Canvas;box-shadow:0 4px 12px rgb(0 0 0/.1),0 24px 64px rgb(0 0 0/.2);overflow:hidden}
.start .box{inset-inline:var(--o) auto}
.inline .box{position:static;inline-size:100%;block-size:var(--gorun-chat-height,560px);box-shadow:none}
iframe{border:0;inline-size:100%;block-size:100%;display:block}
@media(max-width:520px){.dock .box{inset:0;inline-size:100%;block-size:calc(100dvh - 88px);border:0;border-radius:0}.dock [aria-modal]{block-size:100dvh!important}.dock:has([aria-modal]) button{display:none}}
@media(prefers-reduced-motion:no-preference){.dock>button{transition:translate .2s}.dock>button:hover{translate:0 -2px}.dock .box{animation:r .32s cubic-bezier(.2,.7,.2,1)}@keyframes r{from{opacity:0;transform:translateY(12px)}}}
@media(forced-colors:active){.box{border:1px solid}}`);

const phone = matchMedia('(max-width: 520px)');

/** The page's policy has kept the panel from running. It is asked for once: what a module could not begin with it will not begin with later. */
let isRefused = false;
document.addEventListener('securitypolicyviolation', ({ effectiveDirective, disposition, blockedURI, sample }) => {
  isRefused ||= disposition === 'enforce' && (sample === 'lit-html' || (effectiveDirective.startsWith('script-src') && blockedURI.startsWith(`${new URL(import.meta.url).origin}/`)));
});

/** The panel's file. Nothing where the page's policy refuses it; what the network keeps from coming may come the next time. */
async function loadPanel(): Promise<typeof import('./panel.ts') | undefined> {
  try {
    return await import('./panel.ts');
  } catch (error) {
    await new Promise((resolve) => setTimeout(resolve)); // a refusal is told after what it keeps from being done
    if (isRefused) return undefined;
    throw error;
  }
}

/** Puts the box into the place that the element has by the time that it is made. The panel's file is asked for first; where it may not run, or the page prefers a frame, the frame stands there. Where it fails it can be asked for again. */
export async function openBox(chat: GorunChat): Promise<Box> {
  const { dock } = chat;
  const box = document.createElement('div');
  box.className = 'box';
  box.hidden = true;
  box.setAttribute('part', 'panel');
  box.setAttribute('role', chat.isInline ? 'region' : 'dialog');
  const root = chat.shadowRoot as ShadowRoot;
  const changed: Changed = (unread, connection, conversationId, news) => {
    if (chat.dock !== dock) return; // of another site, or another place, is told there
    const before = chat.unread;
    Object.assign(chat, { unread, connection, conversationId });
    if (inside.title !== '') chat.answered(); // a frame may ask where the page may not
    if (unread !== before) chat.tell('unread', { count: unread });
    show();
    if (unread > before && news !== undefined && !chat.isOpen) loaded?.loadTeaser().then(({ tease }) => tease(chat, news)).catch(() => undefined); // the badge says it too
  };
  const loaded = chat.hasAttribute('frame') ? undefined : await loadPanel();
  await chat.asked; // its language and theme are the site's to say
  root.adoptedStyleSheets = [...new Set([...(loaded?.sheets ?? []).map(({ styleSheet }) => styleSheet as CSSStyleSheet), ...root.adoptedStyleSheets, sheet])];
  const inside = await newInside(chat, changed, loaded);
  if (dock !== chat.dock) return openBox(chat);
  if (chat.box !== undefined) return chat.box; // whoever asked for the place before has come here, too; from here on nothing is waited for
  chat.connection = 'connecting';
  box.append(inside.element);
  box.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    event.stopPropagation();
    void chat.close();
  });
  const badge = document.createElement('span');
  badge.className = 'n';
  badge.setAttribute('part', 'badge');
  badge.setAttribute('aria-hidden', 'true');
  chat.button?.append(badge);
  dock.append(box);
  chat.failed.remove();

  function show(): void {
    const { isOpen, button, isInline, label, unread } = chat;
    const [close, fresh] = WORDS[chat.language] ?? (WORDS['en'] as (typeof WORDS)['']);
    const wasHidden = box.hidden;
    const isModal = isOpen && phone.matches && !isInline && (loaded !== undefined || inside.title !== ''); // a frame that nothing was heard of yet has no button that closes it
    box.hidden = !isOpen;
    box.setAttribute('aria-label', inside.title || label);
    if (isModal) box.setAttribute('aria-modal', 'true');
    else box.removeAttribute('aria-modal');
    const isAsked = !isInline || button !== undefined; // in the page a button stands only where one has to try again
    if (isInline && isOpen) button?.remove();
    inside.shown(isOpen, isModal, isOpen && wasHidden && isAsked && !matchMedia('(pointer: coarse)').matches);
    badge.textContent = String(unread);
    badge.hidden = unread === 0 || isOpen;
    if (isOpen) dock.querySelector('.teaser')?.remove();
    button?.setAttribute('aria-expanded', String(isOpen));
    button?.setAttribute('aria-label', isOpen ? close : unread > 0 ? `${label}, ${fresh} ${unread}` : label);
  }

  let resting: AbortController | undefined;
  const shown = (): void => {
    if (resting === undefined) {
      resting = new AbortController();
      const { signal } = resting;
      document.addEventListener('visibilitychange', show, { signal });
      phone.addEventListener('change', show, { signal });
      inside.listen?.(signal);
    }
    show();
  };
  /** What is asked here and not answered once the place is another's. */
  const left = Promise.withResolvers<never>();
  left.promise.catch(() => undefined);
  const rest = (): void => {
    resting?.abort();
    resting = undefined;
    if (chat.dock !== dock) left.reject(Object.assign(new Error('moved-on'), { code: 'moved-on' }));
  };
  shown();
  if (chat.context !== undefined) void inside.ask('setContext', chat.context); // before all else that it is asked
  return (chat.box = { show: shown, rest, ask: (what, said) => Promise.race([inside.ask(what, said), left.promise]) });
}
