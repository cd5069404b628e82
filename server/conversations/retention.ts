import type { Conversation } from '../../contracts/conversation.ts';
import { siteOf } from '../../contracts/site-model.ts';

const DAY_MS = 24 * 3_600_000;

/** Conversations of people who have an account, those of them that were begun as temporary ones, and those of visitors of sites. */
export const RETENTION_CLASSES = ['ordinary', 'temporary', 'visitor'] as const;
export type RetentionClass = (typeof RETENTION_CLASSES)[number];

/** How long conversations of a class are kept, in days since something happened in them last. */
export interface Schedule {
  /** At least: what is deleted sooner is gone for whoever it belonged to, and erased when these days are over. */
  readonly keepDays: number;
  /** At most: then the deployment deletes it. `null`: for as long as nobody deletes it. */
  readonly deleteAfterDays: number | null;
}

export type Retention = Readonly<Record<RetentionClass, Schedule>>;

const AS_LONG_AS_WANTED: Schedule = { keepDays: 0, deleteAfterDays: null };
/** Nothing has to be kept, and nothing is deleted but by whom it belongs to; what is temporary, after a day. */
export const KEPT: Retention = { ordinary: AS_LONG_AS_WANTED, temporary: { keepDays: 0, deleteAfterDays: 1 }, visitor: AS_LONG_AS_WANTED };

export function classOf({ site, temporary }: { readonly site?: string | undefined; readonly temporary?: boolean | undefined }): RetentionClass {
  if (site !== undefined) return 'visitor';
  return temporary === true ? 'temporary' : 'ordinary';
}

/** When a conversation that is deleted now is erased: not while that can be undone, nor before it was kept for as long as it has to be. Holds may keep it longer. */
export function eraseTime(conversation: Pick<Conversation, 'model' | 'temporary' | 'updatedAt'>, deletedAt: number, { retention, restoreMs }: { readonly retention: Retention; readonly restoreMs: number }): number {
  return Math.max(deletedAt + restoreMs, conversation.updatedAt + retention[classOf({ ...conversation, site: siteOf(conversation.model) })].keepDays * DAY_MS);
}

/** Up to when something has to have happened in a conversation of this class for it to stay; `undefined` where nothing is deleted by itself. */
export function lastDayOf(kind: RetentionClass, retention: Retention, now: number): number | undefined {
  const { deleteAfterDays } = retention[kind];
  return deleteAfterDays === null ? undefined : now - deleteAfterDays * DAY_MS;
}

/** Whether a deleted conversation can no longer be restored: from then on it is as good as erased to everybody it belonged to, whatever keeps it. */
export function isGone({ deletedAt }: Pick<Conversation, 'deletedAt'>, now: number, restoreMs: number): boolean {
  return deletedAt !== null && now >= deletedAt + restoreMs;
}
