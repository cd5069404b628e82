import type { VisitController } from './state/visit.ts';

// What the parts of the element know of each other, as types alone: none of them is loaded for it.

/** What a page may ask of the panel. */
export type Asked = 'send' | 'identify' | 'setContext' | 'forget' | 'startConversation' | 'downloadTranscript';

export type Connection = VisitController['connection'] | 'closed';

/** A reply that nobody has looked at: who gave it, and what it says. */
export interface News {
  readonly who: string;
  readonly text: string;
}

/** What stands behind the button: the panel, or a frame with it where the page's policy does not let it run here. */
export interface Box {
  /** As the element is now: open or not. */
  show(): void;
  /** Hears nothing until it is shown again: the element was taken out of the page. What was asked is refused where its place is another's. */
  rest(): void;
  /** Rejects with an error that has the `code` of the failure table. */
  ask(what: Asked, said: unknown): Promise<void> | void;
}

/** The panel, or the frame with it. */
export interface Inside {
  readonly element: HTMLElement;
  /** What stands over the conversation, once the site has been asked. */
  readonly title: string;
  readonly ready: Promise<unknown>;
  listen?(signal: AbortSignal): void;
  shown(isOpen: boolean, isModal: boolean, takesFocus: boolean): void;
  ask(what: Asked, said: unknown): Promise<void>;
}

/** From a frame no news come: what is said in it is not for the page. */
export type Changed = (unread: number, connection: Connection, conversation: string | undefined, news?: News) => void;
