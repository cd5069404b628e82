/** "ML" for Mara Lindqvist: of the first word and the last one. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/);
  const first = (word: string | undefined) => String.fromCodePoint(word?.codePointAt(0) ?? 32).trim().toUpperCase();
  return words.length > 1 ? first(words[0]) + first(words.at(-1)) : first(words[0]);
}
