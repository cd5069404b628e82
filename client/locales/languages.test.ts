import { describe, expect, it } from 'vitest';
import { FAILURES } from '../../contracts/failures.ts';
import { LANGUAGES as SPOKEN } from '../../contracts/languages.ts';

const LANGUAGES = import.meta.glob<{ words: Readonly<Record<string, string>> }>('./??.ts', { eager: true });
/** All that a visitor can come to see: the panel, and what draws a conversation. */
const SOURCES = import.meta.glob<string>(['../components/{chat-panel,thread,message,composer,part-file,part-reasoning,part-text,code,notice,menu}/*.ts', '../text/*.ts', '../link/*.ts', '../state/attachments.ts'], { eager: true, query: '?raw', import: 'default' });
/** What stands on a site's page before any of these arrives has its words in tables of its own. */
const TABLES = import.meta.glob<string>('../widget*.ts', { eager: true, query: '?raw', import: 'default' });

/** Texts as they stand in `msg(…)`, a value in them as `{}`. */
function textsOf(source: string): string[] {
  return [...source.matchAll(/msg\((?:str`([^`]*)`|'((?:[^'\\]|\\.)*)')/gu)].map(([, template, text]) => (template ?? text ?? '').replaceAll(/\$\{(?:[^{}]|\{[^}]*\})*\}/gu, '{}').replaceAll("\\'", "'").replaceAll('\\n', '\n'));
}

const sources = Object.entries(SOURCES).filter(([file]) => !/\.test\.ts$|sample/u.test(file));
const said = new Set([...sources.flatMap(([, source]) => textsOf(source)), ...Object.values(FAILURES).map(({ text }) => text)]);

describe.each(Object.entries(LANGUAGES))('%s', (_file, { words }) => {
  it('has words for everything that a visitor can come to see, and for nothing else', () => {
    expect(said.size).toBeGreaterThan(150);
    expect([...said].filter((text) => !Object.hasOwn(words, text))).toEqual([]);
    expect(Object.keys(words).filter((text) => !said.has(text))).toEqual([]);
  });

  it('says each value once', () => {
    const valuesIn = (text: string): string[] => [...text.matchAll(/\{(\d)\}/gu)].map((match) => match[1] as string).toSorted((a, b) => a.localeCompare(b));
    const wrong = Object.entries(words).filter(([english, text]) => valuesIn(text).join() !== [...(english.match(/\{\}/gu) ?? [])].map((_, place) => String(place)).join());
    expect(wrong).toEqual([]);
  });
});

describe('what a site’s page loads first', () => {
  const tables = Object.entries(TABLES).flatMap(([file, source]) => [...source.matchAll(/const ([A-Z]+): Readonly<Record<string, (?:string|readonly \[[^\]]*\])>> = \{(.*?)\};/gsu)].map(([, name, table]) => [`${name} in ${file}`, table as string] as const));

  it('has its tables of words where they are looked for', () => {
    expect(tables.map(([name]) => name)).toEqual(expect.arrayContaining(['DISMISS in ../widget-teaser.ts', 'WORDS in ../widget-box.ts', 'WORDS in ../widget.ts']));
  });

  it.each(tables)('%s has words in every language, and in no other', (_, table) => {
    const languages = [...table.matchAll(/\b([a-z]{2}): (?:'[^']+'|\[(?:'[^']+'(?:, )?)+\])/gu)].map(([, language]) => language);
    expect(new Set(languages)).toEqual(new Set(SPOKEN));
  });
});
