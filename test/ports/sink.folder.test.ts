import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folderSink, KEPT_APART } from '../../server/journal/sinks/folder.ts';
import { recordBody } from '../fixtures/store/documents.ts';
import { change, filesIn } from '../support/archive-files.ts';
import { writeWhileFull } from '../support/full-disk.ts';
import { archivePlace, archiveSuite, placed, sinkSuite, type OpenArchive } from './sink.suite.ts';

async function openFolder(): Promise<OpenArchive & { readonly folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'sink-'));
  return {
    folder,
    ...archivePlace({
      sink: () => folderSink(folder),
      objects: async () => new Map([...filesIn(folder)].map(([name, bytes]) => [name, bytes.toString()])),
      tamper: async (name, text) => change(folder, new Map(), new Map([[name, Buffer.from(text)]])),
      close: async () => rmSync(folder, { recursive: true }),
    }),
  };
}

sinkSuite('folder', openFolder);
archiveSuite('folder', openFolder);

it('[RE9] the folder sink shows nothing of what a killed process left half-written, and goes on', async () => {
  const place = await openFolder();
  await place.sink().putRecords(placed(0, 2));
  const before = await place.objects();
  writeFileSync(join(place.folder, KEPT_APART, 'of-a-killed-process'), '{"place":2,');
  const other = place.sink();
  expect([await place.objects(), await other.held()]).toEqual([before, { size: 2, last: placed(1, 2)[0] }]);
  await other.putRecords(placed(2, 5));
  expect((await place.contents()).records).toEqual(placed(0, 5));
  await place.close();
});

it('[RE9] the folder sink leaves files that only their owner reads and nobody changes, and nothing else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sink-'));
  mkdirSync(join(folder, KEPT_APART));
  for (const [name, hours] of [['abandoned', 2], ['of-another-one', 0]] as const) {
    writeFileSync(join(folder, KEPT_APART, name), '{');
    const then = Date.now() / 1_000 - hours * 3_600;
    utimesSync(join(folder, KEPT_APART, name), then, then);
  }
  const sink = folderSink(folder);
  await sink.putRecords([{ place: 0, record: recordBody('talk', 1) }]);
  await sink.putRecords([{ place: 0, record: recordBody('talk', 1) }]);
  await sink.putCheckpoint(1, 'note\n', ['key']);
  expect(readdirSync(join(folder, KEPT_APART))).toEqual(['of-another-one']);
  expect([...filesIn(folder).keys()].map((name) => statSync(join(folder, name)).mode & 0o777)).toEqual([0o400, 0o400, 0o400]);
  rmSync(folder, { recursive: true });
});

it('[RE9] the folder sink says why a folder cannot be written, and writes to it once it can be', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sink-'));
  const place = join(folder, 'archive');
  writeFileSync(place, 'a file stands here');
  const sink = folderSink(place);
  const records = [{ place: 0, record: recordBody('talk', 1) }];
  await expect(sink.putRecords(records)).rejects.toMatchObject({ code: expect.stringMatching(/^(?:EEXIST|ENOTDIR)$/u) });
  rmSync(place);
  await sink.putRecords(records);
  expect((await sink.held()).size).toBe(1);
  rmSync(folder, { recursive: true });
});

it.each([1, 5_000, 20_000])('[RE9] the folder sink shows nothing of a piece that a full disk has cut after %i bytes, says why, and goes on from there once there is room', async (bytes) => {
  const place = await openFolder();
  const { refused, answered, held, size } = await writeWhileFull('folder', place.folder, { piece: 20, bytes, size: 1_000 });
  expect([refused, held, size]).toEqual([expect.stringContaining('file too large'), [answered, answered], 1_000]);
  expect([(await place.contents()).records, readdirSync(join(place.folder, KEPT_APART))]).toEqual([placed(0, 1_000), []]);
  await place.close();
});
