import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../server/cli.ts';
import { startShipping } from '../../server/journal/ship.ts';
import { openSigner, signedCheckpoint } from '../../server/journal/signed-note.ts';
import { folderSink } from '../../server/journal/sinks/folder.ts';
import { verifyArchive } from '../../server/journal/verify/archive.ts';
import { sqliteStore } from '../../server/store/sqlite.ts';
import { cutBack } from '../support/archive-corruptions.ts';
import { change, changed, filesIn, joined, linesIn, placed, under, type Files } from '../support/archive-files.ts';
import { random } from '../support/random.ts';
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

describe('[RE9] an archive that was shipped', () => {
  it('is intact, with what was kept elsewhere and without', async () => {
    const intact = { findings: [], records: 527, chains: 4, log: { sealed: 527, unsealed: 0 } };
    expect(await verifyArchive(folder)).toEqual(intact);
    const notes = under(whole, 'checkpoints').map((name) => whole.get(name)!.toString());
    expect(await verifyArchive(folder, { keys: [testSigner.verifierKey], checkpoints: [...notes, kept] })).toEqual(intact);
    expect([notes.length, under(whole, 'records').length, under(whole, 'tile')]).toEqual([5, 5, ['tile/0/000', 'tile/0/001']]);
  });

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
