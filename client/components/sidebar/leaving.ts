import type { ConversationRow } from '../../../contracts/conversation.ts';
import type { SidebarGroup } from './sidebar.ts';

/** A row that has left the list and is still to be seen going, where it stood. */
export interface LeavingRow {
  readonly row: ConversationRow;
  readonly title: string;
  /** The place of its group, and its own in that group. */
  readonly group: number;
  readonly at: number;
}

/** More at once are another list, not rows that leave. */
const MOST = 3;

/** The rows that stood in `before` and stand nowhere in `now`. */
export function rowsThatLeft(before: readonly SidebarGroup[], now: readonly SidebarGroup[]): readonly LeavingRow[] {
  const still = new Set(now.flatMap(({ rows }) => rows.map(({ id }) => id)));
  const left = before.flatMap(({ title, rows }, group) => rows.flatMap((row, at) => (still.has(row.id) ? [] : [{ row, title, group, at }])));
  return left.length > MOST ? [] : left;
}

/** The groups as they are, with the rows that are going put back where they stood. */
export function withLeaving(groups: readonly SidebarGroup[], leaving: readonly LeavingRow[]): readonly SidebarGroup[] {
  if (leaving.length === 0) return groups;
  const shown = groups.map(({ title, rows }) => ({ title, rows: [...rows] }));
  for (const { row, title, group, at } of leaving) {
    const found = shown.find((one) => one.title === title);
    if (found?.rows.some(({ id }) => id === row.id)) continue;
    if (found === undefined) shown.splice(group, 0, { title, rows: [row] });
    else found.rows.splice(at, 0, row);
  }
  return shown;
}
