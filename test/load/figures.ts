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

/** The table as Markdown; three numbers are min, median and max over the repeats. */
export function tableOf(found: readonly Found[]): string {
  const lines = found.flatMap(({ name, rows }) => rows.map((row) => [name, `${row.what} (${row.unit})`, shown(row.ours), shown(row.theirs), shown(row.ratio), wanted(row)]));
  const head = ['scenario', 'figure', 'GoRunChat', 'comparator', 'ratio', 'target'];
  const widths = head.map((title, column) => Math.max(title.length, ...lines.map((line) => (line[column] as string).length)));
  const line = (cells: readonly string[]): string => `| ${cells.map((cell, column) => cell.padEnd(widths[column] as number)).join(' | ')} |`;
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...lines.map(line)].join('\n');
}

function shown(spread: Spread | undefined): string {
  if (spread === undefined) return '';
  const { min, median, max } = spread;
  return min === max ? rounded(median) : `${rounded(min)} – **${rounded(median)}** – ${rounded(max)}`;
}

/** For reading: three digits that count. */
export function rounded(number: number): string {
  if (Math.abs(number) >= 1_000) return Math.round(number).toLocaleString('en');
  return number.toFixed(Math.abs(number) >= 100 ? 0 : Math.abs(number) >= 10 ? 1 : 2);
}

/** The target in words, and whether it was reached; empty without one. */
export function wanted(row: Row): string {
  if (row.target === undefined) return '';
  const number = 'atMost' in row.target ? row.target.atMost : row.target.atLeast;
  const limit = `${'atMost' in row.target ? '≤' : '≥'} ${number.toLocaleString('en')}${row.ratio === undefined ? ` ${row.unit}` : ''}`;
  return `${limit} ${isReached(row) === true ? 'reached' : 'missed'}`;
}
