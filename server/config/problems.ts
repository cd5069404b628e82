import type { z } from '../../contracts/zod.ts';

/** Everything that is wrong with the configuration, one sentence each, with the place. Holds no value of a setting: some are secrets. */
export class ConfigProblems extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigProblems';
    this.problems = problems;
  }
}

/** Collects problems, so that all of them are told at once. */
export class Problems {
  readonly #found: string[] = [];
  readonly #paths: string[] = [];

  /** `place`: a variable, or a path with file and line. What is said of a thing after something in it was found wrong only follows from that, and is left out. */
  add(place: string, sentence: string): void {
    const path = place.replace(/^\S+ /u, '');
    if (this.#paths.some((known) => known !== path && known.startsWith(`${path}.`)) || (this.#paths.includes(path) && path !== place)) return;
    this.#paths.push(path);
    this.#found.push(`${place}: ${sentence}`);
  }

  /** Throws `ConfigProblems` when there is any. */
  check(): void {
    if (this.#found.length > 0) throw new ConfigProblems(this.#found);
  }
}

/** The known name that is most like a wrong one; `undefined` when none comes near. */
export function nearest(wrong: string, known: readonly string[]): string | undefined {
  const ranked = known.map((name) => ({ name, distance: distanceOf(wrong.toLowerCase(), name.toLowerCase()) })).sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.max(2, Math.floor(best.name.length / 3)) && best.distance < best.name.length - 1 ? best.name : undefined;
}

/** How many letters must be put in, taken out or changed. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (above[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(changed, (above[j] as number) + 1, (row[j - 1] as number) + 1));
    }
  }
  return row[b.length] as number;
}

/** What a value must be, in words; never the value. */
export function sentenceOf(issue: z.core.$ZodIssue): string {
  if (issue.message.startsWith('must')) return issue.message;
  if (issue.code === 'invalid_type') return `must be ${NAMES[issue.expected] ?? issue.expected}`;
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.join(', ')}`;
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message;
  if (issue.code === 'too_small' && issue.origin !== 'string') return `must be at least ${issue.minimum}`;
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}`;
  return `is not right: ${issue.message}`;
}

const NAMES: Record<string, string> = { string: 'text', int: 'a whole number', number: 'a number', boolean: 'true or false', object: 'a map', record: 'a map', array: 'a list' };
