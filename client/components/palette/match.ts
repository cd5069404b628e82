/** What fits the typed letters, the best first: at the beginning, at the beginning of a word, anywhere. Without letters everything, in its order. */
export function rank<T>(all: readonly T[], typed: string, textOf: (one: T) => string): readonly T[] {
  const wanted = typed.toLowerCase();
  if (wanted === '') return all;
  const scored = all.flatMap((one) => {
    const score = scoreOf(textOf(one).toLowerCase(), wanted);
    return score === undefined ? [] : [{ one, score }];
  });
  return scored.toSorted((a, b) => a.score - b.score).map(({ one }) => one);
}

function scoreOf(text: string, wanted: string): number | undefined {
  const at = text.indexOf(wanted);
  if (at === 0) return 0;
  if (at > 0) return /[\p{L}\p{N}]/u.test(text[at - 1] ?? '') ? 2 : 1;
  return wanted.split(/\s+/).every((word) => text.includes(word)) ? 3 : undefined;
}

/** The text before, in and after the place that fits, to be marked. */
export function splitAt(text: string, typed: string): readonly [string, string, string] {
  const at = typed === '' ? -1 : text.toLowerCase().indexOf(typed.toLowerCase());
  // Letters whose lower case is longer move what follows, so a place is only marked when it is the same.
  if (at === -1 || text.slice(at, at + typed.length).toLowerCase() !== typed.toLowerCase()) return [text, '', ''];
  return [text.slice(0, at), text.slice(at, at + typed.length), text.slice(at + typed.length)];
}
