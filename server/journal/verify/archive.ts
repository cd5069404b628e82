// Runs without any dependency, as everything of `gorunchat verify` does.
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { canonical, NO_HASH } from '../../../contracts/proofs/canonical.ts';
import type { Finding, KeptElsewhere, Verdict } from '../../../contracts/proofs/verdict.ts';
import type { KeptRecord } from '../../../contracts/records.ts';
import { linesOf } from '../../byte-lines.ts';
import { hashOf } from '../record-hash.ts';
import { GrowingRoot, leafHash } from '../merkle.ts';
import { readCheckpoint, type Checkpoint } from '../signed-note.ts';
import { checkpointName, keyName, numberIn, recordsName } from '../sinks/archive-names.ts';
import { tileName } from '../tile-name.ts';
import { Edge, TILE_WIDTH } from '../tiles.ts';
import { afterRestore } from './restored.ts';

/** Whether this folder holds a copy of a log, or what is left of one. */
export function isArchive(folder: string): boolean {
  return !existsSync(join(folder, 'gorunchat.db')) && ['records', 'checkpoints'].some((name) => existsSync(join(folder, name)));
}

/** A copy of the log, and those beside it that were begun after a restore; the oldest first. */
export function archivesIn(folder: string): string[] {
  const later = existsSync(folder) && statSync(folder).isDirectory() ? readdirSync(folder).filter((name) => name.startsWith('restored-')).toSorted() : [];
  return [folder, ...later.map((name) => join(folder, name))].filter(isArchive);
}

/**
 * Reads an archive from the first record to the last. It is intact when no place is missing or taken twice, every line is written in the one form, the records of each chain follow each other,
 * and the root over them is the one that was signed, at every checkpoint that the archive holds or that was kept elsewhere. Holds no more than a line, the last hash of each chain, the
 * checkpoints, and the edge of the tree. What is added to the archive while this reads is no finding.
 */
export async function verifyArchive(folder: string, { keys = [], checkpoints = [] }: KeptElsewhere = {}): Promise<Verdict> {
  const check = new ArchiveCheck(folder, keys, checkpoints);
  for (const name of namesIn(folder, 'records')) await check.piece(name);
  return check.verdict();
}

/** What is to be true of the log when it holds so many records. */
interface Expected {
  readonly root: Buffer;
  readonly what: string;
}

class ArchiveCheck {
  readonly #folder: string;
  readonly #findings: Finding[] = [];
  readonly #chains = new Map<string, { number: number; hash: string }>();
  readonly #expected = new Map<number, Expected[]>();
  readonly #root = new GrowingRoot();
  #edge = Edge.empty();
  #waiting: Buffer[] = [];
  #origin: string | undefined;
  /** The checkpoint of the archive over the most records. */
  #latest: Checkpoint | undefined;
  #lines = 0;
  /** The place that belongs to the next line. */
  #next = 0;
  /** A line is missing, is twice there or cannot be read: no root can be compared from here on, and that is said already. */
  #isBroken = false;
  /** The most records that a checkpoint stands for: one in the archive, one that was kept elsewhere. */
  #signed = 0;
  #kept = 0;

  constructor(folder: string, trusted: readonly string[], kept: readonly string[]) {
    this.#folder = folder;
    const names = namesIn(folder, 'checkpoints'); // before the keys and the records, which are there before a checkpoint is
    const named = namesIn(folder, 'keys').map((name) => this.#key(name));
    const keys = trusted.length > 0 ? trusted : named;
    for (const name of names) this.#signed = Math.max(this.#signed, this.#expect(readFileSync(join(folder, name), 'utf8'), keys, `checkpoint ${name}`, name));
    for (const note of kept) this.#kept = Math.max(this.#kept, this.#expect(note, keys, 'the checkpoint that was kept elsewhere'));
  }

  #find(kind: Finding['kind'], says: string, chain = 'log', number = this.#next + 1): void {
    this.#findings.push({ chain, number, kind, says });
  }

