import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyExport } from '../../server/journal/verify/export.ts';
import { verifyPackage } from '../../server/journal/verify/package.ts';
import { zipFile } from '../../server/journal/verify/zip.ts';
import { change, changed, joined, linesIn, type Files } from '../support/archive-files.ts';
import { ALL_FOUND, corpus, SEEDS } from '../support/corpus.ts';
import { contentOf, saved } from '../support/packages.ts';
import { random, type Dice } from '../support/random.ts';
import { keepPackage, sentPackage, unpacked } from '../support/sent-package.ts';

let zip: string;
let files: Files;
let folder: string;
let records: Buffer;

beforeAll(async () => {
  ({ zip, files } = await sentPackage());
  folder = unpacked(files);
  records = [...files].find(([name, bytes]) => name.endsWith('records.ndjson') && bytes.includes('\u2028'))![1];
});
afterAll(() => rmSync(folder, { recursive: true }));

const NOT_SIGNED = 'the lines are not those that were signed';

/** How a finding may name this line: a record by its number or by the one that follows it, anything else by what it is. */
function namesOf(lines: readonly string[], at: number): string[] {
  const { record, file, end } = JSON.parse(lines[at]!) as { record?: { chain: string; number: number }; file?: string; end?: string };
  const line = `line ${at + 1}`;
  if (record !== undefined) return [line, `record ${record.chain}:${record.number}`, `record ${record.chain}:${record.number + 1}`, `does not follow record ${record.number - 1}`, `${record.chain} has ${record.number - 1} of its`];
  if (file !== undefined) return [line, `file ${file}`, NOT_SIGNED];
  if (end !== undefined) return [line, 'the last line', 'its last line is missing', NOT_SIGNED];
  return [line, 'this is no export of GoRunChat', 'the checkpoint does not hold', NOT_SIGNED];
}

type OfRecords = (lines: string[], dice: Dice) => readonly [bytes: Buffer | string, named: readonly string[]];

function ofCharacter(alter: (line: string, at: number, dice: Dice) => string): OfRecords {
  return (lines, dice) => {
    const index = dice.below(lines.length);
    const line = lines[index]!;
    const at = dice.below(line.length);
    const isOfRecord = line.includes('"record":') && at >= line.indexOf('"record":'); // everything else of a line is signed with the others, and says nothing by itself
    return [joined(lines.with(index, alter(line, at, dice))), [...namesOf(lines, index), ...(isOfRecord ? [] : [NOT_SIGNED])]];
  };
}

/** Of some of the lines, the first of which says where. */
function ofSome(least: number, alter: (lines: string[], which: readonly number[], dice: Dice) => string[], ...also: string[]): OfRecords {
  return (lines, dice) => {
    const which = shuffled([...lines.keys()], dice).slice(0, least + dice.below(4)).toSorted((a, b) => a - b);
    return [joined(alter(lines, which, dice)), [...namesOf(lines, which[0]!), ...also]];
  };
}

const SIGNS = Array.from('0123456789abcxyzAZ+/ {":,}');

const RECORDS: Readonly<Record<string, OfRecords>> = {
  'a character changed': ofCharacter((line, at, dice) => line.slice(0, at) + dice.pick(SIGNS.filter((one) => one !== line[at])) + line.slice(at + 1)),
  'a character less': ofCharacter((line, at) => line.slice(0, at) + line.slice(at + 1)),
  'a character more, though it may say nothing': (lines, dice) => {
    const index = dice.below(lines.length);
    const line = lines[index]!;
    const at = dice.below(line.length + 1);
    return [joined(lines.with(index, line.slice(0, at) + dice.pick([...SIGNS, '\r', '\t', '\n', '\u2028', '\ufeff']) + line.slice(at))), [...namesOf(lines, index), NOT_SIGNED, 'comes after the end']];
  },
  'a byte that is of no text': (lines, dice) => {
    const bytes = Buffer.from(joined(lines));
    bytes[dice.below(bytes.length)] = 0xf8 + dice.below(8);
    const at = bytes.findIndex((byte) => byte >= 0xf8);
    return [bytes, [`line ${1 + bytes.subarray(0, at).filter((byte) => byte === 10).length}`]];
  },
  'lines removed': ofSome(1, (lines, which) => lines.filter((_, at) => !which.includes(at)), 'its last line is missing'),
  'lines exchanged': ofSome(2, (lines, which) => lines.map((line, at) => (which.includes(at) ? lines[which[(which.indexOf(at) + 1) % which.length]!]! : line)), NOT_SIGNED, 'comes after the end'),
  'lines doubled, there or elsewhere': ofSome(1, (lines, which, dice) => which.reduce((made, at) => made.toSpliced(dice.below(made.length + 1), 0, lines[at]!), lines), 'comes after the end', 'is nothing that stands in an export', NOT_SIGNED),
  'the end cut off': (lines, dice) => {
    const bytes = Buffer.from(joined(lines));
    return [bytes.subarray(0, dice.below(bytes.length)), ['its last line is missing']];
  },
};

