import { expect, it } from 'vitest';
import type { ConversationRow } from '../../contracts/conversation.ts';
import type { ConversationId, ModelId } from '../../contracts/ids.ts';
import { newId } from '../link/ids.ts';
import { dayOf, groupRows } from './grouping.ts';

const now = new Date(2026, 10, 22, 14, 30).getTime();

function row(title: string, at: Date, more: Partial<ConversationRow> = {}): ConversationRow {
  return { id: newId<ConversationId>(), title, model: 'demo/scripted' as ModelId, createdAt: 0, updatedAt: at.getTime(), running: false, unread: false, pinned: false, archived: false, deletedAt: null, ...more };
}

it('groups by the days of the calendar, pinned ones first and the latest first in each group', () => {
  const groups = groupRows(
    [
      row('just before midnight', new Date(2026, 10, 21, 23, 59)),
      row('just after midnight', new Date(2026, 10, 22, 0, 1)),
      row('now', new Date(2026, 10, 22, 14, 30)),
      row('a week ago', new Date(2026, 10, 15, 8)),
      row('eight days ago', new Date(2026, 10, 14, 23)),
      row('in October', new Date(2026, 9, 3)),
      row('last year', new Date(2025, 10, 3)),
      row('kept', new Date(2024, 1, 1), { pinned: true }),
    ],
    now,
  );
  expect(groups.map((group) => [group.title, group.rows.map((one) => one.title)])).toEqual([
    ['Pinned', ['kept']],
    ['Today', ['now', 'just after midnight']],
    ['Yesterday', ['just before midnight']],
    ['Previous 7 days', ['a week ago']],
    ['November', ['eight days ago']],
    ['October', ['in October']],
    ['November 2025', ['last year']],
  ]);
});

it('shows nothing that is archived or deleted, pinned or not', () => {
  const at = new Date(now);
  expect(groupRows([row('a', at, { archived: true }), row('b', at, { deletedAt: now }), row('c', at, { pinned: true, archived: true })], now)).toEqual([]);
});

it('a change from a clock that is ahead stands under today', () => {
  expect(groupRows([row('ahead', new Date(2026, 10, 23, 1))], now)[0]?.title).toBe('Today');
});

it('says the time today, the day before that, and the year only when it is another', () => {
  expect(dayOf(new Date(2026, 10, 22, 9, 5).getTime(), now)).toBe('09:05');
  expect(dayOf(new Date(2026, 10, 21, 9).getTime(), now)).toBe('Yesterday');
  expect(dayOf(new Date(2026, 9, 3).getTime(), now)).toBe('3 October');
  expect(dayOf(new Date(2025, 9, 3).getTime(), now)).toBe('3 October 2025');
});
