import type { CommandOf, Done } from '../../contracts/commands.ts';
import { QUEUE_CHARACTERS, QUEUE_LENGTH, type Conversation, type FilePart, type QueuedMessage } from '../../contracts/conversation.ts';
import type { ConversationEvent } from '../../contracts/events.ts';
import { Failure } from '../../contracts/failures.ts';
import type { CommandId } from '../../contracts/ids.ts';
import type { ChatRecord } from '../../contracts/records.ts';
import type { Note } from '../../contracts/sites.ts';
import type { ConversationView } from '../../contracts/view.ts';
import type { Changing, Given, UnaskedDelete } from '../../machines/task.ts';
import { checkFree, checkParent, checkSaid, checkThere, messageIn, queuedOf } from './asking.ts';
import { asksPerson, planHandoff, planToPerson, type HandoffCommand } from './handoff.ts';
import type { Happening } from './live.ts';
import type { Change } from '../store/store.ts';

export interface ChangingFacts {
  readonly files: readonly FilePart[];
  /** There is a message with the id of the one that is to wait: taking it from the queue would fail for ever. */
  readonly isTaken: boolean;
  /** How a note of this conversation is kept. */
  kept(note: Note): Change;
  /** A delete is told to be of something that is kept for a case. */
  readonly isHeld: boolean;
  /** When a delete that happens now can no longer be undone. */
  readonly eraseAt: number;
}

type Plan = Pick<Happening, 'records' | 'events' | 'changes' | 'eraseAt'>;
const NOTHING: Plan = { records: [], events: [] };

/** What a change means, decided on the view as it is now. Throws a `Failure` when it does not fit it. */
export function planChange(view: ConversationView, given: Given<Changing>, facts: ChangingFacts): Happening {
  const plan = planOf(view, given, facts);
  if (plan.records.length === 0) return { ...plan, actor: given.actor }; // what changes nothing leaves no trace
  const did: Done['did'] = given.command.type === 'turn.send' && !asksPerson(view, given.command) ? 'queued' : 'changed';
  return { ...plan, actor: given.actor, command: { id: given.command.commandId, done: { ok: true, did, at: given.at, ...(facts.isHeld && { isHeld: true }) } } };
}

function planOf(view: ConversationView, given: Given<Changing>, facts: ChangingFacts): Plan {
  const { command } = given;
  const { conversation } = view;
  switch (command.type) {
    case 'turn.send':
      checkThere(view);
      return asksPerson(view, command) ? planToPerson(view, given as Given<CommandOf<'turn.send'>>, facts) : planWait(view, given as Given<CommandOf<'turn.send'>>, facts);
    case 'queue.edit':
      return changeQueue(conversation, command.queued, { text: command.text }, (queue) => queue.map((one) => (one.command === command.queued ? { ...one, text: command.text } : one)));
    case 'queue.remove':
      return changeQueue(conversation, command.queued, { text: null }, (queue) => queue.filter((one) => one.command !== command.queued));
    case 'queue.move':
      return changeQueue(conversation, command.queued, { text: null, before: command.before }, (queue) => moved(queue, command.queued, command.before));
    case 'branch.choose':
      return planChoice(view, command);
    case 'handoff.ask':
    case 'handoff.join':
    case 'handoff.say':
    case 'handoff.note':
    case 'handoff.end':
      return planHandoff(view, given as Given<HandoffCommand>, facts);
    case 'message.rate':
      return planRating(view, command);
    case 'conversation.change':
      return planFields(conversation, command);
    case 'conversation.delete':
      if (conversation.deletedAt !== null || !isStillDue(view, given.unasked)) return NOTHING;
      return { records: [{ type: 'conversation-deleted', v: 1, eraseAt: facts.eraseAt, ...(given.unasked && { because: given.unasked.because }) }], events: [{ type: 'conversation-changed', change: { deletedAt: given.at } }], eraseAt: facts.eraseAt };
    case 'conversation.restore':
      if (conversation.deletedAt === null) return NOTHING;
      return { records: [{ type: 'conversation-restored', v: 1 }], events: [{ type: 'conversation-changed', change: { deletedAt: null } }] };
  }
}

