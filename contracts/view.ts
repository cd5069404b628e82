import type { Conversation, Message, Part } from './conversation.ts';
import type { ConversationEvent } from './events.ts';
import type { MessageId, TurnId } from './ids.ts';
import type { FailureCode } from './failures.ts';
import type { Position } from './position.ts';

/** The turn that is running, with the reply as far as it has been shown. */
export interface OpenTurn {
  readonly id: TurnId;
  readonly reply: Message;
  readonly phase: 'asking' | 'streaming' | 'waiting' | 'closing';
  readonly waiting?: { readonly code: FailureCode; readonly until: number };
}

/** A conversation as every tab shows it. Same events, same view: on the server for snapshots, in a tab for drawing. */
export interface ConversationView {
  readonly conversation: Conversation;
  readonly messages: readonly Message[];
  readonly turn: OpenTurn | null;
  readonly isErased: boolean;
  readonly position: Position;
  /** Where the latest message was added: a person who decided before that decided on another thread. */
  readonly lastMessage: Position;
}

/** Said when a view cannot have come from these events: the tab loads the conversation again instead of showing something else than others see. */
export class OutOfStep extends Error {}

/** The view after one event at `position`. Pure; parts that an event does not touch keep their identity, so that only what changed is drawn. */
export function fold(view: ConversationView, event: ConversationEvent, position: Position): ConversationView {
  const after = apply(view, event);
  return { ...after, position, lastMessage: event.type === 'message-added' ? position : after.lastMessage };
}

function apply(view: ConversationView, event: ConversationEvent): ConversationView {
  switch (event.type) {
    case 'message-added':
      return choose({ ...view, messages: [...view.messages, event.message] }, event.message);
    case 'turn-start':
      return choose({ ...view, turn: { id: event.turn, reply: event.reply, phase: 'asking' } }, event.reply);
    case 'text-delta':
      return grow(view, 'text', event.text);
    case 'reasoning-delta':
      return grow(view, 'reasoning', event.text);
    case 'turn-waiting':
      return withTurn(view, (turn) => ({ ...turn, phase: 'waiting', waiting: { code: event.code, until: event.until } }));
    case 'turn-closing':
      return withTurn(view, (turn) => ({ id: turn.id, reply: turn.reply, phase: 'closing' }));
    case 'turn-end':
      return endTurn(view, event);
    case 'conversation-changed':
      return { ...view, conversation: { ...view.conversation, ...event.change } as Conversation };
    case 'branch-chosen':
      return { ...view, conversation: { ...view.conversation, choices: { ...view.conversation.choices, [event.parent]: event.child } } };
    case 'conversation-erased':
      return { ...view, messages: [], turn: null, isErased: true, conversation: { ...view.conversation, title: '', queue: [], choices: {}, ratings: {} } };
  }
}

function choose(view: ConversationView, message: Message): ConversationView {
  const choices = { ...view.conversation.choices, [message.parent ?? '']: message.id };
  return { ...view, conversation: { ...view.conversation, choices, updatedAt: Math.max(view.conversation.updatedAt, message.at) } };
}

function withTurn(view: ConversationView, change: (turn: OpenTurn) => OpenTurn): ConversationView {
  if (view.turn === null) throw new OutOfStep('an event of a turn without a turn');
  return { ...view, turn: change(view.turn) };
}

function grow(view: ConversationView, type: 'text' | 'reasoning', text: string): ConversationView {
  return withTurn(view, (turn) => ({ id: turn.id, phase: 'streaming', reply: { ...turn.reply, parts: appendText(turn.reply.parts, type, text) } }));
}

/** The parts with more text at the end: in the last part when it is of this kind, else in a new one. */
export function appendText(parts: readonly Part[], type: 'text' | 'reasoning', text: string): Part[] {
  const last = parts.at(-1);
  if (last?.type === type) return [...parts.slice(0, -1), { type, text: last.text + text }];
  return [...parts, { type, text }];
}

function endTurn(view: ConversationView, event: Extract<ConversationEvent, { type: 'turn-end' }>): ConversationView {
  if (view.turn?.id !== event.turn) throw new OutOfStep('the end of another turn');
  const { reply } = view.turn;
  if (lengthOf(reply.parts) !== event.length) throw new OutOfStep('the reply has another length');
  const { outcome, tookMs } = event;
  const message: Message = { ...reply, outcome, tookMs, ...measuredOf(event) };
  const conversation = { ...view.conversation, updatedAt: Math.max(view.conversation.updatedAt, reply.at + tookMs) };
  return { ...view, conversation, turn: null, messages: [...view.messages, message] };
}

/** What is known of a reply beside its text once it has ended. */
export type Measured = Pick<Message, 'usage' | 'firstMs' | 'reasonedMs'>;

/** Those of them that are there. */
export function measuredOf({ usage, firstMs, reasonedMs }: Measured): Measured {
  return { ...(usage && { usage }), ...(firstMs !== undefined && { firstMs }), ...(reasonedMs !== undefined && { reasonedMs }) };
}

/** Characters of all text in the parts. */
export function lengthOf(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + (part.type === 'file' ? 0 : part.text.length), 0);
}

/** All messages, the growing reply last. */
export function messagesOf(view: ConversationView): readonly Message[] {
  return view.turn === null ? view.messages : [...view.messages, view.turn.reply];
}

/** A message of the shown path with its place among its siblings (`versions` includes itself, oldest first). */
export interface PathEntry {
  readonly message: Message;
  readonly versions: readonly MessageId[];
}

/** The thread from the first message to the last along the chosen branches. Messages whose parent is unknown are left out. */
export function pathOf(view: ConversationView): readonly PathEntry[] {
  const children = Map.groupBy(messagesOf(view), (message) => message.parent ?? '');
  const path: PathEntry[] = [];
  const seen = new Set<string>();
  for (let parent = ''; !seen.has(parent); ) {
    seen.add(parent);
    const siblings = children.get(parent as MessageId | '');
    if (siblings === undefined) break;
    const chosen = siblings.find((message) => message.id === view.conversation.choices[parent]) ?? siblings.at(-1);
    if (chosen === undefined) break;
    path.push({ message: chosen, versions: siblings.map((message) => message.id) });
    parent = chosen.id;
  }
  return path;
}

/** The plain text of a message, files left out. */
export function textOf(message: Message): string {
  return message.parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n\n');
}
