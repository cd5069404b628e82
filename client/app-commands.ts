import { msg } from '@lit/localize';
import type { PaletteEntry } from './components/palette/palette.ts';
import { dayOf } from './state/grouping.ts';
import type { Workspace } from './state/workspace.ts';
import { ARCHIVE, CUBE, KEYBOARD, PIN, SLIDERS } from './icons-app.ts';

/** So many conversations does the palette show at once; more are found by their letters. */
export const MOST_RECENT = 7;

/** Conversations for the palette, the latest first, the archived ones that are known at the end. */
export function recentOf(work: Workspace): readonly PaletteEntry[] {
  const now = Date.now();
  const rows = [...work.list.rows, ...work.archive.rows].filter((row) => row.deletedAt === null);
  return rows
    .toSorted((a, b) => Number(a.archived) - Number(b.archived) || b.updatedAt - a.updatedAt)
    .map((row) => ({
      id: `/c/${row.id}`,
      href: `/c/${row.id}`,
      text: row.title === '' ? msg('New chat') : row.title,
      second: [row.archived ? msg('Archived') : '', dayOf(row.updatedAt, now), row.unread ? msg('new reply') : ''].filter(Boolean).join(' · '),
      icon: row.archived ? ARCHIVE : 'clock',
    }));
}

/** What can be done right now; each has its key, where there is one. */
export function commandsOf(work: Workspace): readonly PaletteEntry[] {
  const { conversation } = work.conversation.view;
  const isOpen = work.place.address.place.view === 'conversation' && work.conversation.phase === 'ready';
  const ofConversation: readonly PaletteEntry[] = [
    { id: 'rename', text: msg('Rename conversation'), icon: 'edit', keys: ['F2'] },
    { id: 'pin', text: conversation.pinned ? msg('Unpin conversation') : msg('Pin conversation'), icon: PIN },
    { id: 'archive', text: conversation.archived ? msg('Restore conversation from archive') : msg('Archive conversation'), icon: ARCHIVE },
    { id: 'delete', text: msg('Delete conversation'), icon: 'trash' },
  ];
  return [
    { id: 'new-chat', text: msg('New chat'), icon: 'plus', keys: ['Ctrl', '⇧', 'O'] },
    { id: 'temporary-chat', text: msg('Temporary chat'), icon: 'clock' },
    ...(work.conversation.isRunning ? [{ id: 'stop', text: msg('Stop the reply'), icon: 'stop', keys: ['Esc'] } as const] : []),
    { id: 'choose-model', text: msg('Choose a model'), icon: CUBE },
    { id: 'parameters', text: msg('Model parameters'), icon: SLIDERS },
    ...(isOpen ? ofConversation.filter(({ id }) => conversation.temporary !== true || id === 'delete') : []),
    { id: 'sidebar', text: msg('Hide or show sidebar'), icon: 'sidebar', keys: ['Ctrl', 'B'] },
    { id: '/?archive', href: '/?archive', text: msg('Archive'), icon: ARCHIVE },
    { id: 'settings', text: msg('Settings'), icon: 'settings', keys: ['Ctrl', ','] },
    { id: 'shortcuts', text: msg('Keyboard'), icon: KEYBOARD, keys: ['?'] },
    { id: 'sign-out', text: msg('Sign out'), icon: 'leave' },
  ];
}
