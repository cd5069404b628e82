import { Conversation, Instant, Message, TurnOutcome } from './conversation.ts';
import { FAILURE_CODES } from './failures.ts';
import { MessageId, TurnId } from './ids.ts';
import { Usage } from './models.ts';
import { z } from './zod.ts';

/** What happened in a conversation, in the owner's order. `contracts/view.ts` says what each means for what is shown. */
export const ConversationEvent = z
  .discriminatedUnion('type', [
    /** A person's message is on record. It is the chosen one among its siblings. */
    z.object({ type: z.literal('message-added'), message: Message }),
    /** A provider is about to be asked; its reply grows in `reply`. */
    z.object({ type: z.literal('turn-start'), turn: TurnId, reply: Message }),
    z.object({ type: z.literal('text-delta'), text: z.string() }),
    z.object({ type: z.literal('reasoning-delta'), text: z.string() }),
    /** The provider was busy before the first character; it is asked again at `until`. */
    z.object({ type: z.literal('turn-waiting'), turn: TurnId, code: z.enum(FAILURE_CODES as [(typeof FAILURE_CODES)[number]]), until: Instant }),
    /** The provider is done; the outcome is being put on record. */
    z.object({ type: z.literal('turn-closing'), turn: TurnId }),
    /** The outcome is on record. `length` counts the characters of the reply's parts: a tab that counts otherwise loads again. */
    z.object({
      type: z.literal('turn-end'),
      turn: TurnId,
      outcome: TurnOutcome,
      usage: Usage.optional(),
      tookMs: z.int(),
      firstMs: z.int().optional(),
      reasonedMs: z.int().optional(),
      length: z.int(),
    }),
    /** Title, model, parameters, pin, archive, delete, restore, queue, branch choice: the fields as they are now. */
    z.object({ type: z.literal('conversation-changed'), change: Conversation.omit({ id: true, createdAt: true, choices: true }).partial() }),
    z.object({ type: z.literal('branch-chosen'), parent: z.union([MessageId, z.literal('')]), child: MessageId }),
    /** The content is gone for good. */
    z.object({ type: z.literal('conversation-erased') }),
  ])
  .meta({ id: 'ConversationEvent' });
export type ConversationEvent = z.infer<typeof ConversationEvent>;
