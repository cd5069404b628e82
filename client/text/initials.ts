/** "ML" for Mara Lindqvist: of the first word and the last one. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/);
  const first = (word: string | undefined) => String.fromCodePoint(word?.codePointAt(0) ?? 32).trim().toUpperCase();
  return words.length > 1 ? first(words[0]) + first(words.at(-1)) : first(words[0]);
}

/** Of what is called so, at most two letters of its last words with a capital one: "Ask Kite & Kiln" is KK. */
export function monogramOf(title: string): string {
  return title.split(/\s+/u).filter((word) => /^\p{Lu}|^\p{Lo}/u.test(word)).slice(-2).map((word) => Array.from(word)[0]).join('');
}
