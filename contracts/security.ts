import { Instant } from './conversation.ts';
import { CaseId, ExportId, SessionId } from './ids.ts';
import { z } from './zod.ts';

/** So many notices are kept for somebody; the oldest goes with the commit that brings another one. */
export const NOTICES_KEPT = 50;

/** What happened to somebody's account. */
export const SecurityEvent = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('signed-in'), session: SessionId }),
    z.object({ type: z.literal('password-changed') }),
    z.object({ type: z.literal('key-set'), provider: z.string() }),
    z.object({ type: z.literal('keys-removed'), providers: z.array(z.string()) }),
    z.object({ type: z.literal('role-changed'), role: z.string() }),
    /** An administrator ended so many sign-ins. */
    z.object({ type: z.literal('signed-out'), count: z.int() }),
    /** A package that they have ordered themselves. */
    z.object({ type: z.literal('export-made'), export: ExportId, case: CaseId }),
  ])
  .meta({ id: 'SecurityEvent' });
export type SecurityEvent = z.infer<typeof SecurityEvent>;

/** What somebody is told of it, under the number of the audit record that it came with. `from` is of their own sign-ins only: where somebody else was is not told. */
export const SecurityNotice = z
  .object({
    number: z.int().min(1),
    at: Instant,
    what: SecurityEvent,
    from: z.object({ address: z.string(), agent: z.string() }).nullable(),
    /** Whoever looks did it themselves, with the sign-in that they look with. */
    isThis: z.boolean(),
    isSeen: z.boolean(),
  })
  .meta({ id: 'SecurityNotice' });
export type SecurityNotice = z.infer<typeof SecurityNotice>;
