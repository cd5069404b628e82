import { isWellFormed } from './models.ts';
import { z } from './zod.ts';

/** Characters of all that a site tells of a user beside name and subject: it goes with every token of theirs. */
export const ATTRIBUTES_CHARACTERS = 1_500;

const short = (most: number) => z.string().max(most).refine(isWellFormed, 'not valid text');

/** What else a site tells of its user, such as `{ plan: 'gold' }`. Those who answer see it; the model is not told it. */
export const Attributes = z
  .record(short(40).min(1), short(200))
  .refine((told) => Object.keys(told).length <= 20 && JSON.stringify(told).length <= ATTRIBUTES_CHARACTERS, 'at most 20 short texts')
  .meta({ id: 'Attributes' });
export type Attributes = z.infer<typeof Attributes>;

/** A user whom a site vouches for: under which name it knows them, what to call them, and what else it tells. */
export const Vouched = z.object({ subject: z.string().max(200), name: z.string().max(100).optional(), attributes: Attributes.optional() }).meta({ id: 'Vouched' });
export type Vouched = z.infer<typeof Vouched>;
