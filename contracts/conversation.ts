import { FAILURE_CODES } from './failures.ts';
import { CommandId, ConversationId, FileId, MessageId, ModelId, TurnId, UserId } from './ids.ts';
import { isWellFormed, Parameters, Usage } from './models.ts';
import { PageContext } from './page-context.ts';
import { Vouched } from './vouched.ts';
import { z } from './zod.ts';

/** Characters of one message, counted as JavaScript counts them. */
export const MESSAGE_CHARACTERS = 200_000;
/** Commands that may wait in one conversation. */
export const QUEUE_LENGTH = 20;
/** Characters that all of them come to. */
export const QUEUE_CHARACTERS = 400_000;
export const FILES_PER_MESSAGE = 10;
export const TITLE_CHARACTERS = 200;
/** Bytes of one image: with what encryption and base64 add, it still fits into one commit. */
export const FILE_BYTES = 5_000_000;

export const Text = z.string().max(MESSAGE_CHARACTERS).refine(isWellFormed, 'not valid text');
export const Instant = z.int().min(0).describe('milliseconds since 1970, UTC');

export const FilePart = z
  .object({ type: z.literal('file'), fileId: FileId, name: z.string(), mediaType: z.string(), size: z.int(), width: z.int().optional(), height: z.int().optional() })
  .meta({ id: 'FilePart' });
export type FilePart = z.infer<typeof FilePart>;
export const TextPart = z.object({ type: z.literal('text'), text: z.string() }).meta({ id: 'TextPart' });
export type TextPart = z.infer<typeof TextPart>;
/** What a model let us see of its thinking. */
export const ReasoningPart = z.object({ type: z.literal('reasoning'), text: z.string() }).meta({ id: 'ReasoningPart' });
export type ReasoningPart = z.infer<typeof ReasoningPart>;
export const Part = z.discriminatedUnion('type', [TextPart, ReasoningPart, FilePart]).meta({ id: 'Part' });
export type Part = z.infer<typeof Part>;

/** How a turn ended. Only a provider's own terminal event means `completed`. */
export const TurnOutcome = z
  .object({
    kind: z.enum(['completed', 'stopped', 'interrupted', 'failed']),
    code: z.enum(FAILURE_CODES as [(typeof FAILURE_CODES)[number], ...(typeof FAILURE_CODES)[number][]]).optional(),
    /** What the provider said, when it says more than the code. */
    detail: z.string().max(2_000).optional(),
  })
  .meta({ id: 'TurnOutcome' });
export type TurnOutcome = z.infer<typeof TurnOutcome>;

/** A message never changes once its outcome is there: an edit or another try is a sibling, a continuation is a child. */
export const Message = z
  .object({
    id: MessageId,
    parent: MessageId.nullable(),
    author: z.enum(['person', 'model']),
    parts: z.array(Part),
    at: Instant,
    /** Of a model's message: who wrote it, in which turn, how it ended (absent while it grows) and how long it took. */
    model: ModelId.optional(),
    turn: TurnId.optional(),
    outcome: TurnOutcome.optional(),
    usage: Usage.optional(),
    tookMs: z.int().optional(),
    /** From asking its provider until the first words of it, thoughts included. */
    firstMs: z.int().optional(),
    reasonedMs: z.int().optional(),
    /** Of a person who answers a visitor in the model's place. */
    by: z.object({ user: UserId, name: z.string() }).optional(),
    context: PageContext.optional(),
    /** Of a message that goes on where its parent was cut off. */
    continues: z.boolean().optional(),
  })
  .meta({ id: 'Message' });
export type Message = z.infer<typeof Message>;

/** A message that waits for the running turn. It can be changed until it is taken; `below` is there when it edits an earlier one. */
export const QueuedMessage = z
  .object({ command: CommandId, message: MessageId, text: z.string(), files: z.array(FilePart), model: ModelId, at: Instant, below: MessageId.nullable().optional(), context: PageContext.optional() })
  .meta({ id: 'QueuedMessage' });
export type QueuedMessage = z.infer<typeof QueuedMessage>;

/** A visitor has asked for a person, or one answers in the model's place: then no model is asked. */
export const Handoff = z.object({ state: z.enum(['asked', 'joined']), at: Instant, by: z.object({ user: UserId, name: z.string() }).optional() }).meta({ id: 'Handoff' });
export type Handoff = z.infer<typeof Handoff>;

/** What a person thought of a reply. */
export const Rating = z.enum(['good', 'bad']);
export type Rating = z.infer<typeof Rating>;

/** What is said of a conversation where only its row is shown. */
export const ConversationRow = z
  .object({
    id: ConversationId,
    title: z.string(),
    model: ModelId,
    createdAt: Instant,
    updatedAt: Instant,
    running: z.boolean(),
    /** A reply ended since the person last had it open. */
    unread: z.boolean(),
    pinned: z.boolean(),
    archived: z.boolean(),
    /** Set while a delete can still be undone. */
    deletedAt: Instant.nullable(),
    /** It is kept for a case, whoever deletes it; said only where the deployment shows holds. */
    isHeld: z.literal(true).optional(),
    /** Where in its events it looks like this: of two rows the later place counts, whichever came last. */
    position: z.object({ epoch: z.int(), seq: z.int() }).optional(),
  })
  .meta({ id: 'ConversationRow' });
export type ConversationRow = z.infer<typeof ConversationRow>;

/** The durable head data of a conversation: everything but its messages. */
export const Conversation = z
  .object({
    id: ConversationId,
    title: z.string(),
    /** A title that a person gave is never replaced by one that was made. */
    titledBy: z.enum(['nobody', 'model', 'person']),
    model: ModelId,
    parameters: Parameters,
    createdAt: Instant,
    updatedAt: Instant,
    pinned: z.boolean(),
    archived: z.boolean(),
    deletedAt: Instant.nullable(),
    /** The child that was chosen below each message (`''` = the beginning); where nothing is said the newest child is shown. */
    choices: z.record(z.string(), MessageId),
    queue: z.array(QueuedMessage),
    /** Replies that were rated. */
    ratings: z.record(z.string(), Rating).optional(),
    handoff: Handoff.nullable().optional(),
    /** In no list and found by no search of whom it belongs to, and deleted some hours after something happened in it last. */
    temporary: z.boolean().optional(),
    /** Of a visitor whom their site vouches for: what it told when they last did something here. */
    visitor: Vouched.optional(),
  })
  .meta({ id: 'Conversation' });
export type Conversation = z.infer<typeof Conversation>;
