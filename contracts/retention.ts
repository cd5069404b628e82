import { Instant } from './conversation.ts';
import { ConversationId } from './ids.ts';
import { z } from './zod.ts';

/** In days since something happened in a conversation last: how long it is kept at least, and after how many it is deleted by itself (`null`: never). */
export const Schedule = z.object({ keepDays: z.number(), deleteAfterDays: z.number().nullable() }).meta({ id: 'Schedule' });

/** What was erased, and by which rule, without anything of what it held: that it was deleted by whom it belonged to (or for them), by the deployment's own schedule, or with its person; or that it had been erased before and a restore had brought it back. */
export const Disposition = z
  .object({ class: z.enum(['ordinary', 'temporary', 'visitor']), why: z.enum(['deleted', 'expired', 'person-removed', 'restored']), begunAt: Instant, lastAt: Instant, deletedAt: Instant, /** On record, this one included. */ records: z.int() })
  .meta({ id: 'Disposition' });
export type Disposition = z.infer<typeof Disposition>;

/** A conversation that was erased: when, in which record of its chain that stands, and what that says. */
export const DisposedConversation = z.object({ conversation: ConversationId, record: z.int(), at: Instant, certificate: Disposition.nullable() }).meta({ id: 'DisposedConversation' });
export type DisposedConversation = z.infer<typeof DisposedConversation>;
