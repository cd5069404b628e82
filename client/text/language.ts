let chosen: string | undefined;

/** The language in which times and sizes are written: the one that was chosen here, else that of the page. */
export function language(): string {
  return chosen ?? (document.documentElement.lang || 'en');
}

/** From now on numbers and times are written as in this language. */
export function chooseLanguage(now: string): void {
  chosen = now;
}