  #key(name: string): string {
    const text = readFileSync(join(this.#folder, name), 'utf8');
    const key = text.slice(0, -1);
    if (`${key}\n` !== text || keyName(key) !== name) this.#find('altered', `${name} is not the key that it is named after`);
    return key;
  }

  /** The number of records that the note stands for; 0 when it does not hold. */
  #expect(note: string, keys: readonly string[], what: string, name?: string): number {
    try {
      const checkpoint = readCheckpoint(note, keys);
      const { origin, size, root } = checkpoint;
      this.#origin ??= origin;
      if (origin !== this.#origin) this.#find('swapped', `${what} is of another log, ${origin}`);
      else if (name !== undefined && name !== checkpointName(size)) this.#find('swapped', `${what} is over ${size} records`);
      else if (name === undefined && this.#latest !== undefined && afterRestore(checkpoint, this.#latest, (kind, number, says) => this.#find(kind, says, 'log', number))) return 0;
      else this.#expected.set(size, [...(this.#expected.get(size) ?? []), { root, what }]);
      if (name !== undefined && size >= (this.#latest?.size ?? 0)) this.#latest = checkpoint;
      return size;
    } catch (error) {
      this.#find('unreadable', `${what} does not hold: ${error instanceof Error ? error.message : String(error)}`);
      return 0;
    }
  }

  async piece(name: string): Promise<void> {
    const before = this.#lines;
    const first = numberIn(name);
    if (name !== recordsName(first)) this.#find('altered', `${name} is nothing that stands in an archive`);
    else if (first > this.#next) this.#skipTo(first);
    else if (first < this.#next) this.#find('altered', `${name} does not belong where it is`);
    for await (const line of linesOf(createReadStream(join(this.#folder, name)))) this.#line(line, name);
    if (this.#lines === before) this.#find('missing', `${name} has no records`);
  }

  #skipTo(place: number): void {
    this.#find('missing', place === this.#next + 1 ? `record ${this.#next} is missing` : `records ${this.#next} to ${place - 1} are missing`);
    [this.#next, this.#isBroken] = [place, true];
  }

  #line(bytes: Buffer, name: string): void {
    this.#lines += 1;
    const placed = parse(bytes.toString());
    if (placed === undefined) {
      this.#find('unreadable', `record ${this.#next} in ${name} cannot be read`);
      [this.#next, this.#isBroken] = [this.#next + 1, true];
      return;
    }
    const { place, record } = placed;
    if (place > this.#next) this.#skipTo(place);
    else if (place < this.#next) {
      this.#find('swapped', `${name} has record ${place} where record ${this.#next} belongs`);
      this.#isBroken = true;
    }
    const kept = canonical(record);
    if (!bytes.equals(Buffer.from(`{"place":${place},"record":${kept}}\n`))) this.#find('altered', `record ${place} in ${name} is not written as it was`);
    this.#record(record);
    this.#next = Math.max(this.#next, place + 1);
    if (!this.#isBroken) this.#push(leafHash(kept));
  }

  #record(record: KeptRecord): void {
    const { hash, ...unhashed } = record;
    const { chain, number, previous } = record;
    const before = this.#chains.get(chain) ?? { number: 0, hash: NO_HASH };
    this.#chains.set(chain, { number, hash });
    const find = (kind: Finding['kind'], says: string): void => this.#find(kind, `record ${chain}:${number} ${says}`, chain, number);
    if (hashOf(unhashed) !== hash) find('altered', 'was altered');
    if (number !== before.number + 1) find(number > before.number ? 'missing' : 'swapped', `does not follow record ${before.number}`);
    else if (previous !== before.hash) find('altered', 'does not follow the one before it');
  }

  #push(leaf: Buffer): void {
    this.#root.push(leaf);
    this.#waiting.push(leaf);
    for (const { root, what } of this.#expected.get(this.#root.size) ?? []) if (!root.equals(this.#root.root())) this.#find('altered', `the first ${this.#root.size} records are not those of ${what}`);
    if (this.#waiting.length === TILE_WIDTH) this.#checkTiles();
  }

  verdict(): Verdict {
    const most = Math.max(this.#signed, this.#kept);
    if (most > this.#next) this.#find('truncated', `the archive was cut off: it holds ${this.#next} records, ${this.#expected.get(most)?.[0]?.what ?? 'a checkpoint'} names ${most}`);
    else if (this.#signed === 0 && this.#lines > 0) this.#find('missing', 'no signed checkpoint stands for any record of the archive');
    else if (this.#signed < this.#kept) this.#find('missing', `the archive has checkpoints over no more than ${this.#signed} records, and one over ${this.#kept} was kept elsewhere`);
    return { records: this.#lines, chains: this.#chains.size, findings: this.#findings, log: { sealed: Math.min(this.#lines, this.#signed), unsealed: Math.max(0, this.#lines - this.#signed) } };
  }

  /** The tiles that became whole with these records. */
  #checkTiles(): void {
    const { edge, changed } = this.#edge.grown(this.#waiting);
    [this.#edge, this.#waiting] = [edge, []];
    for (const [id, hashes] of changed) {
      const [level, index] = id.split('/').map(Number) as [number, number];
      if (hashes.length < TILE_WIDTH || TILE_WIDTH ** (level + 1) * (index + 1) > this.#signed) continue;
      const path = join(this.#folder, tileName(level, index));
      if (!existsSync(path)) this.#find('missing', `tile ${level}/${index} is missing`);
      else if (!readFileSync(path).equals(Buffer.concat(hashes))) this.#find('altered', `tile ${level}/${index} is not that of the records`);
    }
  }
}

function parse(text: string): { place: number; record: KeptRecord } | undefined {
  try {
    const { place, record } = JSON.parse(text) as { place: number; record: KeptRecord };
    return Number.isSafeInteger(place) && typeof record.chain === 'string' ? { place, record } : undefined;
  } catch {
    return undefined; // said as a finding by whoever asked
  }
}

/** Every file below, in the order of the names. */
function namesIn(folder: string, name: string): string[] {
  if (!existsSync(join(folder, name))) return [];
  const entries = readdirSync(join(folder, name), { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => (entry.isDirectory() ? namesIn(folder, `${name}/${entry.name}`) : [`${name}/${entry.name}`]));
}
