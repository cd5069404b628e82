import { isWellFormed } from './models.ts';
import { CONTEXT_NAME_CHARACTERS, CONTEXT_TEXT_CHARACTERS, CONTEXT_TEXTS } from './page-context-limits.ts';
import { z } from './zod.ts';

const short = (most: number) => z.string().max(most).refine(isWellFormed, 'not valid text');

/** What a site's page tells of where its visitor is: `{ page: 'Yirgacheffe, 1 kg' }`. The model is told it with the message, and the visitor can see it. */
export const PageContext = z
  .record(short(CONTEXT_NAME_CHARACTERS).min(1), short(CONTEXT_TEXT_CHARACTERS))
  .refine((context) => Object.keys(context).length <= CONTEXT_TEXTS, `at most ${CONTEXT_TEXTS} short texts`)
  .meta({ id: 'PageContext' });
export type PageContext = z.infer<typeof PageContext>;
