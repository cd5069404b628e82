import { language } from './language.ts';

/** "48 KB", "1.8 MB": thousands, as file managers and limits count them. */
export function formatBytes(bytes: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  const step = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const amount = bytes / 1_000 ** step;
  const text = new Intl.NumberFormat(language(), { style: 'unit', unit: units[step], unitDisplay: 'short', maximumFractionDigits: amount < 10 && step > 0 ? 1 : 0 });
  return text.format(amount).replace('kB', 'KB');
}
