import { msg } from '@lit/localize';
import '../menu/menu.ts';
import type { MenuItem } from '../menu/menu.ts';

export interface More {
  /** `undefined` where nobody can be asked for. */
  readonly person: 'asked' | 'none' | undefined;
  readonly hasMessages: boolean;
  readonly hasSound: boolean;
}

/** What a visitor finds under ⋯. Fetched when they look there. */
export function itemsOf({ person, hasMessages, hasSound }: More): MenuItem[] {
  return [
    { id: 'new', text: msg('New conversation'), icon: 'plus' },
    ...(person === undefined ? [] : [{ id: 'person', text: person === 'none' ? msg('Ask for a person') : msg('Back to the assistant'), icon: 'person' as const }]),
    { id: 'transcript', text: msg('Download the conversation'), icon: 'download', isDisabled: !hasMessages },
    { id: 'sound', text: msg('Sound'), icon: 'sound', isChecked: hasSound },
    { id: 'forget', text: msg('Forget me here'), icon: 'trash', isDanger: true, startsGroup: true },
  ];
}
