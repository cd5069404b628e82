import type { Finding } from '../../contracts/proofs/verdict.ts';
import { random, type Dice } from './random.ts';

/** Of each kind of corruption so many are tried, no two of them the same. */
export const SEEDS = 500;

/** Where seeds come to the same, more of them are tried, up to so many. */
const MOST = 2 * SEEDS;

/** A corruption that was tried. */
export interface Tried {
  /** What was made of what, so that two that are the same are known. */
  readonly done: string;
  /** How a finding may name what was changed; one that names nothing of it found something else. */
  readonly named: readonly string[];
  readonly findings: readonly Pick<Finding, 'says'>[];
}

/** What came of a kind of corruption. */
export interface Outcome {
  readonly different: number;
  readonly missed: readonly { readonly seed: number; readonly done: string; readonly says: readonly string[] }[];
  /** How the same seeds are tried on the same things again, where something was missed. */
  readonly again?: string;
}

/** Every one was another one, and every one was found and named. */
export const ALL_FOUND: Outcome = { different: SEEDS, missed: [] };

/** Tries a kind of corruption with every seed. What was missed is told with its seed. What is altered, where it is made anew for each run, `keep` keeps then, and says how it is had again. */
export async function corpus(attempt: (dice: Dice, seed: number) => Tried | Promise<Tried>, keep?: () => string): Promise<Outcome> {
  const done = new Set<string>();
  const missed: Outcome['missed'][number][] = [];
  for (let seed = 1; done.size < SEEDS && seed <= MOST; seed++) {
    const tried = await attempt(random(seed), seed);
    if (done.has(tried.done)) continue; // another seed came to the same
    done.add(tried.done);
    const says = tried.findings.map((finding) => finding.says);
    if (!says.some((one) => tried.named.some((name) => isNamed(name, one)))) missed.push({ seed, done: tried.done, says });
  }
  return { different: done.size, missed: missed.slice(0, 5), ...(missed.length > 0 && keep !== undefined && { again: keep() }) };
}

/** Whether the name stands there as a whole: record 4 is not record 42. */
function isNamed(name: string, says: string): boolean {
  for (let at = says.indexOf(name); at >= 0; at = says.indexOf(name, at + 1)) {
    if (!/\w/u.test(`${says[at - 1] ?? ' '}`) && !/^[\w]/u.test(says.slice(at + name.length))) return true;
  }
  return false;
}