describe('[RE8] the records in a package', () => {
  it('are intact by themselves, whatever people wrote', async () => {
    expect((await verifyExport(saved('records.ndjson', records))).findings).toEqual([]);
  });

  it.each(Object.entries(RECORDS))(`are found to be changed, and where, by ${SEEDS} seeded corruptions: %s`, async (_what, corrupt) => {
    const file = saved('records.ndjson', '');
    const outcome = await corpus(async (dice) => {
      const [bytes, named] = corrupt(linesIn(records), dice);
      writeFileSync(file, bytes);
      return { done: digest(bytes), named, findings: (await verifyExport(file)).findings };
    }, () => keepPackage(zip));
    expect(outcome).toEqual(ALL_FOUND);
  });
});

function shuffled<T>(all: readonly T[], dice: Dice): T[] {
  const left = [...all];
  return all.map(() => left.splice(dice.below(left.length), 1)[0]!);
}

const digest = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('base64url');

/** The files once somebody was there, and which of them they changed. */
type OfFiles = (dice: Dice) => readonly [Files, ...string[]];

function ofBytes(alter: (bytes: Buffer, at: number, dice: Dice) => Buffer): OfFiles {
  return (dice) => {
    const name = dice.pick([...files.keys()]);
    const bytes = files.get(name)!;
    return [changed(files, name, alter(bytes, dice.below(bytes.length), dice)), name];
  };
}

const insertedAt = (bytes: Buffer, at: number, more: Buffer): Buffer => Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]);
const byte = (dice: Dice): Buffer => Buffer.of(dice.below(256));

const FILES: Readonly<Record<string, OfFiles>> = {
  'a byte changed': ofBytes((bytes, at, dice) => Buffer.from(bytes.with(at, (bytes[at]! + 1 + dice.below(255)) % 256))),
  'bytes more, a mark of byte order among them': ofBytes((bytes, at, dice) => (dice.below(4) === 0 ? insertedAt(bytes, 0, Buffer.concat([Buffer.from('\ufeff'), ...(dice.below(2) === 0 ? [] : [byte(dice)])])) : insertedAt(bytes, at, byte(dice)))),
  'a byte less': ofBytes((bytes, at) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)])),
  'a file cut': ofBytes((bytes, at) => bytes.subarray(0, at)),
  'a file written over': ofBytes((_, at, dice) => insertedAt(Buffer.alloc(1 + at), dice.below(at + 1), byte(dice))),
  'files removed': (dice) => {
    const gone = dice.pick([...files.keys()]);
    return [new Map([...files].filter(([name]) => name !== gone && dice.below(3) > 0)), gone];
  },
  'a file added': (dice) => {
    const name = `${dice.pick(['', 'conversations/', 'conversations/other/', 'more/'])}${dice.pick(['records', 'statement', 'README', 'manifest'])}-${dice.below(100_000)}.${dice.pick(['ndjson', 'json', 'txt', 'note'])}`;
    return [changed(files, name, dice.pick([...files.values()])), name];
  },
  'files exchanged': (dice) => {
    const round = shuffled([...files.keys()], dice).slice(0, 2 + dice.below(files.size - 1));
    const made = new Map(files);
    for (const [at, name] of round.entries()) made.set(name, files.get(round[(at + 1) % round.length]!)!);
    return [made, ...round.filter((name) => !made.get(name)!.equals(files.get(name)!))];
  },
};

