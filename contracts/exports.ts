import { Instant } from './conversation.ts';
import { Because, Reason, Subjects } from './cases.ts';
import { CaseId, ConversationId, ExportId, UserId } from './ids.ts';
import { isBounded, isInOrder, OUT_OF_ORDER, UNBOUNDED } from './range.ts';
import { z } from './zod.ts';

/** Conversations that one order may name, and that one package may hold. */
export const CHOSEN_CONVERSATIONS = 1_000;
export const PACKAGE_CONVERSATIONS = 20_000;

/** In which forms beside NDJSON, which is always there since it alone is what is proved. */
export const ExportForm = z.enum(['csv', 'html', 'eml', 'rsmf']).meta({ id: 'ExportForm' });
export type ExportForm = z.infer<typeof ExportForm>;

/** What is exported: conversations that were chosen, or all that somebody, a site, or everybody had between two dates. */
export const ExportScope = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('chosen'), conversations: z.array(ConversationId).min(1).max(CHOSEN_CONVERSATIONS) }),
    z.strictObject({ type: z.literal('whole'), of: Subjects, from: Instant.nullable(), to: Instant.nullable() }),
  ])
  .refine((scope) => scope.type === 'chosen' || isInOrder(scope), OUT_OF_ORDER)
  .refine((scope) => scope.type === 'chosen' || isBounded(scope), UNBOUNDED)
  .meta({ id: 'ExportScope' });
export type ExportScope = z.infer<typeof ExportScope>;

/** An order of a package. `recipient`: an age recipient (`age1…`) that alone can open it then. */
export const ExportWanted = z
  .strictObject({ ...Because, scope: ExportScope, forms: z.array(ExportForm).max(ExportForm.options.length), recipient: z.string().trim().max(4_000).nullable() })
  .meta({ id: 'ExportWanted' });
export type ExportWanted = z.infer<typeof ExportWanted>;

/** `waiting` for another reviewer, being made, there to be downloaded, or over: then nothing of it is left. */
export const ExportState = z.enum(['waiting', 'making', 'ready', 'cancelled', 'refused', 'failed', 'expired']).meta({ id: 'ExportState' });
export type ExportState = z.infer<typeof ExportState>;

/** What is in a package: `manifest` is the SHA-256 of its `manifest.json`, which names every other file. */
export const PackageMade = z.object({ conversations: z.int(), files: z.int(), bytes: z.int(), manifest: z.string() }).meta({ id: 'PackageMade' });
export type PackageMade = z.infer<typeof PackageMade>;

/** An order and what became of it. */
export const CaseExport = z
  .object({
    id: ExportId,
    case: CaseId,
    by: UserId,
    at: Instant,
    reason: Reason,
    scope: ExportScope,
    forms: z.array(ExportForm),
    recipient: z.string().nullable(),
    state: ExportState,
    /** Conversations while it is being made; `of` is not known at first. */
    progress: z.object({ done: z.int(), of: z.int().nullable() }).nullable(),
    made: PackageMade.nullable(),
    /** Of a package that is there: when it is destroyed. */
    expiresAt: Instant.nullable(),
    /** Who approved or refused it, where another reviewer has to. */
    decided: z.object({ by: UserId, at: Instant, reason: z.string() }).nullable(),
    /** When it was over. */
    endedAt: Instant.nullable(),
  })
  .meta({ id: 'CaseExport' });
export type CaseExport = z.infer<typeof CaseExport>;
