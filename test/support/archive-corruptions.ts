import { canonical, NO_HASH } from '../../contracts/proofs/canonical.ts';
import { leafOf } from '../../server/journal/journal.ts';
import { GrowingRoot } from '../../server/journal/merkle.ts';
import { hashOf } from '../../server/journal/record-hash.ts';
import { openSigner, signedCheckpoint, type Signer } from '../../server/journal/signed-note.ts';
import { checkpointName, keyName, numberIn } from '../../server/journal/sinks/archive-names.ts';
import type { Placed } from '../../server/journal/sinks/sink.ts';
import { tileName } from '../../server/journal/tile-name.ts';
import { Edge, TILE_WIDTH } from '../../server/journal/tiles.ts';
import { changed, joined, linesIn, placed, under, type Files } from './archive-files.ts';
import type { Dice } from './random.ts';

/** An archive, and the key that its log is signed with. */
export interface Archive {
  readonly files: Files;
  readonly signer: Signer;
}

/** What somebody made of an archive, and how a finding may name what they did. */
export interface Corrupted {
  readonly files: Files;
  readonly named: readonly string[];
}
export type Corruption = (archive: Archive, dice: Dice) => Corrupted;

function withByte(bytes: Buffer, dice: Dice): Buffer {
  const at = dice.below(bytes.length);
  const result = Buffer.from(bytes);
  result[at] = (bytes[at]! + 1 + dice.below(255)) % 256;
  return result;
}

/** How the records from this place of the log on are named: by the place, by what is missing from there, and by the first checkpoint that stands for it. */
function namesOf(files: Files, place: number): string[] {
  const sizes = under(files, 'checkpoints').map(numberIn).toSorted((a, b) => a - b);
  return [`record ${place}`, `records ${place} to`, `first ${sizes.find((size) => size > place)} records`, `holds ${place} records`];
}

const firstIn = (files: Files, name: string): number => placed(linesIn(files.get(name)!)[0]!).place;

function ofFile(place: string, alter: (bytes: Buffer, dice: Dice) => Buffer | string | undefined, also: (files: Files, name: string) => readonly string[] = () => []): Corruption {
  return ({ files }, dice) => {
    const name = dice.pick(under(files, place));
    return { files: changed(files, name, alter(files.get(name)!, dice)), named: [name, ...also(files, name)] };
  };
}

/** Of a file with so many lines or more; `alter` says which of them it begins with, too. */
function ofLines(least: number, alter: (lines: string[], dice: Dice) => readonly [number, string[]]): Corruption {
  return ({ files }, dice) => {
    const name = dice.pick(under(files, 'records').filter((one) => linesIn(files.get(one)!).length >= least));
    const [at, lines] = alter(linesIn(files.get(name)!), dice);
    return { files: changed(files, name, joined(lines)), named: [name, ...namesOf(files, firstIn(files, name) + at)] };
  };
}

function ofLine(alter: (line: string, dice: Dice) => string): Corruption {
  return ofLines(1, (lines, dice) => {
    const at = dice.below(lines.length);
    return [at, lines.with(at, alter(lines[at]!, dice))];
  });
}

const rehashed = ({ place, record }: Placed): Placed => ({ place, record: { ...record, hash: hashOf({ ...record, hash: undefined }) } }); // members that are undefined are left out

/** All of it written anew, with one record more or less changed, every hash and tile as it must be, and each checkpoint signed. */
function rewritten(files: Files, dice: Dice, signer: Signer): { files: Map<string, Buffer>; victim: number } {
  const result = new Map<string, Buffer>();
  const sizes = new Set(under(files, 'checkpoints').map(numberIn));
  const victim = dice.below(Math.max(...sizes));
  const last = new Map<string, string>();
  const root = new GrowingRoot();
  let edge = Edge.empty();
  for (const name of under(files, 'records')) {
    result.set(name, Buffer.from(joined(linesIn(files.get(name)!).map((line) => {
      const { place, record } = placed(line);
      const one = rehashed({ place, record: { ...record, previous: last.get(record.chain) ?? NO_HASH, at: record.at + (place === victim ? 1 + dice.below(1_000) : 0) } });
      last.set(record.chain, one.record.hash);
      root.push(leafOf(one.record));
      const grown = edge.grown([leafOf(one.record)]);
      edge = grown.edge;
      for (const [id, hashes] of grown.changed) {
        const [level, index] = id.split('/').map(Number) as [number, number];
        if (hashes.length === TILE_WIDTH) result.set(tileName(level, index), Buffer.concat(hashes));
      }
      if (sizes.has(place + 1)) result.set(checkpointName(place + 1), Buffer.from(signedCheckpoint({ size: place + 1, root: root.root() }, [signer])));
      return canonical(one);
    }))));
  }
  return { files: result.set(keyName(signer.verifierKey), Buffer.from(`${signer.verifierKey}\n`)), victim };
}

