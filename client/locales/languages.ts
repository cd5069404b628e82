import { configureLocalization } from '@lit/localize';
import type { Language } from '../../contracts/languages.ts';
import { chooseLanguage } from '../text/language.ts';
import { templatesOf } from './templates.ts';

/** English is what the templates are written in, so it needs no file. */
const FILES: Readonly<Record<string, () => Promise<{ words: Readonly<Record<string, string>> }>>> = {
  de: () => import('./de.ts'),
  fr: () => import('./fr.ts'),
  es: () => import('./es.ts'),
  ja: () => import('./ja.ts'),
  ar: () => import('./ar.ts'),
} satisfies Record<Exclude<Language, 'en'>, unknown>;

const { setLocale } = configureLocalization({
  sourceLocale: 'en',
  targetLocales: Object.keys(FILES),
  loadLocale: async (language) => ({ templates: templatesOf((await FILES[language]?.())?.words ?? {}) }),
});

/** Speaks this language from now on, or English where it is not known or its words do not arrive. What is drawn already is not drawn again. */
export async function speak(wanted: string): Promise<void> {
  const language = Object.hasOwn(FILES, wanted) ? wanted : 'en';
  try {
    await setLocale(language);
    chooseLanguage(language);
  } catch {
    await setLocale('en');
  }
}

/** Whether what is written in this language begins at the right. */
export function isRightToLeft(language: string): boolean {
  return language === 'ar';
}
