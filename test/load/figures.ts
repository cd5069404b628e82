/** Numbers of one kind from repeated runs. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** One line of the table: a figure of ours, the comparator's from the same repeats, and their ratio per repeat. */
export interface Row {
  readonly what: string;
  readonly unit: string;
  readonly ours: Spread;
  readonly theirs?: Spread;
  readonly ratio?: Spread;
  /** What the ratio has to be, or where there is none the figure itself, for those with a target. */
  readonly target?: { readonly atMost: number } | { readonly atLeast: number };
}

/** What a scenario found, and everything it rests on. */
export interface Found {
  readonly name: string;
  readonly setting: string;
  readonly rows: readonly Row[];
  readonly samples: unknown;
}

export function medianOf(numbers: readonly number[]): number {
  return quantileOf(numbers, 0.5);
}

/** The value that this share of the numbers does not exceed. */
export function quantileOf(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export function spreadOf(numbers: readonly number[]): Spread {
  return { min: Math.min(...numbers), median: medianOf(numbers), max: Math.max(...numbers) };
}

/** Ours beside theirs, repeat by repeat. */
export function compare(what: string, unit: string, ours: readonly number[], theirs: readonly number[], target?: Row['target']): Row {
  return { what, unit, ours: spreadOf(ours), theirs: spreadOf(theirs), ratio: spreadOf(ours.map((one, repeat) => one / (theirs[repeat] as number))), ...(target && { target }) };
}

export function state(what: string, unit: string, ours: readonly number[], target?: Row['target']): Row {
  return { what, unit, ours: spreadOf(ours), ...(target && { target }) };
}

/** Whether the median of the ratio, or of the figure where there is none, is where it has to be; `undefined` without a target. */
export function isReached({ ratio, ours, target }: Row): boolean | undefined {
  if (target === undefined) return undefined;
  const { median } = ratio ?? ours;
  return 'atMost' in target ? median <= target.atMost : median >= target.atLeast;
}

/** What has to be reached, as a number. */
export function limitOf(target: NonNullable<Row['target']>): number {
  return 'atMost' in target ? target.atMost : target.atLeast;
}
