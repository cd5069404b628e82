const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
const ON_MAC: Readonly<Record<string, string>> = { Ctrl: '⌘', Alt: '⌥', Enter: '↩' };

/** What stands on the key: `Ctrl` is ⌘ on a Mac, `Alt` is ⌥. */
export function keyName(key: string): string {
  return isMac ? (ON_MAC[key] ?? key) : key;
}

/** Keys that are pressed together, as one word: "Ctrl ⇧ O", "⌘⇧O". */
export function keyNames(...keys: readonly string[]): string {
  return keys.map(keyName).join(isMac ? '' : ' ');
}

/** The same for assistive technology, as `aria-keyshortcuts` wants it: "Control+Shift+O". */
export function keyShortcuts(...keys: readonly string[]): string {
  const spoken: Readonly<Record<string, string>> = { Ctrl: isMac ? 'Meta' : 'Control', '⇧': 'Shift', Esc: 'Escape' };
  return keys.map((key) => spoken[key] ?? key).join('+');
}
