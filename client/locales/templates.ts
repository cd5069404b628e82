import type { LocaleModule } from '@lit/localize';
import { generateMsgId } from '@lit/localize/internal/id-generation.js';

/** Templates as the library wants them: by the hash of their English pieces. */
export function templatesOf(words: Readonly<Record<string, string>>): LocaleModule['templates'] {
  return Object.fromEntries(Object.entries(words).map(([english, said]) => {
    const pieces = english.split('{}');
    if (pieces.length === 1) return [generateMsgId(english, false), said];
    const values = [...said.matchAll(/\{(\d)\}/gu)].map((match) => Number(match[1]));
    return [generateMsgId(pieces, false), { strTag: true, strings: said.split(/\{\d\}/u) as unknown as TemplateStringsArray, values }];
  }));
}
