import { Instant } from './conversation.ts';
import { CaseId, ConversationId, ModelId, SiteId, UserId } from './ids.ts';
import { isWellFormed } from './models.ts';
import { isBounded, isInOrder, OUT_OF_ORDER, UNBOUNDED } from './range.ts';
import { z } from './zod.ts';

const words = (most: number) => z.string().trim().min(1).max(most).refine(isWellFormed, 'not valid text');

/** Everybody who has an account, had one, or has come to a site as a visitor: nobody is named. */
export const Everybody = z.strictObject({ type: z.literal('everybody') }).meta({ id: 'Everybody' });
export type Everybody = z.infer<typeof Everybody>;

/** What is held: one conversation, all of a person's (a visitor's, too), all of a site's, or everybody's between two dates; `from` and `to` bound when something happened in it. */
export const HoldScope = z
  .strictObject({
    of: z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('conversation'), id: ConversationId }),
      z.strictObject({ type: z.literal('person'), id: UserId }),
      z.strictObject({ type: z.literal('site'), id: SiteId }),
      Everybody,
    ]),
    from: Instant.nullable(),
    to: Instant.nullable(),
  })
  .refine(isInOrder, OUT_OF_ORDER)
  .refine(isBounded, UNBOUNDED)
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

/** Why somebody reads what others wrote: on record before anything is shown. */
export const Because = { case: CaseId, reason: Reason };

/** Whose conversations are meant: a person's (a visitor's, too) or those of a site. */
export const Subject = z.discriminatedUnion('type', [z.strictObject({ type: z.literal('person'), id: UserId }), z.strictObject({ type: z.literal('site'), id: SiteId })]).meta({ id: 'Subject' });
export type Subject = z.infer<typeof Subject>;

/** Some of them, or everybody. */
export const Subjects = z.union([z.array(Subject).min(1).max(50), Everybody]).meta({ id: 'Subjects' });
export type Subjects = z.infer<typeof Subjects>;

/** Whom and what a case can be about: everybody who has an account, and every site. */
export const NamesAsked = z.strictObject(Because).meta({ id: 'NamesAsked' });
export type NamesAsked = z.infer<typeof NamesAsked>;

export const Names = z
  .object({ people: z.array(z.object({ id: UserId, name: z.string(), email: z.string() })), sites: z.array(z.object({ id: SiteId, name: z.string() })) })
  .meta({ id: 'Names' });
export type Names = z.infer<typeof Names>;

/** What is looked for: in conversations of any of these people and sites, or of everybody between two dates, those that were deleted and are held included. Tools are on no record yet, so nothing is found by them. */
export const FindAsked = z
  .strictObject({
    ...Because,
    of: Subjects,
    from: Instant.nullable(),
    to: Instant.nullable(),
    /** One of them has replied; none: whoever did. What visitors are answered by is named after their site. */
    models: z.array(ModelId).max(50),
    /** All of them stand in one message; `''`: everything. */
    words: z.string().trim().max(200).refine(isWellFormed, 'not valid text'),
    /** Of everybody: goes on behind what an earlier answer to the same question has looked at. */
    after: z.string().max(200).optional(),
  })
  .refine(isInOrder, OUT_OF_ORDER)
  .refine(isBounded, UNBOUNDED)
  .meta({ id: 'FindAsked' });
export type FindAsked = z.infer<typeof FindAsked>;

/** `at`: as it was then, else as it is. */
export const ReadAsked = z.strictObject({ ...Because, conversation: ConversationId, at: Instant.nullable() }).meta({ id: 'ReadAsked' });
export type ReadAsked = z.infer<typeof ReadAsked>;

/** A conversation that was found. */
export const Found = z.object({ id: ConversationId, owner: UserId, site: SiteId.nullable(), title: z.string(), createdAt: Instant, updatedAt: Instant, deletedAt: Instant.nullable(), messages: z.int() }).meta({ id: 'Found' });
export type Found = z.infer<typeof Found>;

/** What was found. `isWhole`: there are no others. Of everybody, where only a part was looked at: it is everything that was last changed after `at`, and `after` goes on from there. */
export const FindFound = z.object({ found: z.array(Found), isWhole: z.boolean(), goesOn: z.object({ after: z.string(), at: Instant }).optional() }).meta({ id: 'FindFound' });
export type FindFound = z.infer<typeof FindFound>;
