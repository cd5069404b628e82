import type { KeptRecord } from '../records.ts';
import { bytesOf, hexOf, isSame } from './bytes.ts';
import { canonical, NO_HASH } from './canonical.ts';
import { isIncluded, LEAF, nodeHashWith, type NodeHash } from './merkle-proof.ts';
import { checkpointIn, isOfSameMoment, type Checkpoint } from './note.ts';
import type { Hash, Primitives } from './primitives.ts';
import { isSignedFor, parseLine } from './signed-lines.ts';
import type { Finding, Verdict } from './verdict.ts';

interface Manifest {
  readonly export: 'gorunchat';
  readonly checkpoint: { readonly note: string; readonly keys: readonly string[] };
  readonly conversations: readonly { readonly id: string; readonly records: number; readonly last: string }[];
}

/** One line of an export. */
interface Line extends Partial<Manifest> {
  readonly record?: KeptRecord;
  readonly content?: { readonly said?: { readonly type: string; readonly sha256?: string; readonly file?: { readonly fileId: string } } } | null;
  readonly place?: number;
  readonly proof?: readonly string[];
  readonly file?: string;
  readonly conversation?: string;
  /** Of an export that is one file. */
  readonly bytes?: string;
  /** Of one that lies in a package: the file is beside it, or was removed since (`null`). */
  readonly path?: string | null;
  readonly sha256?: string;
  readonly end?: string;
}

/**
 * Reads an export line by line. It is whole when the last line is signed over all others, the records of each conversation follow each other from the first to the one that is named as the last, each is in
 * the log under the signed checkpoint, and each file is the one that its record names. Holds no more than a line, and a hash for each file.
 */
export class ExportCheck {
  readonly #primitives: Primitives;
  readonly #nodeHash: NodeHash;
  readonly #findings: Finding[] = [];
  readonly #trusted: readonly string[];
  readonly #kept: readonly string[];
  readonly #hash: Hash;
  readonly #chains = new Map<string, { number: number; hash: string }>();
  /** Files that records name, until they have come; after something was removed from their conversation they need not. */
  readonly #files = new Map<string, { readonly chain: string; readonly sha256: string; isNeeded: boolean }>();
  /** Files that are beside this one in a package. */
  readonly beside: { readonly path: string; readonly sha256: string }[] = [];
  #manifest: Manifest | undefined;
  #checkpoint: Checkpoint | undefined;
  #keys: readonly string[] = [];
  #lines = 0;
  #records = 0;
  #isEnded = false;

  constructor(primitives: Primitives, trusted: readonly string[], kept: readonly string[]) {
    this.#primitives = primitives;
    this.#nodeHash = nodeHashWith(primitives);
    this.#hash = primitives.sha256();
    this.#trusted = trusted;
    this.#kept = kept;
  }

  get note(): string | undefined {
    return this.#manifest?.checkpoint.note;
  }

  /** Whether it is of one conversation, with so many records. */
  isOf(conversation: string, records: number, last: string): boolean {
    const named = this.#manifest?.conversations;
    return named?.length === 1 && named[0]?.id === conversation && named[0].records === records && named[0].last === last;
  }

