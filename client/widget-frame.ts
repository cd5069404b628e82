import type { Changed, Inside } from './widget-box.ts';
import type { Asked, GorunChat } from './widget.ts';

/** How long a frame that has loaded may be silent before it is taken for one that shows something else: a site that is closed, or a page that may not frame it. */
const SILENT_MS = 10_000;

/** The panel in a frame of the deployment, where the page's policy does not let it run in the page itself, or the page prefers that. What was `written` before it has loaded stands in its composer. */
export function newFrame(chat: GorunChat, changed: Changed, written?: () => string | undefined): Inside {
  const frame = document.createElement('iframe');
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  const theme = (): string => chat.getAttribute('theme') ?? chat.dock.style.getPropertyValue('--gorun-theme');
  frame.src = `${chat.server}/embed/${chat.getAttribute('site')}?lang=${chat.language}&theme=${theme()}${chat.isInline ? '#inline' : ''}`;
  frame.title = 'GoRunChat';
  let title = '';
  let isThere = false; // until then it is of the page's own origin
  const say = (gorun: string, said?: unknown, ask?: number): void => void (isThere && frame.contentWindow?.postMessage({ gorun, said, ask }, chat.server));
  const { asked, answered, heardOf, anew } = newQuestions();
  const heard = ({ source, origin, data }: MessageEvent): void => {
    if (source !== frame.contentWindow || origin !== chat.server) return;
    heardOf();
    const { gorun, unread, connection, conversation, code, state, author, messageId, text, ask, title: heading } = data as { text?: string; title: string; gorun: string; state: string; author: string; messageId: string; unread: number; connection: string; conversation?: string; code?: string; ask: number };
    if (gorun === 'close') void chat.close();
    else if (gorun === 'change') {
      title = heading;
      changed(unread, connection, conversation);
    }
    else if (gorun === 'failure') chat.tell('failure', { code });
    else if (gorun === 'handoff') chat.tell('handoff', { state });
    else if (gorun === 'message') chat.tell('message', { author, messageId, text });
    else if (gorun === 'answer') answered(ask, code);
  };
  // A frame that is put back into the page begins anew, and knows nothing of what it was told.
  const told = new Map<string, unknown>();
  /** It is told once what stands in the composer: what the visitor has made of that since is theirs. */
  let isNew = true;
  /** Only a frame that the focus is still in. */
  const giveFocus = (): void => void (chat.shadowRoot?.activeElement === frame && say('focus'));
  frame.addEventListener('load', () => {
    isThere = true;
    anew();
    for (const [what, said] of told) say(what, said);
    const starter = isNew && (written?.() || chat.getAttribute('starter'));
    if (starter) say('write', starter);
    isNew = false;
    giveFocus();
    resolve();
  });
  return {
    element: frame,
    get title() {
      return title;
    },
    ready,
    listen: (signal) => addEventListener('message', heard, { signal }),
    shown: (isOpen, isModal, takesFocus) => {
      for (const [what, said] of [['language', chat.language], ['theme', theme()], ['shown', isOpen && document.visibilityState === 'visible'], ['modal', isModal]] as const) {
        told.set(what, said);
        say(what, said);
      }
      if (!takesFocus) return;
      frame.focus();
      giveFocus();
    },
    ask: async (what: Asked, said) => {
      await ready;
      if (what === 'identify' || what === 'setContext') told.set(what, said);
      if (what === 'forget') told.delete('identify');
      if (what === 'setContext') return say(what, said); // nothing keeps it from being done
      return asked((ask) => say(what, said, ask));
    },
  };
}

/** What a frame was asked and has not answered. */
function newQuestions() {
  const open = new Map<number, { resolve(): void; reject(error: Error): void }>();
  let isHeard = false;
  let count = 0;
  const answered = (ask: number, code: string | undefined): void => {
    const question = open.get(ask);
    open.delete(ask);
    if (code === undefined) question?.resolve();
    else question?.reject(Object.assign(new Error(code), { code }));
  };
  const giveUp = (): void => {
    for (const ask of open.keys()) answered(ask, 'server-busy');
  };
  return {
    answered,
    heardOf: (): void => void (isHeard = true),
    /** The frame has loaded once more: what it was asked before it has forgotten. */
    anew: (): void => {
      isHeard = false;
      giveUp();
    },
    asked: (ask: (number: number) => void): Promise<void> => new Promise((resolve, reject) => {
      open.set(++count, { resolve, reject });
      if (!isHeard) setTimeout(() => isHeard || giveUp(), SILENT_MS);
      ask(count);
    }),
  };
}
