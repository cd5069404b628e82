import { FILES_PER_MESSAGE, Instant, Rating, Text, TITLE_CHARACTERS } from './conversation.ts';
import { FAILURE_CODES } from './failures.ts';
import { CommandId, ConversationId, FileId, MessageId, ModelId, TurnId } from './ids.ts';
import { PageContext } from './page-context.ts';
import { isWellFormed, Parameters } from './models.ts';
import { z } from './zod.ts';

const common = { commandId: CommandId, conversation: ConversationId };
const files = z.array(FileId).max(FILES_PER_MESSAGE);
export const PositionShape = z.object({ epoch: z.int().min(0), seq: z.int().min(0) }).meta({ id: 'Position' });

/** What a tab may ask of a conversation. Unknown fields are refused: a typing mistake must not become a default. */
export const Command = z
  .discriminatedUnion('type', [
    /** Adds a message at the end of what is shown and asks the model; with `edits`, beside other messages below `parent`. While a turn runs it waits in the queue, or takes the turn's place with `stop-and-send`. The first one makes the conversation. */
    z.strictObject({
      type: z.literal('turn.send'),
      ...common,
      message: MessageId,
      parent: MessageId.nullable(),
      text: Text,
      files,
      model: ModelId,
      parameters: Parameters.optional(),
      mode: z.enum(['queue', 'stop-and-send']),
      edits: z.boolean().optional(),
      /** Of the first one: whether what it begins is temporary. */
      temporary: z.boolean().optional(),
      /** Of a visitor. */
      context: PageContext.optional(),
      /** Of a visitor who wants a person to answer: it stands in the conversation at once, and no model is asked. */
      toPerson: z.literal(true).optional(),
      /** The position at which the person decided; refused as `moved-on` when a message was added since. */
      expected: PositionShape.optional(),
    }),
    /** Another reply beside this one. */
    z.strictObject({ type: z.literal('turn.regenerate'), ...common, message: MessageId, model: ModelId.optional() }),
    /** More of a reply that was cut off. */
    z.strictObject({ type: z.literal('turn.continue'), ...common, message: MessageId }),
    z.strictObject({ type: z.literal('turn.stop'), ...common, turn: TurnId }),
    z.strictObject({ type: z.literal('queue.edit'), ...common, queued: CommandId, text: Text }),
    z.strictObject({ type: z.literal('queue.remove'), ...common, queued: CommandId }),
    /** Puts it before another one, or last with `null`. */
    z.strictObject({ type: z.literal('queue.move'), ...common, queued: CommandId, before: CommandId.nullable() }),
    /** Shows this message instead of its siblings, in every tab. */
    z.strictObject({ type: z.literal('branch.choose'), ...common, message: MessageId }),
    /** Says what the person thinks of a reply; `null` takes it back. */
    z.strictObject({ type: z.literal('message.rate'), ...common, message: MessageId, rating: Rating.nullable() }),
    /** A visitor wants a person to answer. */
    z.strictObject({ type: z.literal('handoff.ask'), ...common }),
    /** A person answers a visitor from now on; no model is asked until it ends. */
    z.strictObject({ type: z.literal('handoff.join'), ...common }),
    z.strictObject({ type: z.literal('handoff.say'), ...common, message: MessageId, text: Text }),
    /** For those who answer, never for the visitor. */
    z.strictObject({ type: z.literal('handoff.note'), ...common, text: Text }),
    /** Back to the model; from a visitor: no person is wanted any more. */
    z.strictObject({ type: z.literal('handoff.end'), ...common }),
    z.strictObject({
      type: z.literal('conversation.change'),
      ...common,
      title: z.string().trim().min(1).max(TITLE_CHARACTERS).refine(isWellFormed, 'not valid text').optional(),
      model: ModelId.optional(),
      parameters: Parameters.optional(),
      pinned: z.boolean().optional(),
      archived: z.boolean().optional(),
    }),
    z.strictObject({ type: z.literal('conversation.delete'), ...common }),
    /** Undoes a delete while its time has not run out. */
    z.strictObject({ type: z.literal('conversation.restore'), ...common }),
  ])
  .meta({ id: 'Command' });
export type Command = z.infer<typeof Command>;
export type CommandType = Command['type'];
export type CommandOf<T extends CommandType> = Extract<Command, { type: T }>;

export const RefusalShape = z
  .object({
    code: z.enum(FAILURE_CODES as [(typeof FAILURE_CODES)[number], ...(typeof FAILURE_CODES)[number][]]),
    text: z.string().optional(),
    retryAfterMs: z.int().optional(),
  })
  .meta({ id: 'Refusal' });

/** The answer to a command. A repeated `commandId` gets the same one. */
export const Answer = z
  .discriminatedUnion('ok', [
    z.object({ ok: z.literal(true), did: z.enum(['started', 'queued', 'stopped', 'changed', 'nothing']), turn: TurnId.optional(), at: Instant, /** Of a delete where the deployment shows holds: it is kept for a case all the same. */ isHeld: z.literal(true).optional() }),
    z.object({ ok: z.literal(false), refusal: RefusalShape }),
  ])
  .meta({ id: 'Answer' });
export type Answer = z.infer<typeof Answer>;
export type Done = Extract<Answer, { ok: true }>;