/** Without its manifest as it was nothing of a package is looked at; that is said instead. */
const MANIFEST_IS_BROKEN = 'the manifest does not hold';
const isOfManifest = (made: Files): boolean => ['manifest.json', 'manifest.note'].some((name) => made.get(name) !== files.get(name));
const madeOf = (made: Files): string => digest([...made].filter(([name, bytes]) => files.get(name) !== bytes).map(([name, bytes]) => name + digest(bytes)).join() + [...files.keys()].filter((name) => !made.has(name)).join());

describe('[RE13] a package', () => {
  it('is intact, packed and unpacked', async () => {
    for (const place of [zip, folder]) expect((await verifyPackage(place)).findings).toEqual([]);
  });

  it.each(Object.entries(FILES))(`is found to be changed, and where, by ${SEEDS} seeded corruptions: %s`, async (_what, corrupt) => {
    const outcome = await corpus(async (dice) => {
      const [made, ...named] = corrupt(dice);
      change(folder, files, made);
      const { findings } = await verifyPackage(folder);
      change(folder, made, files);
      return { done: madeOf(made), named: isOfManifest(made) ? [MANIFEST_IS_BROKEN] : named, findings };
    }, () => keepPackage(zip));
    expect(outcome).toEqual(ALL_FOUND);
  });

  it.each(['a byte of it changed', 'a byte of its list of files changed', 'its end cut off'])(`that is packed is found to be changed exactly where what is in it has changed, ${SEEDS} seeded times: %s`, async (what) => {
    const whole = readFileSync(zip);
    const list = whole.readUInt32LE(whole.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6])) + 16);
    const file = saved('package.zip', '');
    const outcome = await corpus(async (dice) => {
      const from = what.includes('list') ? list : 0;
      const at = from + dice.below(whole.length - from);
      const bytes = what.includes('cut') ? whole.subarray(0, at) : Buffer.from(whole.with(at, (whole[at]! + 1 + dice.below(255)) % 256));
      writeFileSync(file, bytes);
      const findings = await verifyPackage(file).then((verdict) => verdict.findings, (error: Error) => [{ says: error.message }]);
      const isChanged = await filesOf(file).then((made) => madeOf(made) !== madeOf(files), () => true);
      const says = isChanged ? findings : [{ says: findings.length === 0 ? 'intact' : `not intact: ${findings[0]!.says}` }];
      return { done: digest(bytes), named: isChanged ? says.map((one) => one.says) : ['intact'], findings: says };
    }, () => keepPackage(zip));
    expect(outcome).toEqual(ALL_FOUND);
  });
});

it('[RE13] a corruption that was missed is told with its seed and with the package, of which that seed makes the same again', async () => {
  const digestOf = (all: Files, dice: Dice): string => {
    files = all;
    return Object.values(FILES).map((corrupt) => madeOf(corrupt(dice)[0])).join();
  };
  const own = files;
  const missing = await corpus((dice, seed) => ({ done: digestOf(own, dice), named: ['nothing'], findings: seed === 7 ? [] : [{ says: 'nothing' }] }), () => keepPackage(zip));
  expect(missing).toMatchObject({ missed: [{ seed: 7 }], again: expect.stringMatching(/^ALTERED_PACKAGE=\//u) });
  const kept = missing.again!.split('=')[1]!;
  try {
    expect(digestOf((await sentPackage([], kept)).files, random(7))).toBe(missing.missed[0]!.done);
  } finally {
    files = own;
    rmSync(kept);
  }
});

/** Everything that is in a zip, the same bytes as the same buffer. */
async function filesOf(file: string): Promise<Files> {
  const made = new Map<string, Buffer>();
  for (const name of (await zipFile(file)).names) {
    const bytes = await contentOf(file, name);
    made.set(name, files.get(name)?.equals(bytes) === true ? files.get(name)! : bytes);
  }
  return made;
}
