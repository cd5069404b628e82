import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Storage } from '@google-cloud/storage';
import { expect, it } from 'vitest';
import { run } from '../../server/cli.ts';
import { startShipping } from '../../server/journal/ship.ts';
import { cloudStorageSink } from '../../server/journal/sinks/cloud-storage.ts';
import { filesIn } from '../support/archive-files.ts';
import { sealAll, writeRecords } from '../support/sealed-records.ts';
import { openSqlite } from '../support/sqlite-store.ts';
import { BUCKET, newStorageServer } from '../support/storage-server.ts';
import { remoteSuite, type RemotePlace } from './sink-remote.suite.ts';
import { archivePlace, archiveSuite, placed, sinkSuite, TILE, type OpenArchive } from './sink.suite.ts';

const PREFIX = 'chat/';

async function openBucket(): Promise<OpenArchive & RemotePlace> {
  const server = await newStorageServer();
  const sink = (answerWithinMs = 30_000) => cloudStorageSink({ bucket: BUCKET, prefix: PREFIX, endpoint: server.url, answerWithinMs });
  return {
    server,
    impatient: sink,
    ...archivePlace({
      sink: () => sink(),
      objects: async () => new Map([...filesIn(server.folder)].filter(([name]) => name.startsWith(PREFIX)).map(([name, bytes]) => [name.slice(PREFIX.length), bytes.toString()])),
      tamper: async (name, text) => server.overwrite(PREFIX + name, Buffer.from(text)),
      close: async () => server[Symbol.asyncDispose](),
    }),
  };
}

sinkSuite('Cloud Storage', openBucket);
archiveSuite('Cloud Storage', openBucket);
remoteSuite('Cloud Storage', openBucket, ['upload', 'list', 'download']);

it('[RE9] the Cloud Storage sink takes it for there when it is forbidden to write over it, and for a refusal when nothing is there', async () => {
  await using server = await newStorageServer();
  server.refusesWith = 403;
  const sink = cloudStorageSink({ bucket: BUCKET, prefix: '', endpoint: server.url });
  await sink.putRecords(placed(0, 3));
  await sink.putRecords(placed(0, 3));
  await expect(sink.putRecords(placed(0, 3).map(({ place, record }) => ({ place, record: { ...record, epoch: 9 } })))).rejects.toMatchObject({ name: 'CopyDiffers', place: 0 });
  server.faultOf = (what) => (what === 'upload' ? '403' : undefined);
  await expect(sink.putRecords(placed(3, 4))).rejects.toThrow(/could not be written: 403/u);
});

it('[RE9] the Cloud Storage sink finds the last of many objects in few questions, and asks two when one more came', async () => {
  await using server = await newStorageServer();
  const sink = cloudStorageSink({ bucket: BUCKET, prefix: '', endpoint: server.url });
  for (const place of [0, 1, 2, 3, 700, 99_999, 100_000, 100_001, 3_000_000]) await sink.putRecords(placed(place, place + 1));
  const again = cloudStorageSink({ bucket: BUCKET, prefix: '', endpoint: server.url });
  const lists = (): number => server.asked.filter((what) => what === 'list').length;
  let before = lists();
  expect((await again.held()).size).toBe(3_000_001);
  expect(lists() - before).toBeLessThan(60);
  await again.putRecords(placed(3_000_001, 3_000_002));
  before = lists();
  expect((await again.held()).size).toBe(3_000_002);
  expect(lists() - before).toBe(2);
  const asked = server.asked.length;
  await again.held();
  expect(server.asked.slice(asked)).toEqual(['list']);
});

it('[RE9] the Cloud Storage sink reads an object of many chunks without a warning of Node’s', async () => {
  await using server = await newStorageServer();
  const sink = cloudStorageSink({ bucket: BUCKET, prefix: PREFIX, endpoint: server.url });
  const warned: string[] = [];
  const hear = ({ message }: Error): void => void warned.push(message);
  process.on('warning', hear);
  try {
    for (const hashes of [randomBytes(1_000), randomBytes(1_000_000)]) {
      await sink.putTile(0, hashes.length, hashes);
      await sink.putTile(0, hashes.length, hashes); // is there: it is read and compared
    }
    await new Promise((resolve) => setImmediate(resolve)); // Node says what it warns of in a later turn
  } finally {
    process.off('warning', hear);
  }
  expect(warned).toEqual([]);
});

it('[RE9] an archive in Cloud Storage is verified once it is downloaded, and one that somebody changed there is found', async () => {
  const opened = await openSqlite();
  await using server = await newStorageServer();
  for (const [chain, count] of [['a', 700], ['audit', 90]] as const) {
    await writeRecords(opened.store, chain, count);
    await sealAll(opened.store);
    await startShipping({ store: opened.store, sink: cloudStorageSink({ bucket: BUCKET, prefix: PREFIX, endpoint: server.url }), now: () => 1, warn: (error) => { throw error; } }).close();
  }
  await opened.close();
  /** As `gcloud storage cp --recursive` does. */
  const downloaded = async (): Promise<[number, string]> => {
    const folder = mkdtempSync(join(tmpdir(), 'downloaded-'));
    const bucket = new Storage({ apiEndpoint: server.url, projectId: 'any' }).bucket(BUCKET);
    const [files] = await bucket.getFiles({ prefix: PREFIX });
    for (const file of files) {
      const path = join(folder, file.name.slice(PREFIX.length));
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, (await file.download())[0]);
    }
    let said = '';
    const code = await run(['verify', folder], (text) => (said += text));
    rmSync(folder, { recursive: true });
    return [code, said];
  };
  expect(await downloaded()).toEqual([0, 'Intact: 790 records in 2 chains.\nThe log holds 790 records under its signed checkpoint.\n']);
  const [name, bytes] = [...filesIn(server.folder)].find(([one]) => one.includes('/records/'))!;
  server.overwrite(name, Buffer.from(bytes.toString().replace('"at":1000', '"at":1001')));
  expect(await downloaded()).toEqual([1, expect.stringContaining('altered: record a:1 was altered')]);
});

// With a bucket for tests, such as gs://acme-tests, and whatever signs in to it in the environment; else it is not there.
const live = process.env['GORUNCHAT_LIVE_CLOUD_STORAGE'];
it.each(live === undefined ? [] : [live])('[RE9] the Cloud Storage sink holds what it is given in %s', async (named) => {
  const sink = cloudStorageSink({ bucket: named.replace('gs://', ''), prefix: `${randomUUID()}/` });
  expect((await sink.held()).size).toBe(0);
  for (const one of [sink, sink]) {
    await one.putRecords(placed(0, 3));
    await one.putTile(0, 0, TILE);
    await one.putCheckpoint(3, 'note\n', ['key']);
  }
  expect(await sink.held()).toEqual({ size: 3, last: placed(2, 3)[0] });
  await expect(sink.putTile(0, 0, Buffer.alloc(256 * 32, 1))).rejects.toMatchObject({ name: 'CopyDiffers' });
});
