import type { Done } from '../../contracts/commands.ts';
import type { Conversation, FilePart, Message, QueuedMessage } from '../../contracts/conversation.ts';
import type { ConversationEvent } from '../../contracts/events.ts';
import { Failure } from '../../contracts/failures.ts';
import type { MessageId, ModelId } from '../../contracts/ids.ts';
import { comparePositions } from '../../contracts/position.ts';
import type { ChatRecord, Standing } from '../../contracts/records.ts';
import { pathOf, type ConversationView } from '../../contracts/view.ts';
import type { PageContext } from '../../contracts/page-context.ts';
import type { Asking, Given, Ids, Task } from '../../machines/task.ts';
import { ITSELF } from '../journal/journal.ts';
import type { Happening } from './live.ts';

export interface AskingFacts {
  readonly files: readonly FilePart[];
  readonly at: number;
  readonly isNew: boolean;
  /** Of a site's conversation: what its model stands for. */
  readonly stands?: Standing | undefined;
}

/** What beginning the turn of a task means, decided on the view as it is now. Throws a `Failure` when the command does not fit it. */
export function planTurn(view: ConversationView, task: Task, facts: AskingFacts): Happening {
  if (task.from === 'restart') throw new Error('a turn found open is not begun again');
  checkThere(view);
  if (task.from === 'queue') return planQueued(view, task, facts);
  const given = task.from;
  const { handoff } = view.conversation;
  if (handoff?.state === 'joined') throw new Failure('moved-on', { detail: `${handoff.by?.name ?? 'Somebody'} answers now.` }); // it was asked for before that was known
  switch (given.command.type) {
    case 'turn.send':
      return planSend(view, given as Given<Extract<Asking, { type: 'turn.send' }>>, facts);
    case 'turn.regenerate':
      return planRegenerate(view, given as Given<Extract<Asking, { type: 'turn.regenerate' }>>, facts);
    case 'turn.continue':
      return planContinue(view, given as Given<Extract<Asking, { type: 'turn.continue' }>>, facts);
  }
}

function planSend(view: ConversationView, given: Given<Extract<Asking, { type: 'turn.send' }>>, facts: AskingFacts): Happening {
  const { command, ids, actor } = given;
  checkParent(view, command.parent);
  if (command.expected !== undefined && hasMoved(view, command.expected)) throw new Failure('moved-on');
  checkSaid(command.text, facts.files);
  const parent = command.edits === true ? command.parent : endOf(view);
  const message = personMessage({ ...command, id: command.message }, parent, facts.files, facts.at);
  const parameters = command.parameters ?? view.conversation.parameters;
  const begun = facts.isNew ? begins(view.conversation, command) : { records: [], events: changeOf(view.conversation, { model: command.model, parameters }) };
  const turn = turnOf(ids, message.id, command.model, facts, { ...view.conversation, parameters });
  return {
    actor,
    records: [...begun.records, { type: 'message-added', v: 1, message, command: command.commandId }, turn.record],
    events: [...begun.events, { type: 'message-added', message }, turn.event],
    command: { id: command.commandId, done: started(ids, facts.at) },
  };
}

/** Throws `erased` when it was deleted, also in the moment in which something was said. */
export function checkThere({ conversation }: ConversationView): void {
  if (conversation.deletedAt !== null) throw new Failure('erased');
}

/** What goes before the first message of a conversation. */
export function begins(conversation: Conversation, { model, text, parameters = conversation.parameters, temporary }: Extract<Asking, { type: 'turn.send' }>): Pick<Happening, 'records' | 'events'> {
  const kept = temporary === true ? { temporary: true } : undefined;
  return { records: [{ type: 'conversation-begun', v: 1, model, ...kept }], events: changeOf(conversation, { model, parameters, title: firstWords(text), ...kept }) };
}

/** Throws `invalid-command` when nothing is said. */
export function checkSaid(text: string, files: readonly FilePart[] = []): void {
  if (text.trim() === '' && files.length === 0) throw new Failure('invalid-command', { detail: 'The message is empty.' });
}

/** Throws `not-found` when what a message is to stand below is not there. */
export function checkParent(view: ConversationView, parent: MessageId | null): void {
  if (parent !== null && !view.messages.some((message) => message.id === parent)) throw new Failure('not-found', { detail: 'The message this belongs to is not there.' });
}

/** Throws `not-found` when it is not there. */
export function messageIn(view: ConversationView, id: MessageId): Message {
  const message = view.messages.find((one) => one.id === id);
  if (message === undefined) throw new Failure('not-found', { detail: 'The message is not there.' });
  return message;
}

