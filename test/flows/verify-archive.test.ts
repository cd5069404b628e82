import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonical, NO_HASH } from '../../contracts/proofs/canonical.ts';
import { run } from '../../server/cli.ts';
import { hashOf } from '../../server/journal/record-hash.ts';
import { leafOf } from '../../server/journal/journal.ts';
import { GrowingRoot } from '../../server/journal/merkle.ts';
import { startShipping } from '../../server/journal/ship.ts';
import { openSigner, signedCheckpoint, type Signer } from '../../server/journal/signed-note.ts';
import { checkpointName, keyName, numberIn } from '../../server/journal/sinks/archive-names.ts';
import { folderSink } from '../../server/journal/sinks/folder.ts';
import type { Placed } from '../../server/journal/sinks/sink.ts';
import { tileName } from '../../server/journal/tile-name.ts';
import { Edge, TILE_WIDTH } from '../../server/journal/tiles.ts';
import { verifyArchive } from '../../server/journal/verify-archive.ts';
import { sqliteStore } from '../../server/store/sqlite.ts';
import { change, filesIn, type Files } from '../support/archive-files.ts';
import { random, type Dice } from '../support/random.ts';
import { sealAll, testSigner, writeRecords } from '../support/sealed-records.ts';

let folder: string;
/** The archive as it was shipped in several pieces, and the checkpoint that an auditor has. */
let whole: Files;
let kept: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'archive-'));
  const data = mkdtempSync(join(tmpdir(), 'data-'));
  const store = await sqliteStore({ folder: data });
  for (const [chain, count] of [['a', 300], ['b', 120], ['audit', 60], ['a', 45], ['c', 2]] as const) {
    await writeRecords(store, chain, count);
    await sealAll(store);
    await startShipping({ store, sink: folderSink(folder), now: () => 1, warn: (error) => { throw error; } }).close();
  }
  kept = (await store.get('checkpoint', 'latest'))!.body.note;
  await store.close();
  rmSync(data, { recursive: true });
  whole = filesIn(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

const under = (files: Files, place: string): string[] => [...files.keys()].filter((name) => name.startsWith(`${place}/`));
const changed = (files: Files, name: string, text: Buffer | string | undefined): Files => {
  const result = new Map(files);
  if (text === undefined) result.delete(name);
  else result.set(name, Buffer.from(text));
  return result;
};
const linesIn = (bytes: Buffer): string[] => bytes.toString().split('\n').slice(0, -1);
const joined = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

function withByte(bytes: Buffer, dice: Dice): Buffer {
  const at = dice.below(bytes.length);
  const result = Buffer.from(bytes);
  result[at] = (bytes[at]! + 1 + dice.below(255)) % 256;
  return result;
}

function ofFile(place: string, alter: (bytes: Buffer, dice: Dice) => Buffer | string | undefined): Corruption {
  return (files, dice) => {
    const name = dice.pick(under(files, place));
    return changed(files, name, alter(files.get(name)!, dice));
  };
}

/** Of a file with so many lines or more. */
function ofLines(least: number, alter: (lines: string[], dice: Dice) => string[]): Corruption {
  return (files, dice) => {
    const name = dice.pick(under(files, 'records').filter((one) => linesIn(files.get(one)!).length >= least));
    return changed(files, name, joined(alter(linesIn(files.get(name)!), dice)));
  };
}

const placed = (line: string): Placed => JSON.parse(line) as Placed;
const rehashed = ({ place, record }: Placed): Placed => {
  return { place, record: { ...record, hash: hashOf({ ...record, hash: undefined }) } }; // members that are undefined are left out
};

/** All of it written anew, with one record more or less changed, every hash and tile as it must be, and each checkpoint signed. */
function rewritten(files: Files, dice: Dice, signer: Signer): Files {
  const result = new Map<string, Buffer>();
  const victim = dice.below(500);
  const last = new Map<string, string>();
  const root = new GrowingRoot();
  let edge = Edge.empty();
  const sizes = new Set(under(files, 'checkpoints').map(numberIn));
  for (const name of under(files, 'records')) {
    result.set(name, Buffer.from(joined(linesIn(files.get(name)!).map((line) => {
      const { place, record } = placed(line);
      const one = rehashed({ place, record: { ...record, previous: last.get(record.chain) ?? NO_HASH, at: record.at + (place === victim ? 1 : 0) } });
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
  return result.set(keyName(signer.verifierKey), Buffer.from(`${signer.verifierKey}\n`));
}

/** The archive as it was after one of the times that something was shipped. */
function cutBack(files: Files, dice: Dice): Files {
  const size = dice.pick(under(files, 'checkpoints').map(numberIn).slice(0, -1));
  return new Map([...files].filter(([name]) => (name.startsWith('checkpoints/') ? numberIn(name) <= size : name.startsWith('records/') ? numberIn(name) < size : true)));
}

type Corruption = (files: Files, dice: Dice) => Files;

/** What is found without anything that was kept elsewhere. */
const BY_ITSELF: Record<string, Corruption> = {
  'a byte of a record': ofFile('records', withByte),
  'white space that says nothing': ofLines(1, (lines, dice) => changedLine(lines, dice, (line) => spaced(line, dice))),
  'an empty line': ofLines(1, (lines, dice) => lines.toSpliced(dice.below(lines.length + 1), 0, '')),
  'another end of a line': ofLines(1, (lines, dice) => changedLine(lines, dice, (line) => `${line}\r`)),
  'members in another order': ofLines(1, (lines, dice) => replaced(lines, dice, ({ place, record }) => JSON.stringify({ record, place }))),
  'a member more': ofLines(1, (lines, dice) => replaced(lines, dice, (one) => canonical({ ...one, note: 'harmless' }))),
  'a line removed': ofLines(1, (lines, dice) => lines.toSpliced(dice.below(lines.length), 1)),
  'two lines swapped': ofLines(2, (lines, dice) => {
    const one = dice.below(lines.length - 1);
    const other = one + 1 + dice.below(lines.length - one - 1);
    return lines.with(one, lines[other]!).with(other, lines[one]!);
  }),
  'a line doubled': ofLines(1, (lines, dice) => {
    const line = dice.pick(lines);
    return lines.toSpliced(dice.below(lines.length + 1), 0, line);
  }),
  'two records that changed places': ofLines(3, (lines, dice) => {
    const at = dice.below(lines.length - 1);
    const [one, other] = [placed(lines[at]!), placed(lines[at + 1]!)];
    return lines.with(at, canonical({ ...other, place: one.place })).with(at + 1, canonical({ ...one, place: other.place }));
  }),
  'a file of records removed': ofFile('records', () => undefined),
  'a file of records emptied': ofFile('records', () => ''),
  'a file of records cut': ofFile('records', (bytes, dice) => bytes.subarray(0, dice.below(bytes.length))),
  'a file of records put elsewhere': (files, dice) => {
    const name = dice.pick(under(files, 'records'));
    return changed(changed(files, name, undefined), name.replace(/\d+(?=\.ndjson$)/u, (digits) => String(Number(digits) + 1 + dice.below(900)).padStart(12, '0')), files.get(name));
  },
  'a file of records added': (files, dice) => changed(files, `records/000000000000/${String(dice.below(900)).padStart(12, '7')}.ndjson`, files.get(dice.pick(under(files, 'records')))),
  'a byte of a checkpoint': ofFile('checkpoints', withByte),
  'a checkpoint cut': ofFile('checkpoints', (bytes, dice) => bytes.subarray(0, dice.below(bytes.length))),
  'a checkpoint under the name of another': (files, dice) => {
    const names = under(files, 'checkpoints');
    const at = dice.below(names.length);
    return changed(files, names[at]!, files.get(names[(at + 1 + dice.below(names.length - 1)) % names.length]!));
  },
  'all checkpoints removed': (files) => new Map([...files].filter(([name]) => !name.startsWith('checkpoints/'))),
  'a byte of the key': ofFile('keys', withByte),
  'the key removed': ofFile('keys', () => undefined),
  'a byte of a tile': ofFile('tile', withByte),
  'a tile cut': ofFile('tile', (bytes, dice) => bytes.subarray(0, dice.below(bytes.length))),
  'a tile removed': ofFile('tile', () => undefined),
  'a record rewritten with its hash': ofLines(1, (lines, dice) => replaced(lines, dice, ({ place, record }) => canonical(rehashed({ place, record: { ...record, at: record.at + 1 + dice.below(9) } })))),
  'all rewritten, with the checkpoints as they were': (files, dice) => new Map([...rewritten(files, dice, testSigner), ...[...files].filter(([name]) => name.startsWith('checkpoints/'))]),
};

/** What a checkpoint that an auditor has shows, and nothing else could. */
const BY_WHAT_WAS_KEPT: Record<string, Corruption> = {
  'the last checkpoint removed': (files) => changed(files, under(files, 'checkpoints').at(-1)!, undefined),
  'the archive cut back to an earlier checkpoint': cutBack,
  'all rewritten and signed with the key of the log': (files, dice) => rewritten(files, dice, testSigner),
  'all rewritten and signed with another key': (files, dice) => rewritten(new Map([...files].filter(([name]) => !name.startsWith('keys/'))), dice, openSigner(Buffer.alloc(32, 1 + dice.below(2)), testSigner.origin)),
};

function changedLine(lines: string[], dice: Dice, alter: (line: string) => string): string[] {
  const at = dice.below(lines.length);
  return lines.with(at, alter(lines[at]!));
}

function replaced(lines: string[], dice: Dice, alter: (one: Placed) => string): string[] {
  return changedLine(lines, dice, (line) => alter(placed(line)));
}

/** The line with a blank where JSON does not mind one. */
function spaced(line: string, dice: Dice): string {
  const places = [0, line.length, ...[...line.matchAll(/[{,:}]/gu)].map(({ index }) => index + 1)];
  const at = dice.pick(places);
  return `${line.slice(0, at)}${dice.pick([' ', '\t', '\r'])}${line.slice(at)}`;
}

const SEEDS = 18;

describe('[RE9] an archive that was shipped', () => {
  it('is intact, with what was kept elsewhere and without', async () => {
    const intact = { findings: [], records: 527, chains: 4, log: { sealed: 527, unsealed: 0 } };
    expect(await verifyArchive(folder)).toEqual(intact);
    const notes = under(whole, 'checkpoints').map((name) => whole.get(name)!.toString());
    expect(await verifyArchive(folder, { keys: [testSigner.verifierKey], checkpoints: [...notes, kept] })).toEqual(intact);
    expect([notes.length, under(whole, 'records').length, under(whole, 'tile')]).toEqual([5, 5, ['tile/0/000', 'tile/0/001']]);
  });

  it.each(Object.entries(BY_ITSELF))(`is found to be changed by ${SEEDS} seeded corruptions: %s`, async (_what, corrupt) => {
    expect(await missed(corrupt, [])).toEqual([]);
  });

  it.each(Object.entries(BY_WHAT_WAS_KEPT))(`is found to be changed by a checkpoint kept elsewhere, ${SEEDS} times: %s`, async (_what, corrupt) => {
    expect(await missed(corrupt, [kept])).toEqual([]);
  });

  /** The seeds whose corruption was not found; below 0, those that needed no checkpoint to be found, and so prove nothing of it. */
  async function missed(corrupt: Corruption, checkpoints: readonly string[]): Promise<number[]> {
    const seeds: number[] = [];
    for (let seed = 1; seed <= SEEDS; seed++) {
      const files = corrupt(whole, random(seed));
      change(folder, whole, files);
      const { findings } = await verifyArchive(folder, { checkpoints });
      if (findings.length === 0) seeds.push(seed);
      if (checkpoints.length > 0 && (await verifyArchive(folder)).findings.length > 0) seeds.push(-seed);
      change(folder, files, whole);
    }
    expect((await verifyArchive(folder, { checkpoints: [kept] })).findings).toEqual([]);
    return seeds;
  }

  it('names what is wrong first, and does not take what follows for wrong', async () => {
    const name = under(whole, 'records')[1]!;
    const lines = linesIn(whole.get(name)!);
    const said = async (files: Files): Promise<string[]> => {
      change(folder, whole, files);
      const { findings } = await verifyArchive(folder);
      change(folder, files, whole);
      return findings.map((finding) => `${finding.kind}: ${finding.says}`);
    };
    const { place, record: { chain, number } } = placed(lines[5]!);
    expect(await said(changed(whole, name, joined(lines.toSpliced(5, 1))))).toEqual([`missing: record ${place} is missing`, `missing: record ${chain}:${number + 1} does not follow record ${number - 1}`]);
    expect((await said(changed(whole, name, undefined)))[0]).toBe('missing: records 300 to 419 are missing');
    expect(await said(changed(whole, under(whole, 'records').at(-1)!, undefined))).toEqual(['truncated: the archive was cut off: it holds 525 records, checkpoint checkpoints/000000000000/000000000527 names 527']);
    expect(await said(changed(whole, 'tile/0/001', undefined))).toEqual(['missing: tile 0/1 is missing']);
  });

  it('holds a checkpoint of another log against nothing, and says so', async () => {
    const other = openSigner(Buffer.alloc(32, 8));
    const { findings } = await verifyArchive(folder, { keys: [testSigner.verifierKey, other.verifierKey], checkpoints: [signedCheckpoint({ size: 3, root: Buffer.alloc(32) }, [other])] });
    expect(findings).toMatchObject([{ kind: 'swapped', says: expect.stringContaining(other.origin) }]);
  });

  it('may end with records that no checkpoint stands for yet, and says how many those are', async () => {
    const files = changed(whole, under(whole, 'checkpoints').at(-1)!, undefined);
    change(folder, whole, files);
    expect(await verifyArchive(folder)).toMatchObject({ findings: [], records: 527, log: { sealed: 525, unsealed: 2 } });
    change(folder, files, whole);
  });

  it('is verified from the command line, like a data folder', async () => {
    const verify = async (...more: string[]): Promise<[number, string]> => {
      let said = '';
      return [await run(['verify', folder, ...more], (text) => (said += text)), said];
    };
    const file = join(mkdtempSync(join(tmpdir(), 'kept-')), 'checkpoint');
    writeFileSync(file, kept);
    expect(await verify('--checkpoint', file)).toEqual([0, 'Intact: 527 records in 4 chains.\nThe log holds 527 records under its signed checkpoint.\n']);
    const files = cutBack(whole, random(1));
    change(folder, whole, files);
    expect(await verify('--checkpoint', file)).toEqual([1, expect.stringMatching(/^truncated: the archive was cut off: it holds \d+ records, the checkpoint that was kept elsewhere names 527\nNot intact: 1 found/u)]);
    change(folder, files, whole);
  });
});
