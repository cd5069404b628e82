import { createHash } from 'node:crypto';
import type { Planned, StatementHead } from '../../../contracts/proofs/statement.ts';
import { canonical } from '../../../contracts/proofs/canonical.ts';
import { contentOf } from '../journal.ts';
import type { Key } from '../seal.ts';
import type { SealedLog } from '../sealed-log.ts';
import { signedText, type Signer } from '../signed-note.ts';
import type { Store } from '../../store/store.ts';

/** Records that are read at once: one may hold a megabyte. */
const PAGE = 25;

/** What the lines of a conversation are made from. */
export interface LinesWorld {
  readonly store: Store;
  readonly log: Pick<SealedLog, 'prover'>;
  readonly signers: () => Promise<readonly Signer[]>;
}

/** A file that a record names; `path` is where it is in the package, `null` when it was removed since. */
export interface NamedFile {
  readonly file: string;
  readonly sha256: string;
  readonly path: string | null;
}

/**
 * A conversation as NDJSON: what it is, each record as it is kept with what it says, its place in the log and the proof of it, and where each file is. The last line is signed: how many lines there are
 * before it, and their hash, so that nothing can be left out or added later. What is erased (`key` is not there) comes with its records and without what they said.
 */
export async function* recordLines({ store, log, signers }: LinesWorld, { at, case: of, reason, checkpoint }: StatementHead, planned: Planned, key: Key | undefined, files: readonly NamedFile[]): AsyncGenerator<string> {
  const { conversation: id, owner, site, records, last } = planned;
  const hash = createHash('sha256');
  let lines = 0;
  const line = (value: unknown): string => {
    const text = `${canonical(value)}\n`;
    hash.update(text);
    lines += 1;
    return text;
  };
  const prove = log.prover(checkpoint.size);
  yield line({ export: 'gorunchat', v: 2, at, case: of, reason, checkpoint, conversations: [{ id, owner, site, records, last }] });
  for (let from = 1; from <= records; from += PAGE) {
    const { items } = await store.find({ kind: 'record', index: 'byChain', where: [id], from, to: Math.min(from + PAGE - 1, records), order: 'up', limit: PAGE });
    for (const { body } of items) {
      const { place, proof } = await prove(id, body.number);
      yield line({ record: body, content: key === undefined ? null : contentOf(body, key), place, proof });
    }
  }
  for (const file of files) yield line({ ...file, conversation: id });
  yield `${canonical({ end: signedText(`gorunchat-export\n${lines}\n${hash.digest('hex')}\n`, await signers()) })}\n`;
}
