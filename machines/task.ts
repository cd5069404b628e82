import type { Command, CommandOf, Done } from '../contracts/commands.ts';
import type { MessageId, TurnId } from '../contracts/ids.ts';
import type { Actor, ChatRecord } from '../contracts/records.ts';

export type Asking = CommandOf<'turn.send'> | CommandOf<'turn.regenerate'> | CommandOf<'turn.continue'>;
/** Everything that is recorded beside the turn: changes, and messages that have to wait. */
export type Changing = Exclude<Command, { type: 'turn.regenerate' | 'turn.continue' | 'turn.stop' }>;

/** Ids for a turn. They arrive from outside: nothing here is left to chance. */
export interface Ids {
  readonly turn: TurnId;
  readonly reply: MessageId;
}

/** A command, who gave it, when it came, and ids should it begin a turn. */
export interface Given<C extends Command = Command> {
  readonly command: C;
  readonly actor: Actor;
  readonly at: number;
  readonly ids: Ids;
  /** Of a delete that nobody asked for. */
  readonly unasked?: UnaskedDelete;
}

type DeletedBecause = NonNullable<Extract<ChatRecord, { type: 'conversation-deleted' }>['because']>;

/** Why the deployment deletes a conversation by itself. For its age only where nothing has happened in it after `quietSince` and nothing goes on. */
export type UnaskedDelete = { readonly because: Exclude<DeletedBecause, 'age'> } | { readonly because: 'age'; readonly quietSince: number };

/** The turn at hand: begun by a command, taken from the queue, or found open after a restart. */
export interface Task extends Ids {
  readonly from: Given<Asking> | 'queue' | 'restart';
  /** Its provider still has the response, so it is gone on with. */
  readonly resumes?: boolean;
}

/** What is known after something was recorded, as of record `number`. `next`: ids for the message that waits longest. */
export interface Recorded {
  readonly done: Done;
  readonly number: number;
  readonly next: Ids | undefined;
}
export interface OutcomeRecorded extends Recorded {
  readonly wantsTitle: boolean;
}
export interface ChangeRecorded extends Recorded {
  readonly isDeleted: boolean;
  /** The turn that the change ends: by a delete, or by a message that takes its place. */
  readonly stops: TurnReplaced | undefined;
}

/**
 * Which turn a change ends: the one that was open when the change was recorded; `asked`, when none was, one that a command had asked for and that was being recorded (what the
 * queue has begun since is not meant: it may be the very message that takes the place); `any`, of a delete.
 */
export type TurnReplaced = TurnId | 'asked' | 'any';
