import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConversationId } from '../../contracts/ids.ts';
import type { KeptRecord } from '../../contracts/records.ts';
import { leafOf, nextRecord, START } from '../../server/journal/journal.ts';
import { GrowingRoot } from '../../server/journal/merkle.ts';
import { newKey } from '../../server/journal/seal.ts';
import { openSigner, signedCheckpoint, type Signer } from '../../server/journal/signed-note.ts';
import { folderSink } from '../../server/journal/sinks/folder.ts';
import type { Placed } from '../../server/journal/sinks/sink.ts';
import { Edge, TILE_WIDTH } from '../../server/journal/tiles.ts';
import type { Head } from '../../server/store/kinds.ts';
import { seedOf, type Archive } from './archive-corruptions.ts';
import { filesIn } from './archive-files.ts';
import type { Dice } from './random.ts';

/** An archive that lies in a folder of its own. */
export interface Shipped extends Archive {
  readonly folder: string;
}

const ACTOR = { user: null, session: null, address: '', agent: '' };
const CHAINS = ['a', 'b', 'audit'] as const;
const key = newKey();

/** A log of its own, each piece of it with so many records, of whichever chain comes, as the sink for folders lays it out. */
export async function shippedArchive(dice: Dice, pieces: readonly number[]): Promise<Shipped> {
  const folder = mkdtempSync(join(tmpdir(), 'archive-'));
  const log = new Log(openSigner(seedOf(dice)));
  const sink = folderSink(folder);
  for (const count of pieces) {
    const records = Array.from({ length: count }, () => log.grow(dice.pick(CHAINS)));
    for (const [id, hashes] of log.wholeTiles()) await sink.putTile(...(id.split('/').map(Number) as [number, number]), Buffer.concat(hashes));
    await sink.putRecords(records);
    await sink.putCheckpoint(log.root.size, signedCheckpoint({ size: log.root.size, root: log.root.root() }, [log.signer]), [log.signer.verifierKey]);
  }
  return { folder, files: filesIn(folder), signer: log.signer };
}

class Log {
  readonly signer: Signer;
  readonly root = new GrowingRoot();
  readonly #heads = new Map<string, Head>();
  #edge = Edge.empty();
  #waiting: Buffer[] = [];

  constructor(signer: Signer) {
    this.signer = signer;
  }

  grow(chain: string): Placed {
    const next = nextRecord(this.#heads.get(chain) ?? START, { chain: chain as ConversationId, epoch: 1, at: 1_000, keyId: chain, key }, { actor: ACTOR, said: { type: 'conversation-restored', v: 1 } });
    this.#heads.set(chain, next.head);
    const record = (next.changes[0] as { body: KeptRecord }).body;
    const place = this.root.size;
    this.root.push(leafOf(record));
    this.#waiting.push(leafOf(record));
    return { place, record };
  }

  wholeTiles(): [id: string, hashes: readonly Buffer[]][] {
    const { edge, changed } = this.#edge.grown(this.#waiting);
    [this.#edge, this.#waiting] = [edge, []];
    return [...changed].filter(([, hashes]) => hashes.length === TILE_WIDTH);
  }
}
