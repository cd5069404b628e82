import type { Answer, Command } from './commands.ts';
import type { ConversationRow } from './conversation.ts';
import type { ConversationEvent } from './events.ts';
import type { Refusal } from './failures.ts';
import type { CaseId, ConversationId, TabId, UserId } from './ids.ts';
import type { Position } from './position.ts';
import type { Settings } from './routes.ts';
import type { InboxRow } from './sites.ts';
import type { ConversationView } from './view.ts';

/** Raised when a page of yesterday could misread a server of today. A tab with another number is told `client-outdated`. */
export const PROTOCOL_VERSION = 1;

/** Short name of a conversation on one socket, so that a frame for each few characters stays small. */
export type Alias = number;

/** The answer to `open`: the missing events when the log still reaches back to the tab's position, else everything as it is now. */
export type Opened =
  | { ok: true; alias: Alias; events: readonly PlacedEvent[] }
  | { ok: true; alias: Alias; view: ConversationView }
  | { ok: false; refusal: Refusal };

/** `[epoch, seq, event]` */
export type PlacedEvent = readonly [epoch: number, seq: number, event: ConversationEvent];

/** What a person's other tabs are told besides the events of conversations. */
export type Notice =
  /** A row of the list is new or has changed. */
  | { type: 'row'; row: ConversationRow }
  | { type: 'row-removed'; conversation: ConversationId; position?: Position }
  | { type: 'settings'; settings: Settings }
  /** Keys or models changed: ask for the model list again. */
  | { type: 'models' }
  /** Something happened to the account, or was seen in another tab: ask for what happened again. */
  | { type: 'security' }
  /** What a reviewer has asked for was granted, refused or withdrawn. */
  | { type: 'access'; case: CaseId }
  /** What is held of theirs has changed, where the deployment shows that: ask for the lists again. */
  | { type: 'holds' }
  /** Of a visitor's conversation, for tabs that look at the inbox. */
  | { type: 'inbox'; row: InboxRow }
  /** There is another site: who looks at the inbox follows it anew. */
  | { type: 'sites' }
  /** Its visitor has deleted it. */
  | { type: 'inbox-removed'; conversation: ConversationId }
  /** There is another note on it, for tabs that look at the inbox. */
  | { type: 'noted'; conversation: ConversationId }
  /** The other side of a visitor's conversation is writing: the visitor (`null`), or whoever answers. */
  | { type: 'writing'; conversation: ConversationId; by: string | null }
  /** What is typed in another tab and not sent. */
  | { type: 'typing'; conversation: ConversationId | 'new'; tab: TabId; text: string }
  /** How many tabs have the conversation open. */
  | { type: 'tabs'; conversation: ConversationId; count: number };

export interface Hello {
  readonly version: number;
  readonly user: UserId;
  readonly tab: TabId;
  /** Stands for the list, settings and models as of now: a tab that was away and meets another number reads them again. */
  readonly notices: number;
}

export interface FromTab {
  command(command: Command, answer: (answer: Answer) => void): void;
  open(asked: { conversation: ConversationId; position: Position }, answer: (opened: Opened) => void): void;
  leave(asked: { conversation: ConversationId }): void;
  typing(asked: { conversation: ConversationId | 'new'; text: string }): void;
  /** The next token of a visitor, before the last one runs out. `false`: it is not taken, and the connection ends. */
  renew(token: string, answer: (isTaken: boolean) => void): void;
  /** Somebody writes in a visitor's conversation that this tab has open; told to the other side, without what is written. */
  writing(asked: { conversation: ConversationId }): void;
  /** Whether this tab looks at the inbox; those are told of rows in it. Answered once that holds: what is read after a `true` misses nothing. */
  inbox(isOpen: boolean, answer: (isTold: boolean) => void): void;
  /** A hidden tab is sent no deltas; when it is shown again it catches up. */
  hidden(isHidden: boolean): void;
}

export interface ToTab {
  hello(hello: Hello): void;
  /** Text of the running reply. */
  t(alias: Alias, seq: number, text: string): void;
  /** Reasoning of the running reply. */
  r(alias: Alias, seq: number, text: string): void;
  e(alias: Alias, epoch: number, seq: number, event: ConversationEvent): void;
  /** Everything as it is now, after a time in which the tab could not or would not follow. */
  view(alias: Alias, view: ConversationView): void;
  /** The events of this conversation broke off here: ask again with `open`. */
  resume(alias: Alias): void;
  notice(number: number, notice: Notice): void;
  /** This sign-in has ended; what is unsent stays with the tab. */
  'session-ended'(): void;
}

/** The tab's side of the handshake. */
export interface Handshake {
  readonly version: number;
  readonly tab: TabId;
  /** The account the tab believes to be signed in; another one must not be handed its outbox. */
  readonly user: UserId;
  /** Of a visitor of a site, instead of the cookie of a sign-in. */
  token?: string;
}
