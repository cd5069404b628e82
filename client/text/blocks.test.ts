import { describe, expect, it } from 'vitest';
import { BlockReader } from './blocks.ts';
import { LONG as SAMPLE } from './sample.ts';

const drawn = (reader: BlockReader, text: string, isGrowing: boolean) => reader.read(text, isGrowing).map(({ token }) => token);

describe('reading a growing text', () => {
  it('block by block says the same as reading the whole, at every prefix', () => {
    const LONG = SAMPLE.replace(/^\[ref\]:.*\n/m, '');
    const growing = new BlockReader();
    // Compared as text, and looked into only where they differ: thousands of trees take the assertion itself many seconds.
    const same = (text: string) => JSON.stringify(drawn(growing, text, true)) === JSON.stringify(drawn(new BlockReader(), text, true));
    const prefixes = Array.from({ length: LONG.length + 1 }, (_, end) => LONG.slice(0, end));
    expect(prefixes.find((text) => !same(text))).toBe(undefined);
    expect(drawn(growing, LONG, false)).toEqual(drawn(new BlockReader(), LONG, false));
  });

  it('keeps the block objects that more text cannot change', () => {
    const reader = new BlockReader();
    const before = reader.read('First.\n\nSecond.\n\n- a\n- b\n\nLast', true);
    const after = reader.read('First.\n\nSecond.\n\n- a\n- b\n\nLast and more', true);
    expect(after.slice(0, -1).every((block, index) => block === before[index])).toBe(true);
    expect(after.at(-1)).not.toBe(before.at(-1));
  });

  it('reads what replaces the text from its beginning', () => {
    const reader = new BlockReader();
    reader.read('# One\n\ntwo\n\nthree\n\nfour', true);
    expect(reader.read('Something else', false).map(({ raw }) => raw)).toEqual(['Something else']);
  });

  it('closes what is half written in the growing block only', () => {
    const reader = new BlockReader();
    const blocks = reader.read('A **closed\n\nand an **open', true);
    expect(JSON.stringify(blocks[0]!.token)).not.toContain('"strong"');
    expect(JSON.stringify(blocks.at(-1)!.token)).toContain('"strong"');
    expect(JSON.stringify(reader.read('A **closed\n\nand an **open', false).at(-1)!.token)).not.toContain('"strong"');
  });

  it('draws a table from its first cell on, never as text with bars', () => {
    const text = '| Origin | Use per day |\n|:--|--:|\n| Huila | 42 kg |';
    const reader = new BlockReader();
    for (let end = '| O'.length; end <= text.length; end += 1) expect(drawn(reader, text.slice(0, end), true).map(({ type }) => type)).toEqual(['table']);
    expect(drawn(new BlockReader(), '| just a bar', false)[0]!.type).toBe('paragraph');
  });

  it('finds the address of a link that is defined at the end', () => {
    const reader = new BlockReader();
    const text = 'See [the terms][1].\n\nOne.\n\nTwo.\n\nThree.\n\n[1]: https://example.com/terms\n';
    for (let end = 0; end <= text.length; end += 1) reader.read(text.slice(0, end), true);
    expect(JSON.stringify(reader.read(text, false)[0]!.token)).toContain('https://example.com/terms');
  });

  it('takes line ends of every kind', () => {
    expect(new BlockReader().read('a\r\n\r\nb\rc', false).map(({ raw }) => raw)).toEqual(new BlockReader().read('a\n\nb\nc', false).map(({ raw }) => raw));
  });
});
