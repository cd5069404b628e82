let chosen: string | undefined;

/** The language in which times and sizes are written: the one that was chosen here, else that of the page. */
export function language(): string {
  return chosen ?? (document.documentElement.lang || 'en');
}

export function chooseLanguage(now: string): void {
  chosen = now;
}
