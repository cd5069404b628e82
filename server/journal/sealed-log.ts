import { Failure } from '../../contracts/failures.ts';
import type { Kinds } from '../store/kinds.ts';
import { unread } from '../store/refused.ts';
import type { Store } from '../store/store.ts';
import { recordId } from './journal.ts';
import { consistencyProof, inclusionProof } from './merkle.ts';
import type { Tile } from './tile-name.ts';
import { subtreesIn, TILE_WIDTH, tileId, unpacked } from './tiles.ts';

/** A proof with the checkpoint that it leads to. Hashes are in base64. */
export interface Proof {
  readonly checkpoint: Kinds['checkpoint'];
  readonly proof: readonly string[];
}

/** The log over all records, for whoever wants it proved. Throws `record-unavailable` when the store cannot be read, and `not-found` while nothing is sealed. */
export interface SealedLog {
  checkpoint(): Promise<Kinds['checkpoint']>;
  /** That a record is in the log, as it is or as it was when it held `size` records, and at which place. Throws `not-found` for one that is not, or not yet. */
  inclusion(chain: string, number: number, size?: number): Promise<Proof & { readonly place: number; readonly leaf: string }>;
  /** The same for many records of one size of the log: what was read of it is kept between them, so that those beside each other cost little. */
  prover(size: number): (chain: string, number: number) => Promise<{ readonly place: number; readonly proof: readonly string[] }>;
  /** That the log begins with what it was when it held `from` records. Throws `invalid-command` when it never held so many. */
  consistency(from: number): Promise<Proof>;
  /** The hashes of a tile, one after another: those that are signed, and only where there are as many of them. Throws `not-found` where there are not. */
  tile(tile: Tile): Promise<Buffer>;
}

/** What one who proves many records keeps in memory: two megabytes or so. */
const TILES_KEPT = 64;
const SUBTREES_KEPT = 8_192;

/** Asks once for each place, and forgets all of them when they are too many. */
function remembered<T>(ask: (level: number, index: number) => Promise<T>, most: number): (level: number, index: number) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (level, index) => {
    const place = tileId(level, index);
    const there = known.get(place);
    if (there !== undefined) return there;
    if (known.size >= most) known.clear();
    const asked = ask(level, index);
    known.set(place, asked);
    return asked;
  };
}

/** The log that is kept in this store, which is read whenever something is asked of it. */
export function openSealedLog(store: Store): SealedLog {
  const read = async (level: number, index: number): Promise<readonly Buffer[]> => {
    const tile = await store.get('tile', tileId(level, index)).catch(unread);
    if (tile === undefined) throw new Failure('internal', { detail: 'A part of the log is missing: run gorunchat verify.' });
    return unpacked(tile.body.hashes);
  };
  const subtree = subtreesIn(read);
  const base64 = (hashes: readonly Buffer[]): string[] => hashes.map((hash) => hash.toString('base64'));
  const latest = async (): Promise<Kinds['checkpoint']> => {
    const kept = await store.get('checkpoint', 'latest').catch(unread);
    if (kept === undefined) throw new Failure('not-found');
    return kept.body;
  };
  return {
    checkpoint: latest,
    async inclusion(chain, number, asked) {
      const sealed = await store.get('sealed', recordId(chain, number)).catch(unread);
      const checkpoint = await latest();
      const size = asked ?? checkpoint.size;
      if (sealed === undefined || sealed.body.place >= size) throw new Failure('not-found');
      const { place } = sealed.body;
      const [proof, leaf] = await Promise.all([inclusionProof(place, size, subtree), subtree(0, place)]);
      return { checkpoint, place, leaf: leaf.toString('base64'), proof: base64(proof) };
    },
    prover(size) {
      const near = remembered(subtreesIn(remembered(read, TILES_KEPT)), SUBTREES_KEPT);
      return async (chain, number) => {
        const sealed = await store.get('sealed', recordId(chain, number)).catch(unread);
        if (sealed === undefined || sealed.body.place >= size) throw new Failure('not-found');
        return { place: sealed.body.place, proof: base64(await inclusionProof(sealed.body.place, size, near)) };
      };
    },
    async consistency(from) {
      const checkpoint = await latest();
      if (from > checkpoint.size) throw new Failure('invalid-command', { detail: `The log holds ${checkpoint.size} records.` });
      return { checkpoint, proof: base64(await consistencyProof(from, checkpoint.size, subtree)) };
    },
    async tile({ level, index, width }) {
      const { size } = await latest();
      if (index * TILE_WIDTH + width > Math.floor(size / TILE_WIDTH ** level)) throw new Failure('not-found');
      return Buffer.concat((await read(level, index)).slice(0, width));
    },
  };
}
