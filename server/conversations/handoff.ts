import type { CommandOf } from '../../contracts/commands.ts';
import type { FilePart, Handoff, Message } from '../../contracts/conversation.ts';
import { Failure } from '../../contracts/failures.ts';
import type { MessageId, UserId } from '../../contracts/ids.ts';
import type { Note } from '../../contracts/sites.ts';
import type { ConversationView } from '../../contracts/view.ts';
import type { Given } from '../../machines/task.ts';
import { begins, checkFree, checkSaid, endOf, personMessage } from './asking.ts';
import type { Happening } from './live.ts';
import type { Change } from '../store/store.ts';

export type HandoffCommand = CommandOf<'handoff.ask'> | CommandOf<'handoff.join'> | CommandOf<'handoff.say'> | CommandOf<'handoff.note'> | CommandOf<'handoff.end'>;

type Plan = Pick<Happening, 'records' | 'events' | 'changes'>;

/** What has to be known of the world: whether a message of the command's id is in the store, and how a note of this conversation is kept. */
export interface HandoffFacts {
  readonly isTaken: boolean;
  kept(note: Note): Change;
}

/** From the model to a person and back. What is there already changes nothing; `moved-on` when somebody else answers. */
export function planHandoff(view: ConversationView, given: Given<HandoffCommand>, facts: HandoffFacts): Plan {
  const { command, at } = given;
  const { conversation } = view;
  const before = conversation.handoff ?? null;
  const by = personOf(given);
  if (conversation.deletedAt !== null) throw new Failure('not-found', { detail: 'It was deleted.' });
  switch (command.type) {
    case 'handoff.ask':
      return before === null ? changed({ state: 'asked', at }, 'asked') : NOTHING;
    case 'handoff.join':
      if (before?.by !== undefined && before.by.user !== by?.user) throw new Failure('moved-on', { detail: `${before.by.name} answers already.` });
      return before?.state === 'joined' || by === undefined ? NOTHING : planJoin(view, { state: 'joined', at, by }, by.user);
    case 'handoff.say':
      return planSaid(view, given as Given<CommandOf<'handoff.say'>>, facts);
    case 'handoff.note':
      return planNote(given as Given<CommandOf<'handoff.note'>>, facts);
    case 'handoff.end':
      return before === null ? NOTHING : changed(null, 'ended', by?.user);
  }
}

const NOTHING: Plan = { records: [], events: [] };

function changed(handoff: Handoff | null, state: 'asked' | 'joined' | 'ended', by?: UserId): Plan {
  return { records: [{ type: 'handoff-changed', v: 1, state, ...(by !== undefined && { by }) }], events: [{ type: 'conversation-changed', change: { handoff } }] };
}

/** What waits for a model is for the person who answers now: it stands in the thread at once. */
function planJoin(view: ConversationView, handoff: Handoff, by: UserId): Plan {
  const { queue } = view.conversation;
  const begun = changed(handoff, 'joined', by);
  if (queue.length === 0) return begun;
  const said = queue.reduce<{ parent: MessageId | null; plan: Plan }>(
    ({ parent, plan }, one) => {
      const message = personMessage({ ...one, id: one.message }, one.below === undefined ? parent : one.below, one.files, handoff.at);
      return { parent: message.id, plan: { records: [...plan.records, { type: 'message-added', v: 1, message, command: one.command }], events: [...plan.events, { type: 'message-added', message }] } };
    },
    { parent: endOf(view), plan: begun },
  ).plan;
  return { ...said, events: [{ type: 'conversation-changed', change: { queue: [], handoff } }, ...said.events.slice(1)] };
}

function planSaid(view: ConversationView, given: Given<CommandOf<'handoff.say'>>, { isTaken }: HandoffFacts): Plan {
  const { command, at } = given;
  const { handoff } = view.conversation;
  const by = personOf(given);
  if (by === undefined || handoff?.state !== 'joined' || handoff.by?.user !== by.user) throw new Failure('moved-on', { detail: 'You do not answer here any more.' });
  checkSaid(command.text);
  checkFree(view, command.message, isTaken);
  return added(view, { id: command.message, parent: null, author: 'model', by, at, parts: [{ type: 'text', text: command.text }], outcome: { kind: 'completed' } }, command.commandId);
}

/** No event tells of it: the visitor's tabs follow the same ones. */
function planNote(given: Given<CommandOf<'handoff.note'>>, { kept }: HandoffFacts): Plan {
  const { command: { commandId, text }, at } = given;
  const by = personOf(given);
  if (by === undefined) throw new Failure('not-permitted');
  if (text.trim() === '') throw new Failure('invalid-command', { detail: 'The note is empty.' });
  return { records: [{ type: 'note-added', v: 1, note: commandId, text }], events: [], changes: [kept({ id: commandId, by, at, text })] };
}

/** Whether a message is for a person, who answers or is wanted: no model is asked then. */
export function asksPerson({ conversation }: ConversationView, { toPerson }: CommandOf<'turn.send'>): boolean {
  return toPerson === true || conversation.handoff?.state === 'joined';
}

/** What a visitor says to a person. Where none answers one is asked for, and the first message begins the conversation. */
export function planToPerson(view: ConversationView, { command, at }: Given<CommandOf<'turn.send'>>, { files, isTaken }: HandoffFacts & { readonly files: readonly FilePart[] }): Plan {
  const { conversation } = view;
  checkSaid(command.text, files);
  checkFree(view, command.message, isTaken);
  const said = added(view, personMessage({ ...command, id: command.message }, null, files, at), command.commandId);
  const begun = view.messages.length === 0 ? begins(conversation, command) : NOTHING;
  const asked = (conversation.handoff ?? null) === null ? changed({ state: 'asked', at }, 'asked') : NOTHING;
  return { records: [...begun.records, ...said.records, ...asked.records], events: [...begun.events, ...said.events, ...asked.events] };
}

function added(view: ConversationView, said: Message, command: HandoffCommand['commandId']): Plan {
  const message = { ...said, parent: endOf(view) };
  return { records: [{ type: 'message-added', v: 1, message, command }], events: [{ type: 'message-added', message }] };
}

function personOf({ actor }: Given): { user: UserId; name: string } | undefined {
  const { user, answers } = actor;
  return answers === undefined || user === null ? undefined : { user, name: answers.name };
}
