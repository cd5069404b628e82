import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { snippetOf, tokensOf, wantedIn, withoutMarks } from './tokens.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 60 });

describe('the words of a text', () => {
  it('are letters, numbers and private-use characters, without case and accents, each once', () => {
    expect(tokensOf('Crème BRÛLÉE, crème; x2 \ue000 \u{1f600} e-mail')).toEqual(['creme', 'brulee', 'x2', '\ue000', 'e', 'mail']);
    expect(tokensOf('e\u0301te\u0301 İstanbul ΣΑΣ σας')).toEqual(['ete', 'istanbul', 'σασ']);
    expect(tokensOf('한국어 हिन्दी')).toEqual(['한국어', 'हिन्दी']);
    expect(tokensOf(' \u0000 *** "" \ud800')).toEqual([]);
  });

  it('hold nothing that means anything to a query, whatever was typed', () => {
    fc.assert(fc.property(anyText, (text) => {
      for (const token of tokensOf(text)) expect(token).toMatch(/^[\p{L}\p{N}\p{Co}\p{M}]+$/u);
    }));
  });

  it('are found by whoever types them again, or begins to', () => {
    fc.assert(fc.property(anyText, (text) => {
      const tokens = new Set(tokensOf(text));
      const wanted = wantedIn(text);
      expect(new Set(wanted === null ? [] : [...wanted.whole, wanted.beginning])).toEqual(tokens);
    }));
  });

  it('are 32 of a query at most, and a long one counts with its beginning', () => {
    expect(wantedIn(Array.from({ length: 99 }, (_, place) => `w${place}`).join(' '))).toMatchObject({ whole: { length: 31 }, beginning: 'w31' });
    expect(wantedIn('x'.repeat(9_000))).toEqual({ whole: [], beginning: 'x'.repeat(100) });
    expect(tokensOf('x'.repeat(9_000))).toEqual(['x'.repeat(100)]);
  });
});

describe('a snippet', () => {
  const text = Array.from({ length: 60 }, (_, place) => `word${place}`).join(', ');

  it('shows the words around the first that was found', () => {
    expect(snippetOf(text, { whole: [], beginning: 'word30' }))
      .toBe(`…${Array.from({ length: 16 }, (_, place) => (place === 5 ? '\u0002word30\u0003' : `word${25 + place}`)).join(', ')}…`);
    expect(snippetOf('one two', { whole: ['one'], beginning: 'tw' })).toBe('\u0002one\u0003 \u0002two\u0003');
    expect(snippetOf(text, { whole: [], beginning: 'word59' })).toMatch(/^…word44, .*word58, .word59.$/u);
    expect(snippetOf('', { whole: [], beginning: 'x' })).toBe('');
  });

  it('adds and loses nothing of a short text but the marks', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 16 }), (short) => {
      const plain = withoutMarks(short);
      expect(snippetOf(plain, wantedIn(plain) ?? { whole: [], beginning: 'x' }).replaceAll('\u0002', '').replaceAll('\u0003', '')).toBe(plain);
    }));
  });
});
