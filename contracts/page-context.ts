import { z } from './zod.ts';

/** What a site's page tells of where its visitor is: `{ page: 'Yirgacheffe, 1 kg' }`. The model is told it with the message, and the visitor can see it. */
export const PageContext = z.record(z.string().min(1).max(60), z.string().max(500)).refine((context) => Object.keys(context).length <= 20 && JSON.stringify(context).isWellFormed(), 'at most 20 short texts').meta({ id: 'PageContext' });
export type PageContext = z.infer<typeof PageContext>;
