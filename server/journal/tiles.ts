import { nodeHash, type Subtree } from './merkle.ts';

/** Hashes in a whole tile, as in the tlog-tiles format (c2sp.org/tlog-tiles): a tile of a level above 0 holds the roots of the tiles below. */
export const TILE_WIDTH = 256;
const LEVELS_IN_TILE = 8;
const HASH_BYTES = 32;

/** Under which a tile is kept. */
export function tileId(level: number, index: number): string {
  return `${level}/${index}`;
}

/** The hashes of a tile as they are kept: one after another, in base64. */
export function packed(hashes: readonly Buffer[]): string {
  return Buffer.concat(hashes).toString('base64');
}

/** The hashes of a tile that is kept so; the rest of one that was cut off is left out. */
export function unpacked(text: string): Buffer[] {
  const bytes = Buffer.from(text, 'base64');
  return Array.from({ length: Math.floor(bytes.length / HASH_BYTES) }, (_, place) => bytes.subarray(place * HASH_BYTES, (place + 1) * HASH_BYTES));
}

/** Reads the tile of this level and index; at least those of its hashes that were there when the tree had the size that is asked about. */
export type ReadTile = (level: number, index: number) => Promise<readonly Buffer[]>;

/** The right edge of the tree: of each level the tile that is not whole yet. All that has to be known to go on. */
export class Edge {
  readonly size: number;
  readonly #tiles: readonly (readonly Buffer[])[];

  private constructor(size: number, tiles: readonly (readonly Buffer[])[]) {
    this.size = size;
    this.#tiles = tiles;
  }

  /** Of a tree without leaves. */
  static empty(): Edge {
    return new Edge(0, []);
  }

  /** Of a tree of this size whose tiles can be read. */
  static async of(size: number, read: ReadTile): Promise<Edge> {
    const tiles: (readonly Buffer[])[] = [];
    for (let [level, count] = [0, size]; count > 0; level++, count = Math.floor(count / TILE_WIDTH)) {
      const width = count % TILE_WIDTH;
      tiles.push(width === 0 ? [] : (await read(level, Math.floor(count / TILE_WIDTH))).slice(0, width));
    }
    return new Edge(size, tiles);
  }

  /** The edge once these leaves have followed, and each tile that is not what it was. This one stays as it is. */
  grown(leaves: readonly Buffer[]): { edge: Edge; changed: ReadonlyMap<string, readonly Buffer[]> } {
    const tiles = this.#tiles.map((tile) => [...tile]);
    const whole = tiles.map((_, level) => Math.floor(this.size / TILE_WIDTH ** (level + 1)));
    const changed = new Map<string, readonly Buffer[]>();
    const push = (level: number, hash: Buffer): void => {
      const tile = (tiles[level] ??= []);
      const index = (whole[level] ??= 0);
      tile.push(hash);
      changed.set(tileId(level, index), tile);
      if (tile.length < TILE_WIDTH) return;
      [tiles[level], whole[level]] = [[], index + 1];
      push(level + 1, rootOf(tile));
    };
    for (const leaf of leaves) push(0, leaf);
    return { edge: new Edge(this.size + leaves.length, tiles), changed };
  }

  /** The root of the whole tree, of at least one leaf. */
  root(): Buffer {
    const parts = this.#tiles.flatMap((tile) => subtreesOf(tile).toReversed());
    const [smallest, ...larger] = parts as [Buffer, ...Buffer[]];
    return larger.reduce((right, left) => nodeHash(left, right), smallest);
  }
}

/** The roots of the largest whole subtrees that these hashes make, the largest first. */
function subtreesOf(hashes: readonly Buffer[]): Buffer[] {
  const roots: Buffer[] = [];
  let start = 0;
  for (let width = TILE_WIDTH / 2; width >= 1; width /= 2) {
    if ((hashes.length & width) === 0) continue;
    roots.push(rootOf(hashes.slice(start, start + width)));
    start += width;
  }
  return roots;
}

/** Of a power of two of hashes. */
function rootOf(hashes: readonly Buffer[]): Buffer {
  let row = hashes;
  while (row.length > 1) row = Array.from({ length: row.length / 2 }, (_, place) => nodeHash(row[place * 2] as Buffer, row[place * 2 + 1] as Buffer));
  return row[0] as Buffer;
}

/** Subtrees of the tree that these tiles are of. */
export function subtreesIn(read: ReadTile): Subtree {
  return async (level, index) => {
    const inTile = level % LEVELS_IN_TILE;
    const first = index * 2 ** inTile;
    const tile = await read(Math.floor(level / LEVELS_IN_TILE), Math.floor(first / TILE_WIDTH));
    const from = first % TILE_WIDTH;
    return rootOf(tile.slice(from, from + 2 ** inTile));
  };
}
