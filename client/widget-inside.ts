import type { GorunChatPanel } from './components/chat-panel/chat-panel.ts';
import type { ToFrame } from './frame-messages.ts';
import type { Changed, Inside } from './widget-parts.ts';
import type { GorunChat } from './widget.ts';

/** What the box is filled with: the panel, or a frame where the panel's file may not run in the page or the page prefers that. Where the page's policy lets the panel run and keeps it from asking the server, a frame takes its place as soon as one answers. */
export async function newInside(chat: GorunChat, changed: Changed, loaded: typeof import('./panel.ts') | undefined): Promise<Inside> {
  /** What still holds, once it was said. */
  const told = new Map<ToFrame['gorun'], ToFrame>();
  let hasLived = false;
  const panel = loaded && newPanel(chat, (unread, connection, ...more) => {
    hasLived ||= connection === 'live';
    changed(unread, connection, ...more);
  });
  const newFrame = async (starter: string | null) => (await import('./widget-frame.ts')).newFrame(chat, changed, told, starter);
  let inside: Inside = panel ?? await newFrame(chat.getAttribute('starter'));
  let coming: Inside | undefined;
  let isMoving = false;
  const moved = Promise.withResolvers<void>();
  let signal: AbortSignal;
  let looks: Parameters<Inside['shown']>;
  const move = async ({ element }: Panel): Promise<void> => {
    isMoving = true;
    const frame = await newFrame(null);
    frame.element.hidden = true; // whoever is writing goes on until it answers
    element.after(frame.element);
    coming = frame;
    frame.listen?.(signal);
    await frame.answers.catch((error: unknown) => {
      coming = undefined;
      frame.element.remove();
      throw error;
    });
    const hasFocus = chat.shadowRoot?.activeElement === element;
    frame.takeOver(element);
    element.remove();
    frame.element.hidden = false;
    inside = frame;
    inside.shown(looks[0], looks[1], hasFocus);
  };
  const violated = ({ effectiveDirective, disposition, blockedURI }: SecurityPolicyViolationEvent): void => {
    if (panel === undefined || hasLived || isMoving || effectiveDirective !== 'connect-src' || disposition !== 'enforce' || !URL.canParse(blockedURI) || new URL(blockedURI).host !== new URL(chat.server).host) return;
    move(panel).catch(() => undefined).finally(moved.resolve); // where no frame answers either the panel says that nobody does
  };
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
      coming?.listen?.(until);
      document.addEventListener('securitypolicyviolation', violated, { signal });
    },
    shown(...how) {
      looks = how;
      inside.shown(...how);
    },
    async ask(what, said) {
      await inside.ready;
      if (what === 'identify' || what === 'setContext') told.set(what, { gorun: what, said });
      if (what === 'forget') told.delete('identify');
      if (panel === undefined || loaded === undefined || inside !== panel) return inside.ask(what, said);
      if (!isMoving) {
        const refused = await Promise.race([panel.ask(what, said).then(() => undefined, (error: unknown) => error), moved.promise.then(() => true)]);
        if (refused === undefined) return;
        await new Promise((resolve) => setTimeout(resolve)); // a refusal by the page's policy is told after what it keeps from being done
        if (!isMoving) throw refused;
      }
      await moved.promise;
      if (inside === panel && what === 'send') throw new loaded.Failure('server-busy'); // nobody could say what becomes of it
      await inside.ask(what, said);
    },
  };
}

interface Panel extends Inside {
  readonly element: GorunChatPanel;
}

function newPanel(chat: GorunChat, changed: Changed): Panel {
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
    shown(isOpen, modal, takesFocus) {
      Object.assign(panel, { language: chat.language, shown: isOpen && document.visibilityState === 'visible', modal });
      if (takesFocus) void panel.updateComplete.then(() => panel.focus());
    },
    ask: panel.ask,
  };
}
