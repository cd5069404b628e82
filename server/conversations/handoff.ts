import type { CommandOf } from '../../contracts/commands.ts';
import type { FilePart, Handoff, Message } from '../../contracts/conversation.ts';
import { Failure } from '../../contracts/failures.ts';
import type { UserId } from '../../contracts/ids.ts';
import { pathOf, type ConversationView } from '../../contracts/view.ts';
import type { Given } from '../../machines/task.ts';
import { personMessage } from './asking.ts';
import type { Happening } from './live.ts';

export type HandoffCommand = CommandOf<'handoff.ask'> | CommandOf<'handoff.join'> | CommandOf<'handoff.say'> | CommandOf<'handoff.end'>;

type Plan = Pick<Happening, 'records' | 'events'>;

/** From the model to a person and back. What is there already changes nothing; `moved-on` when somebody else answers. */
export function planHandoff(view: ConversationView, given: Given<HandoffCommand>): Plan {
  const { command, at } = given;
  const before = view.conversation.handoff ?? null;
  const by = personOf(given);
  switch (command.type) {
    case 'handoff.ask':
      return before === null ? changed({ state: 'asked', at }, 'asked') : { records: [], events: [] };
    case 'handoff.join':
      if (before?.by !== undefined && before.by.user !== by?.user) throw new Failure('moved-on', { detail: `${before.by.name} answers already.` });
      return before?.state === 'joined' || by === undefined ? { records: [], events: [] } : changed({ state: 'joined', at, by }, 'joined', by.user);
    case 'handoff.say':
      return planSaid(view, given as Given<CommandOf<'handoff.say'>>);
    case 'handoff.end':
      return before === null ? { records: [], events: [] } : changed(null, 'ended', by?.user);
  }
}

function changed(handoff: Handoff | null, state: 'asked' | 'joined' | 'ended', by?: UserId): Plan {
  return { records: [{ type: 'handoff-changed', v: 1, state, ...(by !== undefined && { by }) }], events: [{ type: 'conversation-changed', change: { handoff } }] };
}

function planSaid(view: ConversationView, given: Given<CommandOf<'handoff.say'>>): Plan {
  const { command, at } = given;
  const { handoff } = view.conversation;
  const by = personOf(given);
  if (by === undefined || handoff?.state !== 'joined' || handoff.by?.user !== by.user) throw new Failure('moved-on', { detail: 'You do not answer here any more.' });
  if (command.text.trim() === '') throw new Failure('invalid-command', { detail: 'The message is empty.' });
  return added(view, { id: command.message, parent: null, author: 'model', by, at, parts: [{ type: 'text', text: command.text }], outcome: { kind: 'completed' } }, command.commandId);
}

/** What a visitor says while a person answers: no model is asked. */
export function planToPerson(view: ConversationView, { command, at }: Given<CommandOf<'turn.send'>>, { files }: { readonly files: readonly FilePart[] }): Plan {
  if (command.text.trim() === '' && files.length === 0) throw new Failure('invalid-command', { detail: 'The message is empty.' });
  return added(view, personMessage({ ...command, id: command.message }, null, files, at), command.commandId);
}

function added(view: ConversationView, said: Message, command: HandoffCommand['commandId']): Plan {
  const message = { ...said, parent: pathOf(view).at(-1)?.message.id ?? null };
  return { records: [{ type: 'message-added', v: 1, message, command }], events: [{ type: 'message-added', message }] };
}

function personOf({ actor }: Given): { user: UserId; name: string } | undefined {
  const { user, answers } = actor;
  return answers === undefined || user === null ? undefined : { user, name: answers.name };
}