/** Of a key, as the same dice always make it. */
export const seedOf = (dice: Dice): Buffer => Buffer.from(Array.from({ length: 32 }, () => dice.below(256)));

/** The archive as it was after one of the times that something was shipped. */
export function cutBack(files: Files, dice: Dice): Files {
  const size = dice.pick(under(files, 'checkpoints').map(numberIn).slice(0, -1));
  return new Map([...files].filter(([name]) => (name.startsWith('checkpoints/') ? numberIn(name) <= size : name.startsWith('records/') ? numberIn(name) < size : true)));
}

/** The line with a blank where JSON does not mind one. */
function spaced(line: string, dice: Dice): string {
  const places = [0, line.length, ...[...line.matchAll(/[{,:}]/gu)].map(({ index }) => index + 1)];
  const at = dice.pick(places);
  return `${line.slice(0, at)}${dice.pick([' ', '\t', '\r'])}${line.slice(at)}`;
}

const checkpointsOf = (files: Files): readonly string[] => under(files, 'checkpoints').map((name) => `checkpoint ${name}`);

/** What is found without anything that was kept elsewhere, in an archive of whatever length. */
export const BY_ITSELF: Record<string, Corruption> = {
  'a byte of a record': ({ files }, dice) => {
    const name = dice.pick(under(files, 'records'));
    const bytes = files.get(name)!;
    const with1 = withByte(bytes, dice);
    const at = bytes.findIndex((byte, place) => byte !== with1[place]);
    return { files: changed(files, name, with1), named: [name, ...namesOf(files, firstIn(files, name) + bytes.subarray(0, at).filter((byte) => byte === 10).length)] };
  },
  'white space that says nothing': ofLine(spaced),
  'an empty line': ofLines(1, (lines, dice) => {
    const at = dice.below(lines.length + 1);
    return [at, lines.toSpliced(at, 0, '')];
  }),
  'another end of a line': ofLine((line) => `${line}\r`),
  'members in another order': ofLine((line) => {
    const { place, record } = placed(line);
    return JSON.stringify({ record, place });
  }),
  'a member more': ofLine((line, dice) => canonical({ ...placed(line), note: `harmless ${dice.below(1_000)}` })),
  'a line removed': ofLines(1, (lines, dice) => {
    const at = dice.below(lines.length);
    return [at, lines.toSpliced(at, 1)];
  }),
  'two lines swapped': ofLines(2, (lines, dice) => {
    const one = dice.below(lines.length - 1);
    const other = one + 1 + dice.below(lines.length - one - 1);
    return [one, lines.with(one, lines[other]!).with(other, lines[one]!)];
  }),
  'a line doubled': ofLines(1, (lines, dice) => {
    const line = dice.pick(lines);
    const at = dice.below(lines.length + 1);
    return [at, lines.toSpliced(at, 0, line)];
  }),
  'two records that changed places': ofLines(2, (lines, dice) => {
    const at = dice.below(lines.length - 1);
    const [one, other] = [placed(lines[at]!), placed(lines[at + 1]!)];
    return [at, lines.with(at, canonical({ ...other, place: one.place })).with(at + 1, canonical({ ...one, place: other.place }))];
  }),
  'a file of records removed': ofFile('records', () => undefined, (files, name) => namesOf(files, firstIn(files, name))),
  'a file of records emptied': ofFile('records', () => ''),
  'a file of records cut': ({ files }, dice) => {
    const name = dice.pick(under(files, 'records'));
    const bytes = files.get(name)!;
    const cut = bytes.subarray(0, dice.below(bytes.length));
    return { files: changed(files, name, cut), named: [name, ...namesOf(files, firstIn(files, name) + cut.filter((byte) => byte === 10).length)] };
  },
  'a file of records put elsewhere': ({ files }, dice) => {
    const name = dice.pick(under(files, 'records'));
    const elsewhere = name.replace(/\d+(?=\.ndjson$)/u, (digits) => String(Number(digits) + 1 + dice.below(900)).padStart(12, '0'));
    return { files: changed(changed(files, name, undefined), elsewhere, files.get(name)), named: [elsewhere, ...namesOf(files, firstIn(files, name))] };
  },
  'a file of records added': ({ files }, dice) => {
    const name = `records/000000000000/${String(dice.below(900)).padStart(12, '7')}.ndjson`;
    return { files: changed(files, name, files.get(dice.pick(under(files, 'records')))), named: [name] };
  },
  'a byte of a checkpoint': ofFile('checkpoints', withByte),
  'a checkpoint cut': ofFile('checkpoints', (bytes, dice) => bytes.subarray(0, dice.below(bytes.length))),
  'a checkpoint under the name of another': ({ files }, dice) => {
    const names = under(files, 'checkpoints');
    const at = dice.below(names.length);
    return { files: changed(files, names[at]!, files.get(names[(at + 1 + dice.below(names.length - 1)) % names.length]!)), named: [`checkpoint ${names[at]!}`] };
  },
  'all checkpoints removed': ({ files }) => ({ files: new Map([...files].filter(([name]) => !name.startsWith('checkpoints/'))), named: ['no signed checkpoint stands for any record'] }),
  'a byte of the key': ofFile('keys', withByte),
  'the key removed': ofFile('keys', () => undefined, checkpointsOf),
  'a record rewritten with its hash': ofLine((line, dice) => {
    const { place, record } = placed(line);
    return canonical(rehashed({ place, record: { ...record, at: record.at + 1 + dice.below(1_000) } }));
  }),
  'all rewritten, with the checkpoints as they were': ({ files, signer }, dice) => {
    const { files: anew, victim } = rewritten(files, dice, signer);
    return { files: new Map([...anew, ...[...files].filter(([name]) => name.startsWith('checkpoints/'))]), named: namesOf(files, victim).slice(2, 3) };
  },
};

