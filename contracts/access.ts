import { Instant } from './conversation.ts';
import { Because, Reason } from './cases.ts';
import { AccessId, CaseId, UserId } from './ids.ts';
import { z } from './zod.ts';

/** For so long at most what others wrote is open to a reviewer after another one has granted it. */
export const ACCESS_HOURS = 8;

/** May I look for and read what others wrote, for this case? */
export const AccessAsked = z.strictObject({ ...Because, hours: z.int().min(1).max(ACCESS_HOURS) }).meta({ id: 'AccessAsked' });
export type AccessAsked = z.infer<typeof AccessAsked>;

/** `waiting` for another reviewer; `granted`, until `until`; or over. */
export const AccessState = z.enum(['waiting', 'granted', 'refused', 'withdrawn']).meta({ id: 'AccessState' });
export type AccessState = z.infer<typeof AccessState>;

const Step = z.object({ by: UserId, at: Instant, reason: z.string() });

/** What a reviewer has asked for, and what became of it. */
export const CaseAccess = z
  .object({
    id: AccessId,
    case: CaseId,
    by: UserId,
    at: Instant,
    reason: Reason,
    hours: z.int(),
    state: AccessState,
    /** Who granted or refused it. */
    decided: Step.nullable(),
    /** Of one that was granted: when it ends by itself. */
    until: Instant.nullable(),
    /** Who withdrew it. */
    withdrawn: Step.nullable(),
  })
  .meta({ id: 'CaseAccess' });
export type CaseAccess = z.infer<typeof CaseAccess>;
