import { language } from './language.ts';

/** "12,345": a count as whoever reads it writes it. */
export function formatCount(count: number): string {
  return new Intl.NumberFormat(language()).format(count);
}
