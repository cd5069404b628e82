import { configureLocalization, type LocaleModule } from '@lit/localize';
import { generateMsgId } from '@lit/localize/internal/id-generation.js';
import type { Language } from '../../contracts/languages.ts';
import { chooseLanguage } from '../text/language.ts';

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

/** Templates as the library wants them: by the hash of their English pieces. */
function templatesOf(words: Readonly<Record<string, string>>): LocaleModule['templates'] {
  return Object.fromEntries(Object.entries(words).map(([english, said]) => {
    const pieces = english.split('{}');
    if (pieces.length === 1) return [generateMsgId(english, false), said];
    const values = [...said.matchAll(/\{(\d)\}/gu)].map((match) => Number(match[1]));
    return [generateMsgId(pieces, false), { strTag: true, strings: said.split(/\{\d\}/u) as unknown as TemplateStringsArray, values }];
  }));
}