const tilesOf = (name: string): readonly string[] => [`tile 0/${Number(name.slice(-3))}`];

/** The same of an archive that is long enough for tiles. */
export const OF_TILES: Record<string, Corruption> = {
  'a byte of a tile': ofFile('tile', withByte, (_, name) => tilesOf(name)),
  'a tile cut': ofFile('tile', (bytes, dice) => bytes.subarray(0, dice.below(bytes.length)), (_, name) => tilesOf(name)),
  'a tile removed': ofFile('tile', () => undefined, (_, name) => tilesOf(name)),
};

/** What a checkpoint that an auditor has shows, and nothing else could. */
export const BY_WHAT_WAS_KEPT: Record<string, Corruption> = {
  'the last checkpoint removed': ({ files }) => ({ files: changed(files, under(files, 'checkpoints').at(-1)!, undefined), named: ['kept elsewhere'] }),
  'the archive cut back to an earlier checkpoint': ({ files }, dice) => ({ files: cutBack(files, dice), named: ['the archive was cut off'] }),
  'all rewritten and signed with the key of the log': ({ files, signer }, dice) => ({ files: rewritten(files, dice, signer).files, named: ['are not those of the checkpoint that was kept elsewhere'] }),
  'all rewritten and signed with another key': ({ files, signer }, dice) => {
    const another = openSigner(seedOf(dice), signer.origin);
    return { files: rewritten(new Map([...files].filter(([name]) => !name.startsWith('keys/'))), dice, another).files, named: ['the checkpoint that was kept elsewhere does not hold'] };
  },
};