/** What was found to be too old may have been gone on with before its owner hears of it. */
function isStillDue({ conversation, turn }: ConversationView, unasked: UnaskedDelete | undefined): boolean {
  return unasked?.because !== 'age' || (turn === null && conversation.queue.length === 0 && conversation.updatedAt <= unasked.quietSince);
}

function planWait(view: ConversationView, given: Given<CommandOf<'turn.send'>>, facts: ChangingFacts): Plan {
  const { conversation } = view;
  const { files } = facts;
  checkFree(view, given.command.message, facts.isTaken);
  if (conversation.queue.length >= QUEUE_LENGTH) throw new Failure('queue-full');
  if (given.command.edits === true) checkParent(view, given.command.parent);
  checkSaid(given.command.text, files);
  const waiting = queuedOf(given, files);
  const queue = bounded(given.command.mode === 'stop-and-send' ? [waiting, ...conversation.queue] : [...conversation.queue, waiting]);
  return {
    records: [{ type: 'queued', v: 1, command: given.command.commandId, text: given.command.text, files: [...files] }],
    events: [{ type: 'conversation-changed', change: { queue } }],
  };
}

function changeQueue(
  conversation: Conversation,
  queued: CommandId,
  said: { text: string | null; before?: CommandId | null },
  change: (queue: readonly QueuedMessage[]) => QueuedMessage[],
): Plan {
  if (!conversation.queue.some((one) => one.command === queued)) throw new Failure('moved-on', { detail: 'It was taken from the queue already.' });
  const record: ChatRecord = { type: 'queue-changed', v: 1, command: queued, ...said };
  return { records: [record], events: [{ type: 'conversation-changed', change: { queue: bounded(change(conversation.queue)) } }] };
}

/** The queue is part of every commit of its conversation, so it stays small beside what such a commit may hold. */
function bounded(queue: QueuedMessage[]): QueuedMessage[] {
  if (queue.reduce((sum, one) => sum + one.text.length, 0) > QUEUE_CHARACTERS) throw new Failure('queue-full');
  return queue;
}

function moved(queue: readonly QueuedMessage[], which: CommandId, before: CommandId | null): QueuedMessage[] {
  const one = queue.find((entry) => entry.command === which);
  const others = queue.filter((entry) => entry.command !== which);
  const at = before === null ? -1 : others.findIndex((entry) => entry.command === before);
  return one === undefined ? others : others.toSpliced(at === -1 ? others.length : at, 0, one);
}

function planChoice(view: ConversationView, command: CommandOf<'branch.choose'>): Plan {
  const message = view.turn?.reply.id === command.message ? view.turn.reply : messageIn(view, command.message);
  const parent = message.parent ?? '';
  if (view.conversation.choices[parent] === message.id) return NOTHING;
  return { records: [{ type: 'branch-chosen', v: 1, parent, child: message.id }], events: [{ type: 'branch-chosen', parent, child: message.id }] };
}

function planRating({ conversation, messages }: ConversationView, { message, rating }: CommandOf<'message.rate'>): Plan {
  if (messages.find((one) => one.id === message)?.author !== 'model') throw new Failure('not-found', { detail: 'The reply is not there.' });
  const { [message]: before = null, ...others } = conversation.ratings ?? {};
  if (before === rating) return NOTHING;
  const ratings = rating === null ? others : { ...others, [message]: rating };
  return { records: [{ type: 'message-rated', v: 1, message, rating }], events: [{ type: 'conversation-changed', change: { ratings } }] };
}

function planFields(conversation: Conversation, command: CommandOf<'conversation.change'>): Plan {
  const { title, model, parameters, pinned, archived } = command;
  if (conversation.temporary === true && (pinned === true || archived === true)) throw new Failure('invalid-command', { detail: 'A temporary conversation is in no list.' });
  const wanted = { ...(title !== undefined && { title, titledBy: 'person' as const }), model, parameters, pinned, archived };
  const change = Object.fromEntries(Object.entries(wanted).filter(([name, value]) => value !== undefined && JSON.stringify(value) !== JSON.stringify(conversation[name as 'title'])));
  if (Object.keys(change).length === 0) return NOTHING;
  const event: ConversationEvent = { type: 'conversation-changed', change };
  return { records: [{ type: 'conversation-changed', v: 1, change }], events: [event] };
}
