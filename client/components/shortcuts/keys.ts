import { msg } from '@lit/localize';

/** What a key means anywhere on the page. */
export type Shortcut = 'palette' | 'new-chat' | 'sidebar' | 'previous-unread' | 'next-unread' | 'settings' | 'search' | 'rename' | 'next-stop' | 'previous-stop' | 'shortcuts' | 'composer';

/** A key that counts only where nobody types and only while single keys are on. */
const SINGLE: Record<string, Shortcut> = { '?': 'shortcuts', '/': 'composer' };

/** The shortcut of a key press, or nothing. `isTyping`: the focus is in a field. */
export function shortcutOf(event: KeyboardEvent, facts: { isTyping: boolean; singleKeys: boolean }): Shortcut | undefined {
  if (event.isComposing || event.defaultPrevented) return undefined;
  const command = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  if (command && event.altKey) return undefined;
  if (command && event.shiftKey) return ({ o: 'new-chat', f: 'search' } as const)[key];
  if (command) return ({ k: 'palette', b: 'sidebar', ',': 'settings' } as const)[key];
  if (event.altKey) return ({ arrowup: 'previous-unread', arrowdown: 'next-unread' } as const)[key];
  if (key === 'f2') return 'rename';
  if (key === 'f6') return event.shiftKey ? 'previous-stop' : 'next-stop';
  return facts.isTyping || !facts.singleKeys ? undefined : SINGLE[event.key];
}

/** One line of the list of keys; they are pressed together, and named as `keyName` wants them. */
export interface KeyLine {
  readonly what: string;
  readonly keys: readonly string[];
}

/** Every key there is, by where it counts. */
export function keyMap(): readonly { readonly title: string; readonly lines: readonly KeyLine[] }[] {
  return [
    {
      title: msg('Anywhere'),
      lines: [
        { what: msg('Search and commands'), keys: ['Ctrl', 'K'] },
        { what: msg('New chat'), keys: ['Ctrl', '⇧', 'O'] },
        { what: msg('Search messages'), keys: ['Ctrl', '⇧', 'F'] },
        { what: msg('Hide or show sidebar'), keys: ['Ctrl', 'B'] },
        { what: msg('Next unread'), keys: ['Alt', '↓'] },
        { what: msg('Previous unread'), keys: ['Alt', '↑'] },
        { what: msg('Rename'), keys: ['F2'] },
        { what: msg('Sidebar, thread, composer'), keys: ['F6'] },
        { what: msg('Settings'), keys: ['Ctrl', ','] },
        { what: msg('This list'), keys: ['?'] },
      ],
    },
    {
      title: msg('Writing'),
      lines: [
        { what: msg('Send, or queue'), keys: ['Enter'] },
        { what: msg('Stop and send'), keys: ['Ctrl', 'Enter'] },
        { what: msg('New line'), keys: ['⇧', 'Enter'] },
        { what: msg('Edit my last message'), keys: ['↑'] },
      ],
    },
    {
      title: msg('Reading'),
      lines: [
        { what: msg('Previous, next message'), keys: ['K', 'J'] },
        { what: msg('Copy message'), keys: ['C'] },
        { what: msg('Try again'), keys: ['R'] },
        { what: msg('Version left, right'), keys: ['[', ']'] },
        { what: msg('To the newest'), keys: ['End'] },
        { what: msg('To the composer'), keys: ['/'] },
      ],
    },
    {
      title: msg('A running reply'),
      lines: [{ what: msg('Stop'), keys: ['Esc'] }],
    },
  ];
}
