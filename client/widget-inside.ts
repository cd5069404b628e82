import type { GorunChatPanel } from './components/chat-panel/chat-panel.ts';
import type { Changed, Inside } from './widget-box.ts';
import type { Asked, GorunChat } from './widget.ts';

const BUSY = Object.assign(new Error('server-busy'), { code: 'server-busy' });

/** What the box is filled with: the panel, or a frame where the panel's file may not run in the page or the page prefers that. Where the page's policy lets the panel run and keeps it from asking the server, the frame takes its place, with what was written and asked so far. */
export async function newInside(chat: GorunChat, changed: Changed, isPanel: boolean): Promise<Inside> {
  const newFrame = async (written?: () => string | undefined): Promise<Inside> => (await import('./widget-frame.ts')).newFrame(chat, changed, written);
  const first = isPanel ? newPanel(chat, changed) : await newFrame();
  if (!isPanel) return first;
  let inside: Inside = first;
  const moved = Promise.withResolvers<void>();
  /** What still holds, once it was asked for. */
  const told = new Map<Asked, unknown>();
  let signal: AbortSignal | undefined;
  let looks: Parameters<Inside['shown']> | undefined;
  let isMoving = false;
  const move = async (): Promise<void> => {
    isMoving = true;
    const frame = await newFrame(() => first.written);
    frame.element.hidden = true; // whoever is writing goes on until it is there
    first.element.after(frame.element);
    if (signal !== undefined) frame.listen?.(signal);
    await frame.ready;
    const hasFocus = chat.shadowRoot?.activeElement === first.element;
    first.element.remove();
    frame.element.hidden = false;
    inside = frame;
    if (looks !== undefined) frame.shown(looks[0], looks[1], hasFocus);
    for (const [what, said] of told) frame.ask(what, said).catch(() => undefined); // whoever asked is told
  };
  document.addEventListener('securitypolicyviolation', ({ effectiveDirective, disposition, blockedURI }) => {
    if (isMoving || effectiveDirective !== 'connect-src' || disposition !== 'enforce' || !blockedURI.replace(/^ws/u, 'http').startsWith(chat.server)) return;
    move().catch(() => undefined).finally(moved.resolve); // where there is no frame either the panel says that nobody answers
  });
  return {
    get element() {
      return inside.element;
    },
    get title() {
      return inside.title;
    },
    get ready() {
      return inside.ready;
    },
    listen(until) {
      signal = until;
      inside.listen?.(until);
    },
    shown(...how) {
      looks = how;
      inside.shown(...how);
    },
    async ask(what, said) {
      if (what === 'identify' || what === 'setContext') told.set(what, said);
      if (what === 'forget') told.delete('identify');
      if (inside !== first) return inside.ask(what, said);
      const refused = await Promise.race([first.ask(what, said).then(() => undefined, (error: unknown) => error), moved.promise.then(() => BUSY)]);
      if (refused === undefined) return;
      await new Promise((resolve) => setTimeout(resolve)); // a refusal by the page's policy is told after what it keeps from being done
      if (isMoving) await moved.promise;
      if (inside === first) throw refused;
      await inside.ask(what, said);
    },
  };
}

function newPanel(chat: GorunChat, changed: Changed): Inside {
  const panel: GorunChatPanel = document.createElement('gorun-chat-panel');
  Object.assign(panel, { site: chat.getAttribute('site') ?? '', server: chat.server, language: chat.language, closable: !chat.isInline });
  panel.setAttribute('exportparts', 'header, thread, message, composer, send, footer');
  for (const name of ['header', 'notice', 'footer']) {
    if (chat.querySelector(`[slot="${name}"]`) === null) continue;
    const slot = Object.assign(document.createElement('slot'), { name });
    slot.slot = name;
    panel.append(slot);
  }
  panel.addEventListener('gorun-panel-close', () => void chat.close());
  panel.addEventListener('gorun-panel-change', () => changed(panel.unreadCount, panel.connection, panel.conversationId, panel.news));
  const starter = chat.getAttribute('starter');
  return {
    element: panel,
    ready: Promise.resolve().then(() => starter !== null && panel.write(starter)),
    get title() {
      return panel.heading;
    },
    get written() {
      return panel.text;
    },
    shown(isOpen, modal, takesFocus) {
      Object.assign(panel, { language: chat.language, shown: isOpen && document.visibilityState === 'visible', modal });
      if (takesFocus) void panel.updateComplete.then(() => panel.focus());
    },
    async ask(what, said = '') {
      try {
        await (panel[what] as (said: unknown) => unknown).call(panel, said);
      } catch (error) {
        const code = error instanceof Error ? error.message : 'internal';
        throw Object.assign(new Error(code), { code });
      }
    },
  };
}
