import type { TextQuery } from '../store.ts';
import type { ReadStep } from './read-calls.ts';

/** Words of a query beyond these are not looked at. */
const MOST_WORDS = 32;

/** An owner as one token of the index, so that other people's words are never even looked through. */
export function ownerToken(owner: string): string {
  return `o${Buffer.from(owner).toString('hex')}`;
}

/** How a query is asked of the index, or `null` when it has no word in it. What a person typed is quoted piece by piece: it is words, never syntax. */
export function planSearch({ kinds, owner, words }: TextQuery, offset: number): ReadStep | null {
  const pieces = words.slice(0, 4_000).split(/[\s\0"]+/u).filter((piece) => /[\p{L}\p{N}\p{Co}]/u.test(piece)).slice(0, MOST_WORDS);
  if (pieces.length === 0 || kinds.length === 0) return null;
  const match = `owner : ${ownerToken(owner)} AND words : (${pieces.map((piece) => `"${piece}"`).join(' AND ')}*)`;
  const sql = `SELECT entry.kind, entry.id, snippet(text, 1, char(2), char(3), '…', 16) AS snippet FROM text JOIN entry ON entry.number = text.rowid
    WHERE text MATCH ? AND entry.owner = ? AND entry.kind IN (${kinds.map(() => '?').join(', ')}) ORDER BY bm25(text, 0.0, 1.0), text.rowid DESC LIMIT ?, ?`;
  return { sql, values: [match, owner, ...kinds, offset] };
}
