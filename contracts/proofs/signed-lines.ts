import { signedTextIn } from './note.ts';
import type { Primitives } from './primitives.ts';

/** Lines of JSON whose last one is a signed note over those before it: their name, how many they are, and the SHA-256 over all of them. */
export interface SignedLines {
  readonly name: string;
  readonly lines: number;
  /** In hex. */
  readonly hash: string;
}

/** Whether the note says the same of these lines. Throws a sentence when no key that is known has signed it. */
export function isSignedFor(primitives: Primitives, { name, lines, hash }: SignedLines, note: string, keys: readonly string[]): boolean {
  const said = signedTextIn(primitives, note, keys).split('\n');
  return said[0] === name && said[1] === String(lines) && said[2] === hash;
}

/** A line that is an object; `undefined` is said as a finding by whoever asked. */
export function parseLine<Line>(text: string): Line | undefined {
  try {
    const value = JSON.parse(text) as Line | null;
    return typeof value === 'object' ? (value ?? undefined) : undefined;
  } catch {
    return undefined;
  }
}
