import { msg, str } from '@lit/localize';
import { language } from './language.ts';

const DAY_MS = 86_400_000;

/** Dates as Europe writes them where the language leaves it open: the day before the month, hours up to 23. */
function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const now = language();
  return new Intl.DateTimeFormat(now === 'en' ? 'en-GB' : now, options);
}

/** "14:21" today, "Yesterday", "19 November", the year only when it is another. Both are milliseconds since 1970. */
export function shortTime(at: number, now = Date.now()): string {
  const [then, today] = [new Date(at), new Date(now)];
  const days = Math.round((startOfDay(today) - startOfDay(then)) / DAY_MS);
  if (days <= 0) return format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(then);
  if (days === 1) return msg('Yesterday');
  const year = then.getFullYear() === today.getFullYear() ? {} : ({ year: 'numeric' } as const);
  return format({ day: 'numeric', month: 'long', ...year }).format(then);
}

/** "1 January 2026", also of this year and of today: what a range is bounded by. */
export function longDay(at: number): string {
  return format({ dateStyle: 'long' }).format(at);
}

/** "30 Nov 2026, 04:19", for lists that are read long after. */
export function dayAndTime(at: number): string {
  return format({ dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' }).format(at);
}

/** The whole date with its zone, for tooltips. */
export function fullTime(at: number): string {
  return format({ dateStyle: 'full', timeStyle: 'long' }).format(at);
}

/** "8 s", "2 min 5 s". Anything that took less than a second took 1 s. */
export function duration(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1_000));
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  if (minutes === 0) return msg(str`${rest} s`);
  return rest === 0 ? msg(str`${minutes} min`) : msg(str`${minutes} min ${rest} s`);
}

function startOfDay(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
