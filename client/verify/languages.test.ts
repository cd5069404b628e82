import { describe, expect, it } from 'vitest';

const LANGUAGES = import.meta.glob<{ words: Readonly<Record<string, string>> }>('./words/??.ts', { eager: true });
const SOURCES = import.meta.glob<string>('./*.ts', { eager: true, query: '?raw', import: 'default' });

/** Texts as they stand in `msg(…)`, a value in them as `{}`. */
const textsOf = (source: string): string[] => [...source.matchAll(/msg\((?:str`([^`]*)`|'([^']*)')/gu)].map(([, template, text]) => (template ?? text ?? '').replaceAll(/\$\{(?:[^{}]|\{[^}]*\})*\}/gu, '{}'));

const said = new Set(Object.entries(SOURCES).filter(([file]) => !file.endsWith('.test.ts')).flatMap(([, source]) => textsOf(source)));

describe.each(Object.entries(LANGUAGES))('%s', (_file, { words }) => {
  it('has words for everything that the page which verifies packages says, each value once, and for nothing else', () => {
    expect(said.size).toBeGreaterThan(40);
    expect([...said].filter((text) => !Object.hasOwn(words, text))).toEqual([]);
    expect(Object.keys(words).filter((text) => !said.has(text))).toEqual([]);
    const values = (text: string): string => [...text.matchAll(/\{(\d)\}/gu)].map((match) => match[1]).toSorted((a, b) => Number(a) - Number(b)).join();
    expect(Object.entries(words).filter(([english, text]) => values(text) !== [...(english.match(/\{\}/gu) ?? [])].map((_, place) => place).join())).toEqual([]);
  });
});
