import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { folderSink } from '../../server/journal/sinks/folder.ts';
import { recordBody } from '../fixtures/store/documents.ts';
import { sinkSuite } from './sink.suite.ts';

const HALF_WRITTEN = 'half-written';
const filesIn = (folder: string): string[] => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));

sinkSuite('folder', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sink-'));
  return {
    sink: () => folderSink(folder),
    objects: async () => new Map(filesIn(folder).filter((name) => !name.startsWith(HALF_WRITTEN)).map((name) => [name, readFileSync(join(folder, name), 'utf8')])),
    tamper: async (name, text) => {
      chmodSync(join(folder, name), 0o600);
      writeFileSync(join(folder, name), text);
    },
    leaveHalfWritten: async () => writeFileSync(join(folder, HALF_WRITTEN, 'of-a-killed-process'), '{"place":2,'),
    close: async () => rmSync(folder, { recursive: true }),
  };
});

it('[RE9] the folder sink leaves files that only their owner reads and nobody changes, and nothing else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sink-'));
  mkdirSync(join(folder, HALF_WRITTEN));
  for (const [name, hours] of [['abandoned', 2], ['of-another-one', 0]] as const) {
    writeFileSync(join(folder, HALF_WRITTEN, name), '{');
    const then = Date.now() / 1_000 - hours * 3_600;
    utimesSync(join(folder, HALF_WRITTEN, name), then, then);
  }
  const sink = folderSink(folder);
  await sink.putRecords([{ place: 0, record: recordBody('talk', 1) }]);
  await sink.putRecords([{ place: 0, record: recordBody('talk', 1) }]);
  await sink.putCheckpoint(1, 'note\n', ['key']);
  expect(readdirSync(join(folder, HALF_WRITTEN))).toEqual(['of-another-one']);
  expect(filesIn(folder).filter((name) => !name.startsWith(HALF_WRITTEN)).map((name) => statSync(join(folder, name)).mode & 0o777)).toEqual([0o400, 0o400, 0o400]);
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
