// How tiles are called: c2sp.org/tlog-tiles. Without any dependency, since the verifier uses it.
import { TILE_WIDTH } from './tiles.ts';

/** A whole tile: three digits a folder, all but the last with an x before them. */
export function tileName(level: number, index: number): string {
  const parts: string[] = [];
  for (let rest = index; parts.length === 0 || rest > 0; rest = Math.floor(rest / 1_000)) parts.unshift(String(rest % 1_000).padStart(3, '0'));
  return `tile/${level}/${parts.map((part, place) => (place === parts.length - 1 ? part : `x${part}`)).join('/')}`;
}

/** A tile, or its first `width` hashes. */
export interface Tile {
  readonly level: number;
  readonly index: number;
  readonly width: number;
}

const NAME = /^(0|[1-9]|[1-5]\d|6[0-3])\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/u;

/** The tile that is called this, after `tile/`; `undefined` for what is no name of one, or not the only one that it has. */
export function tileNamed(name: string): Tile | undefined {
  const [, level, path, partial] = NAME.exec(name) ?? [];
  if (level === undefined || path === undefined) return undefined;
  const tile = { level: Number(level), index: Number(path.replaceAll(/[x/]/gu, '')), width: partial === undefined ? TILE_WIDTH : Number(partial) };
  const isItsName = tileName(tile.level, tile.index) === `tile/${level}/${path}` && (partial === undefined || tile.width < TILE_WIDTH);
  return isItsName ? tile : undefined;
}
