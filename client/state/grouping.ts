import { msg } from '@lit/localize';
import type { ConversationRow } from '../../contracts/conversation.ts';
import type { ConversationId } from '../../contracts/ids.ts';

/** Rows under one heading of the list. */
export interface RowGroup {
  readonly title: string;
  readonly rows: readonly ConversationRow[];
}

/** The next conversation with a new reply in the order of the list, `-1` the one before; without any, the neighbour. */
export function neighbourOf(current: ConversationId, rows: readonly Pick<ConversationRow, 'id' | 'unread'>[], step: 1 | -1): ConversationId | undefined {
  const at = rows.findIndex((row) => row.id === current);
  const ordered = step === 1 ? [...rows.slice(at + 1), ...rows.slice(0, Math.max(at, 0))] : [...rows.slice(0, Math.max(at, 0)).toReversed(), ...rows.slice(at + 1).toReversed()];
  return (ordered.find((row) => row.unread) ?? ordered[0])?.id;
}

/**
 * The list as it is shown at `now`: pinned ones first, then by the day, the week, the month of the last change, the
 * latest first. Days are those of the person's clock. Archived and deleted ones are not in it.
 */
export function groupRows(rows: Iterable<ConversationRow>, now: number, language = 'en'): readonly RowGroup[] {
  const shown = [...rows].filter((row) => !row.archived && row.deletedAt === null).toSorted((a, b) => b.updatedAt - a.updatedAt || (a.id < b.id ? -1 : 1));
  const groups = Map.groupBy(shown, (row) => (row.pinned ? msg('Pinned') : periodOf(row.updatedAt, now, language)));
  const pinned = groups.get(msg('Pinned'));
  groups.delete(msg('Pinned'));
  const dated = [...groups].map(([title, rows]) => ({ title, rows }));
  return pinned === undefined ? dated : [{ title: msg('Pinned'), rows: pinned }, ...dated];
}

function periodOf(at: number, now: number, language: string): string {
  const days = daysBetween(at, now);
  if (days <= 0) return msg('Today');
  if (days === 1) return msg('Yesterday');
  if (days <= 7) return msg('Previous 7 days');
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat(language, sameYear ? { month: 'long' } : { month: 'long', year: 'numeric' }).format(at);
}

/** Midnights between two moments. Days of 23 or 25 hours count as one. */
function daysBetween(at: number, now: number): number {
  const midnight = (moment: number) => new Date(moment).setHours(0, 0, 0, 0);
  return Math.round((midnight(now) - midnight(at)) / 86_400_000);
}

/** Groups rows again only when they are others, or the day is. */
export function groupedOnce(): typeof groupRows {
  let last: { rows: Iterable<ConversationRow>; day: number; groups: readonly RowGroup[] } | undefined;
  return (rows, now, language) => {
    const day = new Date(now).setHours(0, 0, 0, 0);
    if (last?.rows !== rows || last.day !== day) last = { rows, day, groups: groupRows(rows, now, language) };
    return last.groups;
  };
}

/** "14:21" today, "Yesterday", "19 November", the year only when it is another. */
export function dayOf(at: number, now: number, language = 'en'): string {
  const days = daysBetween(at, now);
  if (days <= 0) return new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);
  if (days === 1) return msg('Yesterday');
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, { day: 'numeric', month: 'long', ...(!sameYear && { year: 'numeric' }) }).format(at);
}
