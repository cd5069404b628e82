import { isReached, limitOf, type Found, type Row, type Spread } from './figures.ts';

/** The table as Markdown; three numbers are min, median and max over the repeats. */
export function tableOf(found: readonly Found[]): string {
  const lines = found.flatMap(({ name, rows }) => rows.map((row) => [name, `${row.what} (${row.unit})`, shown(row.ours), shown(row.theirs), shown(row.ratio), wanted(row)]));
  const head = ['scenario', 'figure', 'GoRunChat', 'comparator', 'ratio', 'target'];
  const widths = head.map((title, column) => Math.max(title.length, ...lines.map((line) => (line[column] as string).length)));
  const line = (cells: readonly string[]): string => `| ${cells.map((cell, column) => cell.padEnd(widths[column] as number)).join(' | ')} |`;
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...lines.map(line)].join('\n');
}

/** Least, median and most, the median between these marks; one number where they are the same. */
export function shown(spread: Spread | undefined, [before, after] = ['**', '**']): string {
  if (spread === undefined) return '';
  const { min, median, max } = spread;
  return min === max ? rounded(median) : `${rounded(min)} – ${before}${rounded(median)}${after} – ${rounded(max)}`;
}

/** For reading: three digits that count. */
export function rounded(number: number): string {
  if (Math.abs(number) >= 1_000) return Math.round(number).toLocaleString('en');
  return number.toFixed(Math.abs(number) >= 100 ? 0 : Math.abs(number) >= 10 ? 1 : 2);
}

/** The target in words, and whether it was reached; empty without one. */
export function wanted(row: Row): string {
  if (row.target === undefined) return '';
  const number = limitOf(row.target);
  const limit = `${'atMost' in row.target ? '≤' : '≥'} ${number.toLocaleString('en')}${row.ratio === undefined ? ` ${row.unit}` : ''}`;
  return `${limit} ${isReached(row) === true ? 'reached' : 'missed'}`;
}
