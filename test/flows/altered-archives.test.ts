import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyArchive } from '../../server/journal/verify/archive.ts';
import { BY_ITSELF, BY_WHAT_WAS_KEPT, OF_TILES, type Corrupted, type Corruption } from '../support/archive-corruptions.ts';
import { change, under, type Files } from '../support/archive-files.ts';
import { ALL_FOUND, corpus, SEEDS, type Outcome } from '../support/corpus.ts';
import { random } from '../support/random.ts';
import { shippedArchive, type Shipped } from '../support/shipped-archive.ts';

/** One for each seed, each of a log of its own: what an archive has only once, as its key, is another one in each of them. */
const short: Shipped[] = [];
/** The same, as long as it takes for a whole tile. */
const long: Shipped[] = [];

beforeAll(async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const dice = random(seed);
    const few = (): number => 1 + dice.below(4);
    short.push(await shippedArchive(dice, [1 + few(), few(), ...Array.from({ length: dice.below(3) }, few)]));
    long.push(await shippedArchive(dice, [255, few()]));
  }
});
afterAll(() => [...short, ...long].forEach(({ folder }) => rmSync(folder, { recursive: true })));

const notesIn = ({ files }: Shipped): string[] => under(files, 'checkpoints').map((name) => files.get(name)!.toString());

/** What is found in it once somebody has made that of it; then it is as it was. */
async function verified({ folder, files }: Shipped, made: Files, checkpoints: readonly string[] = []) {
  change(folder, files, made);
  try {
    return await verifyArchive(folder, { checkpoints });
  } finally {
    change(folder, made, files);
  }
}

/** What was made of what, in a few characters. */
function difference(from: Files, to: Files): string {
  const hash = createHash('sha256');
  for (const name of new Set([...from.keys(), ...to.keys()])) if (from.get(name) !== to.get(name)) hash.update(`${name}\n`).update(to.get(name) ?? 'gone').update(from.get(name) ?? 'new');
  return hash.digest('base64url');
}

function tried(corrupt: Corruption, archives: readonly Shipped[], look: (archive: Shipped, corrupted: Corrupted) => ReturnType<typeof verified>): Promise<Outcome> {
  return corpus(async (dice, seed) => {
    const archive = archives[seed - 1]!;
    const corrupted = corrupt(archive, dice);
    const { findings } = await look(archive, corrupted);
    return { done: difference(archive.files, corrupted.files), named: corrupted.named, findings };
  });
}

describe('[RE9] an archive', () => {
  it.each([['short', short], ['long', long]] as const)(`that is %s is intact, each of ${SEEDS}, with every checkpoint that was kept elsewhere and without`, async (_length, archives) => {
    for (const archive of archives) {
      const { log, records, findings } = await verifyArchive(archive.folder);
      expect([findings, log]).toEqual([[], { sealed: records, unsealed: 0 }]);
      expect((await verifyArchive(archive.folder, { checkpoints: notesIn(archive) })).findings).toEqual([]);
    }
    expect(new Set(archives.map((archive) => notesIn(archive).at(-1))).size).toBe(SEEDS);
  });

  it.each(Object.entries(BY_ITSELF))(`is found to be changed, and where, by ${SEEDS} seeded corruptions: %s`, async (_what, corrupt) => {
    expect(await tried(corrupt, short, (archive, { files }) => verified(archive, files))).toEqual(ALL_FOUND);
  });

  it.each(Object.entries(OF_TILES))(`is found to be changed, and where, by ${SEEDS} seeded corruptions: %s`, async (_what, corrupt) => {
    expect(await tried(corrupt, long, (archive, { files }) => verified(archive, files))).toEqual(ALL_FOUND);
  });

  it.each(Object.entries(BY_WHAT_WAS_KEPT))(`is found to be changed by a checkpoint kept elsewhere, ${SEEDS} times, and by nothing else: %s`, async (_what, corrupt) => {
    const byItself: string[] = [];
    const look = async (archive: Shipped, { files }: Corrupted) => {
      byItself.push(...(await verified(archive, files)).findings.map(({ says }) => says));
      return verified(archive, files, notesIn(archive).slice(-1));
    };
    expect([await tried(corrupt, short, look), byItself]).toEqual([ALL_FOUND, []]);
  });
});
