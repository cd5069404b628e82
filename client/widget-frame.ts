import type { GorunChatPanel } from './components/chat-panel/chat-panel.ts';
import type { FailureCode } from '../contracts/failures.ts';
import { fromFrame, type FromFrame, type ToFrame } from './frame-messages.ts';
import type { Asked, Changed, Inside } from './widget-parts.ts';
import type { GorunChat } from './widget.ts';

/** How long a frame that has loaded may be silent before it is taken for one that shows something else: a site that is closed, or a page that may not frame it. */
const SILENT_MS = 10_000;

export interface Frame extends Inside {
  /** Resolves once something was heard from it, which a frame that shows something else never says. Rejects when it has loaded and is silent. */
  readonly answers: Promise<void>;
  /** Takes over what the visitor has written in this panel, and what it has accepted and could not send. */
  takeOver(panel: GorunChatPanel): void;
}

/** The panel in a frame of the deployment, where the page's policy does not let it run in the page itself, or the page prefers that. What was `told` it is told each time it begins: one that is put back into the page begins anew. */
export function newFrame(chat: GorunChat, changed: Changed, told: Map<ToFrame['gorun'], ToFrame>, starter: string | null): Frame {
  const frame = document.createElement('iframe');
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  const answers = Promise.withResolvers<void>();
  answers.promise.catch(() => undefined); // of one that takes nobody's place nobody waits for it
  const theme = (): string => chat.dock.style.colorScheme;
  frame.src = `${chat.server}/embed/${chat.getAttribute('site')}?lang=${chat.language}&theme=${theme()}${chat.isInline ? '#inline' : ''}`;
  frame.title = 'GoRunChat';
  let title = '';
  let isThere = false; // until then it is of the page's own origin
  const say = (what: ToFrame): void => void (isThere && frame.contentWindow?.postMessage(what, chat.server));
  const { asked, answered, heardOf, anew } = newQuestions();
  const heard = ({ source, origin, data }: MessageEvent): void => {
    if (source !== frame.contentWindow || origin !== chat.server) return;
    const what = fromFrame(data);
    if (what === undefined) return;
    heardOf();
    answers.resolve();
    switch (what.gorun) {
      case 'heard': return;
      case 'close': return void chat.close();
      case 'change':
        title = what.title;
        return changed(what.unread, what.connection, what.conversation);
      case 'failure': case 'handoff': case 'message': return tellPage(chat, what);
      case 'answer': return answered(what.ask, what.code);
    }
  };
  const look = (isOpen: boolean, isModal: boolean): void => {
    const looks: readonly ToFrame[] = [{ gorun: 'language', said: chat.language }, { gorun: 'theme', said: theme() }, { gorun: 'shown', said: isOpen && document.visibilityState === 'visible' }, { gorun: 'modal', said: isModal }];
    for (const what of looks) {
      told.set(what.gorun, what);
      say(what);
    }
  };
  look(false, false); // where the browser does not tell a frame what is around it, it begins with the first word
  /** It is told once what stands in the composer: what the visitor has made of that since is theirs. */
  let isNew = true;
  let silence: ReturnType<typeof setTimeout> | undefined;
  /** Only a frame that the focus is still in. */
  const giveFocus = (): void => void (chat.shadowRoot?.activeElement === frame && say({ gorun: 'focus' }));
  frame.addEventListener('load', () => {
    isThere = true;
    anew();
    for (const what of told.values()) say(what);
    if (isNew && starter) say({ gorun: 'write', said: starter });
    isNew = false;
    giveFocus();
    resolve();
    clearTimeout(silence);
    silence = setTimeout(() => frame.isConnected && answers.reject(new Error('silent')), SILENT_MS);
  });
  return {
    element: frame,
    get title() {
      return title;
    },
    ready,
    answers: answers.promise,
    listen: (signal) => addEventListener('message', heard, { signal }),
    shown: (isOpen, isModal, takesFocus) => {
      look(isOpen, isModal);
      if (!takesFocus) return;
      frame.focus();
      giveFocus();
    },
    ask: async (gorun: Asked, said) => {
      await ready;
      if (gorun === 'setContext') return say({ gorun, said }); // nothing keeps it from being done
      return asked((ask) => say({ gorun, said, ask }));
    },
    takeOver: (panel) => {
      const accepted = takeUnsent(panel);
      if (panel.text !== '') say({ gorun: 'write', said: panel.text });
      panel.write('');
      if (accepted.length > 0) say({ gorun: 'accepted', said: accepted });
    },
  };
}

/** As the panel in the page would. */
function tellPage(chat: GorunChat, { gorun, ...more }: Extract<FromFrame, { gorun: 'failure' | 'handoff' | 'message' }>): void {
  chat.tell(gorun, more);
}

/** Messages that a panel which was never connected has accepted, in their order. They leave its outbox: whoever is told of them sends them. Their images were uploaded as somebody else, so those with some stay. */
function takeUnsent({ conversation }: GorunChatPanel): string[] {
  const unsent = conversation.unseen.filter(({ state, refusal, files }) => state !== 'refused' && refusal === undefined && files.length === 0);
  for (const { id } of unsent) conversation.takeBack(id);
  return unsent.map(({ text }) => text);
}

/** What a frame was asked and has not answered. */
function newQuestions() {
  const open = new Map<number, { resolve(): void; reject(error: Error): void }>();
  let isHeard = false;
  let count = 0;
  const answered = (ask: number, code: FailureCode | undefined): void => {
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
