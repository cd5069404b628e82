import type { Changed, Inside } from './widget-box.ts';
import type { GorunChat } from './widget.ts';

/** The panel in a frame of the deployment, where the page's policy does not let it run in the page itself, or the page prefers that. */
export function newFrame(chat: GorunChat, changed: Changed): Inside {
  const frame = document.createElement('iframe');
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  frame.src = `${chat.server}/embed/${chat.getAttribute('site')}?lang=${chat.language}&theme=${chat.getAttribute('theme') ?? chat.dock.style.getPropertyValue('--gorun-theme')}${chat.isInline ? '#inline' : ''}`;
  frame.title = 'GoRunChat';
  frame.addEventListener('load', () => resolve(), { once: true });
  let isThere = false; // until then it is of the page's own origin
  const say = (gorun: string, said?: unknown): void => void (isThere && frame.contentWindow?.postMessage({ gorun, said }, chat.server));
  const heard = ({ source, origin, data }: MessageEvent): void => {
    if (source !== frame.contentWindow || origin !== chat.server) return;
    const { gorun, unread, connection, conversation, code, state, author, messageId } = data as { gorun: string; state: string; author: string; messageId: string; unread: number; connection: string; conversation?: string; code: string };
    if (gorun === 'close') void chat.close();
    else if (gorun === 'change') changed(unread, connection, conversation);
    else if (gorun === 'failure') chat.tell('failure', { code });
    else if (gorun === 'handoff') chat.tell('handoff', { state });
    else if (gorun === 'message') chat.tell('message', { author, messageId });
  };
  // A frame that is put back into the page begins anew, and knows nothing of what it was told.
  const told = new Map<string, unknown>();
  frame.addEventListener('load', () => {
    isThere = true;
    for (const [what, said] of told) say(what, said);
  });
  return {
    element: frame,
    title: '',
    ready,
    listen: (signal) => addEventListener('message', heard, { signal }),
    shown: (isOpen, _isModal, takesFocus) => {
      const isSeen = isOpen && document.visibilityState === 'visible';
      told.set('shown', isSeen);
      say('shown', isSeen);
      if (takesFocus) frame.focus();
    },
    ask: async (what, said) => {
      if (what === 'identify' || what === 'setContext') told.set(what, said);
      if (what === 'forget') told.delete('identify');
      say(what, said);
    },
  };
}
