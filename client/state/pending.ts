import type { Command, CommandOf } from '../../contracts/commands.ts';
import type { FilePart } from '../../contracts/conversation.ts';
import type { Refusal } from '../../contracts/failures.ts';
import type { ConversationId, FileId, MessageId } from '../../contracts/ids.ts';
import type { ConversationView } from '../../contracts/view.ts';
import type { OutboxEntry } from '../link/outbox-entries.ts';

/** A message of the person that no event has shown yet. */
export interface Unseen {
  /** Of the message that it becomes. */
  readonly id: MessageId;
  readonly text: string;
  readonly files: readonly FilePart[];
  readonly state: 'pending' | 'sending' | 'offline' | 'refused';
  /** Why it was refused; `outcome-unknown` while that is being found out. */
  readonly refusal?: Refusal;
}

/** The same list when nothing in it has changed, so that nothing is drawn again. */
export function keepSame(before: readonly Unseen[], now: readonly Unseen[]): readonly Unseen[] {
  const isSame = before.length === now.length && now.every((one, at) => one.id === before[at]?.id && one.state === before[at].state && one.text === before[at].text && one.refusal?.code === before[at].refusal?.code);
  return isSame ? before : now;
}

/** Milliseconds after which a message that is not acknowledged is said to be on its way. */
export const SENDING_AFTER_MS = 2_000;

/** Whether a command is a message of this conversation. */
export function isSend(command: Command, conversation: ConversationId): command is CommandOf<'turn.send'> {
  return command.type === 'turn.send' && command.conversation === conversation;
}

/** Whether the events have shown the message of a command, in the thread or in the queue. */
export function isSeen(view: ConversationView | undefined, command: CommandOf<'turn.send'>): boolean {
  if (view === undefined) return false;
  return view.messages.some((message) => message.id === command.message) || view.conversation.queue.some((queued) => queued.message === command.message);
}

/** The message of an outbox entry as the thread shows it. `fileOf` knows the files that this tab has uploaded. */
export function unseenOf(entry: OutboxEntry, command: CommandOf<'turn.send'>, facts: { now: number; isOffline: boolean; isUnknown: boolean; fileOf: (id: FileId) => FilePart | undefined }): Unseen {
  const files = command.files.flatMap((id) => facts.fileOf(id) ?? []);
  const shown = { id: command.message, text: command.text, files };
  if (entry.state === 'refused') return { ...shown, state: 'refused', refusal: entry.refusal ?? { code: 'internal' } };
  if (facts.isOffline) return { ...shown, state: 'offline' };
  if (facts.isUnknown) return { ...shown, state: 'sending', refusal: { code: 'outcome-unknown' } };
  return { ...shown, state: facts.now - entry.at >= SENDING_AFTER_MS ? 'sending' : 'pending' };
}
