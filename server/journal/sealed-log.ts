import { Failure } from '../../contracts/failures.ts';
import type { Actor } from '../../contracts/records.ts';
import { CommitRefused } from '../store/refused.ts';
import type { Kinds } from '../store/kinds.ts';
import type { Store } from '../store/store.ts';
import { DEPLOYMENT, type Audit } from './audit.ts';
import { recordId } from './journal.ts';
import type { Keys } from './keys.ts';
import { consistencyProof, inclusionProof } from './merkle.ts';
import { openSigner, type Signer } from './signed-note.ts';
import { subtreesIn, tileId, unpacked } from './tiles.ts';

/** Under which the key is kept that the log is signed with. */
export const SIGNER = 'signer:1';
const ITSELF: Actor = { user: null, session: null, address: '', agent: '' };

/** The deployment's key for checkpoints, under the master key like every other; made, with its record, when there is none. */
export async function logSigner(keys: Keys, audit: Audit): Promise<Signer> {
  const kept = await keys.of(SIGNER);
  if (kept !== undefined) return openSigner(kept);
  const { key, change } = keys.make(SIGNER, DEPLOYMENT.id);
  try {
    await audit.commit([change], { type: 'signing-key-made', v: 1, key: openSigner(key).verifierKey }, ITSELF, DEPLOYMENT);
    return openSigner(key);
  } catch (error) {
    if (!(error instanceof CommitRefused) || error.reason !== 'conflict') throw error;
    return logSigner(keys, audit); // another instance was first
  }
}

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
  /** That the log begins with what it was when it held `from` records. Throws `invalid-command` when it never held so many. */
  consistency(from: number): Promise<Proof>;
}

export function openSealedLog(store: Store): SealedLog {
  const read = async (level: number, index: number): Promise<readonly Buffer[]> => {
    const tile = await store.get('tile', tileId(level, index));
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
    async consistency(from) {
      const checkpoint = await latest();
      if (from > checkpoint.size) throw new Failure('invalid-command', { detail: `The log holds ${checkpoint.size} records.` });
      return { checkpoint, proof: base64(await consistencyProof(from, checkpoint.size, subtree)) };
    },
  };
}

function unread(error: unknown): never {
  throw new Failure('record-unavailable', { cause: error });
}