function planRegenerate(view: ConversationView, given: Given<Extract<Asking, { type: 'turn.regenerate' }>>, facts: AskingFacts): Happening {
  const { command, ids, actor } = given;
  const { at } = facts;
  const message = messageIn(view, command.message);
  const parent = message.author === 'person' ? message.id : message.parent;
  if (parent === null) throw new Failure('invalid-command', { detail: 'There is nothing to answer.' });
  const model = command.model ?? view.conversation.model;
  const turn = turnOf(ids, parent, model, facts, view.conversation, message.author === 'model' && message.continues === true);
  return { actor, records: [turn.record], events: [...changeOf(view.conversation, { model }), turn.event], command: { id: command.commandId, done: started(ids, at) } };
}

function planContinue(view: ConversationView, given: Given<Extract<Asking, { type: 'turn.continue' }>>, facts: AskingFacts): Happening {
  const { command, ids, actor } = given;
  const { at } = facts;
  const message = messageIn(view, command.message);
  if (message.author !== 'model') throw new Failure('invalid-command', { detail: 'Only a reply can be continued.' });
  const turn = turnOf(ids, message.id, view.conversation.model, facts, view.conversation, true);
  return { actor, records: [turn.record], events: [turn.event], command: { id: command.commandId, done: started(ids, at) } };
}

/** The message that waits longest goes below what is shown now, wherever its writer stood, unless it edits an earlier one. */
function planQueued(view: ConversationView, task: Task, facts: AskingFacts): Happening {
  const [first, ...queue] = view.conversation.queue;
  if (first === undefined) throw new Failure('not-found', { detail: 'Nothing waits any more.' });
  const parent = first.below === undefined ? endOf(view) : first.below;
  const message = personMessage({ ...first, id: first.message }, parent, first.files, facts.at);
  const turn = turnOf(task, message.id, first.model, facts, view.conversation);
  return {
    actor: ITSELF,
    records: [{ type: 'message-added', v: 1, message, command: first.command }, turn.record],
    events: [{ type: 'conversation-changed', change: { queue, ...(view.conversation.model !== first.model && { model: first.model }) } }, { type: 'message-added', message }, turn.event],
  };
}

/** The last message of the chosen path; `null` in an empty conversation. */
export function endOf(view: ConversationView): MessageId | null {
  return pathOf(view).at(-1)?.message.id ?? null;
}

/** What a conversation is called until it has a title. */
function firstWords(text: string): string {
  return text.trim().split(/\s+/u).slice(0, 8).join(' ').slice(0, 60).toWellFormed();
}

/** Whether a message was added since. */
function hasMoved(view: ConversationView, expected: { epoch: number; seq: number }): boolean {
  return comparePositions(view.lastMessage, expected) > 0;
}

/** Throws when a message of this id is there, grows, or waits: one that came in between could never be put on record. `isStored`: it is in the store. */
export function checkFree(view: ConversationView, id: MessageId, isStored: boolean): void {
  const isTaken = isStored || view.turn?.reply.id === id || view.messages.some((one) => one.id === id) || view.conversation.queue.some((one) => one.message === id);
  if (isTaken) throw new Failure('invalid-command', { detail: 'An id in it is already taken.' });
}

/** What a person says, as a message below `parent`. */
export function personMessage({ id, text, context }: { readonly id: MessageId; readonly text: string; readonly context?: PageContext | undefined }, parent: MessageId | null, files: readonly FilePart[], at: number): Message {
  return { id, parent, author: 'person', at, parts: [...files, ...(text === '' ? [] : [{ type: 'text' as const, text }])], ...(context && { context }) };
}

function turnOf(ids: Ids, parent: MessageId, model: ModelId, { at, stands }: AskingFacts, conversation: Conversation, continues = false): { record: ChatRecord; event: ConversationEvent } {
  const reply: Message = { id: ids.reply, parent, author: 'model', parts: [], at, model, turn: ids.turn, ...(continues && { continues }) };
  return {
    record: { type: 'turn-begun', v: 1, turn: ids.turn, reply: ids.reply, parent, model, parameters: conversation.parameters, attempt: 1, purpose: 'reply', ...(stands && { stands }) },
    event: { type: 'turn-start', turn: ids.turn, reply },
  };
}

function changeOf(conversation: Conversation, wanted: Partial<Pick<Conversation, 'model' | 'parameters' | 'title' | 'temporary'>>): ConversationEvent[] {
  const change = Object.fromEntries(Object.entries(wanted).filter(([name, value]) => JSON.stringify(conversation[name as 'model']) !== JSON.stringify(value)));
  return Object.keys(change).length === 0 ? [] : [{ type: 'conversation-changed', change }];
}

function started(ids: Ids, at: number): Done {
  return { ok: true, did: 'started', turn: ids.turn, at };
}

/** What a person says, as it waits for its turn. */
export function queuedOf(given: Given<Extract<Asking, { type: 'turn.send' }>>, files: readonly FilePart[]): QueuedMessage {
  const { commandId, message, text, model, edits, parent, context } = given.command;
  return { command: commandId, message, text, files: [...files], model, at: given.at, ...(edits === true && { below: parent }), ...(context && { context }) };
}