  /** `undefined` is a line that is no text. */
  line(text: string | undefined): void {
    const line = text === undefined ? undefined : parseLine<Line>(text);
    if (this.#isEnded) return this.#find('altered', `line ${this.#lines + 2} comes after the end`);
    if (line?.end !== undefined) {
      if (text !== canonical({ end: line.end })) this.#find('altered', 'the last line is not written as it was'); // no signature is over it
      return this.#end(line.end);
    }
    this.#hash.update(`${text ?? ''}\n`);
    this.#lines += 1;
    if (line === undefined) return this.#find('unreadable', `line ${this.#lines} cannot be read`);
    if (this.#lines === 1) return this.#begin(line);
    if (line.record !== undefined) return this.#record(line.record, line);
    if (line.file !== undefined) return this.#file(line.file, line);
    this.#find('altered', `line ${this.#lines} is nothing that stands in an export`);
  }

  verdict(): Verdict {
    if (!this.#isEnded) this.#find('truncated', 'the export was cut off: its last line is missing');
    for (const { id, records, last } of this.#manifest?.conversations ?? []) {
      const { number, hash } = this.#chains.get(id) ?? { number: 0, hash: NO_HASH };
      if (number !== records) this.#find('truncated', `${id} has ${number} of its ${records} records`, id, number + 1);
      else if (hash !== last) this.#find('altered', `the last record of ${id} is not the one that is named`, id, number);
    }
    for (const [file, { isNeeded }] of this.#files) if (isNeeded) this.#find('missing', `file ${file} is missing`);
    return { records: this.#records, chains: this.#chains.size, findings: this.#findings };
  }

  #find(kind: Finding['kind'], says: string, chain = 'export', number = this.#lines): void {
    this.#findings.push({ chain, number, kind, says });
  }

  #begin(line: Line): void {
    if (line.export !== 'gorunchat' || line.checkpoint === undefined || line.conversations === undefined) return this.#find('unreadable', 'this is no export of GoRunChat');
    this.#manifest = line as Manifest;
    this.#keys = this.#trusted.length > 0 ? this.#trusted : line.checkpoint.keys;
    try {
      this.#checkpoint = checkpointIn(this.#primitives, line.checkpoint.note, this.#keys);
      for (const kept of this.#kept.map((note) => checkpointIn(this.#primitives, note, this.#keys))) this.#compare(kept, this.#checkpoint);
    } catch (error) {
      this.#find('unreadable', `the checkpoint does not hold: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** An export holds no more of the log than its own records, so only a checkpoint of the same moment can be compared. */
  #compare(kept: Checkpoint, own: Checkpoint): void {
    if (kept.origin !== own.origin) this.#find('swapped', `the checkpoint that was kept elsewhere is of another log, ${kept.origin}`);
    else if (isOfSameMoment(kept, own) && !isSame(kept.root, own.root)) this.#find('altered', 'the checkpoint is not the one that was kept elsewhere: the log was forked');
  }

  #record(record: KeptRecord, { place = -1, proof = [], content }: Line): void {
    this.#records += 1;
    const { hash, ...unhashed } = record;
    const { chain, number } = record;
    const before = this.#chains.get(chain) ?? { number: 0, hash: NO_HASH };
    this.#chains.set(chain, { number, hash });
    const find = (kind: Finding['kind'], says: string): void => this.#find(kind, `record ${chain}:${number} ${says}`, chain, number);
    if (!this.#manifest?.conversations.some(({ id }) => id === chain)) find('altered', 'is of no conversation that is named');
    if (number !== before.number + 1) find(number > before.number ? 'missing' : 'swapped', `does not follow record ${before.number}`);
    else if (record.previous !== before.hash) find('altered', 'does not follow the one before it');
    if (this.#hashOf(canonical(unhashed)) !== hash) find('altered', 'was altered');
    else if (this.#checkpoint !== undefined && !this.#isUnder(this.#checkpoint, record, place, proof)) find('altered', 'is not in the log under the signed checkpoint');
    const said = content?.said;
    if (said?.type === 'file-added' && said.file !== undefined && said.sha256 !== undefined) this.#files.set(said.file.fileId, { chain, sha256: said.sha256, isNeeded: true });
    if (said?.type === 'content-removed') for (const one of this.#files.values()) one.isNeeded &&= one.chain !== chain;
  }

  #isUnder({ size, root }: Checkpoint, record: KeptRecord, index: number, proof: readonly string[]): boolean {
    const leaf = this.#primitives.sha256().update(LEAF).update(canonical(record)).digest();
    return isIncluded(this.#nodeHash, leaf, { index, size, proof: proof.map(bytesOf) }, root);
  }

  #hashOf(bytes: string | Uint8Array): string {
    return hexOf(this.#primitives.sha256().update(bytes).digest());
  }

  #file(id: string, { bytes, path, sha256 }: Line): void {
    const named = this.#files.get(id);
    this.#files.delete(id);
    if (named === undefined) return this.#find('altered', `no record names file ${id}`);
    const found = bytes === undefined ? sha256 : this.#hashOf(bytesOf(bytes));
    if (found !== named.sha256) return this.#find('altered', `file ${id} is not the one that its record names`);
    if (typeof path === 'string') this.beside.push({ path, sha256: named.sha256 });
  }

  #end(note: string): void {
    this.#isEnded = true;
    try {
      const own = { name: 'gorunchat-export', lines: this.#lines, hash: hexOf(this.#hash.digest()) };
      if (!isSignedFor(this.#primitives, own, note, this.#keys)) this.#find('altered', 'the lines are not those that were signed');
    } catch (error) {
      this.#find('unreadable', `the last line does not hold: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
