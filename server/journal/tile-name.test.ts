import { describe, expect, it } from 'vitest';
import { tileName, tileNamed } from './tile-name.ts';

describe('the name of a tile', () => {
  it.each([
    [0, 0, 'tile/0/000'],
    [1, 67, 'tile/1/067'],
    [0, 1_234_067, 'tile/0/x001/x234/067'],
    [63, 1_000, 'tile/63/x001/000'],
  ])('is that of c2sp.org/tlog-tiles, and is read back: %d, %d', (level, index, name) => {
    expect(tileName(level, index)).toBe(name);
    expect(tileNamed(name.slice('tile/'.length))).toEqual({ level, index, width: 256 });
    expect(tileNamed(`${name.slice('tile/'.length)}.p/255`)).toEqual({ level, index, width: 255 });
  });

  it.each(['', '0', '0/', '0/0', '0/00', '0/0000', '0/x000/001', '0/001/001', '0/x001', '00/000', '01/000', '64/000', '-1/000', '0/000.p/0', '0/000.p/256', '0/000.p/01', '0/000.p/', '0/000.p', '0/000.p/1/2', '0/000 ', ' 0/000', '0/abc', 'entries/000', '0/../000', '0/x001/x001/x001/x001/x001/001', '0/0٠0'])('is none of it: “%s”', (name) => {
    expect(tileNamed(name)).toBeUndefined();
  });
});
