/** Longer words are the same to search when they begin the same: nobody types more, and an index entry stays small. */
const MOST_CHARACTERS = 100;
/** Words of a query beyond these are not looked at. */
const MOST_WORDS = 32;
/** Words of a text that a snippet shows, and how many of them stand before the one that was found. */
const SNIPPET_WORDS = 16;
const WORDS_BEFORE = 5;

const WORD = /[\p{L}\p{N}\p{Co}][\p{L}\p{N}\p{Co}\p{M}]*/gu;
/** Nothing to be taken off: most words of most texts. */
const PLAIN = /^[a-z0-9]+$/u;
const DIACRITICS = /[\u0300-\u036f]/gu;

/** A query as search takes it: words that must be there, and the beginning of one more. */
export interface Wanted {
  readonly whole: readonly string[];
  readonly beginning: string;
}

/** The words of a text as they are compared: runs of letters, numbers and private-use characters, whatever their case and accents. Each stands here once. */
export function tokensOf(text: string): string[] {
  return [...new Set((text.match(WORD) ?? []).map(folded))];
}

/** What a person typed, as words and nothing else; `null` when there is no word in it. */
export function wantedIn(typed: string): Wanted | null {
  const tokens = wordsIn(typed.slice(0, 4_000)).map(({ token }) => token).slice(0, MOST_WORDS);
  const beginning = tokens.at(-1);
  return beginning === undefined ? null : { whole: [...new Set(tokens.slice(0, -1))], beginning };
}

/** The words around the first one that was found, each found word between U+0002 and U+0003. */
export function snippetOf(text: string, { whole, beginning }: Wanted): string {
  const words = wordsIn(text);
  const isFound = ({ token }: Word): boolean => whole.includes(token) || token.startsWith(beginning);
  const found = Math.max(0, words.findIndex(isFound));
  const first = Math.max(0, Math.min(found - WORDS_BEFORE, words.length - SNIPPET_WORDS));
  const shown = words.slice(first, first + SNIPPET_WORDS);
  const hasMore = first + SNIPPET_WORDS < words.length;
  let at = first === 0 ? 0 : shown[0]?.from ?? 0;
  let snippet = first === 0 ? '' : '…';
  for (const word of shown) {
    snippet += text.slice(at, word.from) + (isFound(word) ? `\u0002${text.slice(word.from, word.to)}\u0003` : text.slice(word.from, word.to));
    at = word.to;
  }
  return snippet + (hasMore ? '…' : text.slice(at));
}

/** A text without the two characters that mark what was found. */
export function withoutMarks(text: string): string {
  return text.replaceAll('\u0002', ' ').replaceAll('\u0003', ' ');
}

interface Word {
  readonly token: string;
  readonly from: number;
  readonly to: number;
}

function wordsIn(text: string): Word[] {
  return [...text.matchAll(WORD)].map(({ 0: word, index }) => ({ token: folded(word), from: index, to: index + word.length }));
}

/** Lower case comes first, because some capitals become a letter with an accent. */
function folded(word: string): string {
  const lower = word.toLowerCase();
  const plain = PLAIN.test(lower) ? lower : lower.normalize('NFD').replace(DIACRITICS, '').normalize('NFC').replaceAll('ς', 'σ');
  return plain.length <= MOST_CHARACTERS ? plain : Array.from(plain).slice(0, MOST_CHARACTERS).join('');
}
