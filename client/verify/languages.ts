import { configureLocalization } from '@lit/localize';
import type { Language } from '../../contracts/languages.ts';
import { templatesOf } from '../locales/templates.ts';
import { chooseLanguage } from '../text/language.ts';
import { words as ar } from './words/ar.ts';
import { words as de } from './words/de.ts';
import { words as es } from './words/es.ts';
import { words as fr } from './words/fr.ts';
import { words as ja } from './words/ja.ts';

/** The page has to speak without a server, so the words of every language are in it; English is what the templates are written in. */
const WORDS: Readonly<Record<Exclude<Language, 'en'>, Readonly<Record<string, string>>>> = { de, fr, es, ja, ar };

/** How each calls itself. */
export const NAMES: Readonly<Record<Language, string>> = { en: 'English', de: 'Deutsch', fr: 'Français', es: 'Español', ja: '日本語', ar: 'العربية' };

const { setLocale } = configureLocalization({
  sourceLocale: 'en',
  targetLocales: Object.keys(WORDS),
  loadLocale: async (language) => ({ templates: templatesOf(WORDS[language as Exclude<Language, 'en'>]) }),
});

/** The first of these that the page speaks. */
export function languageOf(wanted: readonly string[]): Language {
  const known = wanted.map((one) => one.toLowerCase().split('-')[0]).find((one) => one !== undefined && Object.hasOwn(NAMES, one));
  return (known ?? 'en') as Language;
}

/** Speaks this language from now on, in numbers and times as well. What is drawn already is not drawn again. */
export async function speak(language: Language): Promise<void> {
  await setLocale(language);
  chooseLanguage(language);
  document.documentElement.lang = language;
  document.documentElement.dir = language === 'ar' ? 'rtl' : 'ltr';
}
