import { Instant } from './conversation.ts';
import { CaseId, ConversationId, SiteId, UserId } from './ids.ts';
import { isWellFormed } from './models.ts';
import { z } from './zod.ts';

const words = (most: number) => z.string().trim().min(1).max(most).refine(isWellFormed, 'not valid text');

/** What is held: one conversation, all of a person's (a visitor's, too), or all of a site's; `from` and `to` bound when something happened in it. */
export const HoldScope = z
  .strictObject({
    of: z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('conversation'), id: ConversationId }),
      z.strictObject({ type: z.literal('person'), id: UserId }),
      z.strictObject({ type: z.literal('site'), id: SiteId }),
    ]),
    from: Instant.nullable(),
    to: Instant.nullable(),
  })
  .refine(({ from, to }) => from === null || to === null || from <= to, 'the end comes before the beginning')
  .meta({ id: 'HoldScope' });
export type HoldScope = z.infer<typeof HoldScope>;

/** Nothing in its scope is erased until it is released. */
export const Hold = z.object({ id: z.string(), scope: HoldScope, reason: z.string(), at: Instant, by: UserId }).meta({ id: 'Hold' });
export type Hold = z.infer<typeof Hold>;

/** Why something is kept and read. */
export const Case = z.object({ id: CaseId, name: z.string(), openedAt: Instant, closedAt: Instant.nullable(), holds: z.array(Hold) }).meta({ id: 'Case' });
export type Case = z.infer<typeof Case>;

export const CaseName = words(200);
export const Reason = words(1_000);
