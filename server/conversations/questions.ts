import type { Command } from '../../contracts/commands.ts';
import { Failure, refusalOf, type Refusal } from '../../contracts/failures.ts';
import type { ConversationId, FileId, ModelId, UserId } from '../../contracts/ids.ts';
import type { ConversationView } from '../../contracts/view.ts';
import type { Actor } from '../../contracts/records.ts';
import type { Bus, InstanceId } from '../bus/bus.ts';
import type { OpenConversation } from './live.ts';

/** A person who commands. */
export type Commander = Actor & { readonly user: UserId };

/** Whose conversation it is that somebody commands. */
export function ownerFor({ user, answers }: Commander): UserId {
  return answers?.visitor ?? user;
}

/** A file as it is uploaded; across instances its bytes are base64. */
export interface UploadedFile<Bytes = Buffer> {
  readonly id: FileId;
  readonly name: string;
  readonly bytes: Bytes;
}

/** What an instance asks the owner of a conversation on behalf of a person whom it knows to be signed in. On its way it may be given the trace that it belongs to (`Serving` in `bus/bus.ts`). */
export type Question =
  | { readonly ask: 'command'; readonly command: Command; readonly actor: Commander }
  | { readonly ask: 'open'; readonly conversation: ConversationId; readonly user: UserId; readonly model: ModelId | undefined }
  | { readonly ask: 'read'; readonly conversation: ConversationId; readonly user: UserId }
  | { readonly ask: 'file'; readonly conversation: ConversationId; readonly model: ModelId; readonly actor: Commander; readonly at: number; readonly file: UploadedFile<string> }
  | { readonly ask: 'give'; readonly conversation: ConversationId; readonly from: UserId; readonly to: UserId; readonly actor: Actor };

export type Reply = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly refusal: Refusal };

/** Asks the owner. Throws what it was refused with; `outcome-unknown` when no answer came or the owner owns it no longer. */
export async function askOwner<T>(bus: Bus, owner: InstanceId, question: Question): Promise<T> {
  const reply = (await bus.ask(owner, question)) as Reply;
  if (reply.ok) return reply.value as T;
  const { code, text, retryAfterMs } = reply.refusal;
  throw new Failure(code, { detail: text, retryAfterMs });
}

/** The answer to a question, a refusal included. */
export async function replyWith(value: Promise<unknown>): Promise<Reply> {
  try {
    return { ok: true, value: await value };
  } catch (error) {
    return { ok: false, refusal: refusalOf(error) };
  }
}

/** A conversation whose owner is another instance. */
export class RemoteConversation implements OpenConversation {
  readonly id: ConversationId;
  readonly owner: UserId;
  /** Whether it is still there is known only by asking. */
  readonly isOver = false;
  readonly #read: () => Promise<ConversationView>;

  constructor(id: ConversationId, owner: UserId, read: () => Promise<ConversationView>) {
    this.id = id;
    this.owner = owner;
    this.#read = read;
  }

  read(): Promise<ConversationView> {
    return this.#read();
  }
}
