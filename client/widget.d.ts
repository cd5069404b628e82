/**
 * The element `<gorun-chat>` that `widget.js` of a deployment brings to pages of other sites. For TypeScript:
 * put this file, which stands beside `widget.js` as `widget.d.ts`, beside your code and write `/// <reference path="./widget.d.ts" />`, or put it into `types`.
 */

/** Codes of the failure table. New ones may come; treat one that you do not know as "it did not work". */
type GorunFailureCode = string;

/** A method that is refused rejects with this. */
interface GorunFailure extends Error {
  readonly code: GorunFailureCode;
}

/** What stands on the tag. A change of it shows at once, of `starter` and `frame` with the next panel. `open` is left out: as an attribute it opens the chat, but frameworks set it as a property, where the method of that name is. */
interface GorunChatAttributes {
  site: string;
  /** `inline`: in the page instead of behind a button. */
  mode?: 'launcher' | 'inline' | undefined;
  /** Goes before what the site says. `host`: as the page. */
  theme?: 'host' | 'light' | 'dark' | undefined;
  /** Two letters; where the site does not speak it, the first that it does. */
  lang?: string | undefined;
  /** The side of the page that the button is at; `end` unless said. */
  position?: 'end' | 'start' | undefined;
  /** Put into the composer. */
  starter?: string | undefined;
  /** Always in a frame. */
  frame?: '' | undefined;
}

interface GorunChatElement extends HTMLElement {
  /** Resolves once the site has said that its chat is open to this page. */
  readonly ready: Promise<void>;
  readonly isOpen: boolean;
  /** Replies that have ended since the visitor last looked. */
  readonly unread: number;
  /** `idle` until there is something to be connected for. `crowded`: this visitor or address has as many connections as it may; it is tried again. */
  readonly connection: 'idle' | 'connecting' | 'live' | 'lost' | 'crowded' | 'offline' | 'ended' | 'outdated' | 'closed';
  readonly conversationId: string | undefined;
  open(): Promise<void>;
  close(): Promise<void>;
  toggle(): Promise<void>;
  /** Sends as if the visitor had written it. */
  send(text: string): Promise<void>;
  /** Who the visitor is: a JWT (HS256) that the site's server has signed, with `sub`, `exp` at most a day ahead, and if you like `name` and `attributes` (at most 20 short texts, for those who answer). Call it again before it runs out. */
  identify(token: string): Promise<void>;
  /** Where the visitor is: at most 20 short texts. They go with each message; the visitor can see them. Before the chat was opened it fetches nothing. */
  setContext(told: Readonly<Record<string, string>>): Promise<void>;
  /** Sign-out: forgets who this was, and the conversation, in this browser. */
  forget(): Promise<void>;
  startConversation(): Promise<void>;
  downloadTranscript(): Promise<void>;
  addEventListener<K extends keyof GorunChatEventMap>(type: K, listener: (this: GorunChatElement, event: GorunChatEventMap[K]) => unknown, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof GorunChatEventMap>(type: K, listener: (this: GorunChatElement, event: GorunChatEventMap[K]) => unknown, options?: boolean | EventListenerOptions): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | EventListenerOptions): void;
}

interface GorunChatEventMap extends HTMLElementEventMap {
  'gorun-ready': Event;
  'gorun-open': Event;
  'gorun-close': Event;
  'gorun-unread': Event & { readonly count: number };
  /** A message is on record. What it says is told where the site has it so. */
  'gorun-message': Event & { readonly author: 'person' | 'model'; readonly messageId: string; readonly text: string | undefined };
  /** `waiting`: nobody has come for a minute. */
  'gorun-handoff': Event & { readonly state: 'asked' | 'waiting' | 'joined' | 'ended' };
  'gorun-failure': Event & { readonly code: GorunFailureCode };
  /** A link of a reply is about to be followed; `preventDefault()` keeps the visitor here. Not from a frame. */
  'gorun-open-link': Event & { readonly href: string };
}

interface HTMLElementTagNameMap {
  'gorun-chat': GorunChatElement;
}
